/** The shape of every elementwise loop of this backend. */
import type { DType, TypedArray } from '../../core/dtype.js'
import { dtypes } from '../../core/dtype.js'

/**
 * `o[i] = op(a[i], b[i], c[i])` for the first `n` elements; loops of fewer operands ignore the rest. The store rounds
 * (float32), wraps (integers) or keeps (float64), so one loop serves every dtype of its class. `o` may be an operand.
 */
export type Loop = (o: TypedArray, n: number, a: TypedArray, b: TypedArray, c: TypedArray) => void

/** A loop that calls `f` on every element. */
export const each1 =
  (f: (x: number) => number): Loop =>
  (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = f(a[i]!)
  }

/** A loop that calls `f` on every pair of elements. */
export const each2 =
  (f: (x: number, y: number) => number): Loop =>
  (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = f(a[i]!, b[i]!)
  }

/** Elements evaluated at a time, so that the intermediate results of an expression stay in the first-level cache. */
export const chunk = 2048

const pools = new Map<DType, TypedArray[]>()

/** Scratch array `k` of `chunk` elements of `dtype`; shared, so valid only until control returns to the caller. */
export const scratch = (dtype: DType, k: number): TypedArray => {
  let pool = pools.get(dtype)
  if (pool === undefined) pools.set(dtype, (pool = []))
  while (pool.length <= k) pool.push(dtypes[dtype].make(chunk))
  return pool[k]!
}
