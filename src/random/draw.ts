/** Continuous distributions and coin tosses, as pure functions of a key. */
import { check, probability } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import { isDouble, isReal } from '../core/dtype.js'
import { DTypeError, fail } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { broadcastShapes } from '../core/shape.js'
import { isTensor } from '../core/tensor.js'
import type { Tensor } from '../core/tensor.js'
import type { ShapeLike } from '../numpy/create.js'
import { finfo, toShape } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { commonKind, lift } from '../numpy/lift.js'
import { add, mul, sub } from '../prim/arithmetic.js'
import { abs, div, erf, erfInv, log, log1p, lt, max, min, neg, nextafter, select, stopGradient } from '../prim/elementwise.js'
import { like } from '../prim/structure.js'
import { xlaErf, xlaErfInv, xlaLog, xlaLog1p } from '../prim/xlaFloat32.js'
import type { FloatOption } from './bits.js'
import { checkFloat, parameter, uniform, drawn } from './bits.js'
import type { Key } from './key.js'
import { checkKey } from './key.js'

/** The function with JAX's roundings in float32, the accurate one in float64. */
const inverseErf = (x: Tensor): Tensor => (isDouble(x.dtype) ? erfInv(x) : xlaErfInv(x))
const logarithm = (x: Tensor): Tensor => (isDouble(x.dtype) ? log(x) : xlaLog(x))
const logarithm1p = (x: Tensor): Tensor => (isDouble(x.dtype) ? log1p(x) : xlaLog1p(x))

/**
 * `rounded` with the derivative of `accurate`. The two are so close that adding their difference to one gives exactly the other;
 * at infinities, where there is no difference, the value alone.
 */
const blended =
  (accurate: (x: Tensor) => Tensor, rounded: (x: Tensor) => Tensor) =>
  (x: Tensor): Tensor => {
    const y = accurate(x)
    if (isDouble(x.dtype)) return y
    const r = rounded(x)
    return select(lt(abs(r), like(r, Infinity)), add(y, stopGradient(sub(r, y))), r)
  }
const smoothErf = blended(erf, xlaErf)
const smoothErfInv = blended(erfInv, xlaErfInv)

/** The largest number above -1 that a normal draw may invert. */
const aboveMinusOne = (dtype: DType): number => -1 + finfo(dtype).eps / 2

/**
 * Standard normal numbers.
 *
 * @example
 * const w = np.mul(random.normal(key, [784, 256]), 0.05)
 */
export const normal = (key: Key, shape: ShapeLike = [], options: FloatOption = {}): Tensor => {
  const { dtype = 'float32' } = drawn('normal', options)
  checkKey('normal', key)
  const u = uniform(key, shape, { dtype: checkFloat('normal', dtype), minval: aboveMinusOne(dtype), maxval: 1 })
  return mul(like(u, Math.SQRT2), inverseErf(u))
}

/** The dtype that float parameters have in common; float32 for numbers. @throws DTypeError for integers. */
const floatKind = (name: string, xs: readonly TensorLike[]): DType => {
  const { dtype } = commonKind(xs)
  return isReal(dtype) ? dtype : fail(DTypeError, `${name}: parameters must be floats, got ${dtype}`)
}

/** `shape`, or the one that the parameters broadcast to. */
const drawShape = (name: string, shape: ShapeLike | undefined, xs: readonly TensorLike[]): Shape =>
  shape === undefined ? (broadcastShapes(...xs.map((x) => lift(x, name).shape)) ?? []) : toShape(name, shape)

/** `true` with probability `p` (0.5 by default), of `p`'s shape unless one is given. */
export const bernoulli = (key: Key, p: TensorLike = 0.5, shape?: ShapeLike): Tensor => {
  checkKey('bernoulli', key)
  if (!isTensor(p)) check('bernoulli', 'p', probability, p)
  const dtype = floatKind('bernoulli', [p])
  const s = drawShape('bernoulli', shape, [p])
  return lt(uniform(key, s, { dtype }), parameter('bernoulli', p, s, dtype))
}

/** Exponential numbers of mean 1. */
export const exponential = (key: Key, shape: ShapeLike = [], options: FloatOption = {}): Tensor => {
  const { dtype = 'float32' } = drawn('exponential', options)
  checkKey('exponential', key)
  return neg(logarithm1p(neg(uniform(key, shape, { dtype: checkFloat('exponential', dtype) }))))
}

/** Standard Gumbel numbers: `argmax(logits + gumbel)` is a categorical draw. */
export const gumbel = (key: Key, shape: ShapeLike = [], options: FloatOption = {}): Tensor => {
  const { dtype = 'float32' } = drawn('gumbel', options)
  checkKey('gumbel', key)
  const u = uniform(key, shape, { dtype: checkFloat('gumbel', dtype), minval: finfo(dtype).tiny, maxval: 1 })
  return neg(logarithm(neg(logarithm(u))))
}

/**
 * Normal numbers conditioned on lying in `(lower, upper)`; not scaled to unit variance. Differentiable with respect to the bounds.
 *
 * @example
 * random.truncatedNormal(key, -2, 2, [3, 3])
 */
export const truncatedNormal = (key: Key, lower: TensorLike, upper: TensorLike, shape?: ShapeLike, options: FloatOption = {}): Tensor => {
  const { dtype = 'float32' } = drawn('truncatedNormal', options)
  checkKey('truncatedNormal', key)
  checkFloat('truncatedNormal', dtype)
  const s = drawShape('truncatedNormal', shape, [lower, upper])
  const [low, high] = [parameter('truncatedNormal', lower, s, dtype), parameter('truncatedNormal', upper, s, dtype)]
  const root = like(low, Math.SQRT2)
  const u = uniform(key, s, { dtype, minval: smoothErf(div(low, root)), maxval: smoothErf(div(high, root)) })
  const inside = (bound: Tensor, towards: number): Tensor => nextafter(stopGradient(bound), like(bound, towards))
  return min(max(mul(root, smoothErfInv(u)), inside(low, Infinity)), inside(high, -Infinity))
}
