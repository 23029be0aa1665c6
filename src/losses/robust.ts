/** Losses of numbers that are not squares: robust ones, and likelihoods of counts and of spreads. */
import { flag, positive, probability } from '../core/check.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { abs, add, maximum, mul, square, sub } from '../numpy/arithmetic.js'
import { equal, lessEqual, logicalAnd, where } from '../numpy/comparison.js'
import { exp, log } from '../numpy/exponential.js'
import type { TensorLike } from '../numpy/lift.js'
import { sum } from '../numpy/reduce.js'
import { gammaln } from '../numpy/special.js'
import { logCosh as logCoshOf } from '../prim/shrink.js'
import type { ReductionOption } from './reduction.js'
import { finiteDifference, lossOf, reductionOf, reductions } from './reduction.js'
import { pair } from './shapes.js'

/**
 * `|prediction - target|`, the mean over all elements.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * losses.meanAbsoluteError(np.array([0, 1, 2]), np.array([0.5, -1, 2]))  // 0.8333333
 */
export const meanAbsoluteError = (predictions: TensorLike, targets: TensorLike, options: ReductionOption = {}): Tensor =>
  lossOf(
    'meanAbsoluteError',
    pair('meanAbsoluteError', { predictions, targets }),
    (y, t) => abs(sub(y, t)),
    reductionOf('meanAbsoluteError', options),
    finiteDifference,
  )

/** Options of `huber`. */
export interface HuberOptions extends ReductionOption {
  /** Where the parabola becomes a line; 1. */
  readonly delta?: number
}

const bends = optionsOf<HuberOptions>(meaningsOf(reductions, { delta: positive }))

/**
 * Huber's loss of `d = prediction - target`: `d^2 / 2` for `|d| <= delta`, `delta (|d| - delta / 2)` beyond: outliers pull with
 * constant force.
 *
 * @throws ShapeError when the shapes differ.
 * @see https://doi.org/10.1214/aoms/1177703732 Huber, Robust Estimation of a Location Parameter
 * @example
 * losses.huber(np.array([0, 3]), np.array([1, 0]), { reduction: 'none' })  // [0.5, 2.5]
 */
export const huber = (predictions: TensorLike, targets: TensorLike, options: HuberOptions = {}): Tensor => {
  const { delta = 1, ...rest } = bends('huber', options)
  const lossAt = (d: Tensor): Tensor => {
    const size = abs(d)
    const near = lessEqual(size, delta)
    return where(near, mul(square(where(near, d, 0)), 0.5), mul(sub(size, delta / 2), delta))
  }
  return lossOf('huber', pair('huber', { predictions, targets }), (y, t) => lossAt(sub(y, t)), rest, finiteDifference)
}

/**
 * `log(cosh(prediction - target))`: half a square near 0, `|d| - log 2` far away, smooth everywhere and without overflow.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * losses.logCosh(np.array([800]), np.array([0]))  // 799.3069
 */
export const logCosh = (predictions: TensorLike, targets: TensorLike, options: ReductionOption = {}): Tensor => {
  const lossAt = (y: Tensor, t: Tensor): Tensor => logCoshOf(sub(y, t))
  return lossOf('logCosh', pair('logCosh', { predictions, targets }), lossAt, reductionOf('logCosh', options), finiteDifference)
}

/** Options of `quantile`. */
export interface QuantileOptions extends ReductionOption {
  /** Which quantile of the targets the prediction is to be, between 0 and 1; 0.5, the median. */
  readonly quantile?: number
}

const quantiles = optionsOf<QuantileOptions>(meaningsOf(reductions, { quantile: probability }))

/**
 * The pinball loss, `max(q d, (q - 1) d)` of `d = target - prediction`, least at the `q`-quantile of the targets.
 *
 * @throws ShapeError when the shapes differ.
 * @see https://doi.org/10.2307/1913643 Koenker and Bassett, Regression Quantiles
 */
export const pinball = (predictions: TensorLike, targets: TensorLike, options: QuantileOptions = {}): Tensor => {
  const { quantile = 0.5, ...rest } = quantiles('pinball', options)
  const lossAt = (d: Tensor): Tensor => maximum(mul(d, quantile), mul(d, quantile - 1))
  return lossOf('pinball', pair('pinball', { predictions, targets }), (y, t) => lossAt(sub(t, y)), rest, finiteDifference)
}

/** Options of `poissonNll`. */
export interface PoissonOptions extends ReductionOption {
  /** Add `log(target!)`, so that it is the whole negative log-likelihood; `false`. */
  readonly full?: boolean
}

const likelihoods = optionsOf<PoissonOptions & GaussianOptions>(meaningsOf(reductions, { full: flag }))

/**
 * The negative log-likelihood of counts under Poisson distributions whose rates are `exp(logRates)`: `exp(x) - target x`.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * losses.poissonNll(np.array([0, 1]), np.array([2, 1]), { reduction: 'none' })  // [1, 1.7182818]
 */
export const poissonNll = (logRates: TensorLike, targets: TensorLike, options: PoissonOptions = {}): Tensor => {
  const { full = false, ...rest } = likelihoods('poissonNll', options)
  const lossAt = (x: Tensor, t: Tensor): Tensor => {
    // no counts of an event that cannot happen cost nothing
    const cost = sub(exp(x), mul(t, where(logicalAnd(equal(t, 0), equal(x, -Infinity)), 0, x)))
    return full ? add(cost, gammaln(add(t, 1))) : cost
  }
  return lossOf('poissonNll', pair('poissonNll', { logRates, targets }), lossAt, rest)
}

/** Options of `gaussianNll`. */
export interface GaussianOptions extends ReductionOption {
  /** Add `log(2 pi) / 2`, so that it is the whole negative log-likelihood; `false`. */
  readonly full?: boolean
}

/**
 * The negative log-likelihood of numbers under normal distributions with the given means and logarithms of variances:
 * `(log v + (mean - target)^2 / v) / 2`. The logarithm, because it may be any number.
 *
 * @throws ShapeError when the shapes differ.
 * @see https://doi.org/10.1109/ICNN.1994.374138 Nix and Weigend, Estimating the mean and variance of the target distribution
 */
export const gaussianNll = (means: TensorLike, targets: TensorLike, logVariances: TensorLike, options: GaussianOptions = {}): Tensor => {
  const { full = false, ...rest } = likelihoods('gaussianNll', options)
  const [m, t] = pair('gaussianNll', { means, targets })
  const [, s] = pair('gaussianNll', { means: m, logVariances })
  const lossAt = (mean: Tensor, target: Tensor, logVariance: Tensor): Tensor => {
    // distances in standard deviations, whose squares overflow later than quotients of squares
    const cost = mul(add(logVariance, square(mul(sub(mean, target), exp(mul(logVariance, -0.5))))), 0.5)
    return full ? add(cost, Math.log(2 * Math.PI) / 2) : cost
  }
  return lossOf('gaussianNll', [m, t, s] as const, lossAt, rest)
}

/** Options of `klDivergence`. */
export interface KlOptions extends ReductionOption {
  /** The targets are logarithms too; `false`. */
  readonly logTargets?: boolean
}

const divergences = optionsOf<KlOptions>(meaningsOf(reductions, { logTargets: flag }))

/**
 * `sum(t (log t - logPrediction))` over the last axis: what the predicted distribution costs more than the true one. A target of 0 adds
 * 0. The mean over all distributions (PyTorch's `batchmean`) unless `reduction` says otherwise.
 *
 * shapes: logPredictions[..., K], targets[..., K] -> []
 *
 * @throws ShapeError when the shapes differ.
 * @see https://doi.org/10.1214/aoms/1177729694 Kullback and Leibler, On Information and Sufficiency
 * @example
 * losses.klDivergence(np.log(np.array([0.5, 0.5])), np.array([1, 0]))  // 0.6931472
 */
export const klDivergence = (logPredictions: TensorLike, targets: TensorLike, options: KlOptions = {}): Tensor => {
  const { logTargets = false, ...rest } = divergences('klDivergence', options)
  const costOfLogs = (y: Tensor, t: Tensor): Tensor => {
    const nothing = equal(t, -Infinity)
    return mul(exp(t), where(nothing, 0, sub(where(nothing, 0, t), where(nothing, 0, y))))
  }
  const cost = (y: Tensor, t: Tensor): Tensor => {
    const nothing = lessEqual(t, 0)
    return where(nothing, 0, mul(t, sub(log(where(nothing, 1, t)), where(nothing, 0, y))))
  }
  const lossAt = (y: Tensor, t: Tensor): Tensor => sumLast((logTargets ? costOfLogs : cost)(y, t))
  return lossOf('klDivergence', pair('klDivergence', { logPredictions, targets }), lossAt, rest)
}

const sumLast = (x: Tensor): Tensor => sum(x, { axis: -1 })
