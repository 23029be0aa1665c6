/** Stride algebra: a movement of data that needs no copy is a view. */
import type { Shape } from '../core/shape.js'
import { stridesOf } from '../core/shape.js'

/** Element `i...` of the view is element `offset + sum(i[k] * strides[k])` of the row-major input. */
export interface View {
  readonly shape: Shape
  readonly strides: readonly number[]
  readonly offset: number
}

/** The whole of a row-major array. */
export const identityView = (shape: Shape): View => ({ shape, strides: stridesOf(shape), offset: 0 })

/** Axes in another order. */
export const transposeView = (v: View, perm: readonly number[]): View => ({
  shape: perm.map((p) => v.shape[p]!),
  strides: perm.map((p) => v.strides[p]!),
  offset: v.offset,
})

/** `v` spread over `shape`: input axis `k` lies on output axis `axes[k]`; other axes have stride 0. */
export const broadcastView = (v: View, shape: Shape, axes: readonly number[]): View => {
  const strides = new Array<number>(shape.length).fill(0)
  axes.forEach((a, k) => {
    strides[a] = v.shape[k] === 1 && shape[a] !== 1 ? 0 : v.strides[k]!
  })
  return { shape, strides, offset: v.offset }
}

/** `v[start : : step]` with `shape` elements on each axis; `step` may be negative. */
export const sliceView = (v: View, start: readonly number[], shape: Shape, step: readonly number[]): View => ({
  shape,
  strides: v.strides.map((s, k) => s * step[k]!),
  offset: start.reduce((o, b, k) => o + b * v.strides[k]!, v.offset),
})

/** True when the view, of one element or more, reads its elements in memory order without gaps from `offset`. */
export const isContiguous = (v: View): boolean => {
  let expected = 1
  for (let k = v.shape.length - 1; k >= 0; k--) {
    const n = v.shape[k]!
    if (n !== 1 && v.strides[k] !== expected) return false
    expected *= n
  }
  return true
}
