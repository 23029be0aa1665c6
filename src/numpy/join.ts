/** Tensors joined, split and repeated. */
import { normaliseAxis } from '../core/axis.js'
import { axis, axisOrFlat, check, count, list } from '../core/check.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { alongAxis, optionsOrNumbers } from '../core/options.js'
import type { TupleOf } from '../core/shape.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { concat, parts, reshape, sliceAxis } from '../prim/structure.js'
import type { Dual } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike, TensorPer } from './lift.js'
import { array } from './create.js'
import { cumsum } from './cumulative.js'
import type { Integers } from './known.js'
import { isSingle, wholeNumbers } from './known.js'
import { as, checkIntegral, commonKind, lift, operandName, spread, toDType } from './lift.js'
import { arange } from './ranges.js'
import { atleast1d, atleast2d, atleast3d } from './shape.js'
import { searchsorted } from './sort.js'
import { along, take } from './take.js'

/** Operands of one dtype; at least one. */
const alike = (name: string, xs: readonly TensorLike[]): readonly Tensor[] => {
  check(name, 'xs', list, xs)
  if (xs.length === 0) fail(ValueError, `${name}: nothing to join`, { fix: 'at least one tensor' })
  const given = xs.map((x) => (typeof x === 'number' ? x : lift(x, name)))
  const { dtype } = commonKind(given)
  return given.map((x) => as(x, dtype, name))
}

const argsOf = (ts: readonly Tensor[]): Record<string, Tensor> => Object.fromEntries(ts.slice(0, 4).map((t, i) => [operandName(i), t]))

const joined = (name: string, ts: readonly Tensor[], axis: number): Tensor => {
  const first = ts[0]!
  const k = normaliseAxis(name, axis, first)
  ts.forEach((t, i) => {
    if (t.ndim !== first.ndim || t.shape.some((n, a) => a !== k && n !== first.shape[a]))
      fail(
        ShapeError,
        `${name}: sizes differ off axis ${k}: [${first.shape.join(',')}] (${operandName(0)}) and [${t.shape.join(',')}] (${operandName(i)})`,
        {
          args: argsOf(ts),
          fix: `equal sizes on every axis but ${k}; np.stack for a new axis`,
        },
      )
  })
  return concat(ts, k)
}

/**
 * Tensors joined along an axis that they have; `axis: null` joins them flattened.
 *
 * @throws ShapeError when they differ in another axis; ValueError for none.
 * @example
 * np.concatenate([np.array([1, 2]), np.array([3])])                             // [1, 2, 3]
 * np.concatenate([np.ones([2, 1]), np.zeros([2, 2])], { axis: 1 }).shape        // [2, 3]
 */
export const concatenate = alongAxis(
  'concatenate',
  { axis: axisOrFlat },
  (xs: readonly TensorLike[], { axis = 0 }: { readonly axis?: number | null }): Tensor => {
    const ts = alike('concatenate', xs)
    return axis === null
      ? concat(
          ts.map((t) => reshape(t, [t.size])),
          0,
        )
      : joined('concatenate', ts, axis)
  },
)

/**
 * Tensors of one shape joined along a new axis.
 *
 * @throws ShapeError when shapes differ; ValueError for none.
 * @example
 * np.stack([np.array([1, 2]), np.array([3, 4])])                   // [[1, 2], [3, 4]]
 * np.stack([np.array([1, 2]), np.array([3, 4])], { axis: 1 })      // [[1, 3], [2, 4]]
 */
export const stack = alongAxis('stack', { axis }, (xs: readonly TensorLike[], { axis: a = 0 }: { readonly axis?: number }): Tensor => {
  const ts = alike('stack', xs)
  const first = ts[0]!
  const k = normaliseAxis('stack', a, first.ndim + 1)
  ts.forEach((t, i) => {
    if (t.ndim !== first.ndim || t.shape.some((n, a) => n !== first.shape[a]))
      fail(
        ShapeError,
        `stack: shapes differ: [${first.shape.join(',')}] (${operandName(0)}) and [${t.shape.join(',')}] (${operandName(i)})`,
        {
          args: argsOf(ts),
          fix: 'tensors of one shape; np.concatenate joins along an axis they have',
        },
      )
  })
  return concat(
    ts.map((t) => reshape(t, [...t.shape.slice(0, k), 1, ...t.shape.slice(k)])),
    k,
  )
})

/** Options of `unstack`. */
export interface UnstackOptions<N extends number> {
  readonly axis?: number
  /** How many slices there are: a number in the program makes the result a tuple. */
  readonly count?: N
}

const slices = optionsOrNumbers<UnstackOptions<number>, 'axis'>({ axis, count }, 'axis')

/**
 * The slices of `x` along an axis, without it; the inverse of `stack`.
 *
 * @throws ShapeError when there are not `count` of them.
 * @example
 * np.unstack(np.array([[1, 2], [3, 4]]))   // [[1, 2], [3, 4]]
 * const [q, k, v] = np.unstack(np.ones([3, 8]), { count: 3 })   // three tensors, also for the compiler
 */
export const unstack = <N extends number>(x: TensorLike, options: UnstackOptions<N> | number = {}): TupleOf<N, Tensor> => {
  const { axis: a = 0, count: expected } = slices('unstack', options)
  const t = lift(x, 'unstack')
  const k = normaliseAxis('unstack', a, t)
  if (expected !== undefined && t.shape[k] !== expected)
    fail(ShapeError, `unstack: x has ${t.shape[k]!} slices (axis ${k}), count says ${expected}`, {
      args: { x: t },
      fix: `count: ${t.shape[k]!}, or leave it out`,
    })
  const shape = t.shape.filter((_, i) => i !== k)
  return parts(t, k, new Array<number>(t.shape[k]!).fill(1)).map((row) => reshape(row, shape)) as unknown as TupleOf<N, Tensor>
}

/**
 * Rows on top of each other: joined along axis 0, vectors as rows.
 *
 * @example
 * np.vstack([np.array([1, 2]), np.array([3, 4])])   // [[1, 2], [3, 4]]
 */
export const vstack = (xs: readonly TensorLike[]): Tensor => joined('vstack', alike('vstack', xs).map(atleast2d), 0)

/**
 * Columns beside each other: joined along axis 1, vectors along axis 0.
 *
 * @example
 * np.hstack([np.array([1, 2]), np.array([3])])   // [1, 2, 3]
 */
export const hstack = (xs: readonly TensorLike[]): Tensor => {
  const ts = alike('hstack', xs).map(atleast1d)
  return joined('hstack', ts, ts[0]!.ndim === 1 ? 0 : 1)
}

/**
 * Joined along axis 2, with axes added as `atleast3d` does.
 *
 * @example
 * np.dstack([np.array([1, 2]), np.array([3, 4])])   // [[[1, 3], [2, 4]]]
 */
export const dstack = (xs: readonly TensorLike[]): Tensor => joined('dstack', alike('dstack', xs).map(atleast3d), 2)

/**
 * Vectors as columns of a matrix.
 *
 * @example
 * np.columnStack([np.array([1, 2]), np.array([3, 4])])   // [[1, 3], [2, 4]]
 */
export const columnStack = (xs: readonly TensorLike[]): Tensor =>
  joined(
    'columnStack',
    alike('columnStack', xs).map((t) => (t.ndim < 2 ? reshape(t, [t.size, 1]) : t)),
    1,
  )

/** How many parts, or before which positions to cut. @throws ValueError for fractions and counts below 1 */
const cutsOf = (name: string, sections: Integers): number | readonly number[] => {
  const given = wholeNumbers(name, 'sections', sections)
  if (!isSingle(sections)) return given
  return given[0]! >= 1 && given[0]! < 2 ** 32
    ? given[0]!
    : fail(ValueError, `${name}: cannot cut into ${given[0]!} parts`, { fix: '1 or more' })
}

const cutAt = (t: Tensor, axis: number, bounds: readonly number[]): readonly Tensor[] => {
  const sizes = bounds.slice(1).map((to, i) => to - bounds[i]!)
  if (sizes.every((n) => n >= 0)) return parts(t, axis, sizes)
  return bounds.slice(1).map((to, i) => sliceAxis(t, axis, Math.min(bounds[i]!, to), to))
}

/** `n` parts of `size` elements, the first ones larger by one when it does not divide. */
const evenBounds = (size: number, n: number): readonly number[] => range(n + 1).map((i) => i * Math.floor(size / n) + Math.min(i, size % n))

const givenBounds = (size: number, points: readonly number[]): readonly number[] => [
  0,
  ...points.map((p) => Math.min(size, Math.max(0, p < 0 ? p + size : p))),
  size,
]

/** The parts of a tensor cut in `S` or before the positions `S`: a tuple where the compiler knows how many. */
export type Sections<S extends Integers> = S extends number
  ? TupleOf<S, Tensor>
  : S extends readonly number[]
    ? TensorPer<S> extends infer P extends readonly Tensor[]
      ? readonly [Tensor, ...P]
      : never
    : readonly Tensor[]

/** An option of functions that work along one axis. */
interface AxisOption {
  readonly axis?: number
}

const onAxis = optionsOrNumbers<AxisOption, 'axis'>({ axis }, 'axis')

/**
 * Cut along an axis into equal parts, or before the given positions.
 *
 * @throws ShapeError when the parts are not equal; ValueError for fractions.
 * @example
 * np.split(np.arange(4), 2)           // [[0, 1], [2, 3]]
 * np.split(np.arange(5), [1, 3])      // [[0], [1, 2], [3, 4]]
 */
export const split = <const S extends Integers>(x: TensorLike, sections: S, options: AxisOption | number = {}): Sections<S> => {
  const cuts = cutsOf('split', sections)
  const t = lift(x, 'split')
  const k = normaliseAxis('split', onAxis('split', options).axis ?? 0, t)
  const size = t.shape[k]!
  if (typeof cuts === 'number' && size % cuts !== 0)
    fail(ShapeError, `split: ${size} (x axis ${k}) does not divide into ${cuts} equal parts`, {
      args: { x: t },
      fix: 'np.arraySplit allows unequal parts',
    })
  return cutAt(t, k, typeof cuts === 'number' ? evenBounds(size, cuts) : givenBounds(size, cuts)) as unknown as Sections<S>
}

/**
 * As `split`, and parts may differ in size by one.
 *
 * @example
 * np.arraySplit(np.arange(5), 2)   // [[0, 1, 2], [3, 4]]
 */
export const arraySplit = <const S extends Integers>(x: TensorLike, sections: S, options: AxisOption | number = {}): Sections<S> => {
  const cuts = cutsOf('arraySplit', sections)
  const t = lift(x, 'arraySplit')
  const k = normaliseAxis('arraySplit', onAxis('arraySplit', options).axis ?? 0, t)
  const size = t.shape[k]!
  return cutAt(t, k, typeof cuts === 'number' ? evenBounds(size, cuts) : givenBounds(size, cuts)) as unknown as Sections<S>
}

/** Numbers of copies. @throws ValueError for negative ones and fractions */
const counts = (name: string, what: string, x: Integers): readonly number[] => {
  const given = wholeNumbers(name, what, x)
  const low = given.find((n) => n < 0)
  return low === undefined ? given : fail(ValueError, `${name}: ${what} must not be negative, got ${low}`)
}

/**
 * The whole repeated along every axis; axes are added in front when `reps` has more.
 *
 * @example
 * np.tile(np.array([1, 2]), 2)          // [1, 2, 1, 2]
 * np.tile(np.array([1, 2]), [2, 1])     // [[1, 2], [1, 2]]
 */
export const tile: Dual<TensorLike, Integers, Tensor> = /* @__PURE__ */ dual((x: TensorLike, reps: Integers) => {
  const t = lift(x, 'tile')
  const given = counts('tile', 'reps', reps)
  const n = Math.max(t.ndim, given.length)
  const times = [...new Array<number>(n - given.length).fill(1), ...given]
  const sizes = [...new Array<number>(n - t.ndim).fill(1), ...t.shape]
  const rows = reshape(
    t,
    sizes.flatMap((s) => [1, s]),
  )
  return reshape(
    spread(
      rows,
      sizes.flatMap((s, k) => [times[k]!, s]),
      'tile',
    ),
    sizes.map((s, k) => s * times[k]!),
  )
}, 'tile')

/** Options of `repeat`. */
interface Repeating {
  /** The flattened tensor when left out. */
  readonly axis?: number | null
  readonly totalRepeatLength?: number
}

const repeating = optionsOrNumbers<Repeating, 'axis'>({ axis: axisOrFlat, totalRepeatLength: count }, 'axis')

/**
 * Each element repeated, along an axis or in the flattened tensor; a list or a vector gives each its own number of repeats. With
 * `totalRepeatLength` the result has that many elements, the last one filling it up, and the repeats may be traced.
 *
 * @throws ShapeError when a list has another length than the axis; ValueError for fractions and negative numbers; TraceError for traced
 * repeats without a `totalRepeatLength`.
 * @example
 * np.repeat(np.array([1, 2]), 2)           // [1, 1, 2, 2]
 * np.repeat(np.array([1, 2]), [0, 3])      // [2, 2, 2]
 * np.repeat(np.array([1, 2]), [1, 3], { totalRepeatLength: 3 })   // [1, 2, 2]
 */
export const repeat = (x: TensorLike, repeats: Integers, options: Repeating | number | null = {}): Tensor => {
  const { axis, totalRepeatLength } = repeating('repeat', options)
  const l = lift(x, 'repeat')
  const t = axis === undefined || axis === null || l.ndim === 0 ? reshape(l, [l.size]) : l
  const k = normaliseAxis('repeat', axis ?? 0, t)
  const size = t.shape[k]!
  if (totalRepeatLength !== undefined) {
    const [length] = counts('repeat', 'totalRepeatLength', totalRepeatLength) as readonly [number]
    const each = isTensor(repeats)
      ? toDType(checkIntegral('repeat', repeats), 'int32')
      : array(counts('repeat', 'repeats', repeats), { dtype: 'int32' })
    const ends = cumsum(each.size === 1 ? spread(reshape(each, [1]), [size], 'repeat') : spread(each, [size], 'repeat'))
    return take(t, searchsorted(ends, arange(length), { side: 'right' }), { axis: k, mode: 'clip' })
  }
  const numbers = counts('repeat', 'repeats', repeats)
  if (isSingle(repeats)) {
    const times = numbers[0]!
    const [before, after] = [t.shape.slice(0, k), t.shape.slice(k + 1)]
    return reshape(spread(reshape(t, [...before, size, 1, ...after]), [...before, size, times, ...after], 'repeat'), [
      ...before,
      size * times,
      ...after,
    ])
  }
  if (numbers.length !== size) fail(ShapeError, `repeat: ${numbers.length} repeats for ${size} elements (x axis ${k})`, { args: { x: t } })
  return along(
    t,
    k,
    numbers.flatMap((n, i) => new Array<number>(n).fill(i)),
  )
}
