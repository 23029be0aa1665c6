/** `adjoint/optim`: optimizers as pure update functions, schedules, and their monoids. */
export type { MultiStepsState } from './optim/accumulate.js'
export { multiSteps } from './optim/accumulate.js'
export type { AdamWOptions, Momentum, SgdOptions } from './optim/alias.js'
export { adadelta, adagrad, adam, adamw, momentum, rmsprop, sgd } from './optim/alias.js'
export type { EmaOptions, EmaState } from './optim/average.js'
export { ema, incrementalUpdate } from './optim/average.js'
export { centralize } from './optim/centralize.js'
export type { AdaptiveOptions, ClipOptions, DecayOptions } from './optim/clip.js'
export { adaptiveGradClip, addDecayedWeights, clip, clipByBlockRms, clipByGlobalNorm, clipByNorm } from './optim/clip.js'
export type { LinearOnecycleOptions, OnecycleOptions, StepOptions, WarmupExponentialOptions } from './optim/cycles.js'
export {
  cosineOnecycleSchedule,
  linearOnecycleSchedule,
  piecewiseInterpolateSchedule,
  sgdrSchedule,
  stepSchedule,
  warmupExponentialDecaySchedule,
  warmupRsqrtSchedule,
} from './optim/cycles.js'
export type { FactoredOptions, FactoredState } from './optim/factored.js'
export { scaleByFactoredRms } from './optim/factored.js'
export type { ApplyIfFiniteState } from './optim/finite.js'
export { applyIfFinite, zeroNans } from './optim/finite.js'
export type { HyperparamsState } from './optim/hyperparams.js'
export { injectHyperparams } from './optim/hyperparams.js'
export type { LbfgsOptions, LbfgsState } from './optim/lbfgs.js'
export { scaleByLbfgs } from './optim/lbfgs.js'
export type { Found, LineSearchOptions, ValueAndGrad } from './optim/lineSearch.js'
export { wolfeSearch } from './optim/lineSearch.js'
export type { LookaheadOptions, LookaheadState } from './optim/lookahead.js'
export { lookahead } from './optim/lookahead.js'
export type { Mask, MaskedState, MultiTransformState } from './optim/masked.js'
export { freeze, masked, multiTransform, setToZero } from './optim/masked.js'
export type { Minimizer, MinimizeOptions, Minimum } from './optim/minimize.js'
export { lbfgs, minimize } from './optim/minimize.js'
export type { AdadeltaOptions, AdadeltaState, AdamOptions, AdamState, RmsOptions, RmsState, RssOptions, RssState } from './optim/moments.js'
export { scaleByAdadelta, scaleByAdam, scaleByRms, scaleByRss } from './optim/moments.js'
export type { TraceOptions, TraceState } from './optim/momentum.js'
export { trace } from './optim/momentum.js'
export type { NoiseOptions } from './optim/noise.js'
export { addNoise } from './optim/noise.js'
export { globalNorm } from './optim/norms.js'
export type { AmsgradState, MomentOptions, RadamOptions, YogiOptions } from './optim/rectified.js'
export { scaleByAdamax, scaleByAmsgrad, scaleByBelief, scaleByRadam, scaleByYogi } from './optim/rectified.js'
export type { Counted, LearningRate, RateState } from './optim/scale.js'
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
export type { LionOptions, LionState } from './optim/sign.js'
export { scaleByLion, scaleBySign } from './optim/sign.js'
export type { Chained, EmptyState, GradientTransformation, ParamsTree, State, StateFor, StatesFor, Step } from './optim/transform.js'
export { applyUpdates, chain, Eq, fromStep, fromSteps, identity, Monoid, stateless } from './optim/transform.js'
export type { TrustOptions } from './optim/trust.js'
export { scaleByParamBlockRms, scaleByTrustRatio } from './optim/trust.js'
export type { AdafactorOptions, AdafactorState, LambOptions, LarsOptions, LionAliasOptions } from './optim/variants.js'
export { adabelief, adafactor, adamax, amsgrad, lamb, lars, lion, nadam, nadamw, nesterov, radam, signSgd, yogi } from './optim/variants.js'
