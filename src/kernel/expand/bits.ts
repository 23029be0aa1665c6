/** Bits of integers and of float32, by arithmetic, for targets that shift uint32 only, or read no float as its bits. */
import type { DType } from '../../core/dtype.js'
import { isUnsigned } from '../../core/dtype.js'
import type { Expr } from '../scalar.js'
import { s } from '../scalar.js'

const word = (value: number): Expr => s.const(value, 'uint32')
const big = (value: number): Expr => s.const(value, 'float64')
/** The same 32 bits as uint32. */
const unsigned = (x: Expr): Expr => s.bitcast(x, 'uint32')

/** True for counts that are below 32 whatever is in them. */
const bounded = (y: Expr): boolean =>
  y.op === 'const' ? y.value >= 0 && y.value < 32 : y.op === 'min' && y.y.op === 'const' && y.y.value < 32 && isUnsigned(y.dtype)

/** A shift by any count: by 32 and more everything is moved out; int32 to the right keeps its sign. Of uint32 by less than 32 every target has it. */
export const shift = (op: 'shl' | 'shr', x: Expr, y: Expr): Expr | undefined => {
  if (isUnsigned(x.dtype)) {
    if (bounded(y)) return undefined
    return s.select(s.lt(y, word(32)), s[op](x, s.min(y, word(31))), word(0))
  }
  const by = y.op === 'const' ? word(y.value >>> 0) : unsigned(y)
  if (op === 'shl') return s.bitcast(s.shl(unsigned(x), by), 'int32')
  const flip = s.lt(x, s.int(0))
  const moved = s.bitcast(s.shr(unsigned(s.select(flip, s.not(x), x)), by), 'int32')
  return s.select(flip, s.not(moved), moved)
}

/** Set bits, by sums of neighbouring fields. */
export const popcount = (x: Expr): Expr => {
  const all = unsigned(x)
  const pairs = s.sub(all, s.and(s.shr(all, word(1)), word(0x55555555)))
  const fours = s.add(s.and(pairs, word(0x33333333)), s.and(s.shr(pairs, word(2)), word(0x33333333)))
  const eights = s.and(s.add(fours, s.shr(fours, word(4))), word(0x0f0f0f0f))
  return s.bitcast(s.shr(s.mul(eights, word(0x01010101)), word(24)), x.dtype)
}

/** Leading zeros: 32 less the bits set once the highest has been smeared down. */
export const clz = (x: Expr): Expr => {
  const smeared = [1, 2, 4, 8, 16].reduce((v, k) => s.or(v, s.shr(v, word(k))), unsigned(x))
  return s.bitcast(s.sub(word(32), popcount(smeared)), x.dtype)
}

/** The float32 whose bits are `x`: sign (1 + fraction) 2^exponent, in float64 where all of that is exact. */
export const floatOf = (x: Expr): Expr => {
  const bits = unsigned(x)
  const exponent = s.cast(s.and(s.shr(bits, word(23)), word(255)), 'float64')
  const fraction = s.cast(s.and(bits, word(0x7fffff)), 'float64')
  const normal = s.mul(s.add(fraction, big(2 ** 23)), s.pow(big(2), s.sub(exponent, big(150))))
  const size = s.select(s.eq(exponent, big(0)), s.mul(fraction, big(2 ** -149)), normal)
  const special = s.select(s.eq(fraction, big(0)), big(Infinity), big(NaN))
  const value = s.select(s.eq(exponent, big(255)), special, size)
  const sign = s.select(s.eq(s.shr(bits, word(31)), word(0)), big(1), big(-1))
  return s.cast(s.mul(value, sign), 'float32')
}

/** The bits of a float32: its exponent from the logarithm, put right by comparison; NaN is the usual one. */
export const bitsOf = (x: Expr, dtype: DType): Expr => {
  const a = s.abs(s.cast(x, 'float64'))
  const finite = s.select(s.lt(a, big(Infinity)), a, big(1))
  const guess = s.floor(s.mul(s.log(s.max(finite, big(2 ** -149))), big(Math.LOG2E)))
  const power = s.pow(big(2), guess)
  const high = s.select(s.ge(finite, s.mul(power, big(2))), s.add(guess, big(1)), guess)
  const exponent = s.max(s.select(s.lt(finite, power), s.sub(guess, big(1)), high), big(-126))
  const mantissa = s.mul(finite, s.pow(big(2), s.sub(big(23), exponent)))
  const size = s.add(s.mul(s.add(exponent, big(126)), big(2 ** 23)), mantissa)
  const special = s.select(s.ne(x, x), big(0x7fc00000), big(0x7f800000))
  const whole = s.select(s.lt(a, big(Infinity)), size, special)
  const zero = s.like(x, 0)
  const minus = s.or(s.lt(x, zero), s.and(s.eq(x, zero), s.lt(s.div(s.like(x, 1), x), zero)))
  return s.bitcast(s.cast(s.add(whole, s.select(minus, big(2 ** 31), big(0))), 'uint32'), dtype)
}

/** The next float32 after x towards y: one up or down in the bits, which count away from zero. */
export const nextafter = (x: Expr, y: Expr): Expr => {
  const bits = bitsOf(x, 'int32')
  const zero = s.like(x, 0)
  const [up, positive] = [s.gt(y, x), s.gt(x, zero)]
  const away = s.or(s.and(up, positive), s.and(s.not(up), s.not(positive)))
  const next = floatOf(s.add(bits, s.select(away, s.int(1), s.int(-1))))
  const least = s.select(up, s.like(x, 2 ** -149), s.like(x, -(2 ** -149)))
  const moved = s.select(s.eq(x, zero), least, next)
  return s.select(s.or(s.ne(x, x), s.ne(y, y)), s.like(x, NaN), s.select(s.eq(x, y), y, moved))
}
