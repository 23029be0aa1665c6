/** Products of matrices and vectors. */
import { normaliseAxis } from '../core/axis.js'
import { axis as anAxis, count, either, listOf, perAxis } from '../core/check.js'
import { isBool } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOrNumbers } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { dotGeneral } from '../prim/dot.js'
import * as P from '../prim/elementwise.js'
import { concat, like, reduceSum, reshape, sliceAxis, transpose } from '../prim/structure.js'
import type { Binary } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike } from './lift.js'
import { align, as, commonKind, lift, spread } from './lift.js'

/** Two operands of one dtype, not broadcast. Bools multiply as int32; `done` makes bools of the result again. */
const factors = (name: string, x: TensorLike, y: TensorLike): readonly [Tensor, Tensor, (z: Tensor) => Tensor] => {
  const [a, b] = [typeof x === 'number' ? x : lift(x, name), typeof y === 'number' ? y : lift(y, name, 'y')]
  const { dtype } = commonKind([a, b])
  if (isBool(dtype)) return [as(a, 'int32'), as(b, 'int32'), (z) => P.ne(z, like(z, 0))]
  return [as(a, dtype), as(b, dtype), (z) => z]
}

/** Axes of one operand of `matmul`: `row` is summed over, `free` appears in the result (absent for a vector). */
interface Side {
  readonly x: Tensor
  readonly batch: readonly (number | null)[]
  readonly contract: number
  readonly free: number | null
}

/** Drops the size-1 batch axes that the other operand stretches; batch axes are aligned from the last one. */
const side = (x: Tensor, n: number, free: number | null, contract: number, other: readonly (number | null)[]): Side => {
  const lead = free === null ? 0 : x.ndim - 2
  const sizes = range(n).map((k) => (k >= n - lead ? x.shape[k - (n - lead)]! : null))
  const dropped = sizes.map((s, k) => s === 1 && other[k] !== null && other[k] !== undefined && other[k] !== 1)
  const gone = dropped.filter(Boolean).length
  let at = 0
  const batch = sizes.map((s, k) => (s === null || dropped[k] ? null : at++))
  const shape = [...sizes.filter((s, k): s is number => s !== null && !dropped[k]), ...x.shape.slice(lead)]
  return { x: gone === 0 ? x : reshape(x, shape), batch, contract: contract - gone, free: free === null ? null : free - gone }
}

const batchSizes = (x: Tensor, n: number): readonly (number | null)[] => {
  const lead = Math.max(0, x.ndim - 2)
  return range(n).map((k) => (k >= n - lead ? x.shape[k - (n - lead)]! : null))
}

const innerMismatch = (name: string, x: Tensor, w: Tensor, i: number, j: number): never =>
  fail(ShapeError, `${name}: inner dimensions differ: ${x.shape[i]!} (x axis ${i}) and ${w.shape[j]!} (w axis ${j})`, {
    args: { x, w },
    fix: [
      w.ndim === 2 ? `w of shape [${j === 0 ? `${x.shape[i]!}, n` : `n, ${x.shape[i]!}`}]` : `w with ${x.shape[i]!} elements on axis ${j}`,
      ...(w.ndim === 2 && w.shape[1 - j] === x.shape[i] ? ['np.transpose(w)'] : []),
      ...(x.ndim === 2 && x.shape[1 - i] === w.shape[j] ? ['np.transpose(x)'] : []),
    ].join('; or '),
  })

const product = (x: Tensor, y: Tensor): Tensor => {
  if (x.ndim === 0 || y.ndim === 0) return fail(ShapeError, 'matmul: scalars are not matrices', { args: { x, w: y }, fix: 'np.mul' })
  const [i, j] = [x.ndim - 1, Math.max(0, y.ndim - 2)]
  if (x.shape[i] !== y.shape[j]) innerMismatch('matmul', x, y, i, j)
  if (x.ndim <= 2 && y.ndim <= 2) return dotGeneral(x, y, { lhsContract: [i], rhsContract: [j], lhsBatch: [], rhsBatch: [] })

  const n = Math.max(0, x.ndim - 2, y.ndim - 2)
  const [bx, by] = [batchSizes(x, n), batchSizes(y, n)]
  bx.forEach((s, k) => {
    const t = by[k]
    if (s !== null && t !== null && t !== undefined && s !== t && s !== 1 && t !== 1)
      fail(
        ShapeError,
        `matmul: batch sizes do not broadcast: ${s} (x axis ${k - n + x.ndim - 2}) and ${t} (w axis ${k - n + y.ndim - 2})`,
        {
          args: { x, w: y },
          fix: 'batch sizes that are equal or 1; np.einsum for other pairings',
        },
      )
  })
  const a = side(x, n, x.ndim === 1 ? null : i - 1, i, by)
  const b = side(y, n, y.ndim === 1 ? null : j + 1, j, bx)
  const both = range(n).filter((k) => a.batch[k] !== null && b.batch[k] !== null)
  const z = dotGeneral(a.x, b.x, {
    lhsContract: [a.contract],
    rhsContract: [b.contract],
    lhsBatch: both.map((k) => a.batch[k]!),
    rhsBatch: both.map((k) => b.batch[k]!),
  })
  // dotGeneral leaves [shared batch, own batch of x, rows, own batch of y, columns]; put the batch axes in place.
  const onlyX = range(n).filter((k) => a.batch[k] !== null && b.batch[k] === null)
  const onlyY = range(n).filter((k) => a.batch[k] === null && b.batch[k] !== null)
  const order: (number | 'row' | 'column')[] = [
    ...both,
    ...onlyX,
    ...(a.free === null ? [] : ['row' as const]),
    ...onlyY,
    ...(b.free === null ? [] : ['column' as const]),
  ]
  const wanted = [...range(n), ...(a.free === null ? [] : ['row' as const]), ...(b.free === null ? [] : ['column' as const])]
  return transpose(
    z,
    wanted.map((w) => order.indexOf(w)),
  )
}

/**
 * Matrix product with NumPy's rules: the last axis of `x` meets the last but one of `y`; leading axes broadcast;
 * a vector is a row on the left and a column on the right, and leaves no axis.
 *
 * shapes: `x[b..., i, k] y[b..., k, j] -> [b..., i, j]`
 *
 * @throws ShapeError when the inner dimensions differ, when batch axes do not broadcast, and for scalars.
 * @example
 * np.matmul(np.array([[1, 2], [3, 4]]), np.array([1, 1]))                 // [3, 7]
 * pipe(np.array([[1, 2]]), np.matmul(np.array([[1], [1]])))               // [[3]]
 */
export const matmul: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b, done] = factors('matmul', x, y)
  return done(product(a, b))
}, 'matmul')

/**
 * NumPy's `dot`: product of scalars, inner product of vectors, matrix product; for more axes, the last of `x` with the last but one of `y`.
 *
 * @throws ShapeError when the inner dimensions differ.
 * @example
 * np.dot(np.array([1, 2]), np.array([3, 4]))   // 11
 */
export const dot: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b, done] = factors('dot', x, y)
  if (a.ndim === 0 || b.ndim === 0) {
    const [p, q] = align('dot', [a, b]) as [Tensor, Tensor]
    return done(P.mul(p, q))
  }
  const [i, j] = [a.ndim - 1, Math.max(0, b.ndim - 2)]
  if (a.shape[i] !== b.shape[j]) innerMismatch('dot', a, b, i, j)
  return done(dotGeneral(a, b, { lhsContract: [i], rhsContract: [j], lhsBatch: [], rhsBatch: [] }))
}, 'dot')

/**
 * Inner product of all elements, both tensors as vectors.
 *
 * @throws ShapeError when they differ in size.
 * @example
 * np.vdot(np.array([[1, 2]]), np.array([[3], [4]]))   // 11
 */
export const vdot: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b] = [lift(x, 'vdot'), lift(y, 'vdot', 'y')]
  return dot(reshape(a, [a.size]), reshape(b, [b.size]))
}, 'vdot')

/**
 * Inner products over the last axes of both.
 *
 * @throws ShapeError when the last sizes differ.
 * @example
 * np.inner(np.array([[1, 2], [3, 4]]), np.array([1, 1]))   // [3, 7]
 */
export const inner: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b, done] = factors('inner', x, y)
  if (a.ndim === 0 || b.ndim === 0) return dot(a, b)
  if (a.shape[a.ndim - 1] !== b.shape[b.ndim - 1]) innerMismatch('inner', a, b, a.ndim - 1, b.ndim - 1)
  return done(dotGeneral(a, b, { lhsContract: [a.ndim - 1], rhsContract: [b.ndim - 1], lhsBatch: [], rhsBatch: [] }))
}, 'inner')

const onAxis = optionsOrNumbers<{ readonly axis?: number }, 'axis'>({ axis: anAxis }, 'axis')

/**
 * Products over one axis, element by element along the others, which broadcast.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * np.vecdot(np.array([[1, 2], [3, 4]]), np.array([1, 1]))   // [3, 7]
 */
export const vecdot = (x: TensorLike, y: TensorLike, options: { readonly axis?: number } | number = {}): Tensor => {
  const { axis = -1 } = onAxis('vecdot', options)
  const [a, b, done] = factors('vecdot', x, y)
  const [p, q] = align('vecdot', [a, b]) as [Tensor, Tensor]
  return done(reduceSum(P.mul(p, q), [normaliseAxis('vecdot', axis, p)]))
}

/**
 * All products of an element of `x` and one of `y`, both as vectors.
 *
 * shapes: `x[i] y[j] -> [i, j]`
 *
 * @example
 * np.outer(np.array([1, 2]), np.array([10, 20]))   // [[10, 20], [20, 40]]
 */
export const outer: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b, done] = factors('outer', x, y)
  return done(dotGeneral(reshape(a, [a.size]), reshape(b, [b.size]), { lhsContract: [], rhsContract: [], lhsBatch: [], rhsBatch: [] }))
}, 'outer')

/** How many of the last axes of `x` meet the first of `y`; or which axes meet, pairwise. */
export type TensordotAxes = number | readonly [number | readonly number[], number | readonly number[]]

const contraction = optionsOrNumbers<{ readonly axes?: TensordotAxes }, 'axes'>({ axes: either(count, listOf(perAxis(anAxis), 2)) }, 'axes')

/**
 * Sum of products over several axes: `axes` pairs axes of `x` with axes of `y`, or is how many of the last of `x` meet the first of `y`.
 *
 * @throws ShapeError when sizes of paired axes differ.
 * @example
 * np.tensordot(np.ones([2, 3, 4]), np.ones([3, 4, 5]), { axes: 2 }).shape           // [2, 5]
 * np.tensordot(np.ones([2, 3]), np.ones([4, 2]), { axes: [0, 1] }).shape            // [3, 4]
 */
export const tensordot = (x: TensorLike, y: TensorLike, options: { readonly axes?: TensordotAxes } | TensordotAxes = {}): Tensor => {
  const { axes = 2 } = contraction('tensordot', options)
  const [a, b, done] = factors('tensordot', x, y)
  const list = (k: number | readonly number[], t: Tensor): number[] =>
    (typeof k === 'number' ? [k] : k).map((v) => normaliseAxis('tensordot', v, t))
  if (typeof axes === 'number' && (axes > a.ndim || axes > b.ndim || axes < 0))
    fail(ShapeError, `tensordot: ${axes} axes to sum over, more than there are`, {
      args: { x: a, w: b },
      fix: `axes from 0 to ${Math.min(a.ndim, b.ndim)}`,
    })
  const [lhs, rhs] =
    typeof axes === 'number' ? [range(axes).map((k) => a.ndim - axes + k), range(axes)] : [list(axes[0], a), list(axes[1], b)]
  if (lhs.length !== rhs.length)
    fail(ShapeError, `tensordot: ${lhs.length} axes of x and ${rhs.length} of w`, {
      args: { x: a, w: b },
      fix: 'as many axes of one as of the other',
    })
  lhs.forEach((i, k) => {
    if (a.shape[i] !== b.shape[rhs[k]!]) innerMismatch('tensordot', a, b, i, rhs[k]!)
  })
  return done(dotGeneral(a, b, { lhsContract: lhs, rhsContract: rhs, lhsBatch: [], rhsBatch: [] }))
}

/**
 * Kronecker product: every element of `x` replaced by its product with `y`.
 *
 * @example
 * np.kron(np.array([1, 10]), np.array([1, 2]))   // [1, 2, 10, 20]
 */
export const kron: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b, done] = factors('kron', x, y)
  const n = Math.max(a.ndim, b.ndim)
  const extend = (t: Tensor): number[] => [...new Array<number>(n - t.ndim).fill(1), ...t.shape]
  const [s, t] = [extend(a), extend(b)]
  const shape = s.flatMap((v, k) => [v, t[k]!])
  const p = spread(
    reshape(
      a,
      s.flatMap((v) => [v, 1]),
    ),
    shape,
  )
  const q = spread(
    reshape(
      b,
      t.flatMap((v) => [1, v]),
    ),
    shape,
  )
  return done(
    reshape(
      P.mul(p, q),
      s.map((v, k) => v * t[k]!),
    ),
  )
}, 'kron')

/**
 * Cross product of vectors of 3 elements along the last axis; other axes broadcast.
 *
 * @throws ShapeError for other sizes.
 * @example
 * np.cross(np.array([1, 0, 0]), np.array([0, 1, 0]))   // [0, 0, 1]
 */
export const cross: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b] = align('cross', [x, y]) as [Tensor, Tensor]
  if (a.ndim === 0 || a.shape[a.ndim - 1] !== 3)
    fail(ShapeError, 'cross: vectors must have 3 elements on the last axis', { args: { x: a, y: b } })
  const turned = (t: Tensor, by: 1 | 2): Tensor => {
    const cut = (from: number, to: number): Tensor => sliceAxis(t, t.ndim - 1, from, to)
    return concat([cut(by, 3), cut(0, by)], t.ndim - 1)
  }
  return P.sub(P.mul(turned(a, 1), turned(b, 2)), P.mul(turned(a, 2), turned(b, 1)))
}, 'cross')
