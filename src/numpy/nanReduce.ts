/** Reductions that leave NaN out: the elements that are NaN do not count. */
import { nonNegative } from '../core/check.js'
import { isInexact } from '../core/dtype.js'
import type { Meanings } from '../core/options.js'
import { alongAxis, meaningsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { full, like } from '../prim/structure.js'
import { where } from './comparison.js'
import type { TensorLike } from './lift.js'
import { lift } from './lift.js'
import type { MomentsOptions } from './reduce.js'
import { any, max, mean, min, prod, sum, var as variance } from './reduce.js'
import type { ReductionOptions } from './reduction.js'
import { reduction, rootOf } from './reduction.js'

const nanMoments: Meanings<Omit<MomentsOptions, 'where'>> = meaningsOf(reduction, { ddof: nonNegative })

/** `x` with NaN replaced, and where it was not NaN. */
const withoutNan = (x: TensorLike, value: number): readonly [Tensor, Tensor] => {
  const t = lift(x)
  if (!isInexact(t.dtype)) return [t, full(t.shape, 1, 'bool', false)]
  const valid = P.eq(t, t)
  return [P.select(valid, t, like(t, value)), valid]
}

/**
 * Sum that leaves NaN out.
 *
 * @example
 * np.nansum(np.array([1, NaN, 2]))   // 3
 */
export const nansum = alongAxis('nansum', reduction, (x: TensorLike, options): Tensor => sum(withoutNan(x, 0)[0], options))

/**
 * Product that leaves NaN out.
 *
 * @example
 * np.nanprod(np.array([2, NaN, 3]))   // 6
 */
export const nanprod = alongAxis('nanprod', reduction, (x: TensorLike, options): Tensor => prod(withoutNan(x, 1)[0], options))

/**
 * Mean that leaves NaN out.
 *
 * @example
 * np.nanmean(np.array([1, NaN, 2]))   // 1.5
 */
export const nanmean = alongAxis('nanmean', reduction, (x: TensorLike, options): Tensor => {
  const [t, valid] = withoutNan(x, 0)
  return mean(t, { ...options, where: valid })
})

/**
 * Variance that leaves NaN out.
 *
 * @example
 * np.nanvar(np.array([1, NaN, 3]))   // 1
 */
export const nanvar = alongAxis('nanvar', nanMoments, (x: TensorLike, options): Tensor => {
  const [t, valid] = withoutNan(x, 0)
  return variance(t, { ...options, where: valid })
})

/**
 * Standard deviation that leaves NaN out.
 *
 * @example
 * np.nanstd(np.array([1, NaN, 3]))   // 1
 */
export const nanstd = alongAxis('nanstd', nanMoments, (x: TensorLike, options): Tensor => rootOf(nanvar(x, options)))

/** NaN where all elements were. */
const nanExtreme = (x: TensorLike, options: ReductionOptions, unit: number, f: typeof max): Tensor => {
  const [t, valid] = withoutNan(x, unit)
  const y = f(t, options)
  return isInexact(y.dtype) ? where(any(valid, options), y, NaN) : y
}

/**
 * Largest element that is not NaN; NaN when all are.
 *
 * @throws ShapeError for no elements.
 * @example
 * np.nanmax(np.array([1, NaN, 2]))   // 2
 */
export const nanmax = alongAxis('nanmax', reduction, (x: TensorLike, options): Tensor => nanExtreme(x, options, -Infinity, max))

/**
 * Smallest element that is not NaN; NaN when all are.
 *
 * @throws ShapeError for no elements.
 * @example
 * np.nanmin(np.array([1, NaN, 2]))   // 1
 */
export const nanmin = alongAxis('nanmin', reduction, (x: TensorLike, options): Tensor => nanExtreme(x, options, Infinity, min))
