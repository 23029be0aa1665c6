/** Optimizers by their usual names: chains of steps that end in the learning rate. */
import type { TensorLike } from '../numpy/lift.js'
import { addDecayedWeights } from './clip.js'
import type { DecayOptions } from './clip.js'
import type { AdadeltaOptions, AdamOptions, RmsOptions, RssOptions } from './moments.js'
import { scaleByAdadelta, scaleByAdam, scaleByRms, scaleByRss } from './moments.js'
import { trace } from './momentum.js'
import type { LearningRate } from './scale.js'
import { scaleByLearningRate } from './scale.js'
import type { GradientTransformation } from './transform.js'
import { chain, identity } from './transform.js'

/** Options of `sgd`. */
export interface SgdOptions {
  /** Decay of the running sum of gradients; without it plain gradient descent. */
  readonly momentum?: TensorLike
  readonly nesterov?: boolean
}

/** The running sum of gradients that `sgd` and `rmsprop` may keep. */
export const accumulate = ({ momentum, nesterov = false }: SgdOptions): GradientTransformation =>
  momentum === undefined || momentum === 0 ? identity : trace({ decay: momentum, nesterov })

/**
 * Stochastic gradient descent: `p - learningRate * g`, or with the running sum of gradients in place of `g`.
 * On the gradient of the whole data set it is ordinary gradient descent.
 */
export const sgd = (learningRate: LearningRate, options: SgdOptions = {}): GradientTransformation =>
  chain(accumulate(options), scaleByLearningRate(learningRate))

/** Gradient descent with momentum, 0.9 by default. */
export const momentum = (
  learningRate: LearningRate,
  { momentum: decay = 0.9, nesterov = false }: SgdOptions = {},
): GradientTransformation => sgd(learningRate, { momentum: decay, nesterov })

/** Adagrad: steps shrink as the squares of past gradients add up. @see https://jmlr.org/papers/v12/duchi11a.html */
export const adagrad = (learningRate: LearningRate, options: RssOptions = {}): GradientTransformation =>
  chain(scaleByRss(options), scaleByLearningRate(learningRate))

/** Adadelta; its steps have the size of past steps, so that the learning rate may stay 1. */
export const adadelta = (learningRate: LearningRate = 1, options: AdadeltaOptions = {}): GradientTransformation =>
  chain(scaleByAdadelta(options), scaleByLearningRate(learningRate))

/** RMSprop, with momentum if asked for. */
export const rmsprop = (learningRate: LearningRate, options: RmsOptions & SgdOptions = {}): GradientTransformation =>
  chain(scaleByRms(options), scaleByLearningRate(learningRate), accumulate(options))

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
export const adam = (learningRate: LearningRate, options: AdamOptions = {}): GradientTransformation =>
  chain(scaleByAdam(options), scaleByLearningRate(learningRate))

/** Options of `adamw`. */
export interface AdamWOptions extends AdamOptions, DecayOptions {
  /** 1e-4 by default. */
  readonly weightDecay?: TensorLike
}

/** Adam with decoupled weight decay, which does not enter the running means. @see https://arxiv.org/abs/1711.05101 */
export const adamw = (learningRate: LearningRate, { weightDecay = 1e-4, ...options }: AdamWOptions = {}): GradientTransformation =>
  chain(scaleByAdam(options), addDecayedWeights(weightDecay, options), scaleByLearningRate(learningRate))
