/** Functions of a whole axis: softmax and its logarithm, standardisation, one-hot vectors. */
import { called } from '../core/called.js'
import type { Axis } from '../core/axis.js'
import { normaliseAxes, normaliseAxis } from '../core/axis.js'
import type { DType } from '../core/dtype.js'
import { fail, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, square, sub } from '../numpy/arithmetic.js'
import { astype } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { checkIntegral, lift, toFloat } from '../numpy/lift.js'
import { logsumexp, mean } from '../numpy/reduce.js'
import { eq, rsqrt } from '../prim/elementwise.js'
import { broadcast, iota } from '../prim/structure.js'
import { cast } from '../prim/select.js'
import { logSoftmax as logSoftmaxOf, softmax as softmaxOf } from '../prim/softmax.js'
import { range } from '../core/shape.js'

export { logsumexp }

/** The axes that a function works along. */
export interface AxisOption {
  /** One axis or several; the last by default, all for null. */
  readonly axis?: Axis
}

/** Whether there is nothing along the axes: then there is no maximum, and no element of a result either. */
const isEmpty = (name: string, x: Tensor, axis: Axis): boolean => normaliseAxes(name, axis, x).some((a) => x.shape[a] === 0)

/**
 * `exp(x) / sum(exp(x))` along an axis: positive numbers that sum to 1.
 *
 * @example
 * nn.softmax(np.array([1000, 1001, 998]))   // [0.259, 0.705, 0.035]
 */
export const softmax = called('softmax', (x: TensorLike, { axis = -1 }: AxisOption = {}): Tensor => {
  const t = toFloat(x, 'softmax')
  if (isEmpty('softmax', t, axis)) return t
  return softmaxOf(t, normaliseAxes('softmax', axis, t))
})

/** `log(softmax(x))` along an axis, exact where the softmax underflows. */
export const logSoftmax = called('logSoftmax', (x: TensorLike, { axis = -1 }: AxisOption = {}): Tensor => {
  const t = toFloat(x, 'logSoftmax')
  if (isEmpty('logSoftmax', t, axis)) return t
  return logSoftmaxOf(t, normaliseAxes('logSoftmax', axis, t))
})

/** Options of `standardize`. */
export interface StandardizeOptions extends AxisOption {
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number
}

/** `x` minus its mean, over its standard deviation, along an axis. */
export const standardize = called('standardize', (x: TensorLike, { axis = -1, epsilon = 1e-5 }: StandardizeOptions = {}): Tensor => {
  const t = toFloat(x, 'standardize')
  const centred = sub(t, mean(t, { axis, keepdims: true }))
  const variance = mean(square(centred), { axis, keepdims: true })
  return mul(centred, rsqrt(add(variance, epsilon)))
})

/** Options of `oneHot`. */
export interface OneHotOptions {
  /** Where the new axis goes; the last by default. */
  readonly axis?: number
  readonly dtype?: DType
}

/**
 * For every integer a vector with 1 at its place and 0 elsewhere; all zeros for integers outside `0 .. numClasses - 1`.
 *
 * shapes: int[...] -> [..., numClasses]
 *
 * @throws DTypeError for floats.
 * @example
 * nn.oneHot(np.array([2, 0], { dtype: 'int32' }), 3)   // [[0, 0, 1], [1, 0, 0]]
 */
export const oneHot = (x: TensorLike, numClasses: number, { axis = -1, dtype = 'float32' }: OneHotOptions = {}): Tensor => {
  if (!Number.isInteger(numClasses) || numClasses < 0)
    fail(ValueError, `oneHot: the number of classes must be a non-negative integer, got ${numClasses}`)
  const t = lift(x, 'oneHot')
  const labels = astype(checkIntegral('oneHot', t), 'int32')
  const at = normaliseAxis('oneHot', axis, labels.ndim + 1)
  const shape = [...labels.shape.slice(0, at), numClasses, ...labels.shape.slice(at)]
  const places = range(labels.ndim).map((k) => (k < at ? k : k + 1))
  return cast(eq(broadcast(labels, shape, places), iota(shape, 'int32', at)), dtype)
}
