/** `adjoint/optim`: optimizers as pure update functions, schedules, and their monoids. */
export type { AdamWOptions, LearningRate, SgdOptions } from './optim/alias.js'
export { adadelta, adagrad, adam, adamw, momentum, rmsprop, sgd } from './optim/alias.js'
export type { ClipOptions, DecayOptions } from './optim/clip.js'
export { addDecayedWeights, clip, clipByGlobalNorm, globalNorm } from './optim/clip.js'
export type { AdadeltaOptions, AdadeltaState, AdamOptions, AdamState, RmsOptions, RmsState, RssOptions, RssState } from './optim/moments.js'
export { scaleByAdadelta, scaleByAdam, scaleByRms, scaleByRss } from './optim/moments.js'
export type { TraceOptions, TraceState } from './optim/momentum.js'
export { trace } from './optim/momentum.js'
export type { Counted } from './optim/scale.js'
export { scale, scaleByLearningRate, scaleBySchedule } from './optim/scale.js'
export type {
  CosineOptions,
  ExponentialOptions,
  PolynomialOptions,
  Schedule,
  WarmupCosineOptions,
  WarmupOptions,
} from './optim/schedule.js'
export {
  constantSchedule,
  cosineDecaySchedule,
  exponentialDecay,
  joinSchedules,
  linearSchedule,
  piecewiseConstantSchedule,
  polynomialSchedule,
  ScheduleMonoid,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
} from './optim/schedule.js'
export type { GradientTransformation, State, Step } from './optim/transform.js'
export { applyUpdates, chain, Eq, fromStep, fromSteps, identity, Monoid, stateless } from './optim/transform.js'
