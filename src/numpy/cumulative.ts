/** Running sums, products and extremes, and differences, along an axis. */
import { normaliseAxis } from '../core/axis.js'
import { axis, axisOrFlat, count, flag, number } from '../core/check.js'
import { dtypes, isBool, isInexact } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { alongAxis, withNumbers } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import * as C from '../prim/cumulative.js'
import * as P from '../prim/elementwise.js'
import { concat, like, reshape, sliceAxis } from '../prim/structure.js'
import type { TensorLike } from './lift.js'
import { lift, toDType } from './lift.js'

/** Options of running combinations. */
export interface Running {
  /** The axis; the flattened tensor when left out. */
  readonly axis?: number | null
  /** From the end to the beginning. */
  readonly reverse?: boolean
}

const runs: Meanings<Running> = { axis: axisOrFlat, reverse: flag }

const running = (
  name: string,
  x: TensorLike,
  { axis, reverse = false }: Running,
  f: (x: Tensor, axis: number, reverse: boolean) => Tensor,
): Tensor => {
  const t = lift(x, name)
  const number = toDType(t, dtypes[t.dtype].wide)
  // NumPy takes a scalar for a vector of one.
  return axis === undefined || axis === null || (t.ndim === 0 && (axis === 0 || axis === -1))
    ? f(reshape(number, [number.size]), 0, reverse)
    : f(number, normaliseAxis(name, axis, t), reverse)
}

/**
 * Running sum.
 *
 * @example
 * np.cumsum(np.array([1, 2, 3]))   // [1, 3, 6]
 */
export const cumsum = alongAxis('cumsum', runs, (x: TensorLike, options): Tensor => running('cumsum', x, options, C.cumsum))

/**
 * Running product; its derivative is exact with zeros.
 *
 * @example
 * np.cumprod(np.array([1, 2, 3]))   // [1, 2, 6]
 */
export const cumprod = alongAxis('cumprod', runs, (x: TensorLike, options): Tensor => running('cumprod', x, options, C.cumprod))

/**
 * Running maximum.
 *
 * @example
 * np.cummax(np.array([1, 3, 2]))   // [1, 3, 3]
 */
export const cummax = alongAxis('cummax', runs, (x: TensorLike, options): Tensor => running('cummax', x, options, C.cummax))

/**
 * Running minimum.
 *
 * @example
 * np.cummin(np.array([3, 1, 2]))   // [3, 1, 1]
 */
export const cummin = alongAxis('cummin', runs, (x: TensorLike, options): Tensor => running('cummin', x, options, C.cummin))

/**
 * Differences of neighbours along an axis, `n` times; of booleans, where they change.
 *
 * @throws ShapeError for a scalar.
 * @example
 * np.diff(np.array([1, 4, 9]))             // [3, 5]
 * np.diff(np.array([1, 4, 9]), { n: 2 })   // [2]
 */
export const diff = withNumbers(
  'diff',
  { axis, n: count },
  'n',
  (x: TensorLike, { axis: a = -1, n = 1 }: { readonly axis?: number; readonly n?: number }): Tensor => {
    const t = lift(x, 'diff')
    if (t.ndim === 0) fail(ShapeError, 'diff: a scalar has no neighbours', { args: { x: t } })
    const k = normaliseAxis('diff', a, t)
    const step = (y: Tensor): Tensor => {
      const size = Math.max(1, y.shape[k]!)
      const after = sliceAxis(y, k, Math.min(1, y.shape[k]!), y.shape[k]!)
      const before = sliceAxis(y, k, 0, size - 1)
      return isBool(y.dtype) ? P.ne(after, before) : P.sub(after, before)
    }
    let y = t
    for (let i = 0; i < n; i++) y = step(y)
    return y
  },
)

/**
 * Slopes by central differences, one-sided at both ends, for points `spacing` apart.
 *
 * @throws ShapeError for fewer than two points.
 * @example
 * np.gradient(np.array([1, 4, 9, 16]))   // [3, 4, 6, 7]
 */
export const gradient = withNumbers(
  'gradient',
  { axis, spacing: number },
  'spacing',
  (x: TensorLike, { axis: a = -1, spacing = 1 }: { readonly axis?: number; readonly spacing?: number }): Tensor => {
    const l = lift(x, 'gradient')
    const t = isInexact(l.dtype) ? l : P.cast(l, 'float32')
    const k = normaliseAxis('gradient', a, t)
    const n = t.shape[k]!
    if (n < 2) fail(ShapeError, `gradient: needs two points or more along axis ${k}, got ${n}`, { args: { x: t } })
    const cut = (from: number, to: number): Tensor => sliceAxis(t, k, from, to)
    const inner = P.sub(cut(2, n), cut(0, n - 2))
    const parts = [P.sub(cut(1, 2), cut(0, 1)), P.div(inner, like(inner, 2)), P.sub(cut(n - 1, n), cut(n - 2, n - 1))]
    const y = concat(parts, k)
    return P.div(y, like(y, spacing))
  },
)
