/** Functions that stand in models for a change of shape, or for none. */
import { called } from '../core/called.js'
import { fail, ShapeError } from '../core/errors.js'
import { sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { lift } from '../numpy/lift.js'
import { reshape } from '../numpy/shape.js'

/**
 * `x` itself.
 *
 * @example
 * nn.identity(np.array([1, 2]))   // [1, 2]
 */
export const identity = called('identity', (x: Tensor): Tensor => lift(x, 'identity'))

/**
 * All axes but the first as one: a vector for every example.
 *
 * shapes: x[N, ...] -> [N, features]
 *
 * @throws ShapeError for a scalar.
 * @example
 * nn.flatten(np.ones([2, 3, 4])).shape   // [2, 12]
 */
export const flatten = called('flatten', (x: Tensor): Tensor => {
  const t = lift(x, 'flatten')
  return t.ndim === 0
    ? fail(ShapeError, 'flatten: a scalar has no examples', { args: { x: t }, fix: 'np.ravel' })
    : reshape(t, [t.shape[0]!, sizeOf(t.shape.slice(1))])
})
