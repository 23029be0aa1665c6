/** Functions of a whole axis: softmax and its logarithm, standardisation, one-hot vectors. */
import { axes, axis as axisMeaning, check, count, dtype as dtypeMeaning, nonNegative } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { alongAxis, meaningsOf, optionsOf } from '../core/options.js'
import type { Axis } from '../core/axis.js'
import { normaliseAxes, normaliseAxis } from '../core/axis.js'
import type { DType } from '../core/dtype.js'
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

const along: Meanings<AxisOption> = { axis: axes }

/** Whether there is nothing along the axes: then there is no maximum, and no element of a result either. */
const isEmpty = (name: string, x: Tensor, axis: Axis): boolean => normaliseAxes(name, axis, x).some((a) => x.shape[a] === 0)

/**
 * `exp(x) / sum(exp(x))` along an axis: positive numbers that sum to 1.
 *
 * @example
 * nn.softmax(np.array([1000, 1001, 998]))   // [0.259, 0.705, 0.035]
 */
export const softmax = alongAxis('softmax', along, (x: TensorLike, { axis = -1 }): Tensor => {
  const t = toFloat(x, 'softmax')
  if (isEmpty('softmax', t, axis)) return t
  return softmaxOf(t, normaliseAxes('softmax', axis, t))
})

/** `log(softmax(x))` along an axis, exact where the softmax underflows. */
export const logSoftmax = alongAxis('logSoftmax', along, (x: TensorLike, { axis = -1 }): Tensor => {
  const t = toFloat(x, 'logSoftmax')
  if (isEmpty('logSoftmax', t, axis)) return t
  return logSoftmaxOf(t, normaliseAxes('logSoftmax', axis, t))
})

/** Options of `standardize`. */
export interface StandardizeOptions extends AxisOption {
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number
}

const standards: Meanings<StandardizeOptions> = meaningsOf(along, { epsilon: nonNegative })

/** `x` minus its mean, over its standard deviation, along an axis. */
export const standardize = alongAxis('standardize', standards, (x: TensorLike, { axis = -1, epsilon = 1e-5 }): Tensor => {
  const t = toFloat(x, 'standardize')
  normaliseAxes('standardize', axis, t)
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

const hotOf = optionsOf<OneHotOptions>({ axis: axisMeaning, dtype: dtypeMeaning })

/**
 * For every integer a vector with 1 at its place and 0 elsewhere; all zeros for integers outside `0 .. numClasses - 1`.
 *
 * shapes: int[...] -> [..., numClasses]
 *
 * @throws DTypeError for floats.
 * @example
 * nn.oneHot(np.array([2, 0], { dtype: 'int32' }), 3)   // [[0, 0, 1], [1, 0, 0]]
 */
export const oneHot = (x: TensorLike, numClasses: number, options: OneHotOptions = {}): Tensor => {
  const { axis = -1, dtype = 'float32' } = hotOf('oneHot', options)
  check('oneHot', 'numClasses', count, numClasses)
  const t = lift(x, 'oneHot')
  const labels = astype(checkIntegral('oneHot', t), 'int32')
  const at = normaliseAxis('oneHot', axis, labels.ndim + 1)
  const shape = [...labels.shape.slice(0, at), numClasses, ...labels.shape.slice(at)]
  const places = range(labels.ndim).map((k) => (k < at ? k : k + 1))
  return cast(eq(broadcast(labels, shape, places), iota(shape, 'int32', at)), dtype)
}
