/** Random bits, and the uniform numbers made of them: exact, bit for bit JAX's. */
import { dtype as dtypeName, tensorLike } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import { isDouble, isReal, phrase } from '../core/dtype.js'
import { DTypeError, fail, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import type { ShapeLike } from '../numpy/create.js'
import { toShape } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { as, lift, spread } from '../numpy/lift.js'
import { cast, shr, xor } from '../prim/elementwise.js'
import { add, max, mul, sub } from '../prim/arithmetic.js'
import { fma } from '../prim/fma.js'
import { like } from '../prim/structure.js'
import type { Key } from './key.js'
import { checkKey, hash } from './key.js'

/** 32 random bits for every place of `shape`: uint32. */
export const bits = (key: Key, shape: ShapeLike = []): Tensor => {
  const [a, b] = hash(checkKey('bits', key), toShape('bits', shape))
  return xor(a, b)
}

/** Options of continuous draws. */
export interface FloatOption {
  /** `float32` (default) or `float64`. */
  readonly dtype?: DType
}

/** The options of draws with a dtype, checked. */
export const drawn = optionsOf<FloatOption>({ dtype: dtypeName })

/** `dtype`, which must be a float. @throws DTypeError */
export const checkFloat = (name: string, dtype: DType): DType =>
  isReal(dtype) ? dtype : fail(DTypeError, `${name}: draws are ${phrase(isReal)}, not ${dtype}`, { fix: 'random.randint for integers' })

/** Uniform on `[0, 1)`: 23 random bits in float32, 52 in float64. */
export const unit = (key: Key, shape: Shape, dtype: DType): Tensor => {
  const [a, b] = hash(key, shape)
  const top = (x: Tensor, drop: number): Tensor => cast(shr(x, like(x, drop)), dtype)
  if (!isDouble(dtype)) {
    const fraction = top(xor(a, b), 9)
    return mul(fraction, like(fraction, 2 ** -23))
  }
  const [high, low] = [cast(a, dtype), top(b, 12)]
  return add(mul(high, like(high, 2 ** -32)), mul(low, like(low, 2 ** -52)))
}

/** Options of `uniform`; the bounds may be tensors that broadcast to the shape. */
export interface UniformOptions extends FloatOption {
  readonly minval?: TensorLike
  readonly maxval?: TensorLike
}

/** A parameter of a distribution with elements of `dtype`, broadcast to the shape of the draw. */
export const parameter = (name: string, x: TensorLike, shape: Shape, dtype: DType): Tensor => {
  const t = as(typeof x === 'object' ? lift(x, name) : x, dtype, name)
  return sameShape(t.shape, shape) ? t : spread(t, shape, name)
}

const uniforms = optionsOf<UniformOptions>({ dtype: dtypeName, minval: tensorLike, maxval: tensorLike })

/**
 * Numbers from `[minval, maxval)`, uniformly; `[0, 1)` by default.
 *
 * @example
 * random.uniform(random.key(0), [2, 3], { minval: -1 })
 */
export const uniform = (key: Key, shape: ShapeLike = [], options: UniformOptions = {}): Tensor => {
  const { dtype = 'float32', minval = 0, maxval = 1 } = uniforms('uniform', options)
  checkKey('uniform', key)
  if (typeof minval === 'number' && typeof maxval === 'number' && !(minval <= maxval))
    fail(ValueError, `uniform: minval ${minval} is not below maxval ${maxval}`, { fix: 'minval first, maxval second, neither NaN' })
  const s = toShape('uniform', shape)
  const u = unit(key, s, checkFloat('uniform', dtype))
  if (minval === 0 && maxval === 1) return u
  const [low, high] = [parameter('uniform', minval, s, dtype), parameter('uniform', maxval, s, dtype)]
  return max(low, fma(u, sub(high, low), low))
}
