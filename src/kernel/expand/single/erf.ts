/** The error function of float32 and its relatives. */
import { erx, pa, pp, qa, qq, ra, rb, sa, sb } from '../../coefficients/erf.js'
import { erfNear } from '../../coefficients/single.js'
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'
import { c, choose, minus, orNaN, plus, poly, times, twoProduct, twoSum, withSign } from './arithmetic.js'
import { exp, expOfPair } from './exp.js'
import { log1p } from './log.js'

/** erf(a) / a - 1 for a below 0.84375. */
const beyond = (a: Expr): Expr => {
  const z = s.mul(a, a)
  return s.div(poly(z, pp), poly(z, qq))
}

/** e^(-a^2 - 0.5625 + R(1 / a^2)) / a for a >= 1.25, the square in two parts. */
const far = (a: Expr): Expr => {
  const z = s.div(c(1), times(a, a))
  const ratio = s.select(s.lt(a, c(1 / 0.35)), s.div(poly(z, ra), poly(z, sa)), s.div(poly(z, rb), poly(z, sb)))
  const square = twoProduct(a, a)
  const exponent = twoSum(s.neg(square.hi), minus(ratio, c(0.5625)))
  return expOfPair({ hi: exponent.hi, lo: minus(exponent.lo, square.lo) }, a)
}

/** erfc of a >= 0. */
const tail = (a0: Expr): Expr => {
  const a = s.min(a0, c(11))
  const erfNear = minus(c(0.5), plus(minus(a, c(0.5)), times(a, beyond(a))))
  const t = minus(a, c(1))
  const centre = minus(c(1 - erx), s.div(poly(t, pa), poly(t, qa)))
  const low = minus(c(1), plus(a, times(a, beyond(a))))
  return choose([s.lt(a, c(0.25)), low], [s.lt(a, c(0.84375)), erfNear], [s.lt(a, c(1.25)), centre], far(s.max(a, c(1.25))))
}

/** erf x. */
export const erf = (x: Expr): Expr => {
  const a = s.abs(x)
  const small = plus(a, s.mul(a, poly(s.mul(a, a), erfNear)))
  return orNaN(x, withSign(s.select(s.lt(a, c(0.92)), small, minus(c(1), tail(a))), x))
}

/** 1 - erf x. */
export const erfc = (x: Expr): Expr => {
  const y = tail(s.abs(x))
  return orNaN(x, s.select(s.lt(x, c(0)), minus(c(2), y), y))
}

const halfRootPi = 0.886226925452758013649

/** The inverse of erf on [-1, 1], NaN outside: Winitzki's closed form and two steps of third order (Halley) on erf, or on erfc in the tails. */
export const erfInv = (x: Expr): Expr => {
  const a = s.min(s.abs(x), c(1 - 2 ** -24))
  const l = log1p(s.neg(times(a, a)))
  const t = plus(c(4.330746750799873), s.mul(l, c(0.5)))
  const inside = minus(s.sqrt(minus(times(t, t), s.mul(l, c(1 / 0.147)))), t)
  let y: Expr = s.sqrt(s.max(inside, c(0)))
  for (let k = 0; k < 2; k++) {
    const error = s.select(s.lt(a, c(0.5)), minus(erf(y), a), minus(minus(c(1), a), erfc(y)))
    const u = s.mul(s.mul(error, c(halfRootPi)), exp(s.mul(y, y)))
    y = minus(y, s.div(u, plus(c(1), s.mul(y, u))))
  }
  const size = s.abs(x)
  const value = choose([s.lt(size, c(1e-4)), times(size, c(halfRootPi))], [s.lt(size, c(1)), y], [s.eq(size, c(1)), c(Infinity)], c(NaN))
  return orNaN(x, withSign(value, x))
}
