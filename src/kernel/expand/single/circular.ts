/** sin, cos and tan of float32: the quadrant and what is left of it by multiplication with enough bits of 2 / pi (Payne and Hanek), in uint32. */
import { cosineTerms, sineTerms, tangentTerms } from '../../coefficients/single.js'
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'
import { bitsOf, c, choose, floatOf, orNaN, plus, poly, times, word } from './arithmetic.js'

/** 32 zeros, then the bits of 2 / pi. */
const inverse = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab]

/** The upper 32 bits of a product. */
const highProduct = (x: Expr, y: Expr): Expr => {
  const low = (v: Expr): Expr => s.and(v, word(0xffff))
  const high = (v: Expr): Expr => s.shr(v, word(16))
  const first = s.add(s.mul(high(x), low(y)), high(s.mul(low(x), low(y))))
  const second = s.add(s.mul(low(x), high(y)), low(first))
  return s.add(s.add(s.mul(high(x), high(y)), high(first)), high(second))
}
const carry = (sum: Expr, part: Expr): Expr => s.select(s.lt(sum, part), word(1), word(0))

/** pi / 2: 13 bits, and the rest. */
const halfPi = [1.570556640625, Math.PI / 2 - 1.570556640625] as const

/** `|x| = quadrant pi / 2 + y`, |y| <= pi / 4, for |x| >= pi / 4 and finite; the quadrant counts modulo 4. */
const reducedFar = (a: Expr): { readonly y: Expr; readonly quadrant: Expr } => {
  const bits = bitsOf(a)
  const significand = s.or(s.and(bits, word(0x7fffff)), word(0x800000))
  // The first bit whose product does not count whole turns: |x| is significand 2^(field - 150).
  const start = s.min(s.sub(s.max(s.shr(bits, word(23)), word(126)), word(120)), word(134))
  const at = s.shr(start, word(5))
  const shift = s.and(start, word(31))
  const words = [0, 1, 2, 3].map((k) =>
    choose(...[0, 1, 2, 3].map((w) => [s.eq(at, word(w)), word(inverse[w + k]!)] as const), word(inverse[4 + k]!)),
  )
  const moved = [0, 1, 2].map((k) =>
    s.select(s.eq(shift, word(0)), words[k]!, s.or(s.shl(words[k]!, shift), s.shr(words[k + 1]!, s.sub(word(32), s.max(shift, word(1)))))),
  )
  const [a0, a1, a2] = moved as [Expr, Expr, Expr]
  const middle = s.mul(significand, a1)
  const low = s.add(middle, highProduct(significand, a2))
  const high = s.add(s.add(s.mul(significand, a0), highProduct(significand, a1)), carry(low, middle))
  // Two bits of quadrant, and a fraction of 62 that is signed when it is read as an integer.
  const fraction = s.or(s.shl(high, word(2)), s.shr(low, word(30)))
  const rest = s.shl(low, word(2))
  const negative = s.ge(fraction, word(2 ** 31))
  const quadrant = s.add(s.shr(high, word(30)), s.select(negative, word(1), word(0)))
  const size = s.select(negative, s.add(s.not(fraction), s.select(s.eq(rest, word(0)), word(1), word(0))), fraction)
  const sizeRest = s.select(negative, s.add(s.not(rest), word(1)), rest)
  const zeros = s.min(s.clz(size), word(31))
  const whole = s.select(s.eq(zeros, word(0)), size, s.or(s.shl(size, zeros), s.shr(sizeRest, s.sub(word(32), s.max(zeros, word(1))))))
  // The first 11 bits and the rest go apart through pi / 2.
  const first = s.cast(s.and(whole, word(0xffe00000)), 'float32')
  const second = s.cast(s.and(whole, word(0x1fffff)), 'float32')
  const product = plus(times(first, c(halfPi[0])), plus(times(first, c(halfPi[1])), times(second, c(Math.PI / 2))))
  const y = times(product, floatOf(s.shl(s.sub(word(127 - 32), zeros), word(23))))
  return { y: s.select(negative, s.neg(y), y), quadrant }
}

/** `|x| = quadrant pi / 2 + y`. */
const reduced = (x: Expr): { readonly y: Expr; readonly quadrant: Expr } => {
  const a = s.abs(x)
  const near = s.le(a, c(0.7853981))
  const far = reducedFar(a)
  return { y: s.select(near, a, far.y), quadrant: s.select(near, word(0), far.quadrant) }
}

const sine = (y: Expr): Expr => {
  const z = s.mul(y, y)
  return plus(y, s.mul(s.mul(y, z), poly(z, sineTerms)))
}
const cosine = (y: Expr): Expr => {
  const z = times(y, y)
  return plus(c(1), plus(s.mul(z, c(-0.5)), s.mul(s.mul(z, z), poly(z, cosineTerms))))
}
const isOdd = (q: Expr): Expr => s.ne(s.and(q, word(1)), word(0))
const isLower = (q: Expr): Expr => s.ne(s.and(q, word(2)), word(0))
const finite = (x: Expr, y: Expr): Expr => orNaN(x, s.select(s.lt(s.abs(x), c(Infinity)), y, c(NaN)))

/** sin x. */
export const sin = (x: Expr): Expr => {
  const { y, quadrant } = reduced(x)
  const value = s.select(isOdd(quadrant), cosine(y), sine(y))
  const signed = s.select(isLower(quadrant), s.neg(value), value)
  const below = floatOf(s.xor(bitsOf(signed), s.and(bitsOf(x), word(2 ** 31))))
  return finite(x, s.select(s.eq(x, c(0)), x, below))
}

/** cos x. */
export const cos = (x: Expr): Expr => {
  const { y, quadrant } = reduced(x)
  const next = s.add(quadrant, word(1))
  const value = s.select(isOdd(next), cosine(y), sine(y))
  return finite(x, s.select(isLower(next), s.neg(value), value))
}

/** tan x. */
export const tan = (x: Expr): Expr => {
  const { y, quadrant } = reduced(x)
  const z = s.mul(y, y)
  const t = plus(y, s.mul(s.mul(y, z), poly(z, tangentTerms)))
  const value = s.select(isOdd(quadrant), s.div(c(-1), t), t)
  const signed = floatOf(s.xor(bitsOf(value), s.and(bitsOf(x), word(2 ** 31))))
  return finite(x, s.select(s.eq(x, c(0)), x, signed))
}
