/** Elementary functions that `Math` lacks, or gives otherwise than IEEE 754 and C. */

const integral = 4503599627370496

/** To the nearest integer, ties to even; keeps -0, NaN and infinities. Adding 2^52 makes the hardware round. */
export const round = (x: number): number => {
  if (x > 0) return x < integral ? x + integral - integral : x
  if (x < 0) return x > -integral ? -(-x + integral - integral) : x
  return x
}

/** `x ** y` as in C: `1 ** y` and `(-1) ** ±Infinity` are 1 where `Math.pow` has NaN. */
export const pow = (x: number, y: number): number => (x === 1 || (x === -1 && (y === Infinity || y === -Infinity)) ? 1 : Math.pow(x, y))

/** `1 / (1 + exp(-x))` without overflow and with full relative precision for large negative `x`. */
export const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

const f32 = new Float32Array(1)
const u32 = new Int32Array(f32.buffer)

/** The next float32 after `x` towards `y`. */
export const nextafter32 = (x: number, y: number): number => {
  if (x !== x || y !== y) return NaN
  if (x === y) return y
  f32[0] = x
  if (x === 0) u32[0] = y > 0 ? 1 : -2147483647
  else u32[0]! += y > x === x > 0 ? 1 : -1
  return f32[0]
}

const f64 = new Float64Array(1)
const u64 = new BigInt64Array(f64.buffer)

/** The next float64 after `x` towards `y`. */
export const nextafter64 = (x: number, y: number): number => {
  if (x !== x || y !== y) return NaN
  if (x === y) return y
  f64[0] = x
  if (x === 0) return y > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE
  u64[0]! += y > x === x > 0 ? 1n : -1n
  return f64[0]
}
