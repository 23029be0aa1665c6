/** Euclidean norms in the whole range of floats: the squares of huge elements do not overflow, those of tiny ones do not vanish. */
import type { Axis } from '../core/axis.js'
import type { DType } from '../core/dtype.js'
import { isDouble } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { abs, add, div, maximum, mul, neg, sqrt, square } from './arithmetic.js'
import { equal, lessEqual, where } from './comparison.js'
import { asarray } from './create.js'
import { exp2, log2 } from './exponential.js'
import { stopGradient } from './lax.js'
import type { TensorLike } from './lift.js'
import { commonKind, toDType, toFloat } from './lift.js'
import { max, mean, sum } from './reduce.js'
import { clip, floor } from './rounding.js'
import { squeeze } from './shape.js'

/** What a norm is taken over. */
export interface VectorNormOptions {
  /** All axes by default. */
  readonly axis?: Axis
  /** Keep the reduced axes with size 1; `false`. */
  readonly keepdims?: boolean
}

/** The exponents of the powers of two that are normal numbers, and whose reciprocals are. */
const largestExponent = (dtype: DType): number => (isDouble(dtype) ? 1022 : 126)

/**
 * The power of two that brings the largest of `xs` over `axis` to between 1 and 2. It rounds nothing, so that the norm has the bits
 * that it would have without it. A derivative that is divided by it is about as large as one times a norm.
 */
const scaleOf = (xs: readonly Tensor[], dtype: DType, axis: Axis): Tensor => {
  const most = largestExponent(dtype)
  const none = asarray(0, { dtype })
  const largest = xs.reduce((m, x) => maximum(m, max(abs(stopGradient(x)), { axis, keepdims: axis !== null, initial: 0 })), none)
  return exp2(clip(neg(floor(log2(largest))), -most, most))
}

/** The root of `x`, with derivative 0 at 0 instead of infinity. */
const safeSqrt = (x: Tensor): Tensor => {
  const zero = equal(x, 0)
  return where(zero, 0, sqrt(where(zero, 1, x)))
}

/** A norm before it is scaled back, which only may overflow or vanish. */
export interface ScaledNorm {
  /** The tensors times `scale`, in the dtype that they have in common. */
  readonly parts: readonly Tensor[]
  /** The norm of `parts`; its derivative at 0 is 0. */
  readonly length: Tensor
  /** The power of two by which `length` is too large: a constant to derivatives. */
  readonly scale: Tensor
}

/** The norm of all of `xs` together over `axis` (all elements by default), with what it is of, in a range where nothing is lost. */
export const scaledNorm = (xs: readonly Tensor[], { axis = null, keepdims = false }: VectorNormOptions = {}): ScaledNorm => {
  const floats = xs.map((x) => toFloat(x))
  const dtype = floats.length === 0 ? 'float32' : commonKind(floats).dtype
  const wide = floats.map((x) => toDType(x, dtype))
  const scale = scaleOf(wide, dtype, axis)
  const parts = wide.map((x) => mul(x, scale))
  const squares = parts.map((x) => sum(square(x), { axis, keepdims })).reduce((a, b) => add(a, b), asarray(0, { dtype }))
  return { parts, length: safeSqrt(squares), scale: keepdims || axis === null ? scale : squeeze(scale, { axis }) }
}

/** The Euclidean norm over `axis` (all by default); its derivative at 0 is 0. */
export const norm = (x: Tensor, options: VectorNormOptions = {}): Tensor => {
  const { length, scale } = scaledNorm([x], options)
  return div(length, scale)
}

/** The root of the mean square of all elements: a scalar. Its derivative at 0 is 0. */
export const rootMeanSquare = (x: Tensor): Tensor => {
  const { parts, scale } = scaledNorm([x])
  return div(safeSqrt(mean(square(parts[0]!))), scale)
}

/** `x` divided by its norm over `axis`; zeros stay zeros. */
export const unit = (x: Tensor, axis: Axis): Tensor => {
  const { parts, length } = scaledNorm([x], { axis, keepdims: true })
  return div(parts[0]!, where(equal(length, 0), 1, length))
}

/** `xs` times one factor per norm, so that the norm plus `eps` is at most `bound`; what is smaller stays as it is, and NaN makes NaN. */
export const shrinkTo = (
  xs: readonly Tensor[],
  bound: TensorLike,
  { eps = 0, ...over }: VectorNormOptions & { readonly eps?: number } = {},
): readonly Tensor[] => {
  const { parts, length, scale } = scaledNorm(xs, { ...over, keepdims: over.axis !== undefined && over.axis !== null })
  const small = lessEqual(add(div(length, scale), eps), bound)
  // a norm that is NaN is not small: nothing is to pass unclipped beside the element that was
  const factor = where(small, 1, div(bound, where(small, 1, add(length, mul(scale, eps)))))
  return xs.map((x, i) => where(small, x, toDType(mul(parts[i]!, factor), x.dtype)))
}
