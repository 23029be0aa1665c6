/** More optimizers by their usual names. */
import { callable, decay, either, flag, nonNegative, oneOf, positive } from '../core/check.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Counted, LearningRate, RateState } from './scale.js'
import { descent, scale } from './scale.js'
import type { AdamWOptions, Momentum, SgdOptions } from './alias.js'
import { accumulate, decays, masking, sgdMeanings } from './alias.js'
import type { EmaState } from './average.js'
import { ema } from './average.js'
import type { DecayOptions } from './clip.js'
import { addDecayedWeights, clipByBlockRms, decayMeanings } from './clip.js'
import type { FactoredOptions, FactoredState } from './factored.js'
import { factoredMeanings, scaleByFactoredRms } from './factored.js'
import type { AdamOptions, AdamState } from './moments.js'
import { adamMeanings, plainAdam, scaleByAdam } from './moments.js'
import type { AmsgradState, MomentOptions, RadamOptions, YogiOptions } from './rectified.js'
import {
  boundedMoments,
  momentMeanings,
  radamMeanings,
  scaleByAdamax,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByRadam,
  scaleByYogi,
  yogiMeanings,
} from './rectified.js'
import type { LionOptions, LionState } from './sign.js'
import { lionMeanings, scaleByLion, scaleBySign } from './sign.js'
import type { TraceState } from './momentum.js'
import { momenta, trace } from './momentum.js'
import type { EmptyState, GradientTransformation } from './transform.js'
import { chain, identity } from './transform.js'
import type { TrustOptions } from './trust.js'
import { scaleByParamBlockRms, scaleByTrustRatio, trustMeanings } from './trust.js'
import { masked } from './masked.js'
import type { Mask, MaskedState } from './masked.js'

const nesterovOf = optionsOf<Omit<SgdOptions, 'nesterov'>>({ momentum: momenta })
const plainAdamOf = optionsOf<Omit<AdamOptions, 'nesterov'>>(plainAdam)
const plainAdamWOf = optionsOf<Omit<AdamWOptions, 'nesterov'>>(meaningsOf(meaningsOf(plainAdam, decayMeanings), decays))
const momentsOf = optionsOf<MomentOptions>(momentMeanings)
const boundedOf = optionsOf<Omit<MomentOptions, 'epsRoot'>>(boundedMoments)
const radamOf = optionsOf<RadamOptions>(radamMeanings)
const yogiOf = optionsOf<YogiOptions>(yogiMeanings)

/**
 * Gradient descent with Nesterov's momentum, 0.9 by default: the step looks one decay ahead, `g + momentum * v`.
 *
 * @see https://proceedings.mlr.press/v28/sutskever13.html Sutskever et al., On the importance of initialization and momentum
 */
export const nesterov = <L extends LearningRate>(
  learningRate: L,
  options: Omit<SgdOptions, 'nesterov'> = {},
): GradientTransformation<readonly [...Momentum, RateState<L>]> => {
  const { momentum = 0.9 } = nesterovOf('nesterov', options)
  return chain(accumulate({ momentum, nesterov: true }), descent('nesterov', learningRate))
}

/** Adam with Nesterov's momentum. @see https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ Dozat, Incorporating Nesterov Momentum into Adam */
export const nadam = <L extends LearningRate>(
  learningRate: L,
  options: Omit<AdamOptions, 'nesterov'> = {},
): GradientTransformation<readonly [AdamState, RateState<L>]> =>
  chain(scaleByAdam({ ...plainAdamOf('nadam', options), nesterov: true }), descent('nadam', learningRate))

/** `nadam` with decoupled weight decay. */
export const nadamw = <L extends LearningRate>(
  learningRate: L,
  options: Omit<AdamWOptions, 'nesterov'> = {},
): GradientTransformation<readonly [AdamState, EmptyState, RateState<L>]> => {
  const { weightDecay = 1e-4, mask: _, ...adaptive } = plainAdamWOf('nadamw', options)
  return chain(
    scaleByAdam({ ...adaptive, nesterov: true }),
    addDecayedWeights(weightDecay, masking(options)),
    descent('nadamw', learningRate),
  )
}

/** Adam whose divisor never shrinks. @see https://arxiv.org/abs/1904.09237 */
export const amsgrad = <L extends LearningRate>(
  learningRate: L,
  options: MomentOptions = {},
): GradientTransformation<readonly [AmsgradState, RateState<L>]> =>
  chain(scaleByAmsgrad(momentsOf('amsgrad', options)), descent('amsgrad', learningRate))

/** Adam in the infinity norm. @see https://arxiv.org/abs/1412.6980 section 7.1 */
export const adamax = <L extends LearningRate>(
  learningRate: L,
  options: Omit<MomentOptions, 'epsRoot'> = {},
): GradientTransformation<readonly [AdamState, RateState<L>]> =>
  chain(scaleByAdamax(boundedOf('adamax', options)), descent('adamax', learningRate))

/** Adam that warms itself up: steps without a divisor until its variance can be trusted. @see https://arxiv.org/abs/1908.03265 */
export const radam = <L extends LearningRate>(
  learningRate: L,
  options: RadamOptions = {},
): GradientTransformation<readonly [AdamState, RateState<L>]> =>
  chain(scaleByRadam(radamOf('radam', options)), descent('radam', learningRate))

/** Adam that divides by how much a gradient surprises. @see https://arxiv.org/abs/2010.07468 */
export const adabelief = <L extends LearningRate>(
  learningRate: L,
  options: MomentOptions = {},
): GradientTransformation<readonly [AdamState, RateState<L>]> =>
  chain(scaleByBelief(momentsOf('adabelief', options)), descent('adabelief', learningRate))

/** Adam whose mean of squares shrinks slowly. @see https://papers.nips.cc/paper/8186-adaptive-methods-for-nonconvex-optimization */
export const yogi = <L extends LearningRate>(
  learningRate: L,
  options: YogiOptions = {},
): GradientTransformation<readonly [AdamState, RateState<L>]> => chain(scaleByYogi(yogiOf('yogi', options)), descent('yogi', learningRate))

/** Options of `lamb` and `lion`. */
export interface LambOptions extends AdamOptions, DecayOptions {
  /** 0 by default. */
  readonly weightDecay?: number
}

const lambOf = optionsOf<LambOptions>(meaningsOf(meaningsOf(adamMeanings, decayMeanings), { weightDecay: nonNegative }))

/** Adam with decay, every layer's step scaled to the layer's size. @see https://arxiv.org/abs/1904.00962 You et al. */
export const lamb = <L extends LearningRate>(
  learningRate: L,
  options: LambOptions = {},
): GradientTransformation<readonly [AdamState, EmptyState, EmptyState, RateState<L>]> => {
  const { weightDecay = 0, eps = 1e-6, mask: _, ...adaptive } = lambOf('lamb', options)
  return chain(
    scaleByAdam({ ...adaptive, eps }),
    addDecayedWeights(weightDecay, masking(options)),
    scaleByTrustRatio(),
    descent('lamb', learningRate),
  )
}

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

const larsOf = optionsOf<LarsOptions>(
  meaningsOf(meaningsOf(decayMeanings, trustMeanings), meaningsOf(sgdMeanings, { weightDecay: nonNegative, trustRatioMask: callable })),
)

/** Momentum, every layer's step scaled to the layer's size. @see https://arxiv.org/abs/1708.03888 You et al. */
export const lars = <L extends LearningRate>(
  learningRate: L,
  options: LarsOptions = {},
): GradientTransformation<readonly [EmptyState, MaskedState<readonly [EmptyState]>, RateState<L>, TraceState]> => {
  const {
    weightDecay = 0,
    trustCoefficient = 0.001,
    eps = 0,
    trustRatioMask = () => true,
    momentum = 0.9,
    nesterov: ahead = false,
  } = larsOf('lars', options)
  return chain(
    addDecayedWeights(weightDecay, masking(options)),
    masked(scaleByTrustRatio({ trustCoefficient, eps }), trustRatioMask),
    descent('lars', learningRate),
    trace({ decay: momentum, nesterov: ahead }),
  )
}

/** Options of `lion`. */
export interface LionAliasOptions extends LionOptions, DecayOptions {
  /** 1e-3 by default. */
  readonly weightDecay?: number
}

const lionOf = optionsOf<LionAliasOptions>(meaningsOf(meaningsOf(lionMeanings, decayMeanings), { weightDecay: nonNegative }))

/** Steps of one size, the sign of a mean, with decoupled weight decay. @see https://arxiv.org/abs/2302.06675 Chen et al. */
export const lion = <L extends LearningRate>(
  learningRate: L,
  options: LionAliasOptions = {},
): GradientTransformation<readonly [LionState, EmptyState, RateState<L>]> => {
  const { weightDecay = 1e-3, mask: _, ...signs } = lionOf('lion', options)
  return chain(scaleByLion(signs), addDecayedWeights(weightDecay, masking(options)), descent('lion', learningRate))
}

/** Steps by the sign of the gradient alone. @see https://arxiv.org/abs/1802.04434 Bernstein et al. */
export const signSgd = <L extends LearningRate>(learningRate: L): GradientTransformation<readonly [EmptyState, RateState<L>]> =>
  chain(scaleBySign(), descent('signSgd', learningRate))

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

const adafactorOf = optionsOf<AdafactorOptions>(
  meaningsOf(meaningsOf(factoredMeanings, decayMeanings), {
    multiplyByParameterScale: flag,
    clippingThreshold: either(positive, oneOf(null)),
    momentum: decay,
    weightDecayRate: nonNegative,
  }),
)

/** State of `adafactor`; what follows the first depends on the options. */
export type AdafactorState = readonly [FactoredState, ...(readonly (EmptyState | Counted | EmaState)[])]

/**
 * Adafactor: adaptive steps in sublinear memory. Without a learning rate the step is 1 times the parameter's size.
 *
 * @see https://arxiv.org/abs/1804.04235 Shazeer and Stern
 */
export const adafactor = (
  learningRate: LearningRate | null = null,
  options: AdafactorOptions = {},
): GradientTransformation<AdafactorState> => {
  const {
    multiplyByParameterScale = true,
    clippingThreshold = 1,
    momentum,
    weightDecayRate,
    mask: _,
    ...factored
  } = adafactorOf('adafactor', options)
  return chain(
    scaleByFactoredRms(factored),
    clippingThreshold === null ? identity : clipByBlockRms(clippingThreshold),
    learningRate === null ? identity : chain(descent('adafactor', learningRate), scale(-1)),
    multiplyByParameterScale ? scaleByParamBlockRms() : identity,
    momentum === undefined ? identity : ema(momentum, { debias: false }),
    weightDecayRate === undefined ? identity : addDecayedWeights(weightDecayRate, masking(options)),
    scale(-1),
  )
}
