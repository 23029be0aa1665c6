/** What is done to inputs before a model sees them: functions of tensors, composed with `flow`. */
import { axis as axisMeaning, check, either, finite, listOf, record } from '../core/check.js'
import { joins } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import { normaliseAxis } from '../core/axis.js'
import { sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { div, sub } from '../numpy/arithmetic.js'
import { array } from '../numpy/create.js'
import { lift } from '../numpy/lift.js'
import { reshape } from '../numpy/shape.js'

/** Options of `normalise`: one number for all, or one for every place on an axis. */
export interface NormaliseOptions {
  readonly mean?: number | readonly number[]
  readonly std?: number | readonly number[]
  /** The axis of `mean` and `std` when they are lists; of an image `[channel, height, width]` 0, of a batch of them 1. */
  readonly axis?: number
}

const numbers = either(finite, listOf(finite))
const normaliseOf = optionsOf<NormaliseOptions>({ mean: numbers, std: numbers, axis: axisMeaning })

/** A number as it is; a list as a tensor along `axis` of an array of `x`'s dimensions. */
const along = (x: Tensor, value: number | readonly number[], axis: number): Tensor => {
  if (typeof value === 'number') return lift(value)
  const at = normaliseAxis('normalise', axis, x)
  if (value.length !== x.shape[at])
    fail(ShapeError, `normalise: ${value.length} numbers for ${x.shape[at]!} places on axis ${at}`, { args: { x } })
  return reshape(
    array(value, { dtype: joins[x.dtype].float32 }),
    x.shape.map((_, k) => (k === at ? value.length : 1)),
  )
}

/**
 * `(x - mean) / std`.
 *
 * @throws ShapeError when a list does not fit the axis.
 * @example
 * data.normalise({ mean: [0, 1], std: [1, 2], axis: 1 })(np.array([[1, 3], [2, 5]]))   // [[1, 1], [2, 2]]
 */
export const normalise = (options: NormaliseOptions): ((x: Tensor) => Tensor) => {
  const { mean = 0, std = 1, axis = 0 } = check('normalise', 'options', record, normaliseOf('normalise', options))
  return (x) => {
    const t = lift(x, 'normalise')
    return div(sub(t, along(t, mean, axis)), along(t, std, axis))
  }
}

/**
 * Every row as a vector.
 *
 * shapes: [n, ...] -> [n, product of the rest]
 */
export const flattenRows = (x: Tensor): Tensor => {
  const t = lift(x, 'flattenRows')
  const [rows, ...rest] = t.shape
  return rows === undefined
    ? fail(ShapeError, 'flattenRows: a scalar has no rows', { args: { x: t }, fix: 'np.reshape(x, [1, 1])' })
    : reshape(t, [rows, sizeOf(rest)])
}
