/** More optimizers by their usual names. */
import type { LearningRate } from './scale.js'
import { scale, scaleByLearningRate } from './scale.js'
import type { AdamWOptions, SgdOptions } from './alias.js'
import { adam, adamw, sgd } from './alias.js'
import { ema } from './average.js'
import type { DecayOptions } from './clip.js'
import { addDecayedWeights, clipByBlockRms } from './clip.js'
import type { FactoredOptions } from './factored.js'
import { scaleByFactoredRms } from './factored.js'
import type { AdamOptions } from './moments.js'
import { scaleByAdam } from './moments.js'
import type { MomentOptions, RadamOptions, YogiOptions } from './rectified.js'
import { scaleByAdamax, scaleByAmsgrad, scaleByBelief, scaleByRadam, scaleByYogi } from './rectified.js'
import type { LionOptions } from './sign.js'
import { scaleByLion, scaleBySign } from './sign.js'
import { trace } from './momentum.js'
import type { GradientTransformation } from './transform.js'
import { chain, identity } from './transform.js'
import type { TrustOptions } from './trust.js'
import { scaleByParamBlockRms, scaleByTrustRatio } from './trust.js'
import { masked } from './masked.js'
import type { Mask } from './masked.js'

/**
 * Gradient descent with Nesterov's momentum, 0.9 by default: the step looks one decay ahead, `g + momentum * v`.
 *
 * @see https://proceedings.mlr.press/v28/sutskever13.html Sutskever et al., On the importance of initialization and momentum
 */
export const nesterov = (learningRate: LearningRate, { momentum = 0.9 }: Omit<SgdOptions, 'nesterov'> = {}): GradientTransformation =>
  sgd(learningRate, { momentum, nesterov: true })

/** Adam with Nesterov's momentum. @see https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ Dozat, Incorporating Nesterov Momentum into Adam */
export const nadam = (learningRate: LearningRate, options: Omit<AdamOptions, 'nesterov'> = {}): GradientTransformation =>
  adam(learningRate, { ...options, nesterov: true })

/** `nadam` with decoupled weight decay. */
export const nadamw = (learningRate: LearningRate, options: Omit<AdamWOptions, 'nesterov'> = {}): GradientTransformation =>
  adamw(learningRate, { ...options, nesterov: true })

/** Adam whose divisor never shrinks. @see https://arxiv.org/abs/1904.09237 */
export const amsgrad = (learningRate: LearningRate, options: MomentOptions = {}): GradientTransformation =>
  chain(scaleByAmsgrad(options), scaleByLearningRate(learningRate))

/** Adam in the infinity norm. @see https://arxiv.org/abs/1412.6980 section 7.1 */
export const adamax = (learningRate: LearningRate, options: Omit<MomentOptions, 'epsRoot'> = {}): GradientTransformation =>
  chain(scaleByAdamax(options), scaleByLearningRate(learningRate))

/** Adam that warms itself up: steps without a divisor until its variance can be trusted. @see https://arxiv.org/abs/1908.03265 */
export const radam = (learningRate: LearningRate, options: RadamOptions = {}): GradientTransformation =>
  chain(scaleByRadam(options), scaleByLearningRate(learningRate))

/** Adam that divides by how much a gradient surprises. @see https://arxiv.org/abs/2010.07468 */
export const adabelief = (learningRate: LearningRate, options: MomentOptions = {}): GradientTransformation =>
  chain(scaleByBelief(options), scaleByLearningRate(learningRate))

/** Adam whose mean of squares shrinks slowly. @see https://papers.nips.cc/paper/8186-adaptive-methods-for-nonconvex-optimization */
export const yogi = (learningRate: LearningRate, options: YogiOptions = {}): GradientTransformation =>
  chain(scaleByYogi(options), scaleByLearningRate(learningRate))

/** Options of `lamb` and `lion`. */
export interface LambOptions extends AdamOptions, DecayOptions {
  /** 0 by default. */
  readonly weightDecay?: number
}

/** Adam with decay, every layer's step scaled to the layer's size. @see https://arxiv.org/abs/1904.00962 You et al. */
export const lamb = (learningRate: LearningRate, { weightDecay = 0, eps = 1e-6, ...options }: LambOptions = {}): GradientTransformation =>
  chain(scaleByAdam({ ...options, eps }), addDecayedWeights(weightDecay, options), scaleByTrustRatio(), scaleByLearningRate(learningRate))

/** Options of `lars`. */
export interface LarsOptions extends DecayOptions, TrustOptions {
  /** 0 by default. */
  readonly weightDecay?: number
  /** Which leaves get the layer-wise step; all by default. */
  readonly trustRatioMask?: Mask
  /** 0.9 by default. */
  readonly momentum?: number
  readonly nesterov?: boolean
}

/** Momentum, every layer's step scaled to the layer's size. @see https://arxiv.org/abs/1708.03888 You et al. */
export const lars = (learningRate: LearningRate, options: LarsOptions = {}): GradientTransformation => {
  const {
    weightDecay = 0,
    trustCoefficient = 0.001,
    eps = 0,
    trustRatioMask = () => true,
    momentum = 0.9,
    nesterov: ahead = false,
  } = options
  return chain(
    addDecayedWeights(weightDecay, options),
    masked(scaleByTrustRatio({ trustCoefficient, eps }), trustRatioMask),
    scaleByLearningRate(learningRate),
    trace({ decay: momentum, nesterov: ahead }),
  )
}

/** Options of `lion`. */
export interface LionAliasOptions extends LionOptions, DecayOptions {
  /** 1e-3 by default. */
  readonly weightDecay?: number
}

/** Steps of one size, the sign of a mean, with decoupled weight decay. @see https://arxiv.org/abs/2302.06675 Chen et al. */
export const lion = (learningRate: LearningRate, { weightDecay = 1e-3, ...options }: LionAliasOptions = {}): GradientTransformation =>
  chain(scaleByLion(options), addDecayedWeights(weightDecay, options), scaleByLearningRate(learningRate))

/** Steps by the sign of the gradient alone. @see https://arxiv.org/abs/1802.04434 Bernstein et al. */
export const signSgd = (learningRate: LearningRate): GradientTransformation => chain(scaleBySign(), scaleByLearningRate(learningRate))

/** Options of `adafactor`. */
export interface AdafactorOptions extends FactoredOptions, DecayOptions {
  /** Multiply the step by the parameter's root mean square; `true`. */
  readonly multiplyByParameterScale?: boolean
  /** Bound of a leaf's root mean square after division; 1, `null` for none. */
  readonly clippingThreshold?: number | null
  /** Decay of the mean of updates; none by default. */
  readonly momentum?: number
  /** Not multiplied by the learning rate; none by default. */
  readonly weightDecayRate?: number
}

/**
 * Adafactor: adaptive steps in sublinear memory. Without a learning rate the step is 1 times the parameter's size.
 *
 * @see https://arxiv.org/abs/1804.04235 Shazeer and Stern
 */
export const adafactor = (learningRate: LearningRate | null = null, options: AdafactorOptions = {}): GradientTransformation => {
  const { multiplyByParameterScale = true, clippingThreshold = 1, momentum, weightDecayRate } = options
  return chain(
    scaleByFactoredRms(options),
    clippingThreshold === null ? identity : clipByBlockRms(clippingThreshold),
    learningRate === null ? identity : chain(scaleByLearningRate(learningRate), scale(-1)),
    multiplyByParameterScale ? scaleByParamBlockRms() : identity,
    momentum === undefined ? identity : ema(momentum, { debias: false }),
    weightDecayRate === undefined ? identity : addDecayedWeights(weightDecayRate, options),
    scale(-1),
  )
}
