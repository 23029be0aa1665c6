/** Logarithms: x = 2^k m with m between sqrt(1/2) and sqrt(2), log m by a polynomial. */
import { logarithm } from '../../../kernel/coefficients/single.js'
import { i32, i32x4, i64x2, f32x4 } from '../instructions.js'
import type { Body } from '../code.js'
import type { MathContext, Guarded, InlineUnary } from './context.js'
import { poly64 } from './context.js'
import { twoSum } from './double.js'
import type { Node } from './node.js'
import { bits, D, F, int } from './node.js'

/** Both lanes the same 64 bits. */
export const long = (high: number, low: number): Node => ({ args: [], key: `i64:${high}:${low}`, make: () => i64x2.const(high, low) })

/** int32 lanes as float32. */
export const fromInt = bits.un(f32x4.convertI32)

/** `x = 2^k (1 + f)` of float32 that is normal, positive and finite. */
export const logParts32 = (x: Node): { readonly k: Node; readonly f: Node } => {
  const i = bits.bin(i32x4.sub)(x, int(0x3f3504f3))
  const k = fromInt(bits.shift(i32x4.shr, i32.const(23))(i))
  return { k, f: F.sub(bits.bin(i32x4.add)(bits.and(i, int(0x7fffff)), int(0x3f3504f3)), 1) }
}

/** log(1 + f) - f + `low`. */
export const logTail32 = (c: MathContext, f: Node, low?: Node): Node => {
  const madd = F.madd(c.fma)
  const z = F.mul(f, f)
  const [c0, c1, c2, c3, c4, c5, c6, c7] = logarithm
  const high = madd(madd(f, c7, c6), z, madd(f, c5, c4))
  const mid = madd(madd(f, c3, c2), z, madd(f, c1, c0))
  const p = madd(high, F.mul(z, z), mid)
  const cubic = F.mul(F.mul(f, z), p)
  return madd(z, -0.5, low === undefined ? cubic : F.add(low, cubic))
}

/** k log 2 + log(1 + f). */
export const joinedLog32 = (c: MathContext, k: Node, f: Node): Node =>
  F.madd(c.fma)(k, 0.693359375, F.add(f, logTail32(c, f, F.mul(k, -2.1219444e-4))))

/** log of float32 that is normal, positive and finite. */
export const normalLog32 = (c: MathContext, x: Node): Node => {
  const { k, f } = logParts32(x)
  return joinedLog32(c, k, f)
}

/** Holds where float32 is not normal, positive and finite: all bit patterns but one interval of integers. */
export const abnormal32 = (x: Node): Node => bits.bin(i32x4.gt)(bits.bin(i32x4.add)(x, int(0x7f800000)), int(-0x01000001))

/** A logarithm of any float32 by that of the normal ones. */
export const allLogs32 = (normal: (x: Node) => Node, x: Node, perOctave: number): Guarded => ({
  value: normal(x),
  rare: abnormal32(x),
  otherwise: () => {
    const subnormal = F.add(normal(F.mul(x, 8388608)), -23 * perOctave)
    const edge = F.select(F.eq(x, 0), -Infinity, F.select(F.lt(x, 0), NaN, x))
    return F.select(bits.and(F.gt(x, 0), F.lt(x, Infinity)), subnormal, edge)
  },
})

/** log of float32. */
export const log32 = (c: MathContext, _b: Body, x: Node): Guarded => allLogs32((v) => normalLog32(c, v), x, Math.LN2)

const l64 = [
  0.6666666666666734, 0.3999999999941758, 0.28571428741834765, 0.22222198622365963, 0.18183562104903347, 0.1531409992432695,
  0.14795521189286284,
]

/** `x = 2^k (1 + f)` of positive finite x. */
export const logParts = (x: Node): { readonly k: Node; readonly f: Node } => {
  const tiny = D.lt(x, 2.2250738585072014e-308)
  const scaled = D.select(tiny, D.mul(x, 18014398509481984), x)
  const i = bits.bin(i64x2.add)(scaled, long(0x3ff00000 - 0x3fe6a09e, 0))
  const biased = bits.or(bits.shift(i64x2.shru, i32.const(52))(i), D.c(4503599627370496))
  const k = D.sub(biased, D.select(tiny, 4503599627370496 + 1023 + 54, 4503599627370496 + 1023))
  const m = bits.bin(i64x2.add)(bits.and(i, long(0x000fffff, -1)), long(0x3fe6a09e, 0))
  return { k, f: D.sub(m, 1) }
}

/** f^2/2 and what is to be added to f - f^2/2 for log(1 + f). */
const tail = (c: MathContext, f: Node): { readonly half: Node; readonly rest: Node } => {
  const half = D.mul(D.mul(f, f), 0.5)
  const s = D.div(f, D.add(f, 2))
  const z = D.mul(s, s)
  return { half, rest: D.mul(s, D.madd(c.fma)(z, poly64(c, z, l64), half)) }
}

const ln2hi = 0.693147180559663
const ln2lo = 2.8235290563031577e-13

/** The logarithm's values outside 0 < x < Infinity. */
const proper = (x: Node, y: Node): Node =>
  D.select(bits.and(D.gt(x, 0), D.lt(x, Infinity)), y, D.select(D.eq(x, 0), -Infinity, D.select(D.lt(x, 0), NaN, x)))

/** log x, for x > 0 and finite. */
export const plainLog64 = (c: MathContext, x: Node): Node => {
  const { k, f } = logParts(x)
  const { half, rest } = tail(c, f)
  return D.sub(D.mul(k, ln2hi), D.sub(D.sub(half, D.add(rest, D.mul(k, ln2lo))), f))
}

/** log of float64. */
export const log64: InlineUnary = (c, _b, x) => proper(x, plainLog64(c, x))

/** log(1 + f) in a basis: as head (few bits) and tail. */
const headTail = (c: MathContext, f: Node): { readonly hi: Node; readonly lo: Node } => {
  const { half, rest } = tail(c, f)
  const hi = bits.and(D.sub(f, half), long(-1, 0))
  return { hi, lo: D.add(D.sub(D.sub(f, hi), half), rest) }
}

/** Logarithm to base 2 of float64. */
export const log2x64: InlineUnary = (c, _b, x) => {
  const { k, f } = logParts(x)
  const { hi, lo } = headTail(c, f)
  const a = D.mul(hi, 1.44269504072144627571)
  const b = D.add(D.mul(D.add(lo, hi), 1.67517131648865118353e-10), D.mul(lo, 1.44269504072144627571))
  const w = D.add(k, a)
  return proper(x, D.add(D.add(b, D.add(D.sub(k, w), a)), w))
}

/** Logarithm to base 10 of float64. */
export const log10x64: InlineUnary = (c, _b, x) => {
  const { k, f } = logParts(x)
  const { hi, lo } = headTail(c, f)
  const a = D.mul(hi, 4.34294481878168880939e-1)
  const y = D.mul(k, 3.01029995663611771306e-1)
  const b = D.add(
    D.add(D.mul(k, 3.69423907715893078616e-13), D.mul(D.add(lo, hi), 2.50829467116452752298e-11)),
    D.mul(lo, 4.34294481878168880939e-1),
  )
  const w = D.add(y, a)
  return proper(x, D.add(D.add(b, D.add(D.sub(y, w), a)), w))
}

/** log(1 + u + low) for -1 < u < Infinity. */
export const plainLog1p64 = (c: MathContext, u: Node, low?: Node): Node => {
  const s = twoSum(u, 1)
  const { k, f } = logParts(s.hi)
  const { half, rest } = tail(c, f)
  const correction = D.div(low === undefined ? s.lo : D.add(s.lo, low), s.hi)
  return D.sub(D.mul(k, ln2hi), D.sub(D.sub(half, D.add(rest, D.add(D.mul(k, ln2lo), correction))), f))
}

/** log(1 + x) of float64. */
export const log1px64: InlineUnary = (c, _b, x) =>
  D.select(
    bits.and(D.gt(x, -1), D.lt(x, Infinity)),
    D.select(D.eq(x, 0), x, plainLog1p64(c, x)),
    D.select(D.eq(x, -1), -Infinity, D.select(D.lt(x, -1), NaN, x)),
  )
