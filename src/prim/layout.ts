/** The same elements in another arrangement: reshape, transpose, reverse. */
import { withShape } from '../core/aval.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { invert, isPermutation, sameShape, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { identityView, sliceView, transposeView } from '../kernel/view.js'
import { checkAxes, movement, shifted } from './define.js'

/** The elements in row-major order under another shape. */
export const reshapeP: Primitive<{ readonly shape: Shape }> = movement('reshape', {
  shape: (x, { shape }) => {
    if (sizeOf(shape) !== x.size)
      fail(ShapeError, `reshape: [${shape.join(',')}] has ${sizeOf(shape)} elements, x has ${x.size}`, { args: { x } })
    return withShape(x, shape)
  },
  transpose: (cy, x) => reshape(cy, x.shape),
  batch: (x, { shape }, size) => reshape(x, [size, ...shape]),
  lower: { kind: 'alias' },
})
export const reshape = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : bind(reshapeP, [x], { shape }))

/** Axes in another order: axis `k` of the result is axis `perm[k]` of `x`. */
export const transposeP: Primitive<{ readonly perm: readonly number[] }> = movement('transpose', {
  shape: (x, { perm }) => {
    if (!isPermutation(perm, x.shape.length))
      fail(ShapeError, `transpose: [${perm.join(', ')}] is not a permutation of ${x.shape.length} axes`, { args: { x } })
    return withShape(
      x,
      perm.map((p) => x.shape[p]!),
    )
  },
  transpose: (cy, _x, { perm }) => transpose(cy, invert(perm)),
  batch: (x, { perm }) => transpose(x, [0, ...shifted(perm)]),
  lower: { kind: 'view', view: (x, { perm }) => transposeView(identityView(x.shape), perm) },
})
export const transpose = (x: Tensor, perm: readonly number[]): Tensor =>
  perm.length === x.ndim && perm.every((p, k) => p === k) ? x : bind(transposeP, [x], { perm })

/** Axis `from` of `x` put at position `to`. */
export const moveAxis = (x: Tensor, from: number, to: number): Tensor => {
  const perm = x.shape.map((_, k) => k).filter((k) => k !== from)
  perm.splice(to, 0, from)
  return transpose(x, perm)
}

/** The order of elements along `axes` turned round. */
export const reverseP: Primitive<{ readonly axes: readonly number[] }> = movement('reverse', {
  shape: (x, { axes }) => {
    checkAxes('reverse', x, axes)
    return x
  },
  transpose: (cy, _x, { axes }) => reverse(cy, axes),
  batch: (x, { axes }) => reverse(x, shifted(axes)),
  lower: {
    kind: 'view',
    view: ({ shape }, { axes }) =>
      sliceView(
        identityView(shape),
        shape.map((n, k) => (axes.includes(k) ? Math.max(n - 1, 0) : 0)),
        shape,
        shape.map((_, k) => (axes.includes(k) ? -1 : 1)),
      ),
  },
})
export const reverse = (x: Tensor, axes: readonly number[]): Tensor => (axes.length === 0 ? x : bind(reverseP, [x], { axes }))
