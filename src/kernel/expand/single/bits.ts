/** Functions of float32 that are exact: by its bits, in integers. */
import type { DType } from '../../../core/dtype.js'
import { isUnsigned } from '../../../core/dtype.js'
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'
import { bitsOf, c, choose, floatOf, orNaN, signOf, word } from './arithmetic.js'

/** The next float32 after x towards y: one up or down in the bits, which count away from zero. */
export const nextafter = (x: Expr, y: Expr): Expr => {
  const away = s.eq(s.gt(y, x), s.gt(x, c(0)))
  const next = floatOf(s.add(bitsOf(x), s.select(away, word(1), word(2 ** 32 - 1))))
  const least = s.select(s.gt(y, c(0)), floatOf(word(1)), floatOf(word(2 ** 31 + 1)))
  return orNaN(x, orNaN(y, choose([s.eq(x, y), y], [s.eq(x, c(0)), least], next)))
}

/** An integer from a float: truncated and saturated, NaN to 0; undefined where x is bounded by that already, as any conversion will do then. */
export const saturated = (x: Expr, dtype: DType): Expr | undefined => {
  const [low, high, past] = isUnsigned(dtype) ? [0, 2 ** 32 - 256, 2 ** 32] : [-(2 ** 31), 2 ** 31 - 128, 2 ** 31]
  const isBounded =
    x.op === 'min' && x.y.op === 'const' && x.y.value <= high && x.x.op === 'max' && x.x.y.op === 'const' && x.x.y.value >= low
  if (isBounded) return undefined
  const inside = s.cast(s.min(s.max(s.select(s.ne(x, x), c(0), x), c(low)), c(high)), dtype)
  return s.select(s.ge(x, c(past)), s.const(past - 1, dtype), inside)
}

/** Bits by which the remainder moves in one step: with them it still has no more than 32. */
const step = 8
/** The most that exponents of float32 differ by, subnormal numbers included. */
const farthest = 276

/** A number's significand and exponent: `significand 2^exponent`, with 24 bits unless it is 0. */
const taken = (x: Expr): { readonly significand: Expr; readonly exponent: Expr } => {
  const bits = bitsOf(x)
  const field = s.and(s.shr(bits, word(23)), word(255))
  const fraction = s.and(bits, word(0x7fffff))
  const isSubnormal = s.eq(field, word(0))
  const shift = s.select(isSubnormal, s.sub(s.clz(s.max(fraction, word(1))), word(8)), word(0))
  return {
    significand: s.select(isSubnormal, s.shl(fraction, shift), s.or(fraction, word(0x800000))),
    exponent: s.sub(s.bitcast(s.max(field, word(1)), 'int32'), s.bitcast(shift, 'int32')),
  }
}

/** The float32 `significand 2^exponent` of less than 25 bits, exact where it is one. */
const composed = (significand: Expr, exponent: Expr): Expr => {
  const shift = s.sub(s.clz(s.max(significand, word(1))), word(8))
  const normal = s.sub(exponent, s.bitcast(shift, 'int32'))
  const field = s.max(normal, s.int(1))
  const moved = s.shr(s.shl(significand, shift), s.min(s.bitcast(s.sub(field, normal), 'uint32'), word(31)))
  const lifted = s.add(s.shl(s.bitcast(s.sub(field, s.int(1)), 'uint32'), word(23)), moved)
  const isPlain = s.or(s.eq(significand, word(0)), s.lt(normal, s.int(1)))
  return floatOf(s.select(isPlain, moved, lifted))
}

/** The remainder of x / y with the sign of x, exact: long division of the significands, some bits at a time. */
export const rem = (x: Expr, y: Expr): Expr => {
  const [p, q] = [taken(x), taken(y)]
  const divisor = s.max(q.significand, word(1))
  const distance = s.max(s.sub(p.exponent, q.exponent), s.int(0))
  let rest = s.rem(p.significand, divisor)
  for (let done = 0; done < farthest; done += step) {
    const left = s.bitcast(s.min(s.max(s.sub(distance, s.int(done)), s.int(0)), s.int(step)), 'uint32')
    rest = s.rem(s.shl(rest, left), divisor)
  }
  const size = composed(rest, q.exponent)
  const signed = floatOf(s.or(bitsOf(size), signOf(x)))
  const [a, b] = [s.abs(x), s.abs(y)]
  const undefined_ = s.or(s.eq(b, c(0)), s.eq(a, c(Infinity)))
  return orNaN(x, orNaN(y, choose([undefined_, c(NaN)], [s.lt(a, b), x], signed)))
}
