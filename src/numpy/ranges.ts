/** Evenly spaced numbers, grids, and matrices made of positions. */
import { aval } from '../core/aval.js'
import {
  check,
  checkDType,
  count,
  dtype as dtypeName,
  finite,
  flag,
  list,
  number,
  oneOf,
  refuse,
  whole,
  wholeWithin,
} from '../core/check.js'
import { describe } from '../core/describe.js'
import type { DType } from '../core/dtype.js'
import { dtypes, elementOf, isDouble, isInteger } from '../core/dtype.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf, withNumbers } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, isTensor } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { broadcast, concat, full, iota, like, reshape } from '../prim/structure.js'
import { pow } from './arithmetic.js'
import type { DTypeOption, ShapeLike } from './create.js'
import { astype, toShape } from './create.js'
import { where } from './comparison.js'
import type { TensorLike, TensorPer } from './lift.js'
import { align, commonKind, element, lift, spread, toDType, toFloat } from './lift.js'

/** Elements that an array can have. */
const lengths = { ...wholeWithin(0, 2 ** 32 - 1), fix: 'fewer elements' }

/** The host tensor of `n` elements whose element `i` is `f(i)`. @throws ValueError where `dtype` cannot hold it. */
const table = (name: string, n: number, dtype: DType, f: (i: number) => number): Tensor => {
  check(name, 'the number of elements', lengths, n)
  const data = dtypes[dtype].make(n)
  for (let i = 0; i < n; i++) {
    const v = f(i)
    data[i] = elementOf(v, dtype) ?? element(name, v, dtype)
  }
  return hostTensor(aval([n], dtype), data)
}

/** The one number in an argument: itself, or that of a scalar whose value is known. @throws TraceError */
const numberOf = (name: string, x: Tensor): number =>
  x.ndim === 0
    ? Number(x.item())
    : fail(ShapeError, `${name}: bounds are numbers, not a tensor of ${x.ndim} axes`, { args: { x }, fix: 'x.item() of one element' })

/**
 * `start, start + step, ...` below `stop`: int32 when all three are whole, else float32. A scalar tensor of a known value does for a
 * number.
 *
 * @throws ValueError for a step of 0, and for numbers that an integer dtype cannot hold; TraceError for a traced tensor.
 * @example
 * np.arange(4)                             // [0, 1, 2, 3], int32[4]
 * np.arange(1, 2, 0.5)                     // [1, 1.5], float32[2]
 * np.arange(3, { dtype: 'float32' })       // [0, 1, 2]
 */
export const arange: {
  (stop: number | Tensor, options?: DTypeOption): Tensor
  (start: number | Tensor, stop: number | Tensor, options?: DTypeOption): Tensor
  (start: number | Tensor, stop: number | Tensor, step: number | Tensor, options?: DTypeOption): Tensor
} = (...args: readonly (number | Tensor | DTypeOption | undefined)[]): Tensor => {
  const bounds = args.filter((a) => typeof a === 'number' || isTensor(a))
  const values = args.map((a) => (isTensor(a) ? numberOf('arange', a) : a))
  const [numbers, options] = numbersThenOptions('arange', ['start', 'stop', 'step'], values)
  const { dtype: given } = typed('arange', options as DTypeOption | undefined)
  if (numbers.length === 0) refuse('arange', 'stop', finite, args[0])
  const [start, stop] = numbers.length === 1 ? [0, numbers[0]!] : [numbers[0]!, numbers[1]!]
  const step = numbers[2] ?? 1
  if (step === 0 || !numbers.every(Number.isFinite))
    fail(ValueError, `arange: from ${start} to ${stop} in steps of ${step} has no length`, {
      fix: 'finite numbers and a step that is not 0',
    })
  const natural = (): DType => (bounds.some(isTensor) ? commonKind(bounds).dtype : numbers.every(Number.isInteger) ? 'int32' : 'float32')
  const dtype = checkDType('arange', given ?? natural())
  return table('arange', Math.max(0, Math.ceil((stop - start) / step)), dtype, (i) => start + i * step)
}

const typed = optionsOf<DTypeOption>({ dtype: dtypeName })

/** Arguments that are numbers, up to as many as have names, and then perhaps options. An argument that is undefined is left out. */
const numbersThenOptions = (name: string, names: readonly string[], args: readonly unknown[]): readonly [readonly number[], unknown] => {
  const end = args.findIndex((a) => typeof a !== 'number')
  const numbers = (end < 0 ? args : args.slice(0, end)) as readonly number[]
  const rest = args.slice(numbers.length).filter((a) => a !== undefined)
  if (numbers.length > names.length || rest.length > 1 || (rest.length === 1 && args.indexOf(rest[0]) !== args.length - 1))
    fail(ValueError, `${name}: takes ${names.join(', ')} and options, got ${args.map(describe).join(', ')}`, {
      fix: 'numbers, and options as one record at the end',
    })
  numbers.forEach((n, k) => check(name, names[k]!, number, n))
  return [numbers, rest[0]]
}

/** Point `i` of those that cut the way from `start` to `stop` into `parts`; exactly `stop` at its end. */
const point = (start: number, stop: number, i: number, parts: number): number =>
  i === 0 ? start : i === parts ? stop : start + (i * (stop - start)) / parts

/** Options of `linspace` and its relatives. */
export interface Spacing extends DTypeOption {
  /** Whether the last number is `stop`; true by default. */
  readonly endpoint?: boolean
}

const spacings: Meanings<Spacing> = { dtype: dtypeName, endpoint: flag }
const spaced = optionsOf(spacings)
const exponents = optionsOf<Spacing & { readonly base?: number }>(meaningsOf(spacings, { base: number }))

/**
 * `num` evenly spaced numbers from `start` to `stop`; for an integer dtype the whole numbers below them, as in NumPy.
 *
 * @throws ValueError for numbers that an integer dtype cannot hold.
 * @example
 * np.linspace(0, 1, 5)                          // [0, 0.25, 0.5, 0.75, 1]
 * np.linspace(0, 1, 4, { endpoint: false })     // [0, 0.25, 0.5, 0.75]
 */
export const linspace = (start: TensorLike, stop: TensorLike, num = 50, options: Spacing = {}): Tensor => {
  const { endpoint = true, dtype } = spaced('linspace', options)
  check('linspace', 'num', count, num)
  const parts = endpoint ? num - 1 : num
  if (typeof start === 'number' && typeof stop === 'number') {
    const d = checkDType('linspace', dtype ?? 'float32')
    const whole = isInteger(d) ? Math.floor : Number
    return table('linspace', num, d, (i) => whole(point(start, stop, i, parts)))
  }
  const [a, b] = align('linspace', [toFloat(start, 'linspace', 'start'), toFloat(stop, 'linspace', 'stop')]) as [Tensor, Tensor]
  const shape = [num, ...a.shape]
  const t = spread(
    reshape(
      table('linspace', num, a.dtype, (i) => (parts === 0 ? 0 : i / parts)),
      [num, ...a.shape.map(() => 1)],
    ),
    shape,
  )
  const [from, to] = [spread(a, shape), spread(b, shape)]
  const points = P.add(P.mul(from, P.sub(like(t, 1), t)), P.mul(to, t))
  return dtype === undefined ? points : astype(isInteger(dtype) ? P.floor(points) : points, dtype)
}

/**
 * `num` numbers from `base^start` to `base^stop`, evenly spaced in the exponent.
 *
 * @example
 * np.logspace(0, 2, 3)   // [1, 10, 100]
 */
export const logspace = (start: TensorLike, stop: TensorLike, num = 50, options: Spacing & { readonly base?: number } = {}): Tensor => {
  const { base = 10, dtype, ...rest } = exponents('logspace', options)
  check('logspace', 'num', count, num)
  if (typeof start === 'number' && typeof stop === 'number' && dtype !== undefined && isInteger(checkDType('logspace', dtype)))
    return table(
      'logspace',
      linspace(0, 0, num, rest).size,
      dtype,
      (i) => base ** point(start, stop, i, rest.endpoint === false ? num : num - 1),
    )
  const y = pow(base, linspace(start, stop, num, dtype !== undefined && isDouble(dtype) ? { ...rest, dtype } : rest))
  return dtype === undefined ? y : astype(y, dtype)
}

/**
 * `num` numbers from `start` to `stop` in constant ratio.
 *
 * @example
 * np.geomspace(1, 8, 4)   // [1, 2, 4, 8]
 */
export const geomspace = (start: number, stop: number, num = 50, options: Spacing = {}): Tensor => {
  const { dtype = 'float32', endpoint = true } = spaced('geomspace', options)
  check('geomspace', 'start', finite, start)
  check('geomspace', 'stop', finite, stop)
  check('geomspace', 'num', count, num)
  if (start * stop <= 0)
    fail(ValueError, `geomspace: ${start} and ${stop} have no constant ratio`, { fix: 'two numbers of one sign, not 0' })
  const parts = endpoint ? num - 1 : num
  return table('geomspace', num, checkDType('geomspace', dtype), (i) =>
    i === 0 ? start : i === parts ? stop : start * (stop / start) ** (i / parts),
  )
}

/** Where column minus row, on the last two axes, satisfies `test`. */
const band = (shape: readonly number[], k: number, test: (columns: Tensor, rows: Tensor) => Tensor): Tensor => {
  const n = shape.length
  const rows = iota(shape, 'int32', n - 2)
  // A diagonal beyond the corners is as far out as any.
  const diagonal = Math.max(-shape[n - 2]!, Math.min(shape[n - 1]!, k))
  return test(iota(shape, 'int32', n - 1), P.add(rows, like(rows, diagonal)))
}

/** Options of `eye`. */
interface EyeOptions extends DTypeOption {
  /** Above the main diagonal; negative below. */
  readonly k?: number
}

const diagonals = optionsOf<EyeOptions>({ dtype: dtypeName, k: whole })

/**
 * A matrix with ones on diagonal `k` and zeros elsewhere.
 *
 * @example
 * np.eye(2)                  // [[1, 0], [0, 1]]
 * np.eye(2, 3, { k: 1 })     // [[0, 1, 0], [0, 0, 1]]
 */
export const eye: {
  (n: number, options?: EyeOptions): Tensor
  (n: number, m: number, options?: EyeOptions): Tensor
} = (n: number, ...rest: readonly (number | EyeOptions | undefined)[]): Tensor => {
  const [[rows = NaN, columns = rows], options] = numbersThenOptions('eye', ['n', 'm'], [n, ...rest])
  check('eye', 'n', count, n)
  const { dtype = 'float32', k = 0 } = diagonals('eye', options as EyeOptions | undefined)
  return P.cast(band(toShape('eye', [rows, columns]), k, P.eq), checkDType('eye', dtype))
}

/**
 * The identity matrix.
 *
 * @example
 * np.identity(2)   // [[1, 0], [0, 1]]
 */
export const identity = (n: number, options: DTypeOption = {}): Tensor => eye(check('identity', 'n', count, n), typed('identity', options))

const triangles = optionsOf<EyeOptions & { readonly m?: number }>({ dtype: dtypeName, k: whole, m: count })

/**
 * A matrix with ones on and below diagonal `k`.
 *
 * @example
 * np.tri(2)   // [[1, 0], [1, 1]]
 */
export const tri = (n: number, options: EyeOptions & { readonly m?: number } = {}): Tensor => {
  const { m = n, k = 0, dtype = 'float32' } = triangles('tri', options)
  return P.cast(band(toShape('tri', [n, m]), k, P.le), dtype)
}

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
export const tril = withNumbers('tril', { k: whole }, 'k', (x: TensorLike, { k = 0 }: { readonly k?: number }): Tensor => {
  const t = matrix('tril', x)
  return where(band(t.shape, k, P.le), t, like(t, 0))
})

/**
 * The upper triangle of the last two axes: zeros below diagonal `k`.
 *
 * @example
 * np.triu(np.ones([2, 2]), { k: 1 })   // [[0, 1], [0, 0]]
 */
export const triu = withNumbers('triu', { k: whole }, 'k', (x: TensorLike, { k = 0 }: { readonly k?: number }): Tensor => {
  const t = matrix('triu', x)
  return where(band(t.shape, k, P.ge), t, like(t, 0))
})

const grids = optionsOf<{ readonly indexing?: 'xy' | 'ij' }>({ indexing: oneOf('xy', 'ij') })

/**
 * The coordinates of a grid: one tensor per vector, all of the grid's shape. `indexing: 'xy'` (the default) has the
 * first vector along axis 1, `'ij'` along axis 0.
 *
 * @example
 * np.meshgrid([np.array([1, 2, 3]), np.array([10, 20])])   // [[[1, 2, 3], [1, 2, 3]], [[10, 10, 10], [20, 20, 20]]]
 */
export const meshgrid = <const X extends readonly TensorLike[]>(xs: X, options: { readonly indexing?: 'xy' | 'ij' } = {}): TensorPer<X> => {
  const { indexing = 'xy' } = grids('meshgrid', options)
  check('meshgrid', 'xs', list, xs)
  const ts = xs.map((x) => lift(x, 'meshgrid'))
  for (const t of ts)
    if (t.ndim > 1) fail(ShapeError, `meshgrid: coordinates must be vectors, got ${t.ndim} dimensions`, { args: { x: t } })
  const place = (i: number): number => (indexing === 'xy' && ts.length > 1 && i < 2 ? 1 - i : i)
  const shape = ts.map((_, i) => ts[place(i)]!.size)
  return ts.map((t, i) => broadcast(t.ndim === 0 ? reshape(t, [1]) : t, shape, [place(i)])) as unknown as TensorPer<X>
}

/**
 * The index of every element of `shape`, one tensor of `shape` per axis, stacked.
 *
 * @example
 * np.indices([2, 2])   // [[[0, 0], [1, 1]], [[0, 1], [0, 1]]], int32[2,2,2]
 */
export const indices = (shape: ShapeLike, options: DTypeOption = {}): Tensor => {
  const { dtype = 'int32' } = typed('indices', options)
  const s = toShape('indices', shape)
  if (s.length === 0) return full([0], 0, checkDType('indices', dtype), false)
  return concat(
    s.map((_, axis) => toDType(reshape(iota(s, 'int32', axis), [1, ...s]), dtype)),
    0,
  )
}
