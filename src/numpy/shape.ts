/** The same elements under another shape or order of axes. */
import type { Axis } from '../core/axis.js'
import { normaliseAxes, normaliseAxis } from '../core/axis.js'
import { axes, axis as anAxis, check, either, list, listOf as entries, oneOf, perAxis } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { alongAxis, optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import { isPermutation, range, sameShape, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import * as S from '../prim/structure.js'
import type { ShapeLike } from './create.js'
import { listOf, toShape } from './create.js'
import type { Dual, Unary } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike, TensorPer } from './lift.js'
import { commonShape, lift, operandName, spread } from './lift.js'

/** `shape` with its -1 replaced by what is left of `size` elements. */
const completed = (x: Tensor, shape: readonly number[]): Shape => {
  const open = shape.filter((n) => n === -1).length
  if (open === 0) return toShape('reshape', shape)
  const rest = sizeOf(shape.filter((n) => n !== -1))
  if (open > 1)
    fail(ShapeError, `reshape: only one size can be -1, got [${shape.join(', ')}]`, { args: { x }, fix: 'every other size in numbers' })
  if (rest === 0 || x.size % rest !== 0)
    fail(ShapeError, `reshape: ${x.size} elements do not divide into [${shape.join(', ')}]`, {
      args: { x },
      fix: `sizes whose product divides ${x.size}`,
    })
  return toShape(
    'reshape',
    shape.map((n) => (n === -1 ? x.size / rest : n)),
  )
}

/**
 * The same elements, in row-major order, under another shape; one size may be -1 and is inferred.
 *
 * @throws ShapeError when the number of elements differs.
 * @example
 * np.reshape(np.arange(6), [2, -1])        // [[0, 1, 2], [3, 4, 5]]
 * pipe(np.arange(4), np.reshape([2, 2]))   // [[0, 1], [2, 3]]
 */
export const reshape: Dual<TensorLike, ShapeLike, Tensor> = /* @__PURE__ */ dual((x: TensorLike, shape: ShapeLike) => {
  const t = lift(x, 'reshape')
  const s = completed(t, listOf('reshape', shape))
  if (sizeOf(s) !== t.size)
    fail(ShapeError, `reshape: ${t.size} elements do not fill [${s.join(',')}], which has ${sizeOf(s)}`, {
      args: { x: t },
      fix: 'a shape of the same size; a size of -1 is inferred',
    })
  return S.reshape(t, s)
}, 'reshape')

/**
 * All elements as a vector.
 *
 * @example
 * np.ravel(np.array([[1, 2], [3, 4]]))   // [1, 2, 3, 4]
 */
export const ravel: Unary = (x) => {
  const t = lift(x, 'ravel')
  return S.reshape(t, [t.size])
}

const spans = optionsOf<{ readonly start?: number; readonly end?: number }>({ start: anAxis, end: anAxis })

/**
 * Axes `start` to `end`, inclusive, merged into one; all by default.
 *
 * @example
 * np.flatten(np.ones([2, 3, 4]), { start: 1 }).shape   // [2, 12]
 */
export const flatten = (x: TensorLike, options: { readonly start?: number; readonly end?: number } = {}): Tensor => {
  const { start = 0, end = -1 } = spans('flatten', options)
  const t = lift(x, 'flatten')
  if (t.ndim === 0) return S.reshape(t, [1])
  const [a, b] = [normaliseAxis('flatten', start, t), normaliseAxis('flatten', end, t)]
  return S.reshape(t, [...t.shape.slice(0, a), sizeOf(t.shape.slice(a, b + 1)), ...t.shape.slice(Math.max(a, b + 1))])
}

const order = either(entries(anAxis), oneOf(null))

/**
 * Axes in another order; reversed by default.
 *
 * @throws ShapeError when `axes` is not a permutation.
 * @example
 * np.transpose(np.array([[1, 2], [3, 4]]))              // [[1, 3], [2, 4]]
 * np.transpose(np.ones([2, 3, 4]), [2, 0, 1]).shape     // [4, 2, 3]
 */
export const transpose = (x: TensorLike, axes?: readonly number[] | null): Tensor => {
  const t = lift(x, 'transpose')
  if (axes !== undefined) check('transpose', 'axes', order, axes)
  const perm = axes === undefined || axes === null ? range(t.ndim).reverse() : axes.map((a) => normaliseAxis('transpose', a, t))
  if (!isPermutation(perm, t.ndim))
    fail(ShapeError, `transpose: [${perm.join(', ')}] is not a permutation of the ${t.ndim} axes`, { args: { x: t } })
  return S.transpose(t, perm)
}

/**
 * The last two axes exchanged: the transpose of each matrix.
 *
 * @throws ShapeError for fewer than two axes.
 * @example
 * np.matrixTranspose(np.ones([5, 2, 3])).shape   // [5, 3, 2]
 */
export const matrixTranspose: Unary = (x) => swapaxes(x, -1, -2)

/**
 * Two axes exchanged.
 *
 * @example
 * np.swapaxes(np.ones([2, 3, 4]), 0, 2).shape   // [4, 3, 2]
 */
export const swapaxes = (x: TensorLike, a: number, b: number): Tensor => {
  const t = lift(x, 'swapaxes')
  const [i, j] = [normaliseAxis('swapaxes', a, t), normaliseAxis('swapaxes', b, t)]
  return S.transpose(
    t,
    range(t.ndim).map((k) => (k === i ? j : k === j ? i : k)),
  )
}

/**
 * Axes moved to other places, the rest in their order.
 *
 * @throws ShapeError when the lists differ in length or repeat an axis.
 * @example
 * np.moveaxis(np.ones([2, 3, 4]), 0, -1).shape   // [3, 4, 2]
 */
export const moveaxis = (x: TensorLike, source: number | readonly number[], destination: number | readonly number[]): Tensor => {
  const t = lift(x, 'moveaxis')
  check('moveaxis', 'source', perAxis(anAxis), source)
  check('moveaxis', 'destination', perAxis(anAxis), destination)
  const list = (a: number | readonly number[]): number[] => (typeof a === 'number' ? [a] : a).map((k) => normaliseAxis('moveaxis', k, t))
  const [from, to] = [list(source), list(destination)]
  if (from.length !== to.length || new Set(from).size !== from.length || new Set(to).size !== to.length)
    fail(ShapeError, `moveaxis: [${from.join(', ')}] cannot go to [${to.join(', ')}]`, {
      args: { x: t },
      fix: 'as many distinct destinations as sources',
    })
  const rest = range(t.ndim).filter((k) => !from.includes(k))
  const perm = range(t.ndim).map((k) => (to.includes(k) ? from[to.indexOf(k)]! : rest.shift()!))
  return S.transpose(t, perm)
}

/**
 * Axes of size 1 inserted, at these positions of the result.
 *
 * @example
 * np.expandDims(np.array([1, 2]), 0)                        // [[1, 2]]
 * pipe(np.array([1, 2]), np.expandDims([0, 2])).shape       // [1, 2, 1]
 */
export const expandDims: Dual<TensorLike, number | readonly number[], Tensor> = /* @__PURE__ */ dual(
  (x: TensorLike, axis: number | readonly number[]) => {
    const t = lift(x, 'expandDims')
    check('expandDims', 'axis', perAxis(anAxis), axis)
    const given = typeof axis === 'number' ? [axis] : axis
    const axes = normaliseAxes('expandDims', given, t.ndim + given.length)
    const sizes = t.shape.slice()
    return S.reshape(
      t,
      range(t.ndim + axes.length).map((k) => (axes.includes(k) ? 1 : sizes.shift()!)),
    )
  },
  'expandDims',
)

/**
 * Axes of size 1 taken out: all of them, or those of `axis`.
 *
 * @throws ShapeError when an axis has another size.
 * @example
 * np.squeeze(np.ones([1, 3, 1])).shape                  // [3]
 * np.squeeze(np.ones([1, 3, 1]), { axis: 0 }).shape     // [3, 1]
 */
export const squeeze = alongAxis('squeeze', { axis: axes }, (x: TensorLike, { axis }: { readonly axis?: Axis }): Tensor => {
  const t = lift(x, 'squeeze')
  const gone = axis === undefined || axis === null ? range(t.ndim).filter((k) => t.shape[k] === 1) : normaliseAxes('squeeze', axis, t)
  for (const k of gone)
    if (t.shape[k] !== 1)
      fail(ShapeError, `squeeze: axis ${k} has size ${t.shape[k]!}, not 1`, {
        args: { x: t },
        fix: 'np.reshape; or np.sum, which removes an axis of any size',
      })
  return S.reshape(
    t,
    t.shape.filter((_, k) => !gone.includes(k)),
  )
})

/**
 * `x` repeated along new or size-1 axes to fill `shape`.
 *
 * @throws ShapeError when it does not fit.
 * @example
 * np.broadcastTo(np.array([1, 2]), [2, 2])   // [[1, 2], [1, 2]]
 */
export const broadcastTo: Dual<TensorLike, ShapeLike, Tensor> = /* @__PURE__ */ dual(
  (x: TensorLike, shape: ShapeLike) => spread(lift(x, 'broadcastTo'), toShape('broadcastTo', shape)),
  'broadcastTo',
)

/**
 * Tensors broadcast to the shape that they have in common.
 *
 * @throws ShapeError when there is none.
 * @example
 * np.broadcastArrays([np.array([1, 2]), np.array([[3], [4]])])   // [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
 */
export const broadcastArrays = <const X extends readonly TensorLike[]>(xs: X): TensorPer<X> => {
  check('broadcastArrays', 'xs', list, xs)
  if (xs.length === 0) return [] as unknown as TensorPer<X>
  const ts = xs.map((x) => lift(x, 'broadcastArrays'))
  const shape = commonShape(
    'broadcastArrays',
    ts,
    ts.map((_, i) => operandName(i)),
  )
  return ts.map((t) => spread(t, shape)) as unknown as TensorPer<X>
}

/**
 * The sum of `x` that has `shape`: over axes that broadcasting `shape` to `x`'s would add or stretch. The transpose of `broadcastTo`.
 *
 * @throws ShapeError when `shape` does not broadcast to `x`'s.
 * @example
 * np.sumTo(np.ones([2, 3]), [3])      // [2, 2, 2]
 * np.sumTo(np.ones([2, 3]), [2, 1])   // [[3], [3]]
 */
export const sumTo: Dual<TensorLike, ShapeLike, Tensor> = /* @__PURE__ */ dual((x: TensorLike, shape: ShapeLike) => {
  const t = lift(x, 'sumTo')
  const s = toShape('sumTo', shape)
  if (sameShape(t.shape, s)) return t
  const lead = t.ndim - s.length
  if (lead < 0 || s.some((n, k) => n !== 1 && n !== t.shape[lead + k]))
    fail(ShapeError, `sumTo: [${s.join(',')}] does not broadcast to [${t.shape.join(',')}]`, { args: { x: t } })
  return S.reshape(
    S.reduceSum(
      t,
      range(t.ndim).filter((k) => k < lead || s[k - lead] !== t.shape[k]),
    ),
    s,
  )
}, 'sumTo')

const extended = (name: string, x: TensorLike, shape: (s: Shape) => Shape): Tensor => {
  const t = lift(x, name)
  return S.reshape(t, shape(t.shape))
}

/**
 * `x` with at least one axis: a scalar becomes a vector of one.
 *
 * @example
 * np.atleast1d(5)   // [5]
 */
export const atleast1d: Unary = (x) => extended('atleast1d', x, (s) => (s.length === 0 ? [1] : s))

/**
 * `x` with at least two axes: a vector becomes a row.
 *
 * @example
 * np.atleast2d(np.array([1, 2]))   // [[1, 2]]
 */
export const atleast2d: Unary = (x) => extended('atleast2d', x, (s) => (s.length === 0 ? [1, 1] : s.length === 1 ? [1, ...s] : s))

/**
 * `x` with at least three axes: `[n]` becomes `[1, n, 1]`, `[m, n]` becomes `[m, n, 1]`.
 *
 * @example
 * np.atleast3d(np.array([1, 2])).shape   // [1, 2, 1]
 */
export const atleast3d: Unary = (x) =>
  extended('atleast3d', x, (s) => (s.length === 0 ? [1, 1, 1] : s.length === 1 ? [1, ...s, 1] : s.length === 2 ? [...s, 1] : s))
