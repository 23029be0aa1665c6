/** The norms of trees, and what the norm of a unit goes over. */
import type { Axis } from '../core/axis.js'
import type { Shape } from '../core/shape.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { div } from '../numpy/arithmetic.js'
import { scaledNorm } from '../numpy/norm.js'
import { tensors } from './leaves.js'

/** The Euclidean norm of all leaves together: a scalar. Squares neither overflow nor vanish; the derivative at 0 is 0. */
export const globalNorm = (updates: unknown): Tensor => {
  const { length, scale } = scaledNorm(tensors(updates))
  return div(length, scale)
}

/** The axes of what feeds one unit: all of a vector, the rows of a matrix `[in, out]`, all but the first of `[out, in, ...]`. */
export const unitAxes = (shape: Shape): Axis => (shape.length < 2 ? null : shape.length === 2 ? [0] : range(shape.length).slice(1))
