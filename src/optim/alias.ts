/** Optimizers by their usual names: chains of steps that end in the learning rate. */
import { flag, nonNegativeScalar } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { TensorLike } from '../numpy/lift.js'
import { addDecayedWeights, decayMeanings } from './clip.js'
import type { DecayOptions } from './clip.js'
import type { AdadeltaOptions, AdadeltaState, AdamOptions, AdamState, RmsOptions, RmsState, RssOptions, RssState } from './moments.js'
import {
  adadeltaMeanings,
  adamMeanings,
  rmsMeanings,
  rssMeanings,
  scaleByAdadelta,
  scaleByAdam,
  scaleByRms,
  scaleByRss,
} from './moments.js'
import type { TraceState } from './momentum.js'
import { momenta, trace } from './momentum.js'
import type { LearningRate, RateState } from './scale.js'
import { descent } from './scale.js'
import type { EmptyState, GradientTransformation } from './transform.js'
import { chain, identity } from './transform.js'

/** Options of `sgd`. */
export interface SgdOptions {
  /** Decay of the running sum of gradients; without it plain gradient descent. */
  readonly momentum?: TensorLike
  readonly nesterov?: boolean
}

/** What the options of `sgd` mean. */
export const sgdMeanings: Meanings<SgdOptions> = { momentum: momenta, nesterov: flag }

const sgdOf = optionsOf<SgdOptions>(sgdMeanings)
const rssOf = optionsOf<RssOptions>(rssMeanings)
const adadeltaOf = optionsOf<AdadeltaOptions>(adadeltaMeanings)
const rmsOf = optionsOf<RmsOptions & SgdOptions>(meaningsOf(rmsMeanings, sgdMeanings))
const adamOf = optionsOf<AdamOptions>(adamMeanings)

/** State of a running sum of gradients that may be kept: nothing where the momentum is 0. */
export type Momentum = readonly [] | readonly [TraceState]

/** The running sum of gradients that `sgd` and `rmsprop` may keep. */
export const accumulate = ({ momentum, nesterov = false }: SgdOptions): GradientTransformation<Momentum> =>
  momentum === undefined || momentum === 0 ? identity : trace({ decay: momentum, nesterov })

/**
 * Stochastic gradient descent: `p - learningRate * g`, or with the running sum of gradients in place of `g`.
 * On the gradient of the whole data set it is ordinary gradient descent.
 */
export const sgd: {
  <L extends LearningRate>(learningRate: L): GradientTransformation<readonly [RateState<L>]>
  <L extends LearningRate>(learningRate: L, options?: SgdOptions): GradientTransformation<readonly [...Momentum, RateState<L>]>
} = (learningRate: LearningRate, options: SgdOptions = {}): GradientTransformation<never> =>
  chain(accumulate(sgdOf('sgd', options)), descent('sgd', learningRate)) as GradientTransformation<never>

/** Gradient descent with momentum, 0.9 by default. */
export const momentum = <L extends LearningRate>(
  learningRate: L,
  options: SgdOptions = {},
): GradientTransformation<readonly [...Momentum, RateState<L>]> => {
  const { momentum: decay = 0.9, nesterov = false } = sgdOf('momentum', options)
  return chain(accumulate({ momentum: decay, nesterov }), descent('momentum', learningRate))
}

/** Adagrad: steps shrink as the squares of past gradients add up. @see https://jmlr.org/papers/v12/duchi11a.html */
export const adagrad = <L extends LearningRate>(
  learningRate: L,
  options: RssOptions = {},
): GradientTransformation<readonly [RssState, RateState<L>]> =>
  chain(scaleByRss(rssOf('adagrad', options)), descent('adagrad', learningRate))

/** Adadelta; its steps have the size of past steps, so that the learning rate may stay 1. */
export const adadelta = <L extends LearningRate = number>(
  learningRate: L = 1 as L,
  options: AdadeltaOptions = {},
): GradientTransformation<readonly [AdadeltaState, RateState<L>]> =>
  chain(scaleByAdadelta(adadeltaOf('adadelta', options)), descent('adadelta', learningRate))

/** RMSprop, with momentum if asked for. */
export const rmsprop: {
  <L extends LearningRate>(learningRate: L): GradientTransformation<readonly [RmsState, RateState<L>]>
  <L extends LearningRate>(
    learningRate: L,
    options?: RmsOptions & SgdOptions,
  ): GradientTransformation<readonly [RmsState, RateState<L>, ...Momentum]>
} = (learningRate: LearningRate, options: RmsOptions & SgdOptions = {}): GradientTransformation<never> => {
  const { momentum: decay, nesterov = false, ...rms } = rmsOf('rmsprop', options)
  return chain(
    scaleByRms(rms),
    descent('rmsprop', learningRate),
    accumulate(decay === undefined ? { nesterov } : { momentum: decay, nesterov }),
  ) as GradientTransformation<never>
}

/**
 * Adam.
 *
 * @example
 * const optimizer = optim.adam(1e-3)
 * const state = optimizer.init(params)
 * const grads = grad((p: typeof params) => np.sum(np.square(p.l1.w)))(params)
 * const [updates, next] = optimizer.update(grads, state, params)
 * const better = optim.applyUpdates(params, updates)
 */
export const adam = <L extends LearningRate>(
  learningRate: L,
  options: AdamOptions = {},
): GradientTransformation<readonly [AdamState, RateState<L>]> => chain(scaleByAdam(adamOf('adam', options)), descent('adam', learningRate))

/** Options of `adamw`. */
export interface AdamWOptions extends AdamOptions, DecayOptions {
  /** 1e-4 by default. */
  readonly weightDecay?: TensorLike
}

/** What weight decay means. */
export const decays: Meanings<{ readonly weightDecay?: TensorLike }> = { weightDecay: nonNegativeScalar }

const adamwOf = optionsOf<AdamWOptions>(meaningsOf(meaningsOf(adamMeanings, decayMeanings), decays))

/** The mask among options, as options of `addDecayedWeights`. */
export const masking = ({ mask }: DecayOptions): DecayOptions => (mask === undefined ? {} : { mask })

/** Adam with decoupled weight decay, which does not enter the running means. @see https://arxiv.org/abs/1711.05101 */
export const adamw = <L extends LearningRate>(
  learningRate: L,
  options: AdamWOptions = {},
): GradientTransformation<readonly [AdamState, EmptyState, RateState<L>]> => {
  const { weightDecay = 1e-4, mask: _, ...adaptive } = adamwOf('adamw', options)
  return chain(scaleByAdam(adaptive), addDecayedWeights(weightDecay, masking(options)), descent('adamw', learningRate))
}
