/** What summaries are made of: totals and weights in float64, so that counts stay exact up to 2^53. */
import type { Meaning } from '../core/check.js'
import { check, record } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { div, mul } from '../numpy/arithmetic.js'
import { equal, where } from '../numpy/comparison.js'
import { astype, full, zeros } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift } from '../numpy/lift.js'
import { sum } from '../numpy/reduce.js'
import { broadcastTo, reshape } from '../numpy/shape.js'

/** Weights that a batch may come with. */
export interface WeightsOption {
  /** How much each example counts: of the examples' shape, or of its leading axes; 1 by default. 0 leaves an example out: a mask. */
  readonly weights?: TensorLike | undefined
}

/** A total of weighted values, and the total of their weights: float64[]. */
export interface Total {
  readonly total: Tensor
  readonly weight: Tensor
}

/** A float64 zero. */
export const zero = (shape: Shape = []): Tensor => zeros(shape, { dtype: 'float64' })

/** The total of nothing. */
export const nothing = (): Total => ({ total: zero(), weight: zero() })

/** A float64 tensor. */
export const wide = (x: TensorLike, name: string, parameter = 'x'): Tensor => astype(lift(x, name, parameter), 'float64')

/** The weights of examples of `shape`, float64. @throws ShapeError when they do not fit. */
export const weightsOf = (name: string, shape: Shape, weights: TensorLike | undefined): Tensor => {
  if (weights === undefined) return full(shape, 1, { dtype: 'float64' })
  const w = wide(weights, name, 'weights')
  if (w.ndim > shape.length || !sameShape(w.shape, shape.slice(0, w.ndim)))
    fail(ShapeError, `${name}: weights of shape [${w.shape.join(',')}] do not fit examples of shape [${shape.join(',')}]`, {
      args: { weights: w },
      fix: 'weights of the shape of the examples, or of its leading axes',
    })
  return broadcastTo(reshape(w, [...w.shape, ...shape.slice(w.ndim).map(() => 1)]), shape)
}

/** `weight * value`, 0 where the weight is 0 whatever the value is. */
export const weighed = (values: Tensor, weights: Tensor): Tensor => where(equal(weights, 0), 0, mul(values, weights))

/** The total of values under weights of their shape. */
export const totalOf = (values: Tensor, weights: Tensor): Total => ({ total: sum(weighed(values, weights)), weight: sum(weights) })

const aSummary = { says: 'a summary of this very metric', fix: 'metric.summary(batch), or several joined by metric.monoid' }

const hasTensors = (x: unknown, keys: readonly string[]): boolean =>
  record.accepts(x) && keys.every((key) => isTensor((x as Readonly<Record<string, unknown>>)[key]))

/** A summary that is a record with a tensor under every one of `keys`. */
export const summaryOf = (...keys: readonly string[]): Meaning => ({ ...aSummary, accepts: (x) => hasTensors(x, keys) })

/** A summary that is a list of such records, one for each batch. */
export const summariesOf = (...keys: readonly string[]): Meaning => ({
  ...aSummary,
  accepts: (x) => Array.isArray(x) && x.every((part) => hasTensors(part, keys)),
})

const totals = summaryOf('total', 'weight')

/** The mean that a total stands for; NaN of nothing. */
export const meanOf = (summary: Total): Tensor => {
  const { total, weight } = check('value', 'summary', totals, summary)
  return div(total, weight)
}

/** `x / y`, 0 where `y` is 0. */
export const ratio = (x: Tensor, y: Tensor): Tensor => {
  const none = equal(y, 0)
  return where(none, 0, div(x, where(none, 1, y)))
}
