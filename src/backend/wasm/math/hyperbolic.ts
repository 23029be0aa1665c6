/** Hyperbolic functions of float64 and their inverses. */
import { hyperbolicSine } from '../../../kernel/coefficients/single.js'
import type { MathContext, InlineUnary } from './context.js'
import { poly32, poly64 } from './context.js'
import type { Pair } from './double.js'
import { divPairs, quickSum, sqrtPair, twoProduct, twoSum } from './double.js'
import { expParts, exponent32, reduced32, scale64 } from './exp.js'
import { narrowLog } from './logarithms32.js'
import { plainLog1p64, plainLog64 } from './log.js'
import type { Node } from './node.js'
import { bits, D, F } from './node.js'
import { lower, upper } from './widen.js'

/** e^a / 2 and its inverse over 4, for a >= 0: the two halves of sinh and cosh. */
const halfExp = (c: MathContext, a: Node): Pair & { readonly inverse: Node } => {
  const { n, hi, lo } = expParts(c, D.pmin(a, 711))
  const m = D.sub(n, 1)
  const e = quickSum(hi, lo)
  const head = scale64(e.hi, m)
  return { hi: head, lo: scale64(e.lo, m), inverse: D.div(0.25, head) }
}

const s64 = [
  0.16666666666666666, 0.008333333333333333, 0.00019841269841269592, 2.7557319224119283e-6, 2.5052108345832167e-8, 1.6059050684734945e-10,
  7.646477586838734e-13, 2.8483692923372508e-15,
]
const t64 = [
  -0.3333333333333236, 0.13333333333174582, -0.05396825387864919, 0.02186948603056765, -0.008863195193066534, 0.003591724858728804,
  -0.00145324063528655, 0.0005792036939850049, -0.00021040540320380188, 5.1089069881381e-5,
]

/** sinh of float64: a polynomial below 1. */
export const sinh64: InlineUnary = (c, _b, x) => {
  const a = D.abs(x)
  const z = D.mul(a, a)
  const small = D.madd(c.fma)(D.mul(a, z), poly64(c, z, s64), a)
  const e = halfExp(c, a)
  return bits.or(D.select(D.lt(a, 1), small, D.add(e.hi, D.sub(e.lo, e.inverse))), D.sign(x))
}

/** cosh of float64. */
export const cosh64: InlineUnary = (c, _b, x) => {
  const e = halfExp(c, D.abs(x))
  return D.add(e.hi, D.add(e.lo, e.inverse))
}

/** tanh of float64: a polynomial below 0.55, 1 - 2 / (e^2x + 1) above. */
export const tanh64: InlineUnary = (c, _b, x) => {
  const a = D.abs(x)
  const z = D.mul(a, a)
  const small = D.madd(c.fma)(D.mul(a, z), poly64(c, z, t64), a)
  const { n, hi, lo } = expParts(c, D.pmin(D.add(a, a), 80))
  const large = D.sub(1, D.div(2, D.add(scale64(D.add(hi, lo), n), 1)))
  return bits.or(D.select(D.lt(a, 0.55), small, large), D.sign(x))
}

const huge = 268435456
const ln2 = 0.6931471805599453

/** asinh of float64: log(1 + a + (sqrt(1 + a^2) - 1)), the argument to twice the precision. */
export const asinh64: InlineUnary = (c, _b, x) => {
  const a = D.abs(x)
  const far = D.gt(a, huge)
  const t = D.select(far, 1, a)
  const p = twoProduct(c, t, t)
  const q = twoSum(p.hi, 1)
  const root = sqrtPair(c, quickSum(q.hi, D.add(q.lo, p.lo)))
  const u = twoSum(t, D.sub(root.hi, 1))
  const near = plainLog1p64(c, u.hi, D.add(u.lo, root.lo))
  const y = D.select(far, D.add(plainLog64(c, a), ln2), near)
  return bits.or(D.select(D.lt(a, 1e-8), a, D.select(D.lt(a, Infinity), y, a)), D.sign(x))
}

/** acosh of float64: log(1 + t + sqrt(t (2 + t))), t = x - 1; NaN below 1. */
export const acosh64: InlineUnary = (c, _b, x) => {
  const far = D.gt(x, huge)
  const t = D.select(far, 1, D.sub(x, 1))
  const s = quickSum(D.pmax(t, 2), D.pmin(t, 2))
  const p = twoProduct(c, t, s.hi)
  const root = sqrtPair(c, quickSum(p.hi, D.add(p.lo, D.mul(t, s.lo))))
  const u = twoSum(t, root.hi)
  const near = plainLog1p64(c, u.hi, D.add(u.lo, root.lo))
  const y = D.select(far, D.add(plainLog64(c, x), ln2), near)
  return D.select(D.ge(x, 1), D.select(D.lt(x, Infinity), y, x), NaN)
}

/** atanh of float64: log(1 + 2a / (1 - a)) / 2; infinite at the ends, NaN beyond. */
export const atanh64: InlineUnary = (c, _b, x) => {
  const a = D.abs(x)
  const q = divPairs(c, { hi: D.add(a, a), lo: D.c(0) }, twoSum(1, D.neg(a)))
  const y = D.mul(plainLog1p64(c, q.hi, q.lo), 0.5)
  const inside = D.select(D.lt(a, 1e-9), a, D.select(D.lt(a, 1), y, D.select(D.eq(a, 1), Infinity, NaN)))
  return bits.or(inside, D.sign(x))
}

/** e^a / 4, for a >= 0; what overflows it is above the largest number. */
const quarterExp = (c: MathContext, a: Node): Node => {
  const { t, m } = reduced32(c, F.pmin(a, 90), 125)
  return F.mul(F.add(m, 1), exponent32(t))
}

/** sinh of float32: a polynomial below 1. */
export const sinh32: InlineUnary = (c, _b, x) => {
  const a = F.abs(x)
  const z = F.mul(a, a)
  const small = F.madd(c.fma)(F.mul(a, z), poly32(c, z, hyperbolicSine), a)
  const e = quarterExp(c, a)
  const half = F.sub(e, F.div(0.0625, e))
  return bits.or(F.select(F.lt(a, 1), small, F.add(half, half)), F.sign(x))
}

/** cosh of float32. */
export const cosh32: InlineUnary = (c, _b, x) => {
  const e = quarterExp(c, F.abs(x))
  const half = F.add(e, F.div(0.0625, e))
  return F.add(half, half)
}

/** The logarithm of a float64 function of float32, so precise that the result is good beside 1. */
const logOf = (c: MathContext, x: Node, f: (x: Node) => Node): Node => narrowLog(c, f(lower(x)), f(upper(x)))

/** asinh of float32. */
export const asinh32: InlineUnary = (c, _b, x) => {
  const a = F.abs(x)
  const y = logOf(c, a, (w) => D.add(w, D.sqrt(D.add(D.mul(w, w), 1))))
  return bits.or(F.select(bits.and(F.gt(a, 1e-5), F.lt(a, Infinity)), y, a), F.sign(x))
}

/** acosh of float32; NaN below 1. */
export const acosh32: InlineUnary = (c, _b, x) => {
  const y = logOf(c, x, (w) => D.add(w, D.sqrt(D.mul(D.sub(w, 1), D.add(w, 1)))))
  return F.select(F.ge(x, 1), F.select(F.lt(x, Infinity), y, x), NaN)
}

/** atanh of float32; infinite at the ends, NaN beyond. */
export const atanh32: InlineUnary = (c, _b, x) => {
  const a = F.abs(x)
  const y = F.mul(
    logOf(c, a, (w) => D.div(D.add(w, 1), D.sub(1, w))),
    0.5,
  )
  const inside = F.select(F.lt(a, 1e-5), a, y)
  return bits.or(F.select(F.lt(a, 1), inside, F.select(F.eq(a, 1), Infinity, NaN)), F.sign(x))
}
