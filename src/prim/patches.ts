/** Windows laid out as cells (im2col) and laid back by summing (col2im): an adjoint pair. */
import { aval, withShape } from '../core/aval.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { range, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { reshape, transpose } from './layout.js'
import type { Primitive } from '../ir/primitive.js'
import { s } from '../kernel/scalar.js'
import type { Sliding } from './sliding.js'
import { affine, allOf, axisName, checkSliding, guarded, reading, slideOf, windowCount } from './sliding.js'

/** As `Sliding`, with the sizes of the spatial axes that are laid back. */
export type UnpatchParams = Sliding & { readonly shape: Shape }

const counts = (name: string, spatial: Shape, p: Sliding, args: Parameters<typeof windowCount>[3]): readonly number[] =>
  spatial.map((n, k) => windowCount(name, axisName(k, spatial.length), slideOf(n, p, k), args))

/**
 * The cells that each window covers, zero where a window covers padding.
 *
 * shapes: `x[lead..., spatial...] -> [lead..., windows..., cells...]`
 *
 * @throws ShapeError when no window fits.
 */
export const patches = (x: Tensor, p: Sliding): Tensor => (tiles(x.shape, p) ? tiled(x, p) : bind(patchesP, [x], p))

/** Whether windows cover everything exactly once: then cells are another view of `x`. */
const tiles = (shape: Shape, { window, strides, padding, windowDilation }: Sliding): boolean => {
  const lead = shape.length - window.length
  return (
    lead >= 0 &&
    window.every(
      (w, k) =>
        strides[k] === w &&
        padding[k]?.every((n) => n === 0) === true &&
        (w === 1 || windowDilation[k] === 1) &&
        shape[lead + k]! % w === 0,
    )
  )
}
const tiled = (x: Tensor, { window }: Sliding): Tensor => {
  const lead = x.ndim - window.length
  const [kept, size] = [x.shape.slice(0, lead), x.shape.slice(lead)]
  const n = size.length
  const cut = reshape(x, [...kept, ...size.flatMap((m, k) => [m / window[k]!, window[k]!])])
  const at = range(n).map((k) => lead + 2 * k)
  return transpose(cut, [...range(lead), ...at, ...at.map((k) => k + 1)])
}

/**
 * The sum, for every element, of the cells that cover it: the transpose of `patches`.
 *
 * shapes: `x[lead..., windows..., cells...] -> [lead..., shape...]`
 *
 * @throws ShapeError when `x` is not what `patches` of `shape` gives.
 */
export const unpatches = (x: Tensor, p: UnpatchParams): Tensor => bind(unpatchesP, [x], p)

/** The primitive of `patches`. */
export const patchesP: Primitive<Sliding> = {
  name: 'patches',
  shape: ([x], p) => {
    const n = p.window.length
    if (x!.shape.length < n) fail(ShapeError, `patches: ${n} windowed axes, but x has ${x!.shape.length}`, { args: { x: x! } })
    checkSliding('patches', n, p, { x: x! })
    const lead = x!.shape.length - n
    return [withShape(x!, [...x!.shape.slice(0, lead), ...counts('patches', x!.shape.slice(lead), p, { x: x! }), ...p.window])]
  },
  linear: {
    kind: 'linear',
    transpose: ([cy], { ins: [x] }, { window, strides, padding, windowDilation }) => {
      const shape = x!.shape.slice(x!.shape.length - window.length)
      return [cy === null ? null : unpatches(cy!, { window, strides, padding, windowDilation, shape })]
    },
  },
  batch: ([x], _batched, p) => [patches(x!, p)],
  lower: {
    kind: 'loops',
    nests: ([x], [y], p) => {
      const n = p.window.length
      const lead = x!.shape.length - n
      const cells = range(n).map((k) =>
        reading(s.index(lead + k), s.index(lead + n + k), y!.shape[lead + k]!, slideOf(x!.shape[lead + k]!, p, k)),
      )
      const value = s.load(0, [...range(lead).map(s.index), ...cells.map((c) => c.at)], x!.dtype)
      const body = guarded(allOf(cells.flatMap((c) => c.tests)), value, s.like(value, 0))
      return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, body }]
    },
  },
}

/** The primitive of `unpatches`. */
export const unpatchesP: Primitive<UnpatchParams> = {
  name: 'unpatches',
  shape: ([x], p) => {
    const n = p.shape.length
    checkSliding('unpatches', n, p, { x: x! })
    const lead = x!.shape.length - 2 * n
    const expected = [...counts('unpatches', p.shape, p, { x: x! }), ...p.window]
    if (lead < 0 || !sameShape(x!.shape.slice(lead), expected))
      fail(ShapeError, `unpatches: windows over [${p.shape.join(',')}] have shape [${expected.join(',')}]`, { args: { x: x! } })
    return [aval([...x!.shape.slice(0, lead), ...p.shape], x!.dtype, x!.weak)]
  },
  linear: {
    kind: 'linear',
    transpose: ([cy], _context, { window, strides, padding, windowDilation }) => [
      cy === null ? null : patches(cy!, { window, strides, padding, windowDilation }),
    ],
  },
  batch: ([x], _batched, p) => [unpatches(x!, p)],
  lower: {
    kind: 'loops',
    nests: ([x], [y], p) => {
      const n = p.shape.length
      const lead = y!.shape.length - n
      // element i is cell w of window o exactly when o * stride = i + low - w * dilation
      const cells = range(n).map((k) => {
        const stride = p.strides[k]!
        const start = s.add(affine(s.index(lead + k), 1, p.padding[k]![0]), affine(s.index(lead + n + k), -p.windowDilation[k]!, 0))
        const at = stride === 1 ? start : s.div(start, s.int(stride))
        const whole = stride === 1 ? [] : [s.eq(s.mul(at, s.int(stride)), start)]
        return { at, tests: [s.ge(start, s.int(0)), s.lt(at, s.int(x!.shape[lead + k]!)), ...whole] }
      })
      const at = [...range(lead).map(s.index), ...cells.map((c) => c.at), ...range(n).map((k) => s.index(lead + n + k))]
      const value = s.load(0, at, x!.dtype)
      const body = guarded(allOf(cells.flatMap((c) => c.tests)), value, s.like(value, 0))
      return [{ kind: 'loops', shape: y!.shape, dtype: y!.dtype, reduce: { sizes: p.window, combine: 'add' }, body }]
    },
  },
}
