/** Reductions: all axes unless told otherwise; `keepdims` leaves axes of size 1 in their place. */
import type { Axis } from '../core/axis.js'
import { normaliseAxes, normaliseAxis } from '../core/axis.js'
import { axisOrFlat, flag, nonNegative, number, tensorLike } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import { dtypes, isBool, isInexact } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { alongAxis, meaningsOf } from '../core/options.js'
import { sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import type { Steps } from '../prim/fused.js'
import { fused } from '../prim/fused.js'
import * as R from '../prim/reduce.js'
import { full, like, reduceSum, reshape } from '../prim/structure.js'
import { truth } from './comparison.js'
import type { TensorLike } from './lift.js'
import { align, element, lift, spread, toDType, toFloat } from './lift.js'
import type { MaskedReduction, ReductionOptions } from './reduction.js'
import { maskedReduction, reduction, rootOf } from './reduction.js'

export type { MaskedReduction, ReductionOptions } from './reduction.js'

/** `x` reduced by `f` over the axes of `options`. */
const reduced = (
  name: string,
  x: Tensor,
  { axis, keepdims = false }: ReductionOptions,
  f: (x: Tensor, axes: readonly number[]) => Tensor,
): Tensor => {
  const axes = normaliseAxes(name, axis, x)
  const y = f(x, axes)
  return keepdims
    ? reshape(
        y,
        x.shape.map((n, k) => (axes.includes(k) ? 1 : n)),
      )
    : y
}

/** Number of elements that one result of a reduction combines. */
const countOf = (name: string, x: Tensor, axis: Axis): number => sizeOf(normaliseAxes(name, axis, x).map((a) => x.shape[a]!))

const masked = (name: string, x: Tensor, mask: TensorLike | undefined, value: number): Tensor =>
  mask === undefined ? x : P.select(spread(truth(mask, name), x.shape, name), x, like(x, value))

/** Bools are counted. */
const summable = (x: TensorLike, name: string): Tensor => {
  const t = lift(x, name)
  return toDType(t, dtypes[t.dtype].wide)
}

type Cast = {
  readonly dtype: DType
  readonly of: 'sum' | 'prod' | 'max' | 'min'
  readonly axes: readonly number[]
  readonly counts: boolean
}
const reductions = { sum: reduceSum, prod: R.reduceProd, max: R.reduceMax, min: R.reduceMin }

/** Elements cast (to bool first, where they are counted) and reduced. */
const castSteps: Steps<Cast> = ([x], { dtype, of, axes, counts }) => [reductions[of](P.cast(counts ? truth(x!) : x!, dtype), axes)]

/** `x` reduced by `of` with elements of `dtype`: in one pass where it is evaluated, though the cast is an operation of its own. */
const castReduced = (name: string, x: Tensor, options: ReductionOptions, cast: Omit<Cast, 'axes'>): Tensor =>
  reduced(name, x, options, (t, axes) => fused(castSteps, [t], { ...cast, axes })[0]!)

/**
 * Sum; of booleans, how many are true, as int32. Sums of integers are counted modulo 2^32, as all their arithmetic.
 *
 * @throws ShapeError for an axis out of range.
 * @example
 * const x = np.array([[1, 2], [3, 4]])
 * np.sum(x)                                    // 10
 * np.sum(x, { axis: 0 })                       // [4, 6]
 * np.sum(x, { axis: 1, keepdims: true })       // [[3], [7]]
 */
export const sum = alongAxis('sum', maskedReduction, (x: TensorLike, options): Tensor => {
  const t = lift(x, 'sum')
  const { wide } = dtypes[t.dtype]
  if (t.dtype !== wide && options.where === undefined) return castReduced('sum', t, options, { dtype: wide, of: 'sum', counts: false })
  return reduced('sum', masked('sum', summable(t, 'sum'), options.where, 0), options, reduceSum)
})

/**
 * Product; its derivative is exact with zeros among the factors.
 *
 * @throws ShapeError for an axis out of range.
 * @example
 * np.prod(np.array([[1, 2], [3, 4]]), { axis: 1 })   // [2, 12]
 */
export const prod = alongAxis('prod', maskedReduction, (x: TensorLike, options): Tensor => {
  const t = lift(x, 'prod')
  const { wide } = dtypes[t.dtype]
  if (t.dtype !== wide && options.where === undefined) return castReduced('prod', t, options, { dtype: wide, of: 'prod', counts: false })
  return reduced('prod', masked('prod', summable(t, 'prod'), options.where, 1), options, R.reduceProd)
})

/**
 * Arithmetic mean; of integers and booleans, as float32. NaN of nothing.
 *
 * @throws ShapeError for an axis out of range.
 * @example
 * np.mean(np.array([[1, 2], [3, 4]]), { axis: 0 })   // [2, 3]
 */
export const mean = alongAxis('mean', maskedReduction, (x: TensorLike, options): Tensor => {
  const given = lift(x, 'mean')
  if (!isInexact(given.dtype) && options.where === undefined) {
    const sum = castReduced('mean', given, options, { dtype: 'float32', of: 'sum', counts: false })
    return P.div(sum, like(sum, countOf('mean', given, options.axis)))
  }
  const t = toFloat(given, 'mean')
  const total = reduced('mean', masked('mean', t, options.where, 0), options, reduceSum)
  return P.div(total, countOrMask('mean', t, total, options))
})

/** How many elements were summed for each element of `total`, as a tensor like `total`. */
const countOrMask = (name: string, x: Tensor, total: Tensor, options: MaskedReduction): Tensor =>
  options.where === undefined
    ? like(total, countOf(name, x, options.axis))
    : P.cast(reduced(name, P.cast(spread(truth(options.where), x.shape, name), x.dtype), options, reduceSum), x.dtype)

/** Options of `average`. */
export interface AverageOptions extends ReductionOptions {
  /** Of `x`'s shape, or a vector along one `axis`. */
  readonly weights?: TensorLike
}

const weighted: Meanings<AverageOptions> = meaningsOf(reduction, { weights: tensorLike })

/**
 * Weighted mean: `sum(x * weights) / sum(weights)`. Weights have `x`'s shape, or are a vector along one `axis`.
 *
 * @example
 * np.average(np.array([1, 2, 3]), { weights: np.array([0, 1, 3]) })   // 2.75
 */
export const average = alongAxis('average', weighted, (x: TensorLike, { weights, ...options }): Tensor => {
  if (weights === undefined) return mean(x, options)
  const t = toFloat(x, 'average')
  const w = lift(weights, 'average')
  const isVector = w.ndim === 1 && t.ndim > 1 && typeof options.axis === 'number'
  const column = isVector
    ? reshape(
        w,
        t.shape.map((_, k) => (k === normaliseAxis('average', options.axis as number, t) ? w.size : 1)),
      )
    : w
  const [a, b] = align('average', [t, column]) as [Tensor, Tensor]
  // What weighs nothing is left out where it is no number; elsewhere the derivative in the weight needs it.
  const [zero, infinity] = [like(a, 0), like(a, Infinity)]
  const counted = isInexact(a.dtype) ? P.select(P.and(P.eq(b, zero), P.not(P.lt(P.abs(a), infinity))), zero, a) : a
  return P.div(sum(P.mul(counted, b), options), sum(b, options))
})

/** Options of `var` and `std`. */
export interface MomentsOptions extends MaskedReduction {
  /** The divisor is the number of elements minus this, at least 0; 1 gives the unbiased estimate. */
  readonly ddof?: number
}

const moments: Meanings<MomentsOptions> = meaningsOf(maskedReduction, { ddof: nonNegative })

/**
 * Variance, in two passes: the mean is subtracted first, so nothing cancels.
 *
 * @throws ShapeError for an axis out of range.
 * @example
 * np.var(np.array([1, 2, 3, 4]))                  // 1.25
 * np.var(np.array([1, 2, 3, 4]), { ddof: 1 })     // 1.6666666
 */
const variance = alongAxis('var', moments, (x: TensorLike, { ddof = 0, ...options }): Tensor => {
  // What is left out is so before and after the mean is subtracted: squared, a NaN would come back in the derivative.
  const t = masked('var', toFloat(x, 'var'), options.where, 0)
  const centred = P.sub(t, spread(mean(t, { ...options, keepdims: true }), t.shape))
  const total = sum(P.integerPow(masked('var', centred, options.where, 0), 2), options)
  const count = countOrMask('var', t, total, options)
  return P.div(total, ddof === 0 ? count : P.max(P.sub(count, like(count, ddof)), like(count, 0)))
})
export { variance as var }

/**
 * Standard deviation: the square root of `var`; its derivative is 0 where all elements are the same.
 *
 * @example
 * np.std(np.array([1, 2, 3, 4]))   // 1.118034
 */
export const std = alongAxis('std', moments, (x: TensorLike, options): Tensor => rootOf(variance(x, options)))

/** Options of `max` and `min`. */
export interface Extreme extends MaskedReduction {
  /** A value that takes part; what the result is when there is no element. */
  readonly initial?: number
}

const extremes: Meanings<Extreme> = meaningsOf(maskedReduction, { initial: number })

const extreme = (
  name: string,
  x: TensorLike,
  { initial: given, ...options }: Extreme,
  side: -1 | 1,
  reduce: (x: Tensor, axes: readonly number[]) => Tensor,
  combine: (x: Tensor, y: Tensor) => Tensor,
): Tensor => {
  const t = lift(x, name)
  // One beyond all that an integer dtype holds changes nothing where there is another element.
  const idle = given !== undefined && given * side < (side < 0 ? -dtypes[t.dtype].max : dtypes[t.dtype].min)
  const nothing = options.where !== undefined || countOf(name, t, options.axis) === 0
  const initial = given === undefined || (idle && !nothing) ? undefined : element(name, given, t.dtype)
  if (options.where !== undefined && initial === undefined)
    fail(DTypeError, `${name}: a mask may leave nothing, whose ${name} is undefined`, {
      args: { x: t },
      fix: 'initial: the value of nothing',
    })
  if (countOf(name, t, options.axis) === 0) {
    if (initial === undefined)
      return fail(ShapeError, `${name}: the ${name} of no elements is undefined`, {
        args: { x: t },
        fix: 'initial: the value of nothing; or check x.size first',
      })
    return reduced(name, t, options, (y, axes) =>
      full(
        y.shape.filter((_, k) => !axes.includes(k)),
        initial,
        y.dtype,
        false,
      ),
    )
  }
  const y = reduced(name, masked(name, t, options.where, initial ?? 0), options, reduce)
  return initial === undefined ? y : combine(y, like(y, initial))
}

/**
 * Largest element, NaN when there is one. The cotangent is split evenly among ties.
 *
 * @throws ShapeError for no elements (unless `initial` is given) and for an axis out of range; ValueError for an `initial` that the
 * dtype cannot hold.
 * @example
 * np.max(np.array([[1, 5], [3, 2]]), { axis: 0 })   // [3, 5]
 */
export const max = alongAxis('max', extremes, (x: TensorLike, options): Tensor => extreme('max', x, options, 1, R.reduceMax, P.max))

/**
 * Smallest element, NaN when there is one. The cotangent is split evenly among ties.
 *
 * @throws ShapeError for no elements (unless `initial` is given) and for an axis out of range; ValueError for an `initial` that the
 * dtype cannot hold.
 * @example
 * np.min(np.array([[1, 5], [3, 2]]), { axis: 0 })   // [1, 2]
 */
export const min = alongAxis('min', extremes, (x: TensorLike, options): Tensor => extreme('min', x, options, -1, R.reduceMin, P.min))

/**
 * Largest minus smallest element.
 *
 * @example
 * np.ptp(np.array([1, 5, 3]))   // 4
 */
export const ptp = alongAxis('ptp', reduction, (x: TensorLike, options): Tensor => P.sub(max(x, options), min(x, options)))

const quantifier = (
  name: string,
  x: TensorLike,
  options: MaskedReduction,
  empty: 0 | 1,
  reduce: (x: Tensor, axes: readonly number[]) => Tensor,
): Tensor => {
  const given = lift(x, name)
  if (!isBool(given.dtype) && options.where === undefined && countOf(name, given, options.axis) > 0)
    return castReduced(name, given, options, { dtype: 'bool', of: empty === 0 ? 'max' : 'min', counts: true })
  const t = masked(name, truth(given, name), options.where, empty)
  return reduced(name, t, options, (y, axes) =>
    countOf(name, y, axes) === 0
      ? full(
          y.shape.filter((_, k) => !axes.includes(k)),
          empty,
          'bool',
          false,
        )
      : reduce(y, axes),
  )
}

/**
 * Whether any element is true; false of nothing.
 *
 * @example
 * np.any(np.array([false, true]))   // true
 */
export const any = alongAxis('any', maskedReduction, (x: TensorLike, options): Tensor => quantifier('any', x, options, 0, R.reduceMax))

/**
 * Whether all elements are true; true of nothing.
 *
 * @example
 * np.all(np.array([false, true]))   // false
 */
export const all = alongAxis('all', maskedReduction, (x: TensorLike, options): Tensor => quantifier('all', x, options, 1, R.reduceMin))

/**
 * How many elements are true or not 0, as int32.
 *
 * @example
 * np.countNonzero(np.array([0, 3, 4]))   // 2
 */
export const countNonzero = alongAxis('countNonzero', reduction, (x: TensorLike, options): Tensor =>
  castReduced('countNonzero', lift(x, 'countNonzero'), options, { dtype: 'int32', of: 'sum', counts: true }),
)

/** Options of reductions along one axis. */
export interface AlongAxis {
  /** The axis; the flattened tensor when left out. */
  readonly axis?: number | null
  readonly keepdims?: boolean
}

const positions: Meanings<AlongAxis> = { axis: axisOrFlat, keepdims: flag }

const position = (name: string, x: TensorLike, { axis, keepdims = false }: AlongAxis, f: (x: Tensor, axis: number) => Tensor): Tensor => {
  const t = lift(x, name)
  const flat = axis === undefined || axis === null
  const k = flat ? 0 : normaliseAxis(name, axis, t)
  if ((flat ? t.size : t.shape[k]) === 0)
    fail(ShapeError, `${name}: the ${name} of no elements is undefined`, { args: { x: t }, fix: 'check x.size first' })
  const y = f(flat ? reshape(t, [t.size]) : t, k)
  return keepdims
    ? reshape(
        y,
        t.shape.map((n, i) => (flat || i === k ? 1 : n)),
      )
    : y
}

/**
 * Position of the largest element, the first of equals, as int32. Without `axis`, in the flattened tensor. NaN counts as largest.
 *
 * @throws ShapeError for no elements.
 * @example
 * np.argmax(np.array([[1, 5], [3, 2]]), { axis: 1 })   // [1, 0]
 */
export const argmax = alongAxis('argmax', positions, (x: TensorLike, options): Tensor => position('argmax', x, options, R.argmax))

/**
 * Position of the smallest element, the first of equals, as int32. Without `axis`, in the flattened tensor. NaN counts as smallest.
 *
 * @throws ShapeError for no elements.
 * @example
 * np.argmin(np.array([[1, 5], [3, 2]]), { axis: 1 })   // [0, 1]
 */
export const argmin = alongAxis('argmin', positions, (x: TensorLike, options): Tensor => position('argmin', x, options, R.argmin))

/**
 * `log(sum(exp(x)))` without overflow; its derivative is the softmax.
 *
 * @example
 * np.logsumexp(np.array([1000, 1000]))   // 1000.6931
 */
export const logsumexp = alongAxis('logsumexp', reduction, (x: TensorLike, options): Tensor =>
  reduced('logsumexp', toFloat(x, 'logsumexp'), options, R.logsumexp),
)
