/** Order: sorting, ranks, quantiles. */
import { normaliseAxis } from '../core/axis.js'
import { axis as anAxis, axisOrFlat, check, count, flag, list, oneOf, perAxis, probability, within } from '../core/check.js'
import { isReal } from '../core/dtype.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { alongAxis, optionsOf, optionsOrNumbers } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor, knownElements } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { sort as sortAll } from '../prim/sort.js'
import { concat, full, iota, like, moveAxis, reduceSum, reshape, reverse, sliceAxis } from '../prim/structure.js'
import { div } from './arithmetic.js'
import { less, lessEqual, logicalAnd } from './comparison.js'
import { array } from './create.js'
import { any } from './reduce.js'
import { take } from './take.js'
import type { TensorLike } from './lift.js'
import { align, lift, spread, toDType, toFloat } from './lift.js'

/** Options of sorting. */
export interface Sorting {
  /** The last axis when left out; the flattened tensor for `null`. */
  readonly axis?: number | null
  /** From large to small; NaN first then. Equal elements keep their order. */
  readonly descending?: boolean
}

const sorting: Meanings<Sorting> = { axis: axisOrFlat, descending: flag }

/** `x` and the positions of its elements, sorted along one axis. */
const ordered = (name: string, x: TensorLike, { axis = -1, descending = false }: Sorting): readonly [Tensor, Tensor] => {
  const l = lift(x, name)
  const t = axis === null ? reshape(l, [l.size]) : l
  const k = normaliseAxis(name, axis ?? 0, t)
  const turn = (y: Tensor): Tensor => (descending ? reverse(y, [k]) : y)
  // Turning before and after keeps equal elements in their order.
  const [values, order] = sortAll([turn(t), turn(iota(t.shape, 'int32', k))], { axis: k, keys: 1 }) as readonly [Tensor, Tensor]
  return [turn(values), turn(order)]
}

/**
 * Sorted along an axis, NaN last; equal elements keep their order.
 *
 * @example
 * np.sort(np.array([3, 1, 2]))                             // [1, 2, 3]
 * np.sort(np.array([3, 1, 2]), { descending: true })       // [3, 2, 1]
 */
export const sort = alongAxis('sort', sorting, (x: TensorLike, options): Tensor => {
  const { axis = -1, descending = false } = options
  const l = lift(x, 'sort')
  const t = axis === null ? reshape(l, [l.size]) : l
  const k = normaliseAxis('sort', axis ?? 0, t)
  const y = sortAll([t], { axis: k, keys: 1 })[0]!
  return descending ? reverse(y, [k]) : y
})

/**
 * The positions that sort `x` along an axis, as int32.
 *
 * @example
 * np.argsort(np.array([3, 1, 2]))   // [1, 2, 0]
 */
export const argsort = alongAxis('argsort', sorting, (x: TensorLike, options): Tensor => ordered('argsort', x, options)[1])

/**
 * The positions that sort by the last key, then the one before it, and so on, along the last axis.
 *
 * @throws ValueError for no keys.
 * @example
 * np.lexsort([np.array([2, 1, 0]), np.array([0, 0, 1])])   // [1, 0, 2]
 */
export const lexsort = alongAxis(
  'lexsort',
  { axis: anAxis },
  (keys: readonly TensorLike[], { axis = -1 }: { readonly axis?: number }): Tensor => {
    check('lexsort', 'keys', list, keys)
    const ts = keys.map((x) => lift(x, 'lexsort'))
    const last = ts[ts.length - 1] ?? fail(ValueError, 'lexsort: there are no keys to sort by')
    const k = normaliseAxis('lexsort', axis, last)
    return sortAll([...ts].reverse().concat(iota(last.shape, 'int32', k)), { axis: k, keys: ts.length })[ts.length]!
  },
)

const onAxis = optionsOrNumbers<{ readonly axis?: number }, 'axis'>({ axis: anAxis }, 'axis')

/**
 * The `k` largest elements along the last axis and their positions, largest first; of equals the earlier one first.
 *
 * @throws ShapeError when there are fewer than `k`.
 * @example
 * np.topK(np.array([3, 9, 5]), 2)   // [[9, 5], [1, 2]]
 */
export const topK = (x: TensorLike, k: number, options: { readonly axis?: number } | number = {}): readonly [Tensor, Tensor] => {
  const { axis = -1 } = onAxis('topK', options)
  const t = lift(x, 'topK')
  const a = normaliseAxis('topK', axis, t)
  if (check('topK', 'k', count, k) > t.shape[a]!)
    fail(ShapeError, `topK: ${k} of ${t.shape[a]!} elements (x axis ${a})`, { args: { x: t }, fix: `k from 0 to ${t.shape[a]!}` })
  const [values, order] = ordered('topK', t, { axis: a, descending: true })
  return [sliceAxis(values, a, 0, k), sliceAxis(order, a, 0, k)]
}

const sides = optionsOf<{ readonly side?: 'left' | 'right' }>({ side: oneOf('left', 'right') })

/**
 * Where each of `v` belongs in the sorted vector `a`: how many elements are smaller (`left`), or not larger (`right`).
 *
 * @throws ShapeError when `a` is not a vector.
 * @example
 * np.searchsorted(np.array([1, 2, 2, 3]), 2)                          // 1
 * np.searchsorted(np.array([1, 2, 2, 3]), 2, { side: 'right' })       // 3
 */
export const searchsorted = (a: TensorLike, v: TensorLike, options: { readonly side?: 'left' | 'right' } = {}): Tensor => {
  const { side = 'left' } = sides('searchsorted', options)
  const table = lift(a, 'searchsorted', 'a')
  if (table.ndim !== 1) fail(ShapeError, `searchsorted: the table must be a vector, got ${table.ndim} dimensions`, { args: { a: table } })
  const x = lift(v, 'searchsorted', 'v')
  const value = reshape(x, [...x.shape, 1])
  // NaN is sorted last: it is larger than everything, and equal to NaN. A number beside integers is compared by value.
  const before = (side === 'left' ? less : lessEqual)(table, typeof v === 'number' ? v : value)
  const counted = isReal(x.dtype) ? P.or(...(align('searchsorted', [before, beyond(table, value, side)]) as [Tensor, Tensor])) : before
  return reduceSum(P.cast(counted, 'int32'), [counted.ndim - 1])
}

const beyond = (entry: Tensor, value: Tensor, side: 'left' | 'right'): Tensor => {
  const nan = P.ne(value, value)
  return side === 'left' ? logicalAnd(nan, P.eq(entry, entry)) : nan
}

const closed = optionsOf<{ readonly right?: boolean }>({ right: flag })

/**
 * The number of the bin that each element falls in: how many of the increasing `bins` are not above it.
 *
 * @example
 * np.digitize(np.array([0.5, 2]), np.array([0, 1, 2]))   // [1, 3]
 */
export const digitize = (x: TensorLike, bins: TensorLike, options: { readonly right?: boolean } = {}): Tensor => {
  const { right = false } = closed('digitize', options)
  return searchsorted(bins, x, { side: right ? 'left' : 'right' })
}

/** Options of quantiles. */
export interface Quantile {
  /** The flattened tensor when left out. */
  readonly axis?: number | null
  readonly keepdims?: boolean
  /** Between two elements: in proportion (`linear`), the lower, the higher, their middle, or the nearer. */
  readonly method?: 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'
}

const quantileMeanings: Meanings<Quantile> = {
  axis: axisOrFlat,
  keepdims: flag,
  method: oneOf('linear', 'lower', 'higher', 'midpoint', 'nearest'),
}
const quantiles = optionsOrNumbers(quantileMeanings, 'axis')
const medians: Meanings<Omit<Quantile, 'method'>> = { axis: axisOrFlat, keepdims: flag }
const shares = perAxis({ ...probability, fix: 'np.percentile counts in hundredths' })
const hundredths = perAxis(within(0, 100))

/**
 * The value below which the fraction `q` of the elements lies; NaN when there is a NaN. Several `q` come first in the result. They
 * may be a tensor of any shape, also a traced one: where it is outside [0, 1] the result is NaN then.
 *
 * @throws ShapeError for no elements; ValueError for a known `q` outside [0, 1].
 * @example
 * np.quantile(np.array([1, 2, 3, 4]), 0.5)             // 2.5
 * np.quantile(np.array([1, 2, 3, 4]), [0, 1])          // [1, 4]
 * np.quantile(np.array([1, 2, 3, 4]), np.array(0.5))   // 2.5
 */
export const quantile = (x: TensorLike, q: number | readonly number[] | Tensor, options: Quantile | number | null = {}): Tensor => {
  const { axis, keepdims = false, method = 'linear' } = quantiles('quantile', options)
  if (!isTensor(q)) check('quantile', 'q', shares, q)
  const l = toFloat(x, 'quantile')
  const flat = axis === undefined || axis === null
  const t = flat ? reshape(l, [l.size]) : l
  const k = flat ? 0 : normaliseAxis('quantile', axis, t)
  const n = t.shape[k]!
  if (n === 0) fail(ShapeError, 'quantile: no elements have no quantile', { args: { x: l } })
  const given = isTensor(q) ? toFloat(q, 'quantile', 'q') : array(q, { dtype: 'float64' })
  const shape = keepdims ? l.shape.map((m, a) => (flat || a === k ? 1 : m)) : flat ? [] : t.shape.filter((_, a) => a !== k)
  const s = sortAll([t], { axis: k, keys: 1 })[0]!
  const nan = any(P.ne(t, t), { axis: k, keepdims: true })
  // Only a tensor that no transform looks at is taken as numbers: others have derivatives, or no values yet.
  const known = given.owner === null ? knownElements(given) : null
  if (known === null) {
    const rows = between(s, k, toDType(reshape(given, [given.size]), t.dtype), method)
    const marked = P.select(spread(nan, rows.shape), like(rows, NaN), rows)
    return reshape(moveAxis(marked, k, 0), [...given.shape, ...shape])
  }
  const qs = Array.from(known)
  check('quantile', 'q', shares, qs)
  const at = (i: number): Tensor => sliceAxis(s, k, i, i + 1)
  const rows = qs.map((v) => {
    const place = v * (n - 1)
    const [low, high] = [Math.floor(place), Math.ceil(place)]
    switch (method) {
      case 'lower':
        return at(low)
      case 'higher':
        return at(high)
      case 'nearest':
        return at(place - low > 0.5 || (place - low === 0.5 && low % 2 === 1) ? high : low)
      case 'midpoint':
      case 'linear': {
        if (low === high) return at(low)
        const share = method === 'midpoint' ? 0.5 : place - low
        const [a, b] = [at(low), at(high)]
        return P.add(P.mul(a, like(a, 1 - share)), P.mul(b, like(b, share)))
      }
    }
  })
  const marked = rows.map((r) => P.select(nan, like(r, NaN), r))
  if (marked.length === 0) return full([...given.shape, ...shape], 0, t.dtype)
  return reshape(
    concat(
      marked.map((r) => reshape(r, [1, ...r.shape])),
      0,
    ),
    [...given.shape, ...shape],
  )
}

/** How far from the lower of two elements towards the higher one each method goes, at `share` between them. */
const methods: Readonly<Record<NonNullable<Quantile['method']>, (share: Tensor, low: Tensor) => Tensor>> = {
  linear: (share) => share,
  lower: (share) => like(share, 0),
  higher: (share) => P.ceil(share),
  midpoint: (share) => P.mul(P.ceil(share), like(share, 0.5)),
  // Halves to the even place.
  nearest: (share, low) => P.sub(P.round(P.add(share, low)), low),
}

/** Quantiles of sorted `s` along axis `k` for fractions `q` (a vector), which take the axis's place; NaN for those outside [0, 1]. */
const between = (s: Tensor, k: number, q: Tensor, method: NonNullable<Quantile['method']>): Tensor => {
  const place = P.mul(q, like(q, s.shape[k]! - 1))
  const low = P.floor(place)
  const column = (v: Tensor): Tensor => reshape(v, [v.size, ...new Array<number>(s.ndim - k - 1).fill(1)])
  const at = (p: Tensor): Tensor => take(s, P.cast(p, 'int32'), { axis: k, mode: 'clip' })
  const share = column(methods[method](P.sub(place, low), low))
  const [a, b] = [at(low), at(P.ceil(place))]
  const w = spread(share, a.shape)
  const y = P.add(P.mul(a, P.sub(like(w, 1), w)), P.mul(b, w))
  const inside = column(P.and(P.ge(q, like(q, 0)), P.le(q, like(q, 1))))
  return P.select(spread(inside, y.shape), y, like(y, NaN))
}

/**
 * As `quantile`, `q` in hundredths.
 *
 * @example
 * np.percentile(np.array([1, 2, 3, 4]), 50)   // 2.5
 */
export const percentile = (x: TensorLike, q: number | readonly number[] | Tensor, options: Quantile | number | null = {}): Tensor => {
  if (!isTensor(q)) check('percentile', 'q', hundredths, q)
  return quantile(
    x,
    typeof q === 'number' ? q / 100 : div(isTensor(q) ? q : array(q, { dtype: 'float64' }), 100),
    quantiles('percentile', options),
  )
}

/**
 * The middle element, or the mean of the two middle ones.
 *
 * @throws ShapeError for no elements.
 * @example
 * np.median(np.array([3, 1, 2]))   // 2
 */
export const median = alongAxis('median', medians, (x: TensorLike, options): Tensor => quantile(x, 0.5, { ...options, method: 'midpoint' }))
