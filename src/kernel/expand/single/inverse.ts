/** The inverses of sin, cos and tan of float32. */
import { arcsineTerms, arctangentTerms } from '../../coefficients/single.js'
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'
import { bitsOf, c, choose, floatOf, minus, orNaN, plus, poly, signOf, times, withSign, word } from './arithmetic.js'

/** pi / 2 and pi, as rounded and what rounding took. */
const halfPi = Math.fround(Math.PI / 2)
const halfPiLow = Math.PI / 2 - halfPi

/** asin of |x| below 0.55, else of sqrt((1 - |x|) / 2). */
const inner = (a: Expr): { readonly isInner: Expr; readonly p: Expr } => {
  const isInner = s.lt(a, c(0.55))
  const z = s.select(isInner, times(a, a), times(minus(c(1), a), c(0.5)))
  const root = s.select(isInner, a, s.sqrt(z))
  return { isInner, p: plus(root, s.mul(s.mul(root, z), poly(z, arcsineTerms))) }
}
const outside = (x: Expr, y: Expr): Expr => orNaN(x, s.select(s.gt(s.abs(x), c(1)), c(NaN), y))

/** asin x; NaN outside of [-1, 1]. */
export const asin = (x: Expr): Expr => {
  const { isInner, p } = inner(s.min(s.abs(x), c(1)))
  return outside(x, withSign(s.select(isInner, p, minus(c(halfPi), minus(plus(p, p), c(halfPiLow)))), x))
}

/** acos x; NaN outside of [-1, 1]. */
export const acos = (x: Expr): Expr => {
  const { isInner, p } = inner(s.min(s.abs(x), c(1)))
  const signed = floatOf(s.xor(bitsOf(p), signOf(x)))
  const middle = minus(c(halfPi), minus(signed, c(halfPiLow)))
  const twice = plus(p, p)
  const left = minus(c(2 * halfPi), minus(twice, c(2 * halfPiLow)))
  return outside(x, choose([isInner, middle], [s.lt(x, c(0)), left], twice))
}

/** atan of t from 0 to 1, or pi / 2 less it. */
const unit = (t: Expr, complement: Expr): Expr => {
  const z = times(t, t)
  const y = plus(t, s.mul(s.mul(t, z), poly(z, arctangentTerms)))
  return s.select(complement, minus(c(halfPi), minus(y, c(halfPiLow))), y)
}

/** atan x. */
export const atan = (x: Expr): Expr => {
  const a = s.abs(x)
  const over = s.gt(a, c(1))
  return orNaN(x, withSign(unit(s.select(over, s.div(c(1), a), a), over), x))
}

/** The angle of the point (x, y), with IEEE 754's answers on the axes and at infinity. */
export const atan2 = (y: Expr, x: Expr): Expr => {
  const [ay, ax] = [s.abs(y), s.abs(x)]
  const [most, least] = [s.max(ax, ay), s.min(ax, ay)]
  const same = s.eq(most, least)
  // A quotient of numbers near the largest or the least would lose digits on the way.
  const factor = choose([s.gt(most, c(2 ** 100)), c(2 ** -30)], [s.lt(most, c(2 ** -60)), c(2 ** 60)], c(1))
  const quotient = s.div(times(least, factor), times(most, factor))
  const t = choose([s.eq(most, c(0)), c(0)], [same, c(1)], quotient)
  const z = unit(t, s.gt(ay, ax))
  const isLeft = s.ne(s.and(bitsOf(x), word(2 ** 31)), word(0))
  const angle = s.select(isLeft, minus(c(2 * halfPi), minus(z, c(2 * halfPiLow))), z)
  return orNaN(x, orNaN(y, withSign(angle, y)))
}
