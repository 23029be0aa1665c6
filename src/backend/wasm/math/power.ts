/** Powers and roots of float64; pow with the logarithm to twice the precision. */
import type { Body } from '../code.js'
import type { Binary, Context, Unary } from './context.js'
import { poly64 } from './context.js'
import type { Pair } from './double.js'
import { addPairs, divPairs, mulPairs, quickSum, twoProduct, twoSum } from './double.js'
import { clamp64, expParts, scale64 } from './exp.js'
import { logParts, plainLog64 } from './log.js'
import type { Node } from './node.js'
import { bits, D } from './node.js'

/** ((2 atanh(s) / s - 2) / s^2 - 2/3) / s^2 in s^2. */
const l64 = [
  0.39999999999999986, 0.2857142857144199, 0.2222222221816688, 0.1818181880414803, 0.15384560815026066, 0.133361826735304,
  0.11677278792742171, 0.11970390748850909,
]

/** log x to about 2^-66, for x > 0 and finite. */
export const logPair = (c: Context, x: Node): Pair => {
  const { k, f } = logParts(x)
  const s = divPairs(c, { hi: f, lo: D.c(0) }, quickSum(2, f))
  const z = mulPairs(c, s, s)
  const t = quickSum(0.6666666666666666, D.mul(z.hi, poly64(c, z.hi, l64)))
  const cubic = mulPairs(c, mulPairs(c, s, z), { hi: t.hi, lo: D.add(t.lo, 3.700743415417188e-17) })
  const log = addPairs({ hi: D.add(s.hi, s.hi), lo: D.add(s.lo, s.lo) }, cubic)
  return addPairs({ hi: D.mul(k, 0.693147180559663), lo: D.mul(k, 2.8235290563031577e-13) }, log)
}

/** What pow makes of |x|^y: signs, zeros, infinities and NaN by C's rules. */
const completed = (x: Node, y: Node, magnitude: Node): Node => {
  const half = D.mul(y, 0.5)
  const integral = D.eq(D.trunc(y), y)
  const odd = bits.and(integral, D.ne(D.trunc(half), half))
  const signed = bits.or(magnitude, bits.and(odd, D.sign(x)))
  const undefined_ = bits.or(bits.and(bits.and(D.lt(x, 0), D.gt(x, -Infinity)), bits.without(D.eq(y, y), integral)), D.ne(x, x))
  const one = bits.or(bits.or(D.eq(y, 0), D.eq(x, 1)), bits.and(D.eq(x, -1), D.eq(D.abs(y), Infinity)))
  return D.select(one, 1, D.select(undefined_, NaN, signed))
}

/** The logarithm's head at 0 and Infinity. */
const extended = (a: Node, log: Node): Node => D.select(D.eq(a, 0), -Infinity, D.select(D.lt(a, Infinity), log, Infinity))

/** x^y of float64. */
export const pow64: Binary = (c, _b, x, y) => {
  const a = D.abs(x)
  const log = logPair(c, a)
  const p = twoProduct(c, y, extended(a, log.hi))
  const low = D.madd(c.fma)(y, log.lo, p.lo)
  const hi = clamp64(p.hi)
  // NaN where the product's halves overflowed; the head alone decides there.
  const e = expParts(c, hi, D.select(bits.and(D.eq(hi, p.hi), D.eq(low, low)), low, 0))
  return completed(x, y, scale64(D.add(e.hi, e.lo), e.n))
}

/** x^y of float32 values held as float64: the plain logarithm is precise enough. */
export const powWide: Binary = (c, _b, x, y) => {
  const a = D.abs(x)
  const e = expParts(c, clamp64(D.mul(y, extended(a, plainLog64(c, a)))))
  return completed(x, y, scale64(D.add(e.hi, e.lo), e.n))
}

/** The cube root of float64: e^(log(x) / 3), then one step of Newton's with the exact cube. */
export const cbrt64: Unary = (c, _b, x) => {
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
export const hypot64: Binary = (c, _b, x, y) => {
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
export const hypotWide: Binary = (_c, _b: Body, x, y) =>
  D.select(bits.or(D.eq(D.abs(x), Infinity), D.eq(D.abs(y), Infinity)), Infinity, D.sqrt(D.add(D.mul(x, x), D.mul(y, y))))
