/** Powers and roots of float64; pow with the logarithm to twice the precision. */
import type { Body } from '../code.js'
import { i32, i32x4, i64x2 } from '../instructions.js'
import type { InlineBinary, MathContext, Guarded, InlineUnary } from './context.js'
import { poly64 } from './context.js'
import type { Pair } from './double.js'
import { addPairs, divPairs, mulPairs, quickSum, twoProduct, twoSum } from './double.js'
import { clamp64, expParts, minusOne32, round64, scale64, scaled32 } from './exp.js'
import { fromInt, logParts, long, plainLog64 } from './log.js'
import type { Node } from './node.js'
import { bits, D, F, int } from './node.js'
import { evenLanes, join, lower, upper } from './widen.js'

/** ((2 atanh(s) / s - 2) / s^2 - 2/3) / s^2 in s^2. */
const l64 = [
  0.39999999999999986, 0.2857142857144199, 0.2222222221816688, 0.1818181880414803, 0.15384560815026066, 0.133361826735304,
  0.11677278792742171, 0.11970390748850909,
]

/** log x to about 2^-66, for x > 0 and finite. */
export const logPair = (c: MathContext, x: Node): Pair => {
  const { k, f } = logParts(x)
  const s = divPairs(c, { hi: f, lo: D.c(0) }, quickSum(2, f))
  const z = mulPairs(c, s, s)
  const t = quickSum(0.6666666666666666, D.mul(z.hi, poly64(c, z.hi, l64)))
  const cubic = mulPairs(c, mulPairs(c, s, z), { hi: t.hi, lo: D.add(t.lo, 3.700743415417188e-17) })
  const log = addPairs({ hi: D.add(s.hi, s.hi), lo: D.add(s.lo, s.lo) }, cubic)
  return addPairs({ hi: D.mul(k, 0.693147180559663), lo: D.mul(k, 2.8235290563031577e-13) }, log)
}

/** What pow makes of |x|^y: signs, zeros, infinities and NaN by C's rules. */
const completed = (k: typeof F, x: Node, y: Node, magnitude: Node): Node => {
  const half = k.mul(y, 0.5)
  const integral = k.eq(k.trunc(y), y)
  const odd = bits.and(integral, k.ne(k.trunc(half), half))
  const signed = bits.or(magnitude, bits.and(odd, k.sign(x)))
  const undefined_ = bits.or(bits.and(bits.and(k.lt(x, 0), k.gt(x, -Infinity)), bits.without(k.eq(y, y), integral)), k.ne(x, x))
  const one = bits.or(bits.or(k.eq(y, 0), k.eq(x, 1)), bits.and(k.eq(x, -1), k.eq(k.abs(y), Infinity)))
  return k.select(one, 1, k.select(undefined_, NaN, signed))
}

/** The logarithm's head at 0 and Infinity. */
const extended = (a: Node, log: Node): Node => D.select(D.eq(a, 0), -Infinity, D.select(D.lt(a, Infinity), log, Infinity))

/** x^y of float64. */
export const pow64: InlineBinary = (c, _b, x, y) => {
  const a = D.abs(x)
  const log = logPair(c, a)
  const p = twoProduct(c, y, extended(a, log.hi))
  const low = D.madd(c.fma)(y, log.lo, p.lo)
  const hi = clamp64(p.hi)
  // NaN where the product's halves overflowed; the head alone decides there.
  const e = expParts(c, hi, D.select(bits.and(D.eq(hi, p.hi), D.eq(low, low)), low, 0))
  return completed(D, x, y, scale64(D.add(e.hi, e.lo), e.n))
}

/** log2((1 + s) / (1 - s)) / s in s^2. */
const log2Series = [2.8853900817782945, 0.9617966902255133, 0.5770802748663751, 0.4118390541450013, 0.33824936772565456]

/** log2 of positive float64 to 2^-43, for the multiples of it that are exponents of float32. */
const log2Wide = (c: MathContext, x: Node): Node => {
  const i = bits.bin(i64x2.add)(x, long(0x3ff00000 - 0x3fe6a09e, 0))
  const k = D.sub(bits.or(bits.shift(i64x2.shru, i32.const(52))(i), D.c(4503599627370496)), 4503599627370496 + 1023)
  const m = bits.bin(i64x2.add)(bits.and(i, long(0x000fffff, -1)), long(0x3fe6a09e, 0))
  const s = D.div(D.sub(m, 1), D.add(m, 1))
  return D.madd(c.fma)(s, poly64(c, D.mul(s, s), log2Series), k)
}

/** x^y of float32: the exponent of 2 in float64, its fraction's power in float32. */
export const pow32 = (c: MathContext, _b: Body, x: Node, y: Node): Guarded => {
  const a = F.abs(x)
  const half = (xd: Node, yd: Node) => {
    const p = D.pmin(D.pmax(D.mul(yd, log2Wide(c, xd)), -200), 200)
    const t = D.add(p, round64)
    return { t, r: D.mul(D.sub(p, D.sub(t, round64)), Math.LN2) }
  }
  const [l, h] = [half(lower(a), lower(y)), half(upper(a), upper(y))]
  const m = minusOne32(c, join(l.r, h.r))
  const t = bits.bin(i32x4.add)(evenLanes(l.t, h.t), int(254))
  return {
    value: scaled32(F.add(m, 1), t),
    rare: bits.not(bits.and(bits.and(F.gt(x, 0), F.lt(x, Infinity)), F.lt(F.abs(y), Infinity))),
    otherwise: (value) => {
      const up = bits.not(bits.xor(F.gt(a, 1), F.gt(y, 0)))
      const grows = F.select(bits.and(F.eq(y, y), F.eq(a, a)), F.select(up, Infinity, 0), NaN)
      const bounded = bits.and(bits.and(F.gt(a, 0), F.lt(a, Infinity)), F.lt(F.abs(y), Infinity))
      return completed(F, x, y, F.select(bounded, value, grows))
    },
  }
}

/** The cube root of float64: e^(log(x) / 3), then one step of Newton's with the exact cube. */
export const cbrt64: InlineUnary = (c, _b, x) => {
  const a = D.abs(x)
  const small = D.lt(a, 2 ** -300)
  const large = D.gt(a, 2 ** 300)
  const t = D.mul(a, D.select(small, 2 ** 600, D.select(large, 2 ** -600, 1)))
  const { n, hi, lo } = expParts(c, D.mul(plainLog64(c, t), 1 / 3))
  const y = scale64(D.add(hi, lo), n)
  const square = twoProduct(c, y, y)
  const cube = twoProduct(c, square.hi, y)
  const excess = D.add(D.sub(cube.hi, t), D.madd(c.fma)(square.lo, y, cube.lo))
  const root = D.sub(y, D.div(excess, D.mul(square.hi, 3)))
  const scaled = D.mul(root, D.select(small, 2 ** -200, D.select(large, 2 ** 200, 1)))
  return bits.or(D.select(bits.and(D.gt(a, 0), D.lt(a, Infinity)), scaled, a), D.sign(x))
}

/** sqrt(x^2 + y^2) of float64 without overflow on the way; Infinity beside NaN is Infinity. */
export const hypot64: InlineBinary = (c, _b, x, y) => {
  const [a, z] = [D.abs(x), D.abs(y)]
  const most = D.pmax(a, z)
  const up = D.lt(most, 2 ** -400)
  const down = D.gt(most, 2 ** 400)
  const scale = D.select(up, 2 ** 600, D.select(down, 2 ** -600, 1))
  const p = twoProduct(c, ...twice(D.mul(a, scale)))
  const q = twoProduct(c, ...twice(D.mul(z, scale)))
  const s = twoSum(p.hi, q.hi)
  const root = D.sqrt(s.hi)
  const r = twoProduct(c, root, root)
  const rest = D.add(D.sub(D.sub(s.hi, r.hi), r.lo), D.add(s.lo, D.add(p.lo, q.lo)))
  const exact = D.add(root, D.div(rest, D.add(root, root)))
  const value = D.mul(D.select(D.gt(root, 0), exact, root), D.select(up, 2 ** -600, D.select(down, 2 ** 600, 1)))
  return D.select(bits.or(D.eq(a, Infinity), D.eq(z, Infinity)), Infinity, D.select(bits.and(D.eq(a, a), D.eq(z, z)), value, NaN))
}
const twice = (x: Node): readonly [Node, Node] => [x, x]

/** The same of float32 values held as float64: the squares are exact. */
export const hypotWide: InlineBinary = (_c, _b: Body, x, y) =>
  D.select(bits.or(D.eq(D.abs(x), Infinity), D.eq(D.abs(y), Infinity)), Infinity, D.sqrt(D.add(D.mul(x, x), D.mul(y, y))))

/** The cube root of a normal float32 that is neither very large nor very small, a third of its bits improved twice (Halley). */
const plainCbrt32 = (a: Node): Node => {
  const guess = bits.un(i32x4.truncSatF32)(F.add(F.mul(fromInt(a), 1 / 3), 709958130))
  const better = (y: Node): Node => {
    const cube = F.mul(F.mul(y, y), y)
    return F.sub(y, F.mul(y, F.div(F.sub(cube, a), F.add(F.add(cube, cube), a))))
  }
  return better(better(guess))
}

/** The cube root of float32. */
export const cbrt32 = (_c: MathContext, _b: Body, x: Node): Guarded => {
  const a = F.abs(x)
  return {
    value: bits.or(plainCbrt32(a), F.sign(x)),
    rare: bits.not(bits.and(F.gt(a, 2 ** -120), F.lt(a, 2 ** 120))),
    otherwise: () => {
      const tiny = F.lt(a, 1)
      const root = F.mul(plainCbrt32(F.mul(a, F.select(tiny, 2 ** 60, 2 ** -60))), F.select(tiny, 2 ** -20, 2 ** 20))
      return bits.or(F.select(bits.and(F.gt(a, 0), F.lt(a, Infinity)), root, a), F.sign(x))
    },
  }
}
