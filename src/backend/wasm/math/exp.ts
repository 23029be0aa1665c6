/** Exponentials. exp x = 2^n e^r, |r| <= log(2) / 2, e^r by a polynomial of least maximal error. */
import { exponential } from '../../../kernel/coefficients/single.js'
import { i32, i32x4, i64x2 } from '../instructions.js'
import type { MathContext, InlineUnary } from './context.js'
import { poly64 } from './context.js'
import type { Pair } from './double.js'
import { quickSum, twoProduct, twoSum } from './double.js'
import type { Node, Operand } from './node.js'
import { bits, D, F } from './node.js'

/** Adding these rounds to an integer, which then stands in the lowest bits. */
export const round32 = 12582912
export const round64 = 6755399441055744

/** 2^n of an integer already added to `round64`; `n` in -1022 .. 1023. */
export const power64 = (t: Node): Node => bits.bin(i64x2.add)(bits.shift(i64x2.shl, i32.const(52))(t), D.c(1))

/** Factors whose product is 2^n, each of them a normal number: subnormal and infinite results come out rounded once. */
export const factors64 = (n: Node): readonly [Node, Node] => {
  const t = D.add(D.mul(n, 0.5), round64)
  return [power64(t), power64(D.add(D.sub(n, D.sub(t, round64)), round64))]
}

/** The parts of an exponential. */
export interface Reduced32 {
  /** n + round32 + `shift`. */
  readonly t: Node
  /** e^r - 1. */
  readonly m: Node
}

/**
 * e^r - 1. The terms of the polynomial go partly in pairs: fewer steps that wait for one another, while all that waits
 * still fits in the registers.
 */
export const minusOne32 = (c: MathContext, r: Node): Node => {
  const madd = F.madd(c.fma)
  const square = F.mul(r, r)
  const upper = madd(madd(r, exponential[4], exponential[3]), square, madd(r, exponential[2], exponential[1]))
  return madd(madd(upper, r, exponential[0]), square, r)
}

/** `x = n log(2) + r`. */
export const reduced32 = (c: MathContext, x: Node, shift: number): Reduced32 => {
  const madd = F.madd(c.fma)
  const t = madd(x, 1.4426950408889634, round32 + shift)
  const n = F.sub(t, round32 + shift)
  return { t, m: minusOne32(c, madd(n, 2.1219444e-4, madd(n, -0.693359375, x))) }
}

/** 2^n as the bits of a float, of a sum whose lowest bits are n + 127. */
export const exponent32 = bits.shift(i32x4.shl, i32.const(23))

/** e^x of float32 lanes whose results are normal numbers. */
export const normalExp32 = (c: MathContext, x: Node): Node => {
  const { t, m } = reduced32(c, x, 127)
  return F.mul(F.add(m, 1), exponent32(t))
}

/** e^x of float32 lanes of which none is above 0: the same bits as `exp32`. */
export const fallingExp32 = (c: MathContext, x: Node): Node => {
  const { t, m } = reduced32(c, F.pmax(x, -104), 127 + 64)
  return F.mul(F.mul(F.add(m, 1), exponent32(t)), 2 ** -64)
}

/** `y` 2^n of `t` = n + round32 + 254. The power of two comes in two halves: subnormal and infinite results are rounded once. */
export const scaled32 = (y: Node, t: Node): Node => {
  const half = bits.shift(i32x4.shru, i32.const(1))(t)
  return F.mul(F.mul(y, exponent32(half)), exponent32(bits.bin(i32x4.sub)(t, half)))
}

/** e^x of float32. */
export const exp32: InlineUnary = (c, _b, x) => {
  const { t, m } = reduced32(c, F.pmin(F.pmax(x, -104), 89), 254)
  return scaled32(F.add(m, 1), t)
}

/** 2^x of float32. */
export const exp2x32: InlineUnary = (c, _b, x0) => {
  const x = F.pmin(F.pmax(x0, -151), 129)
  const t = F.add(x, round32 + 254)
  const r = F.mul(F.sub(x, F.sub(t, round32 + 254)), Math.LN2)
  return scaled32(F.add(minusOne32(c, r), 1), t)
}

/** e^x - 1 of float32. The power of two is that of half the result, which does not overflow before the result does. */
export const expm1x32: InlineUnary = (c, _b, x) => {
  const { t, m } = reduced32(c, F.pmin(F.pmax(x, -25), 88.8), 126)
  const half = exponent32(t)
  const y = F.madd(c.fma)(half, m, F.sub(half, 0.5))
  // Of tiny arguments half is not exact, and of -0 not the sign.
  return F.select(F.lt(F.abs(x), 1e-20), x, F.add(y, y))
}

const e64 = [
  0.5, 0.16666666666666685, 0.04166666666666673, 0.00833333333331674, 0.0013888888888858469, 0.00019841269897055656, 2.4801587373701613e-5,
  2.755723423865576e-6, 2.755723339086338e-7, 2.5112239562244777e-8, 2.092693336708081e-9,
]

/** e^(x + low) = 2^n (hi + lo), good to 2^-57; `hi + lo` lies between 0.7 and 1.42. */
export const expParts = (c: MathContext, x: Node, low?: Node): Pair & { readonly n: Node } => {
  const n = D.sub(D.madd(c.fma)(x, 1.4426950408889634, round64), round64)
  const h = D.sub(x, D.mul(n, 0.693147180559663)) // exact: the constant has 41 bits
  const l = low === undefined ? D.mul(n, 2.8235290563031577e-13) : D.sub(D.mul(n, 2.8235290563031577e-13), low)
  const r = D.sub(h, l)
  const hi = D.add(r, 1)
  const rest = D.mul(D.sub(D.sub(h, r), l), hi)
  const lo = D.add(D.add(D.sub(1, hi), r), D.madd(c.fma)(D.mul(r, r), poly64(c, r, e64), rest))
  return { n, hi, lo }
}

/** `x` kept where e^x neither overflows nor vanishes entirely, and just beyond; NaN stays. */
export const clamp64 = (x: Node): Node => D.pmin(D.pmax(x, -746), 710)

/** `x 2^n`. */
export const scale64 = (x: Operand, n: Node): Node => {
  const [p, q] = factors64(n)
  return D.mul(D.mul(x, p), q)
}

/** e^x of float64. */
export const exp64: InlineUnary = (c, _b, x) => {
  const { n, hi, lo } = expParts(c, clamp64(x))
  return scale64(D.add(hi, lo), n)
}

/** 2^x of float64. */
export const exp2x64: InlineUnary = (c, _b, x0) => {
  const x = D.pmin(D.pmax(x0, -1080), 1030)
  const n = D.sub(D.add(x, round64), round64)
  const f = D.sub(x, n)
  const r = twoProduct(c, f, 0.6931471805599453)
  const hi = D.add(r.hi, 1)
  const rest = D.madd(c.fma)(f, 2.3190468138462996e-17, r.lo)
  const lo = D.add(D.add(D.sub(1, hi), r.hi), D.madd(c.fma)(D.mul(r.hi, r.hi), poly64(c, r.hi, e64), D.mul(rest, hi)))
  return scale64(D.add(hi, lo), n)
}

/** e^x - 1 of float64. */
export const expm1x64: InlineUnary = (c, _b, x) => {
  const { n, hi, lo } = expParts(c, clamp64(D.pmax(x, -50)))
  const [p, q] = factors64(n)
  const a = D.mul(D.mul(hi, p), q)
  const b = D.mul(D.mul(lo, p), q)
  const d = twoSum(a, -1)
  const y = D.select(D.gt(x, 50), D.add(a, b), D.add(d.hi, D.add(d.lo, b)))
  return bits.or(y, D.sign(x))
}

/**
 * 1 / (1 + e^-x) of float32; the smaller exponential e is the one taken, so nothing overflows. As 1 - q or e - e q with
 * q = e / (1 + e): what rounding takes from q counts less.
 */
export const sigmoid32: InlineUnary = (c, _b, x) => {
  const e = fallingExp32(c, bits.or(x, F.c(-0)))
  const q = F.div(e, F.add(e, 1))
  const s = F.select(F.lt(x, 0), e, 1)
  return F.sub(s, F.mul(s, q))
}

/** 1 / (1 + e^-x) of float64, corrected for what rounding took from the exponential and the sum. */
export const sigmoid64: InlineUnary = (c, _b, x) => {
  const { n, hi, lo } = expParts(c, D.pmax(D.neg(D.abs(x)), -746))
  const e = scale64(D.add(hi, lo), n)
  // In the scale of the result, so that the rest of a subnormal exponential is dropped rather than wrong.
  const low = D.select(D.gt(e, 1e-290), scale64(D.add(D.sub(hi, D.add(hi, lo)), lo), n), 0)
  const d = quickSum(1, e)
  const negative = D.lt(x, 0)
  const q = D.div(D.select(negative, e, 1), d.hi)
  const rest = D.sub(D.select(negative, low, 0), D.mul(q, D.add(d.lo, low)))
  return D.add(q, D.div(rest, d.hi))
}

/**
 * tanh of float32: with E = (e^2a - 1) / 2 it is E / (E + 1), written as B + (E - B (E + 1)) / (E + 1) for B near the
 * result where that is small: rounding then takes from the rest alone.
 */
export const tanh32: InlineUnary = (c, _b, x) => {
  const a = F.abs(x)
  const { t, m } = reduced32(c, F.pmin(F.add(a, a), 40), 126)
  const half = exponent32(t)
  const e = F.madd(c.fma)(half, m, F.sub(half, 0.5))
  const near = F.pmin(a, 0.5)
  const rest = F.sub(F.sub(e, near), F.mul(e, near))
  return bits.or(F.add(near, F.div(rest, F.add(e, 1))), F.sign(x))
}
