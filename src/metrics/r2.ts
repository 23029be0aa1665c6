/** How much of the targets' variance is explained. */
import { check, positiveWhole } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, mul, square, sub } from '../numpy/arithmetic.js'
import { equal, lessEqual, where } from '../numpy/comparison.js'
import { mean, sum } from '../numpy/reduce.js'
import { reshape } from '../numpy/shape.js'
import type { Predicted } from './mean.js'
import { checkBatch, numbers } from './mean.js'
import type { Metric } from './metric.js'
import { monoidOf } from './metric.js'
import { ratio, summaryOf, weighed, weightsOf, zero } from './weigh.js'

/** The moments of targets and of residuals, per output: float64[outputs]. */
export interface Moments {
  readonly weight: Tensor
  /** The weighted mean of the targets. */
  readonly mean: Tensor
  /** The weighted sum of squared distances of the targets from their mean. */
  readonly spread: Tensor
  /** The weighted sum of squared residuals. */
  readonly residual: Tensor
}

/** Chan, Golub and LeVeque 1983: moments about the common mean, without the cancellation of sums of squares. */
const join = (a: Moments, b: Moments): Moments => {
  const weight = add(a.weight, b.weight)
  const share = ratio(b.weight, weight)
  const apart = sub(b.mean, a.mean)
  return {
    weight,
    mean: add(a.mean, mul(apart, share)),
    spread: add(add(a.spread, b.spread), mul(square(apart), mul(a.weight, share))),
    residual: add(a.residual, b.residual),
  }
}

/** Options of `r2`. */
export interface R2Options {
  /** How many numbers make one prediction, along the last axis; R² is then the mean over these outputs. All are of one kind (1) by default. */
  readonly outputs?: number
}

const outputsOf = optionsOf<R2Options>({ outputs: positiveWhole })

const moments = summaryOf('weight', 'mean', 'spread', 'residual')

/**
 * The coefficient of determination `1 - sum (t - p)^2 / sum (t - mean t)^2`: 1 for perfect predictions, 0 for the mean of the
 * targets. Of targets that are all the same it is 1 when they are met and 0 otherwise.
 *
 * shapes: predictions[..., outputs], targets[..., outputs] -> []
 *
 * @throws ShapeError when the shapes differ or the last axis has not `outputs` numbers; ValueError unless `outputs` is a positive integer.
 * @see https://doi.org/10.1080/00031305.1985.10479448 Kvålseth, Cautionary Note about R²
 * @example
 * const [predictions, targets] = [np.array([2.5, 0, 2, 8]), np.array([3, -0.5, 2, 7])]
 * metrics.evaluate(metrics.r2())([{ predictions, targets }])   // 0.9486081
 */
export const r2 = (options: R2Options = {}): Metric<Predicted, Moments, Tensor> => {
  const { outputs = 1 } = outputsOf('r2', options)
  return {
    summary: (batch) => {
      const [p, t] = numbers('r2', checkBatch('r2', batch))
      if (outputs > 1 && t.shape[t.ndim - 1] !== outputs)
        fail(ShapeError, `r2: the last axis has ${t.shape[t.ndim - 1] ?? 0} numbers, not the ${outputs} outputs`, { args: { targets: t } })
      const rows = (x: Tensor): Tensor => reshape(x, [-1, outputs])
      const w = rows(weightsOf('r2', t.shape, batch.weights))
      const total = (x: Tensor): Tensor => sum(weighed(x, w), { axis: 0 })
      const weight = sum(w, { axis: 0 })
      const middle = ratio(total(rows(t)), weight)
      return { weight, mean: middle, spread: total(square(sub(rows(t), middle))), residual: total(square(sub(rows(t), rows(p)))) }
    },
    monoid: monoidOf(() => ({ weight: zero([outputs]), mean: zero([outputs]), spread: zero([outputs]), residual: zero([outputs]) }), join),
    value: (summary) => {
      const { weight, mean: middle, spread, residual } = check('value', 'summary', moments, summary)
      // Targets that are all the same may be a rounding away from their mean.
      const flat = lessEqual(spread, mul(weight, square(mul(2 ** -50, middle))))
      const varied = sub(1, div(residual, where(flat, 1, spread)))
      const constant = where(equal(residual, 0), 1, 0)
      return mean(where(equal(weight, 0), NaN, where(flat, constant, varied)))
    },
  }
}
