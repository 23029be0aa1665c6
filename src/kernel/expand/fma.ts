/** Fused multiply-add, `x * y + z` rounded once, for targets without an instruction or a wider type for it. */
import type { Expr } from '../scalar.js'
import { s } from '../scalar.js'

/** The upper half of a float64's digits, and the rest (Veltkamp). */
const halves = (x: Expr): readonly [Expr, Expr] => {
  const scaled = s.mul(x, s.like(x, 2 ** 27 + 1))
  const high = s.sub(scaled, s.sub(scaled, x))
  return [high, s.sub(x, high)]
}

/**
 * Of float64: the product and the sum with their errors (Dekker, Knuth), which are added last; where that overflows, the plain value.
 * It rounds once but for the rare sum that lies halfway between two numbers to twice the digits.
 */
export const fmaDouble = (x: Expr, y: Expr, z: Expr): Expr => {
  const [[xh, xl], [yh, yl]] = [halves(x), halves(y)]
  const p = s.mul(x, y)
  const productError = s.add(s.add(s.add(s.sub(s.mul(xh, yh), p), s.mul(xh, yl)), s.mul(xl, yh)), s.mul(xl, yl))
  const sum = s.add(p, z)
  const back = s.sub(sum, p)
  const sumError = s.add(s.sub(p, s.sub(sum, back)), s.sub(z, back))
  const error = s.add(sumError, productError)
  return s.select(s.lt(s.abs(error), s.like(x, Infinity)), s.add(sum, error), sum)
}

const word = (value: number): Expr => s.const(value, 'uint32')
const zero = word(0)

/** An unsigned number of 64 bits. */
interface Wide {
  readonly high: Expr
  readonly low: Expr
}
const eitherWide = (test: Expr, x: Wide, y: Wide): Wide => ({
  high: s.select(test, x.high, y.high),
  low: s.select(test, x.low, y.low),
})
const less = (x: Wide, y: Wide): Expr => s.or(s.lt(x.high, y.high), s.and(s.eq(x.high, y.high), s.lt(x.low, y.low)))
const carry = (test: Expr): Expr => s.select(test, word(1), zero)
const sum = (x: Wide, y: Wide): Wide => {
  const low = s.add(x.low, y.low)
  return { high: s.add(s.add(x.high, y.high), carry(s.lt(low, x.low))), low }
}
const difference = (x: Wide, y: Wide): Wide => ({
  high: s.sub(s.sub(x.high, y.high), carry(s.lt(x.low, y.low))),
  low: s.sub(x.low, y.low),
})
/** The product of two numbers below 2^24, by halves of 12 bits. */
const product = (x: Expr, y: Expr): Wide => {
  const [xh, xl, yh, yl] = [s.shr(x, word(12)), s.and(x, word(0xfff)), s.shr(y, word(12)), s.and(y, word(0xfff))]
  const middle = s.add(s.mul(xh, yl), s.mul(xl, yh))
  const top = s.mul(xh, yh)
  const first: Wide = { high: s.shr(middle, word(20)), low: s.shl(middle, word(12)) }
  return sum(sum(first, { high: s.shr(top, word(8)), low: s.shl(top, word(24)) }), { high: zero, low: s.mul(xl, yl) })
}
/** Moved towards the high end; counts of 32 and more in one word move everything out. */
const raised = ({ high, low }: Wide, by: Expr): Wide => {
  const far = s.ge(by, word(32))
  const near = s.or(s.shl(high, by), s.shr(low, s.sub(word(32), by)))
  return { high: s.select(far, s.shl(low, s.sub(by, word(32))), near), low: s.select(far, zero, s.shl(low, by)) }
}
/** Moved towards the low end; if any bit is lost, the last one is set (jamming), so that rounding still sees which way it goes. */
const lowered = ({ high, low }: Wide, count: Expr): Wide => {
  const by = s.min(count, word(64))
  const far = s.ge(by, word(32))
  const rest = s.select(far, s.sub(by, word(32)), by)
  const back = s.sub(word(32), rest)
  const over = s.shl(high, back)
  const lost = s.select(far, s.or(low, over), s.shl(low, back))
  const moved = s.select(far, s.shr(high, rest), s.or(s.shr(low, rest), over))
  return { high: s.select(far, zero, s.shr(high, by)), low: s.or(moved, carry(s.ne(lost, zero))) }
}

/** A finite float32 other than 0 as `significand 2^(exponent - 150)`, its significand with all of its 24 bits. */
const taken = (bits: Expr): { readonly significand: Expr; readonly exponent: Expr } => {
  const field = s.and(s.shr(bits, word(23)), word(255))
  const fraction = s.and(bits, word(0x7fffff))
  const subnormal = s.eq(field, zero)
  const shift = s.select(subnormal, s.sub(s.clz(fraction), word(8)), zero)
  return {
    significand: s.select(subnormal, s.shl(fraction, shift), s.or(fraction, word(0x800000))),
    exponent: s.sub(s.bitcast(s.max(field, word(1)), 'int32'), s.bitcast(shift, 'int32')),
  }
}

/** Bits below the significand of the sum: `product` has 48 bits and `z` has 24, and both are brought to 62. */
const productShift = 14
const addendShift = 38

/**
 * Of float32 in the arithmetic of uint32: the product in two words, both terms aligned with a sticky bit, their sum normalised and rounded to
 * even, subnormal numbers included. Factors of 0 and what is not finite go the plain way, where nothing is rounded twice.
 */
export const fmaSingle = (x: Expr, y: Expr, z: Expr): Expr => {
  const [bx, by, bz] = [x, y, z].map((v) => s.bitcast(v, 'uint32')) as [Expr, Expr, Expr]
  const [p, q, r] = [taken(bx), taken(by), taken(bz)]
  const factors = raised(product(p.significand, q.significand), word(productShift))
  const addend = raised({ high: zero, low: r.significand }, word(addendShift))
  const productExponent = s.sub(s.add(p.exponent, q.exponent), s.int(300 + productShift))
  const addendExponent = s.sub(r.exponent, s.int(150 + addendShift))

  const distance = s.sub(productExponent, addendExponent)
  const ahead = s.ge(distance, s.int(0))
  const apart = s.bitcast(s.abs(distance), 'uint32')
  const left = eitherWide(ahead, factors, lowered(factors, apart))
  const right = eitherWide(ahead, lowered(addend, apart), addend)

  const sign = word(2 ** 31)
  const productSign = s.and(s.xor(bx, by), sign)
  const addendSign = s.and(bz, sign)
  const smaller = less(left, right)
  const apartSigns = s.ne(productSign, addendSign)
  const total = eitherWide(apartSigns, eitherWide(smaller, difference(right, left), difference(left, right)), sum(left, right))
  const nothing = s.eq(s.or(total.high, total.low), zero)
  const minus = s.select(s.and(apartSigns, smaller), addendSign, productSign)

  const leading = s.select(s.eq(total.high, zero), s.add(s.clz(total.low), word(32)), s.clz(total.high))
  const exponent = s.add(s.sub(s.select(ahead, productExponent, addendExponent), s.bitcast(leading, 'int32')), s.int(63 + 127))
  const field = s.max(exponent, s.int(1))
  const { high, low } = lowered(raised(total, leading), s.bitcast(s.sub(field, exponent), 'uint32'))
  const significand = s.shr(high, word(8))
  const rest = s.or(s.and(high, word(127)), low)
  const odd = s.or(rest, s.and(significand, word(1)))
  const up = carry(s.and(s.ne(s.and(high, word(128)), zero), s.ne(odd, zero)))
  const magnitude = s.add(s.add(s.shl(s.bitcast(s.sub(field, s.int(1)), 'uint32'), word(23)), significand), up)
  const bounded = s.select(s.gt(exponent, s.int(254)), word(0x7f800000), magnitude)
  const rounded = s.select(nothing, s.like(x, 0), s.bitcast(s.or(bounded, minus), 'float32'))

  const finite = (b: Expr): Expr => s.lt(s.and(b, word(0x7f800000)), word(0x7f800000))
  const some = (b: Expr): Expr => s.ne(s.and(b, word(0x7fffffff)), zero)
  const [f, g] = [s.and(finite(bx), finite(by)), s.and(some(bx), some(by))]
  const plain = s.mul(x, y)
  return s.select(s.and(s.and(f, g), finite(bz)), s.select(some(bz), rounded, plain), s.add(plain, z))
}
