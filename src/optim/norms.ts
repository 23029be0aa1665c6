/** Norms of leaves that stay differentiable at zero. */
import type { Axis } from '../core/axis.js'
import type { Shape } from '../core/shape.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { sqrt, square } from '../numpy/arithmetic.js'
import { equal, where } from '../numpy/comparison.js'
import { mean, sum } from '../numpy/reduce.js'

/** The root of `x`, with derivative 0 at 0 instead of infinity. */
export const safeSqrt = (x: Tensor): Tensor => {
  const zero = equal(x, 0)
  return where(zero, 0, sqrt(where(zero, 1, x)))
}

/** The Euclidean norm over `axis` (all by default), kept as an axis of size 1 where `keepdims`. */
export const norm = (x: Tensor, { axis = null, keepdims = false }: { readonly axis?: Axis; readonly keepdims?: boolean } = {}): Tensor =>
  safeSqrt(sum(square(x), { axis, keepdims }))

/** The root of the mean square of all elements: a scalar. */
export const rootMeanSquare = (x: Tensor): Tensor => safeSqrt(mean(square(x)))

/** The axes of what feeds one unit: all of a vector, the rows of a matrix `[in, out]`, all but the first of `[out, in, ...]`. */
export const unitAxes = (shape: Shape): Axis => (shape.length < 2 ? null : shape.length === 2 ? [0] : range(shape.length).slice(1))
