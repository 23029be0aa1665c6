/** What is known of a value that any conforming backend computes: the reference's value, and how far others may be from it. */
import type { Aval } from '../../src/core/aval.js'
import type { DType, TypedArray } from '../../src/core/dtype.js'
import { isReal } from '../../src/core/dtype.js'

/**
 * `error[i]` bounds the distance of element `i` to the reference's; `null` where all elements have the reference's bits.
 * Infinity: nothing is known, because the element hangs on a comparison, or a place, that rounding may decide either way.
 */
export interface Known {
  readonly aval: Aval
  readonly value: TypedArray
  readonly error: Float64Array | null
}

/** Smallest positive number and relative spacing. */
const grain: Readonly<Record<'float32' | 'float64', readonly [number, number]>> = {
  float32: [2 ** -149, 2 ** -23],
  float64: [2 ** -1074, 2 ** -52],
}

/** The unit in the last place of numbers of magnitude `v`. */
export const ulp = (v: number, dtype: DType): number => {
  const [least, eps] = grain[dtype === 'float64' ? 'float64' : 'float32']
  const a = Math.abs(v)
  if (!Number.isFinite(a)) return 0
  if (a === 0) return least
  // the power of two at or below a; where it is subnormal, `least` takes over
  let p = 2 ** Math.floor(Math.log2(a))
  if (p > a) p /= 2
  return Math.max(least, p * eps)
}

/** Half the spacing, relative. */
export const roundoff = (dtype: DType): number => grain[dtype === 'float64' ? 'float64' : 'float32'][1] / 2

/** Beyond this a float overflows. */
export const largest = (dtype: DType): number => (dtype === 'float64' ? Number.MAX_VALUE : 3.4028234663852886e38)

/** A Known without elements in doubt has no error at all. */
export const known = (a: Aval, value: TypedArray, error: Float64Array | null): Known => {
  const nothing = error === null || error.every((v) => v === 0)
  if (nothing) return { aval: a, value, error: null }
  if (!isReal(a.dtype)) error.forEach((v, i) => (error[i] = v > 0 ? Infinity : 0))
  return { aval: a, value, error }
}

/** Nothing is known of any element. */
export const unknown = (a: Aval, value: TypedArray): Known => ({ aval: a, value, error: new Float64Array(a.size).fill(Infinity) })

/** The error of element `i`. */
export const errorAt = (x: Known, i: number): number => (x.error === null ? 0 : x.error[i]!)
