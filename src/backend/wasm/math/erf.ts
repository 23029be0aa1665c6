/** The error function and its relatives, by the rational approximations of Sun's fdlibm; the tail's exponential is exact to more than float64. */
import { erfNear } from '../../../kernel/coefficients/single.js'
import { erx, pp, qq, pa, qa, ra, sa, rb, sb } from '../../../kernel/coefficients/erf.js'
import type { Body } from '../code.js'
import { i32x4 } from '../instructions.js'
import type { MathContext, InlineUnary } from './context.js'
import { called, poly32, poly64, variable } from './context.js'
import { quickSum, twoProduct, twoSum } from './double.js'
import { expParts, exp64, minusOne32, normalExp32, round64, scale64, scaled32 } from './exp.js'
import { log64 } from './log.js'
import type { Node } from './node.js'
import { bits, D, F, int, ref, where } from './node.js'
import { evenLanes, join, lower, upper } from './widen.js'

const ratio = (c: MathContext, p: readonly number[], q: readonly number[], x: Node): Node => D.div(poly64(c, x, p), poly64(c, x, q))

/** erfc of a >= 1.25: e^(-a^2 - 0.5625 + R(1/a^2)) / a, the square exact. */
const tail = (c: MathContext, b: Body, a: Node): Node => {
  const s = D.div(1, D.mul(a, a))
  const near = D.lt(a, 1 / 0.35)
  const r = variable(b, D.c(0))
  where(b, near, r, () => ratio(c, ra, sa, s))
  where(b, D.ge(a, 1 / 0.35), r, () => ratio(c, rb, sb, s))
  const square = twoProduct(c, a, a)
  const sum = twoSum(D.neg(square.hi), D.sub(ref(r), 0.5625))
  const { n, hi, lo } = expParts(c, D.pmax(sum.hi, -760), D.sub(sum.lo, square.lo))
  const e = quickSum(hi, lo)
  const q = D.div(e.hi, a)
  const back = twoProduct(c, q, a)
  return scale64(D.add(q, D.div(D.add(D.sub(D.sub(e.hi, back.hi), back.lo), e.lo), a)), n)
}

const between = (a: Node, from: number, to: number): Node => bits.and(D.ge(a, from), D.lt(a, to))

/** erf(x) - x, for |x| below 0.84375. */
const beyond = (c: MathContext, x: Node): Node => D.mul(x, ratio(c, pp, qq, D.mul(x, x)))

/** erf of float64. */
export const erf64: InlineUnary = (c, b, x) => {
  const a = D.abs(x)
  const y = variable(b, D.select(D.eq(a, a), 1, a))
  where(b, D.lt(a, 0.84375), y, () => D.add(a, beyond(c, a)))
  where(b, between(a, 0.84375, 1.25), y, () => D.add(erx, ratio(c, pa, qa, D.sub(a, 1))))
  where(b, between(a, 1.25, 6), y, () => D.sub(1, tail(c, b, a)))
  return bits.or(ref(y), D.sign(x))
}

/** erfc of float64. */
export const erfc64: InlineUnary = (c, b, x) => {
  const a = D.abs(x)
  const y = variable(b, D.select(D.eq(a, a), D.select(D.lt(x, 0), 2, 0), a))
  where(b, D.lt(a, 0.84375), y, () => {
    const r = beyond(c, x)
    return D.select(D.lt(x, 0.25), D.sub(1, D.add(x, r)), D.sub(0.5, D.add(D.sub(x, 0.5), r)))
  })
  where(b, between(a, 0.84375, 1.25), y, () => {
    const r = ratio(c, pa, qa, D.sub(a, 1))
    return D.select(D.lt(x, 0), D.add(D.add(r, erx), 1), D.sub(1 - erx, r))
  })
  where(b, bits.and(D.ge(a, 1.25), bits.and(D.lt(x, 28), D.gt(x, -6))), y, () => {
    const t = tail(c, b, a)
    return D.select(D.lt(x, 0), D.sub(2, t), t)
  })
  return ref(y)
}

const halfRootPi = 0.886226925452758013649

/** The inverse of erf on [-1, 1], NaN outside: Winitzki's closed form and three steps of third order (Halley). */
export const erfInv64: InlineUnary = (c, b, x) => {
  const a = ref(variable(b, D.abs(x)))
  const log = called('log', log64)(c, b, D.mul(D.sub(1, a), D.add(a, 1)))
  const t = D.add(D.mul(log, 0.5), 4.330746750799873)
  const closed = D.sqrt(D.sub(D.sqrt(D.sub(D.mul(t, t), D.mul(log, 1 / 0.147))), t))
  const series = D.mul(D.mul(a, halfRootPi), D.add(D.mul(D.mul(a, a), Math.PI / 12), 1))
  const y = variable(b, D.select(D.lt(a, 0.1), series, closed))
  for (let k = 0; k < 3; k++) {
    const v = ref(y)
    const error = variable(b, D.c(0))
    where(b, D.lt(a, 0.5), error, () => D.add(D.sub(v, a), beyond(c, v)))
    where(b, D.ge(a, 0.5), error, () => D.sub(D.sub(1, a), called('erfc', erfc64)(c, b, v)))
    const u = D.mul(D.mul(ref(error), halfRootPi), called('exp', exp64)(c, b, D.mul(v, v)))
    const next = variable(b, D.sub(v, D.div(u, D.add(D.mul(v, u), 1))))
    b.set(y, next)
  }
  const inside = D.select(D.lt(a, 1e-8), D.mul(a, halfRootPi), ref(y))
  return bits.or(D.select(D.lt(a, 1), inside, D.select(D.eq(a, 1), Infinity, NaN)), D.sign(x))
}

/** log erfc(a), for a from 0.92 to 4.1. */
const far32 = [
  0.00017470565073803457, -1.1295150402258862, -0.6333466676296531, -0.10828037194825559, 0.025119623719758268, -0.004171143021911864,
  0.0004344802858987899, -2.1096680583467708e-5,
]

/** erf of float32: a polynomial below 0.92, 1 - e^p(|x|) above. */
export const erf32: InlineUnary = (c, _b, x) => {
  const a = F.abs(x)
  const small = F.madd(c.fma)(a, poly32(c, F.mul(a, a), erfNear), a)
  const large = F.sub(1, normalExp32(c, poly32(c, F.pmin(a, 4.1), far32)))
  return bits.or(F.select(F.lt(a, 0.92), small, large), F.sign(x))
}

/** erfc(a) e^(a^2) / u in u = 1 / (a + 3), for a from 0 to 10.2. */
const scaledTail = [
  0.5641095042251756, 1.6980418339544248, 4.631825592503661, 15.516981893380375, -0.06646207408821601, 291.9522899259413,
  -957.0006037170106, 3497.460718280181, -5728.347202538547, 3278.0239028339133,
]

/** erfc of float32: the square and the factor of e^(-a^2) in float64, since errors of the exponent grow. */
export const erfc32: InlineUnary = (c, _b, x) => {
  const a = F.pmin(F.abs(x), 10.2)
  const parts = (w: Node) => {
    const square = D.mul(w, w)
    const t = D.add(D.mul(square, -Math.LOG2E), round64)
    const r = D.sub(D.mul(D.sub(t, round64), -Math.LN2), square)
    const u = D.div(1, D.add(w, 3))
    return { t, r, factor: D.mul(u, poly64(c, u, scaledTail)) }
  }
  const [l, h] = [parts(lower(a)), parts(upper(a))]
  const m = minusOne32(c, join(l.r, h.r))
  const head = join(l.factor, h.factor)
  const tail = join(D.sub(l.factor, lower(head)), D.sub(h.factor, upper(head)))
  const t = bits.bin(i32x4.add)(evenLanes(l.t, h.t), int(254))
  const y = scaled32(F.add(head, F.madd(c.fma)(head, m, tail)), t)
  return F.select(F.lt(x, 0), F.sub(2, y), y)
}
