/** Computed places in a tensor: what gathering and scattering address. */
import type { Aval } from '../core/aval.js'
import { indexType } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { and } from './bits.js'
import { ge, lt } from './comparison.js'
import { full, reshape, sliceAxis } from './structure.js'

/**
 * Which axes of `x` the last axis of `indices` addresses, in its order. The first `batch` axes of all operands run along;
 * `axes` are distinct and not among them.
 */
export type Places = { readonly axes: readonly number[]; readonly batch: number }

/** Throws unless `indices` can address `axes` of `x`. */
export const checkPlaces = (name: string, x: Aval, indices: Aval, { axes, batch }: Places): void => {
  const args = { x, indices }
  const n = x.shape.length
  if (indices.dtype !== indexType)
    fail(DTypeError, `${name}: indices must be ${indexType}, got ${indices.dtype}`, { args, fix: 'cast the indices' })
  if (new Set(axes).size !== axes.length || !axes.every((a) => Number.isInteger(a) && a >= batch && a < n))
    fail(ShapeError, `${name}: axes [${axes.join(', ')}] must be distinct and from ${batch} to ${n - 1}`, { args })
  if (indices.shape.length <= batch || indices.shape[indices.shape.length - 1] !== axes.length)
    fail(ShapeError, `${name}: indices must end in an axis of size ${axes.length}, one entry per indexed axis`, { args })
  if (!sameShape(x.shape.slice(0, batch), indices.shape.slice(0, batch)))
    fail(ShapeError, `${name}: the first ${batch} axes of x and indices differ`, { args })
}

/** An int32 everywhere. */
export const int = (value: number, shape: Shape): Tensor => full(shape, value, 'int32')

/** Column `k` of `indices`: the place on the `k`-th indexed axis. */
export const column = (indices: Tensor, k: number): Tensor => {
  const last = indices.ndim - 1
  return reshape(sliceAxis(indices, last, k, k + 1), indices.shape.slice(0, last))
}

/** Which places are inside `x`; `null` when nothing is indexed. */
export const inside = (indices: Tensor, x: Aval, { axes }: Places): Tensor | null => {
  const lead = indices.shape.slice(0, -1)
  const tests = axes.map((a, k) => {
    const at = column(indices, k)
    return and(ge(at, int(0, lead)), lt(at, int(x.shape[a]!, lead)))
  })
  return tests.length === 0 ? null : tests.reduce((p, q) => and(p, q))
}
