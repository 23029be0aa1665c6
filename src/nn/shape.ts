/** Functions that stand in models for a change of shape, or for none. */
import { called } from '../core/called.js'
import { fail, ShapeError } from '../core/errors.js'
import { sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { reshape } from '../numpy/shape.js'

/**
 * `x` itself.
 *
 * @example
 * nn.identity(np.array([1, 2]))   // [1, 2]
 */
export const identity = called('identity', (x: Tensor): Tensor => x)

/**
 * All axes but the first as one: a vector for every example.
 *
 * shapes: x[N, ...] -> [N, features]
 *
 * @throws ShapeError for a scalar.
 * @example
 * nn.flatten(np.ones([2, 3, 4])).shape   // [2, 12]
 */
export const flatten = called('flatten', (x: Tensor): Tensor =>
  x.ndim === 0
    ? fail(ShapeError, 'flatten: a scalar has no examples', { args: { x }, fix: 'np.ravel' })
    : reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]),
)
