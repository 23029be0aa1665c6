/** Exponentials of float32: e^x = 2^n e^r, |r| <= log(2) / 2, e^r by a polynomial of least maximal error. */
import { exponential, hyperbolicSine } from '../../coefficients/single.js'
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'
import type { FloatPair } from './arithmetic.js'
import { c, floatOf, minus, orNaN, plus, poly, quickSum, times, withSign } from './arithmetic.js'

/** Adding it rounds to an integer, which then stands in the lowest bits. */
const rounder = 12582912

/** The nearest integer of a number below 2^22, as float32 and as int32. */
export const nearest = (x: Expr): { readonly whole: Expr; readonly n: Expr } => {
  const t = plus(x, c(rounder))
  return { whole: minus(t, c(rounder)), n: s.sub(s.bitcast(t, 'int32'), s.int(0x4b400000)) }
}

/** 2^n for n from -126 to 127. */
export const power = (n: Expr): Expr => floatOf(s.shl(s.bitcast(s.add(n, s.int(127)), 'uint32'), s.const(23, 'uint32')))

/** `y 2^n`: the power comes in two halves, so that subnormal and infinite results are rounded once. */
export const scaled = (y: Expr, n: Expr): Expr => {
  const half = s.shr(n, s.int(1))
  return times(times(y, power(half)), power(s.sub(n, half)))
}

/** e^(r + low) - 1 for |r| <= log(2) / 2. */
export const minusOne = (r: Expr, low?: Expr): Expr => {
  const square = s.mul(poly(r, exponential), s.mul(r, r))
  return plus(r, low === undefined ? square : plus(low, square))
}

/** `x = n log(2) + r`. */
export const reduced = (x: Expr): { readonly n: Expr; readonly r: Expr; readonly low: Expr } => {
  const { whole, n } = nearest(s.mul(x, c(Math.LOG2E)))
  const h = minus(x, times(whole, c(0.693359375)))
  const l = times(whole, c(2.1219444e-4))
  const r = plus(h, l)
  return { n, r, low: minus(l, minus(r, h)) }
}

/** e^x. */
export const exp = (x: Expr): Expr => {
  const { n, r, low } = reduced(s.min(s.max(x, c(-104)), c(89)))
  return orNaN(x, scaled(plus(c(1), minusOne(r, low)), n))
}

/** 2^x. */
export const exp2 = (x: Expr): Expr => {
  const near = s.min(s.max(x, c(-151)), c(129))
  const { whole, n } = nearest(near)
  return orNaN(x, scaled(plus(c(1), minusOne(times(minus(near, whole), c(Math.LN2)))), n))
}

/** e^(hi + lo) / by. */
export const expOfPair = ({ hi, lo }: FloatPair, by: Expr): Expr => {
  const { n, r, low } = reduced(s.min(s.max(hi, c(-150)), c(89)))
  const exponent = quickSum(r, plus(low, lo))
  return orNaN(hi, scaled(s.div(plus(c(1), minusOne(exponent.hi, exponent.lo)), by), n))
}

/** 2^(n - 1) (e^r - 1) + 2^(n - 1) - 1/2: half of e^x - 1, which does not overflow before e^x - 1 does. */
const halfMinusOne = (x: Expr): Expr => {
  const { n, r, low } = reduced(x)
  const half = power(s.sub(n, s.int(1)))
  return plus(times(half, minusOne(r, low)), minus(half, c(0.5)))
}

/** e^x - 1. */
export const expm1 = (x: Expr): Expr => {
  const y = halfMinusOne(s.min(s.max(x, c(-25)), c(88.8)))
  // Of tiny arguments half is not exact, and of -0 not the sign.
  return orNaN(x, s.select(s.lt(s.abs(x), c(1e-20)), x, plus(y, y)))
}

/** 1 / (1 + e^-x): the smaller exponential is taken, so that nothing overflows, as 1 - q or e - e q with q = e / (1 + e). */
export const sigmoid = (x: Expr): Expr => {
  const e = exp(s.neg(s.abs(x)))
  const q = s.div(e, plus(e, c(1)))
  const whole = s.select(s.lt(x, c(0)), e, c(1))
  return orNaN(x, minus(whole, times(whole, q)))
}

/** (tanh a - a) / a^3 in a^2, for a up to 0.55. */
const hyperbolicTangent = [
  -0.3333333333333236, 0.13333333333174582, -0.05396825387864919, 0.02186948603056765, -0.008863195193066534, 0.003591724858728804,
  -0.00145324063528655, 0.0005792036939850049,
]

/** (e^2a - 1) / (e^2a + 1), by a polynomial where that is small. */
export const tanh = (x: Expr): Expr => {
  const a = s.abs(x)
  const z = s.mul(a, a)
  const small = plus(a, s.mul(s.mul(a, z), poly(z, hyperbolicTangent)))
  const e = halfMinusOne(s.min(plus(a, a), c(40)))
  const large = s.div(e, plus(e, c(1)))
  return orNaN(x, withSign(s.select(s.lt(a, c(0.55)), small, large), x))
}

/** e^a / 4 for a >= 0: what overflows it is above the largest number. */
const quarter = (a: Expr): Expr => {
  const { n, r, low } = reduced(s.min(a, c(90)))
  return times(plus(c(1), minusOne(r, low)), power(s.sub(n, s.int(2))))
}

/** (e^a - e^-a) / 2; a polynomial below 1. */
export const sinh = (x: Expr): Expr => {
  const a = s.abs(x)
  const z = s.mul(a, a)
  const small = plus(a, s.mul(s.mul(a, z), poly(z, hyperbolicSine)))
  const e = quarter(a)
  const half = minus(e, s.div(c(0.0625), e))
  return orNaN(x, withSign(s.select(s.lt(a, c(1)), small, plus(half, half)), x))
}

/** (e^a + e^-a) / 2. */
export const cosh = (x: Expr): Expr => {
  const e = quarter(s.abs(x))
  const half = plus(e, s.div(c(0.0625), e))
  return orNaN(x, plus(half, half))
}
