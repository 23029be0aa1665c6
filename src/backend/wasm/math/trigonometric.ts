/** sin, cos, tan: after reduction to |y| <= pi/4, polynomials of least maximal error. */
import { cosineTerms, sineTerms, tangentTerms } from '../../../kernel/coefficients/single.js'
import type { Body } from '../code.js'
import { i32, i32x4, i64x2 } from '../instructions.js'
import type { MathContext, Guarded, InlineUnary } from './context.js'
import { called, poly32, poly64 } from './context.js'
import type { Pair } from './double.js'
import { round64 } from './exp.js'
import { long } from './log.js'
import type { Node } from './node.js'
import { bits, D, F, int } from './node.js'
import { reduce64 } from './reduction.js'
import { evenLanes, join, lower, upper, viaDouble } from './widen.js'

const s64 = [0.008333333333322427, -0.00019841269829813231, 2.7557313692432313e-6, -2.5050758020190072e-8, 1.5896781729374636e-10]
const c64 = [
  0.0416666666666666, -0.0013888888888874225, 2.4801587289533945e-5, -2.7557314364787675e-7, 2.0875724703694566e-9, -1.1359710997040493e-11,
]

/** sin(hi + lo), |hi| <= pi/4. */
export const sine = (c: MathContext, y: Pair): Node => {
  const z = D.mul(y.hi, y.hi)
  const v = D.mul(z, y.hi)
  const r = poly64(c, z, s64)
  return D.sub(y.hi, D.sub(D.sub(D.mul(z, D.sub(D.mul(y.lo, 0.5), D.mul(v, r))), y.lo), D.mul(v, -0.16666666666666632)))
}
/** cos(hi + lo), |hi| <= pi/4. */
export const cosine = (c: MathContext, y: Pair): Node => {
  const z = D.mul(y.hi, y.hi)
  const half = D.mul(z, 0.5)
  const w = D.sub(1, half)
  const r = poly64(c, z, c64)
  return D.add(w, D.add(D.sub(D.sub(1, w), half), D.sub(D.mul(D.mul(z, z), r), D.mul(y.hi, y.lo))))
}
const odd64 = (q: Node): Node => bits.bin(i64x2.eq)(bits.and(q, long(0, 1)), long(0, 1))
const flip64 = (q: Node): Node => bits.shift(i64x2.shl, i32.const(62))(bits.and(q, long(0, 2)))

/** sin of float64. */
export const sin64: InlineUnary = (c, b, x) => {
  const y = reduce64(c, b, x)
  return bits.xor(D.select(odd64(y.quadrant), cosine(c, y), sine(c, y)), flip64(y.quadrant))
}
/** cos of float64. */
export const cos64: InlineUnary = (c, b, x) => {
  const y = reduce64(c, b, x)
  const next = bits.bin(i64x2.add)(y.quadrant, long(0, 1))
  return bits.xor(D.select(odd64(next), cosine(c, y), sine(c, y)), flip64(next))
}
/** tan of float64. */
export const tan64: InlineUnary = (c, b, x) => {
  const y = reduce64(c, b, x)
  const odd = odd64(y.quadrant)
  const s = sine(c, y)
  const k = cosine(c, y)
  return bits.xor(D.div(D.select(odd, k, s), D.select(odd, s, k)), bits.and(odd, D.c(-0)))
}

/** The remainder as two pairs of float64 and the quadrant in 32-bit lanes, for |x| below 1.6 million. */
const reduceWide = (x: Node): { readonly y: readonly [Node, Node]; readonly quadrant: Node } => {
  const half = (xd: Node) => {
    const t = D.add(D.mul(xd, 0.6366197723675814), round64)
    const n = D.sub(t, round64)
    return { t, r: D.sub(D.sub(xd, D.mul(n, 1.5707963267341256)), D.mul(n, 6.077100506506192e-11)) }
  }
  const [l, h] = [half(lower(x)), half(upper(x))]
  return { y: [l.r, h.r], quadrant: evenLanes(l.t, h.t) }
}

const circular = (c: MathContext, b: Body, x: Node, shift: number, far: InlineUnary): Guarded => {
  const { y: wide, quadrant } = reduceWide(x)
  const y = join(...wide)
  const q = shift === 0 ? quadrant : bits.bin(i32x4.add)(quadrant, int(shift))
  const madd = F.madd(c.fma)
  const z = F.mul(y, y)
  const s = madd(F.mul(y, z), poly32(c, z, sineTerms), y)
  const k = madd(F.mul(z, z), poly32(c, z, cosineTerms), madd(z, -0.5, 1))
  const odd = bits.bin(i32x4.eq)(bits.and(q, int(1)), int(1))
  const value = bits.xor(F.select(odd, k, s), bits.shift(i32x4.shl, i32.const(30))(bits.and(q, int(2))))
  return {
    value: shift === 0 ? F.select(F.eq(x, 0), x, value) : value,
    rare: F.gt(F.abs(x), 1600000),
    otherwise: () => far(c, b, x),
  }
}

/** sin of float32. */
export const sin32 = (c: MathContext, b: Body, x: Node): Guarded => circular(c, b, x, 0, viaDouble(called('sin64', sin64)))
/** cos of float32. */
export const cos32 = (c: MathContext, b: Body, x: Node): Guarded => circular(c, b, x, 1, viaDouble(called('cos64', cos64)))

/** tan of float32: the polynomial in float64, since errors of its argument grow. */
export const tan32 = (c: MathContext, b: Body, x: Node): Guarded => {
  const { y, quadrant } = reduceWide(x)
  const tangent = (r: Node): Node => {
    const z = D.mul(r, r)
    return D.madd(c.fma)(D.mul(z, r), poly64(c, z, tangentTerms), r)
  }
  const t = join(tangent(y[0]), tangent(y[1]))
  const odd = bits.bin(i32x4.eq)(bits.and(quadrant, int(1)), int(1))
  return {
    value: F.select(F.eq(x, 0), x, F.select(odd, F.div(-1, t), t)),
    rare: F.gt(F.abs(x), 1600000),
    otherwise: () => viaDouble(called('tan64', tan64))(c, b, x),
  }
}
