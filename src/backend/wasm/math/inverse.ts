/** asin, acos, atan, atan2 of float64. */
import { arcsineTerms, arctangentTerms } from '../../../kernel/coefficients/single.js'
import type { InlineBinary, MathContext, InlineUnary } from './context.js'
import { poly32, poly64 } from './context.js'
import { long } from './log.js'
import type { Node } from './node.js'
import { bits, D, F } from './node.js'

const halfPi = 1.5707963267948966
const halfPiLow = 6.123233995736766e-17

/** (asin s - s) / s^3 in s^2, for s up to 1/2. */
const arcsine = [
  0.1666666666666676, 0.07499999999970765, 0.04464285717473191, 0.03038194269946851, 0.022372215269796544, 0.01735160634825293,
  0.013980893579768953, 0.011398284137246327, 0.01078389984334346, 0.0036922755515083516, 0.02174248688612521, -0.021049342025344406,
  0.03266039040060947,
]

/** For |x| > 1/2: s = sqrt((1 - |x|) / 2) as head (few bits) and tail; z = s^2 (or x^2 below) and z R(z). */
const halves = (c: MathContext, a: Node) => {
  const inner = D.lt(a, 0.5)
  const z = D.select(inner, D.mul(a, a), D.mul(D.sub(1, a), 0.5))
  const r = D.mul(z, poly64(c, z, arcsine))
  const s = D.sqrt(z)
  const head = bits.and(s, long(-1, 0))
  const sum = D.add(s, head)
  const tail = D.select(D.gt(sum, 0), D.div(D.sub(z, D.mul(head, head)), sum), 0)
  return { inner, r, s, head, tail }
}
/** asin of float64; NaN outside [-1, 1]. */
export const asin64: InlineUnary = (c, _b, x) => {
  const a = D.abs(x)
  const { inner, r, s, head, tail } = halves(c, a)
  const outer = D.sub(
    halfPi / 2,
    D.sub(D.sub(D.mul(D.add(s, s), r), D.sub(halfPiLow, D.add(tail, tail))), D.sub(halfPi / 2, D.add(head, head))),
  )
  return bits.or(D.select(inner, D.madd(c.fma)(a, r, a), outer), D.sign(x))
}

/** acos of float64; NaN outside [-1, 1]. */
export const acos64: InlineUnary = (c, _b, x) => {
  const a = D.abs(x)
  const { inner, r, s, head, tail } = halves(c, a)
  const middle = D.sub(halfPi, D.sub(x, D.sub(halfPiLow, D.mul(x, r))))
  const right = D.mul(D.add(head, D.add(D.mul(r, s), tail)), 2)
  const left = D.sub(2 * halfPi, D.mul(D.add(s, D.sub(D.mul(r, s), halfPiLow)), 2))
  return D.select(inner, middle, D.select(D.lt(x, 0), left, right))
}

/** (atan t - t) / t^3 in t^2, for t up to 7/16. */
const arctangent = [
  -0.3333333333333294, 0.19999999999877982, -0.1428571427261262, 0.11111110409572153, -0.09090887224782468, 0.07691877483938207,
  -0.06661084732320137, 0.0583363810867711, -0.04977126722785603, 0.036536737059135495, -0.016290465442359396,
]

/** atan of a non-negative float64, by the angle of 0, 1/2, 1, 3/2 or Infinity that is nearest (fdlibm). */
const plainAtan = (c: MathContext, a: Node): Node => {
  const pick = (v: readonly [number | Node, number | Node, number | Node, number | Node, number | Node]): Node =>
    D.select(D.lt(a, 0.4375), v[0], D.select(D.lt(a, 0.6875), v[1], D.select(D.lt(a, 1.1875), v[2], D.select(D.lt(a, 2.4375), v[3], v[4]))))
  const above = pick([a, D.sub(D.add(a, a), 1), D.sub(a, 1), D.sub(a, 1.5), -1])
  const below = pick([1, D.add(a, 2), D.add(a, 1), D.add(D.mul(a, 1.5), 1), a])
  const hi = pick([0, 0.46364760900080611621, 0.78539816339744830962, 0.9827937232473290541, halfPi])
  const lo = pick([0, 2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17, halfPiLow])
  const t = D.div(above, below)
  const z = D.mul(t, t)
  const p = D.mul(D.mul(t, z), poly64(c, z, arctangent))
  return D.select(D.eq(a, a), D.add(hi, D.add(t, D.add(p, lo))), a)
}

/** atan of float64. */
export const atan64: InlineUnary = (c, _b, x) => bits.or(plainAtan(c, D.abs(x)), D.sign(x))

/** The angle of the point (x, y), with IEEE 754's answers on the axes and at infinity. */
export const atan2x64: InlineBinary = (c, _b, y, x) => {
  const ay = D.abs(y)
  const ax = D.abs(x)
  const both = bits.and(D.eq(ay, Infinity), D.eq(ax, Infinity))
  const ratio = D.select(bits.or(both, bits.and(D.eq(ay, 0), D.eq(ax, 0))), D.select(both, 1, 0), D.div(ay, ax))
  const z = plainAtan(c, ratio)
  // The sign bit of x, not its sign: -0 lies on the left.
  const left = D.lt(bits.or(D.sign(x), D.c(1)), 0)
  return bits.or(D.select(left, D.sub(2 * halfPi, D.sub(z, 2 * halfPiLow)), z), D.sign(y))
}

/** asin of |x| below 0.55, or of sqrt((1 - |x|) / 2). */
const innerAsin = (c: MathContext, a: Node) => {
  const inner = F.lt(a, 0.55)
  const z = F.select(inner, F.mul(a, a), F.mul(F.sub(1, a), 0.5))
  const s = F.select(inner, a, F.sqrt(z))
  return { inner, p: F.madd(c.fma)(F.mul(s, z), poly32(c, z, arcsineTerms), s) }
}

/** asin of float32; NaN outside [-1, 1]. */
export const asin32: InlineUnary = (c, _b, x) => {
  const { inner, p } = innerAsin(c, F.abs(x))
  return bits.or(F.select(inner, p, F.sub(halfPi, F.sub(F.add(p, p), halfPiLow32))), F.sign(x))
}

/** acos of float32; NaN outside [-1, 1]. */
export const acos32: InlineUnary = (c, _b, x) => {
  const { inner, p } = innerAsin(c, F.abs(x))
  const signed = bits.xor(p, F.sign(x))
  const middle = F.sub(halfPi, F.sub(signed, halfPiLow32))
  const twice = F.add(signed, signed)
  // On the left twice is negative: pi - 2p.
  const left = F.add(2 * halfPi, F.add(twice, 2 * halfPiLow32))
  return F.select(inner, middle, F.select(F.lt(x, 0), left, twice))
}
const halfPiLow32 = halfPi - Math.fround(halfPi)

/** atan of float32 t from 0 to 1, from pi/2 where `complement`. */
const unitAtan = (c: MathContext, t: Node, complement: Node): Node => {
  const z = F.mul(t, t)
  const y = F.madd(c.fma)(F.mul(t, z), poly32(c, z, arctangentTerms), t)
  return F.select(complement, F.sub(halfPi, F.sub(y, halfPiLow32)), y)
}

/** atan of float32. */
export const atan32: InlineUnary = (c, _b, x) => {
  const a = F.abs(x)
  const over = F.gt(a, 1)
  return bits.or(unitAtan(c, F.select(over, F.div(1, a), a), over), F.sign(x))
}

/** The angle of the point (x, y) of float32, with IEEE 754's answers on the axes and at infinity. */
export const atan2x32: InlineBinary = (c, _b, y, x) => {
  const ay = F.abs(y)
  const ax = F.abs(x)
  const over = F.gt(ay, ax)
  const most = F.pmax(ax, ay)
  const least = F.pmin(ay, ax)
  const t = F.select(F.eq(least, most), bits.without(F.c(1), F.eq(most, 0)), F.div(least, most))
  const z = unitAtan(c, t, over)
  // The sign bit of x, not its sign: -0 lies on the left.
  const left = F.lt(bits.or(F.sign(x), F.c(1)), 0)
  return bits.or(F.select(left, F.sub(2 * halfPi, F.sub(z, 2 * halfPiLow32)), z), F.sign(y))
}
