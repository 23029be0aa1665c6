/** How reductions combine: over a run of elements into one, and over rows into a row. */
import type { DType, TypedArray } from '../../core/dtype.js'
import { isReal } from '../../core/dtype.js'
import type { Combine } from '../../kernel/loop.js'

/** Folds `n` elements of `a` from `from`, `stride` apart, into `acc`. */
export type RunFold = (acc: number, a: TypedArray, from: number, n: number, stride: number) => number

/** `acc[j] = acc[j] combined with a[from + j * stride]` for the first `n`. */
export type RowFold = (acc: Float64Array, a: TypedArray, from: number, n: number, stride: number) => void

/** One way of combining on one class of dtypes; accumulators are float64, which holds every int32 and uint32. */
export interface Folding {
  readonly identity: number
  readonly run: RunFold
  readonly row: RowFold
}

/** Four accumulators: faster, because the additions do not wait for one another, and closer to the exact sum. */
const sumShort = (a: TypedArray, from: number, n: number, stride: number): number => {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let p = from
  let j = 0
  for (; j + 4 <= n; j += 4, p += 4 * stride) {
    s0 += a[p]!
    s1 += a[p + stride]!
    s2 += a[p + 2 * stride]!
    s3 += a[p + 3 * stride]!
  }
  for (; j < n; j++, p += stride) s0 += a[p]!
  return s0 + s1 + (s2 + s3)
}

/** Halves until they are short: the rounding error grows with the logarithm of the length. */
const sumRun: RunFold = (acc, a, from, n, stride) => acc + sumHalves(a, from, n, stride)
const sumHalves = (a: TypedArray, from: number, n: number, stride: number): number => {
  if (n <= 512) return sumShort(a, from, n, stride)
  const half = Math.ceil(n / 1024) * 512
  return sumHalves(a, from, half, stride) + sumHalves(a, from + half * stride, n - half, stride)
}

const floatAdd: Folding = {
  identity: 0,
  run: sumRun,
  row: (acc, a, from, n, stride) => {
    for (let j = 0, p = from; j < n; j++, p += stride) acc[j]! += a[p]!
  },
}

const folding = (identity: number, f: (x: number, y: number) => number): Folding => ({
  identity,
  run: (acc, a, from, n, stride) => {
    let x = acc
    for (let j = 0, p = from; j < n; j++, p += stride) x = f(x, a[p]!)
    return x
  },
  row: (acc, a, from, n, stride) => {
    for (let j = 0, p = from; j < n; j++, p += stride) acc[j] = f(acc[j]!, a[p]!)
  },
})

/** NaN wins: `x > acc` is false for it, so it is asked for by name, and once taken it stays. */
const floatMax: Folding = {
  identity: -Infinity,
  run: (acc, a, from, n, stride) => {
    let x = acc
    for (let j = 0, p = from; j < n; j++, p += stride) x = Math.max(x, a[p]!)
    return x
  },
  row: (acc, a, from, n, stride) => {
    for (let j = 0, p = from; j < n; j++, p += stride) acc[j] = Math.max(acc[j]!, a[p]!)
  },
}
const floatMin: Folding = {
  identity: Infinity,
  run: (acc, a, from, n, stride) => {
    let x = acc
    for (let j = 0, p = from; j < n; j++, p += stride) x = Math.min(x, a[p]!)
    return x
  },
  row: (acc, a, from, n, stride) => {
    for (let j = 0, p = from; j < n; j++, p += stride) acc[j] = Math.min(acc[j]!, a[p]!)
  },
}

const least = (x: number, y: number): number => (y < x ? y : x)
const greatest = (x: number, y: number): number => (y > x ? y : x)

const floats: Readonly<Record<Exclude<Combine, 'and' | 'or'>, Folding>> = {
  add: floatAdd,
  mul: folding(1, (x, y) => x * y),
  max: floatMax,
  min: floatMin,
}
const signed: Readonly<Record<Combine, Folding>> = {
  add: folding(0, (x, y) => (x + y) | 0),
  mul: folding(1, Math.imul),
  max: folding(-2147483648, greatest),
  min: folding(2147483647, least),
  and: folding(-1, (x, y) => x & y),
  or: folding(0, (x, y) => x | y),
}
const unsigned: Readonly<Record<Combine, Folding>> = {
  add: folding(0, (x, y) => (x + y) >>> 0),
  mul: folding(1, (x, y) => Math.imul(x, y) >>> 0),
  max: folding(0, greatest),
  min: folding(4294967295, least),
  and: folding(4294967295, (x, y) => (x & y) >>> 0),
  or: folding(0, (x, y) => (x | y) >>> 0),
}
const any = folding(0, (x, y) => x | y)
const all = folding(1, (x, y) => x & y)
const bools: Readonly<Record<Combine, Folding>> = { add: any, mul: all, max: any, min: all, and: all, or: any }

/** How `combine` works on `dtype`. */
export const foldingOf = (combine: Combine, dtype: DType): Folding => {
  if (isReal(dtype)) return floats[combine === 'and' ? 'min' : combine === 'or' ? 'max' : combine]
  return (dtype === 'int32' ? signed : dtype === 'uint32' ? unsigned : bools)[combine]
}
