/** The error function of float64 and its relatives, on the intervals and with the coefficients of Sun's fdlibm. */
import { erx, pa, pp, qa, qq, ra, rb, sa, sb } from '../coefficients/erf.js'
import type { Expr } from '../scalar.js'
import { s } from '../scalar.js'
import { log1p } from './elementary.js'
import { rational } from './polynomial.js'

const c = (value: number): Expr => s.const(value, 'float64')
const choose = (test: Expr, x: Expr, y: Expr): Expr => s.select(test, x, y)

/** erf(x) / x - 1 near 0. */
const near = (x: Expr): Expr => rational(pp, qq, s.mul(x, x))
/** erf(a) - erx for a near 1. */
const middle = (a: Expr): Expr => rational(pa, qa, s.sub(a, c(1)))
/** erfc(a) for a >= 1.25: exp(-a^2) R(1 / a^2) / a, where a^2 is the square of its first bits and the rest. */
const tail = (size: Expr): Expr => {
  const a = s.min(s.max(size, c(1.25)), c(40))
  const t = s.div(c(1), s.mul(a, a))
  const ratio = choose(s.lt(a, c(1 / 0.35)), rational(ra, sa, t), rational(rb, sb, t))
  const head = s.div(s.round(s.mul(a, c(2 ** 20))), c(2 ** 20))
  const rest = s.add(s.mul(s.sub(head, a), s.add(head, a)), ratio)
  return s.div(s.mul(s.exp(s.sub(s.neg(s.mul(head, head)), c(0.5625))), s.exp(rest)), a)
}

/** The error function. */
export const erf = (x: Expr): Expr => {
  const a = s.abs(x)
  const inner = s.min(a, c(1))
  const low = s.add(inner, s.mul(inner, near(inner)))
  const size = choose(s.lt(a, c(0.84375)), low, choose(s.lt(a, c(1.25)), s.add(c(erx), middle(s.min(a, c(2)))), s.sub(c(1), tail(a))))
  return choose(s.ne(x, x), x, choose(s.lt(x, c(0)), s.neg(size), size))
}

/** 1 - erf(x), exact in the right tail. */
export const erfc = (x: Expr): Expr => {
  const a = s.abs(x)
  const inner = s.max(s.min(x, c(1)), c(-1))
  const low = s.sub(c(1), s.add(inner, s.mul(inner, near(inner))))
  const y = middle(s.min(a, c(2)))
  const right = s.lt(x, c(0))
  const centre = choose(right, s.add(c(1 + erx), y), s.sub(c(1 - erx), y))
  const far = choose(right, s.sub(c(2), tail(a)), tail(a))
  return choose(s.ne(x, x), x, choose(s.lt(a, c(0.84375)), low, choose(s.lt(a, c(1.25)), centre, far)))
}

const halfRootPi = 0.886226925452758013649

/** The inverse of erf: Winitzki's closed form, then three steps of third order (Halley) on erf, or on erfc in the tails. */
export const erfInv = (x: Expr): Expr => {
  const a = s.min(s.abs(x), c(1 - 2 ** -53))
  const l = log1p(s.neg(s.mul(a, a)))
  const t = s.add(c(4.330746750799873), s.mul(l, c(0.5)))
  const start = s.sqrt(s.max(s.sub(s.sqrt(s.sub(s.mul(t, t), s.mul(l, c(1 / 0.147)))), t), c(0)))
  let y = start
  for (let k = 0; k < 3; k++) {
    const error = choose(s.lt(a, c(0.5)), s.sub(erf(y), a), s.sub(s.sub(c(1), a), erfc(y)))
    const u = s.mul(s.mul(error, c(halfRootPi)), s.exp(s.mul(y, y)))
    y = s.sub(y, s.div(u, s.add(c(1), s.mul(y, u))))
  }
  const small = s.mul(x, c(halfRootPi))
  const signed = choose(s.lt(x, c(0)), s.neg(y), y)
  const end = s.mul(x, c(Infinity))
  const size = s.abs(x)
  const inside = choose(s.lt(size, c(1e-8)), small, signed)
  return choose(s.lt(size, c(1)), inside, choose(s.eq(size, c(1)), end, c(NaN)))
}
