/** Evenly spaced numbers, grids, and matrices made of positions. */
import { aval } from '../core/aval.js'
import type { DType } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { broadcast, concat, iota, like, reshape } from '../prim/structure.js'
import { pow } from './arithmetic.js'
import type { DTypeOption, ShapeLike } from './create.js'
import { astype, checkDType, toShape } from './create.js'
import { where } from './comparison.js'
import type { TensorLike } from './lift.js'
import { align, lift, spread, toDType, toFloat } from './lift.js'

/** The host tensor of `n` elements whose element `i` is `f(i)`. */
const table = (n: number, dtype: DType, f: (i: number) => number): Tensor => {
  const data = dtypes[dtype].make(n)
  for (let i = 0; i < n; i++) data[i] = f(i)
  return hostTensor(aval([n], dtype), data)
}

/**
 * `start, start + step, ...` below `stop`: int32 when all three are whole, else float32.
 *
 * @throws ValueError for a step of 0.
 * @example
 * np.arange(4)                             // [0, 1, 2, 3], int32[4]
 * np.arange(1, 2, 0.5)                     // [1, 1.5], float32[2]
 * np.arange(3, { dtype: 'float32' })       // [0, 1, 2]
 */
export const arange: {
  (stop: number, options?: DTypeOption): Tensor
  (start: number, stop: number, options?: DTypeOption): Tensor
  (start: number, stop: number, step: number, options?: DTypeOption): Tensor
} = (...args: readonly (number | DTypeOption | undefined)[]): Tensor => {
  const numbers = args.filter((a) => typeof a === 'number')
  const options = args.find((a): a is DTypeOption => typeof a === 'object')
  const [start, stop] = numbers.length === 1 ? [0, numbers[0]!] : [numbers[0]!, numbers[1]!]
  const step = numbers[2] ?? 1
  if (step === 0 || !numbers.every(Number.isFinite))
    fail(ValueError, `arange: from ${start} to ${stop} in steps of ${step} has no length`, {
      fix: 'finite numbers and a step that is not 0',
    })
  const dtype = checkDType('arange', options?.dtype ?? (numbers.every(Number.isInteger) ? 'int32' : 'float32'))
  return table(Math.max(0, Math.ceil((stop - start) / step)), dtype, (i) => start + i * step)
}

/** Options of `linspace` and its relatives. */
export interface Spacing extends DTypeOption {
  /** Whether the last number is `stop`; true by default. */
  readonly endpoint?: boolean
}

/**
 * `num` evenly spaced numbers from `start` to `stop`.
 *
 * @example
 * np.linspace(0, 1, 5)                          // [0, 0.25, 0.5, 0.75, 1]
 * np.linspace(0, 1, 4, { endpoint: false })     // [0, 0.25, 0.5, 0.75]
 */
export const linspace = (start: TensorLike, stop: TensorLike, num = 50, { endpoint = true, dtype }: Spacing = {}): Tensor => {
  if (!Number.isInteger(num) || num < 0) fail(ValueError, `linspace: the number of points must be a non-negative integer, got ${num}`)
  const parts = endpoint ? num - 1 : num
  if (typeof start === 'number' && typeof stop === 'number') {
    const d = checkDType('linspace', dtype ?? 'float32')
    return table(num, d, (i) => (endpoint && i === parts && num > 1 ? stop : start + (parts === 0 ? 0 : (i * (stop - start)) / parts)))
  }
  const [a, b] = align('linspace', [toFloat(start), toFloat(stop)]) as [Tensor, Tensor]
  const shape = [num, ...a.shape]
  const t = spread(
    reshape(
      table(num, a.dtype, (i) => (parts === 0 ? 0 : i / parts)),
      [num, ...a.shape.map(() => 1)],
    ),
    shape,
  )
  const [from, to] = [spread(a, shape), spread(b, shape)]
  const points = P.add(P.mul(from, P.sub(like(t, 1), t)), P.mul(to, t))
  return dtype === undefined ? points : astype(points, dtype)
}

/**
 * `num` numbers from `base^start` to `base^stop`, evenly spaced in the exponent.
 *
 * @example
 * np.logspace(0, 2, 3)   // [1, 10, 100]
 */
export const logspace = (
  start: TensorLike,
  stop: TensorLike,
  num = 50,
  { base = 10, dtype, ...rest }: Spacing & { readonly base?: number } = {},
): Tensor => {
  const y = pow(base, linspace(start, stop, num, dtype === 'float64' ? { ...rest, dtype } : rest))
  return dtype === undefined ? y : astype(y, dtype)
}

/**
 * `num` numbers from `start` to `stop` in constant ratio.
 *
 * @example
 * np.geomspace(1, 8, 4)   // [1, 2, 4, 8]
 */
export const geomspace = (start: number, stop: number, num = 50, { dtype = 'float32', endpoint = true }: Spacing = {}): Tensor => {
  if (start * stop <= 0)
    fail(ValueError, `geomspace: ${start} and ${stop} have no constant ratio`, { fix: 'two numbers of one sign, not 0' })
  const parts = endpoint ? num - 1 : num
  return table(num, checkDType('geomspace', dtype), (i) => (parts === 0 ? start : start * (stop / start) ** (i / parts)))
}

/** Where column minus row, on the last two axes, satisfies `test`. */
const band = (shape: readonly number[], k: number, test: (columns: Tensor, rows: Tensor) => Tensor): Tensor => {
  const n = shape.length
  const rows = iota(shape, 'int32', n - 2)
  return test(iota(shape, 'int32', n - 1), P.add(rows, like(rows, k)))
}

/**
 * A matrix with ones on diagonal `k` and zeros elsewhere.
 *
 * @example
 * np.eye(2)                  // [[1, 0], [0, 1]]
 * np.eye(2, 3, { k: 1 })     // [[0, 1, 0], [0, 0, 1]]
 */
export const eye: {
  (n: number, options?: DTypeOption & { readonly k?: number }): Tensor
  (n: number, m: number, options?: DTypeOption & { readonly k?: number }): Tensor
} = (n: number, ...rest: readonly (number | (DTypeOption & { readonly k?: number }) | undefined)[]): Tensor => {
  const m = rest.find((r) => typeof r === 'number') ?? n
  const { dtype = 'float32', k = 0 } = rest.find((r) => typeof r === 'object') ?? {}
  return P.cast(band(toShape('eye', [n, m]), k, P.eq), checkDType('eye', dtype))
}

/**
 * The identity matrix.
 *
 * @example
 * np.identity(2)   // [[1, 0], [0, 1]]
 */
export const identity = (n: number, options: DTypeOption = {}): Tensor => eye(n, options)

/**
 * A matrix with ones on and below diagonal `k`.
 *
 * @example
 * np.tri(2)   // [[1, 0], [1, 1]]
 */
export const tri = (
  n: number,
  { m = n, k = 0, dtype = 'float32' }: DTypeOption & { readonly m?: number; readonly k?: number } = {},
): Tensor => P.cast(band(toShape('tri', [n, m]), k, P.le), checkDType('tri', dtype))

const matrix = (name: string, x: TensorLike): Tensor => {
  const t = lift(x, name)
  return t.ndim >= 2 ? t : fail(ShapeError, `${name}: needs at least 2 dimensions, got ${t.ndim}`, { args: { x: t } })
}

/**
 * The lower triangle of the last two axes: zeros above diagonal `k`.
 *
 * @example
 * np.tril(np.ones([2, 2]))   // [[1, 0], [1, 1]]
 */
export const tril = (x: TensorLike, { k = 0 }: { readonly k?: number } = {}): Tensor => {
  const t = matrix('tril', x)
  return where(band(t.shape, k, P.le), t, like(t, 0))
}

/**
 * The upper triangle of the last two axes: zeros below diagonal `k`.
 *
 * @example
 * np.triu(np.ones([2, 2]), { k: 1 })   // [[0, 1], [0, 0]]
 */
export const triu = (x: TensorLike, { k = 0 }: { readonly k?: number } = {}): Tensor => {
  const t = matrix('triu', x)
  return where(band(t.shape, k, P.ge), t, like(t, 0))
}

/**
 * The coordinates of a grid: one tensor per vector, all of the grid's shape. `indexing: 'xy'` (the default) has the
 * first vector along axis 1, `'ij'` along axis 0.
 *
 * @example
 * np.meshgrid([np.array([1, 2, 3]), np.array([10, 20])])   // [[[1, 2, 3], [1, 2, 3]], [[10, 10, 10], [20, 20, 20]]]
 */
export const meshgrid = (xs: readonly TensorLike[], { indexing = 'xy' }: { readonly indexing?: 'xy' | 'ij' } = {}): readonly Tensor[] => {
  const ts = xs.map((x) => lift(x, 'meshgrid'))
  for (const t of ts)
    if (t.ndim > 1) fail(ShapeError, `meshgrid: coordinates must be vectors, got ${t.ndim} dimensions`, { args: { x: t } })
  const place = (i: number): number => (indexing === 'xy' && ts.length > 1 && i < 2 ? 1 - i : i)
  const shape = ts.map((_, i) => ts[place(i)]!.size)
  return ts.map((t, i) => broadcast(t.ndim === 0 ? reshape(t, [1]) : t, shape, [place(i)]))
}

/**
 * The index of every element of `shape`, one tensor of `shape` per axis, stacked.
 *
 * @example
 * np.indices([2, 2])   // [[[0, 0], [1, 1]], [[0, 1], [0, 1]]], int32[2,2,2]
 */
export const indices = (shape: ShapeLike, { dtype = 'int32' }: DTypeOption = {}): Tensor => {
  const s = toShape('indices', shape)
  return concat(
    s.map((_, axis) => toDType(reshape(iota(s, 'int32', axis), [1, ...s]), dtype)),
    0,
  )
}
