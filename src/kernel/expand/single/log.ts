/** Logarithms of float32: x = 2^k m with m between sqrt(1/2) and sqrt(2), log m by a polynomial. */
import { logarithm } from '../../coefficients/single.js'
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'
import type { FloatPair } from './arithmetic.js'
import {
  addPairs,
  c,
  choose,
  constantPair,
  divPairs,
  head,
  minus,
  mulPairs,
  orNaN,
  plus,
  poly,
  quickSum,
  single,
  sqrtPair,
  times,
  twoProduct,
  twoSum,
  withSign,
} from './arithmetic.js'

/** `x = 2^k (1 + f)` of a positive, normal x. */
const partsOfNormal = (x: Expr): { readonly k: Expr; readonly f: Expr } => {
  const i = s.sub(s.bitcast(x, 'int32'), s.int(0x3f3504f3))
  const m = s.bitcast(s.add(s.and(i, s.int(0x7fffff)), s.int(0x3f3504f3)), 'float32')
  return { k: s.shr(i, s.int(23)), f: minus(m, c(1)) }
}
/** `x = 2^k (1 + f)` of a positive x. */
const parts = (x: Expr): { readonly k: Expr; readonly f: Expr } => {
  const tiny = s.lt(x, c(2 ** -126))
  const { k, f } = partsOfNormal(s.select(tiny, times(x, c(2 ** 23)), x))
  return { k: s.cast(s.sub(k, s.select(tiny, s.int(23), s.int(0))), 'float32'), f }
}

/** log(1 + f) - f, and `low`. */
const tail = (f: Expr, low?: Expr): Expr => {
  const z = times(f, f)
  const cubic = s.mul(s.mul(f, z), poly(f, logarithm))
  return plus(s.mul(z, c(-0.5)), low === undefined ? cubic : plus(low, cubic))
}

/** The values of a logarithm outside of 0 < x < Infinity. */
const proper = (x: Expr, y: Expr): Expr => {
  const edge = choose([s.eq(x, c(0)), c(-Infinity)], [s.lt(x, c(0)), c(NaN)], x)
  return orNaN(x, s.select(s.and(s.gt(x, c(0)), s.lt(x, c(Infinity))), y, edge))
}

/** k log 2 + log(1 + f) + low. */
const joined = (k: Expr, f: Expr, low?: Expr): Expr => {
  const small = times(k, c(-2.1219444e-4))
  return plus(times(k, c(0.693359375)), plus(f, tail(f, low === undefined ? small : plus(small, low))))
}

/** log x. */
export const log = (x: Expr): Expr => {
  const { k, f } = parts(x)
  return proper(x, joined(k, f))
}

/** log2(e) and log10(e): 12 bits, and the rest. */
const log2e = [1.4423828125, Math.LOG2E - 1.4423828125] as const
const log10e = [0.434326171875, Math.LOG10E - 0.434326171875] as const

/** log(1 + f) times a constant given in two parts: what can be large first. */
const inBase = (f: Expr, [high, low]: readonly [number, number]): { readonly exact: Expr; readonly rest: Expr } => {
  const t = tail(f)
  const fh = head(f)
  return { exact: times(fh, c(high)), rest: plus(times(minus(f, fh), c(high)), plus(times(f, c(low)), times(t, c(high + low)))) }
}

/** The logarithm to base 2; exact of powers of 2. */
export const log2 = (x: Expr): Expr => {
  const { k, f } = parts(x)
  const { exact, rest } = inBase(f, log2e)
  const sum = twoSum(k, exact)
  return proper(x, plus(sum.hi, plus(sum.lo, rest)))
}

/** The logarithm to base 10. */
export const log10 = (x: Expr): Expr => {
  const { k, f } = parts(x)
  const { exact, rest } = inBase(f, log10e)
  const sum = twoSum(times(k, c(0.301025390625)), exact)
  return proper(x, plus(sum.hi, plus(sum.lo, plus(times(k, c(4.605039e-6)), rest))))
}

/** log(1 + x + low), for -1 < x < Infinity. */
const plainLog1p = (x: Expr, low?: Expr): Expr => {
  const u = twoSum(c(1), x)
  const { k, f } = parts(u.hi)
  const correction = s.div(low === undefined ? u.lo : plus(u.lo, low), u.hi)
  return joined(k, f, correction)
}

/** log(1 + x). */
export const log1p = (x: Expr): Expr => {
  const edge = choose([s.eq(x, c(-1)), c(-Infinity)], [s.lt(x, c(-1)), c(NaN)], x)
  const inside = s.and(s.gt(x, c(-1)), s.lt(x, c(Infinity)))
  return orNaN(x, choose([s.lt(s.abs(x), c(1e-8)), x], [inside, plainLog1p(x)], edge))
}

/** From where on a number and 1 more are the same. */
const huge = 2 ** 28

/** log(1 + a + (sqrt(1 + a^2) - 1)), the argument in two parts. */
export const asinh = (x: Expr): Expr => {
  const a = s.abs(x)
  const far = s.gt(a, c(huge))
  const t = s.select(far, c(1), a)
  const square = twoProduct(t, t)
  const one = twoSum(square.hi, c(1))
  const root = sqrtPair(quickSum(one.hi, plus(one.lo, square.lo)))
  const u = twoSum(t, minus(root.hi, c(1)))
  const near = plainLog1p(u.hi, plus(u.lo, root.lo))
  const value = s.select(far, plus(log(a), c(Math.LN2)), near)
  return orNaN(x, withSign(choose([s.lt(a, c(1e-4)), a], [s.lt(a, c(Infinity)), value], a), x))
}

/** log(1 + t + sqrt(t (2 + t))) for t = x - 1; NaN below 1. */
export const acosh = (x: Expr): Expr => {
  const far = s.gt(x, c(huge))
  const t = s.select(far, c(1), minus(x, c(1)))
  const sum = twoSum(t, c(2))
  const p = twoProduct(t, sum.hi)
  const inside = quickSum(p.hi, plus(p.lo, times(t, sum.lo)))
  const root = sqrtPair({ hi: s.max(inside.hi, c(1e-37)), lo: inside.lo })
  const u = twoSum(t, root.hi)
  const near = plainLog1p(u.hi, plus(u.lo, root.lo))
  const value = s.select(far, plus(log(x), c(Math.LN2)), near)
  return orNaN(x, choose([s.lt(x, c(1)), c(NaN)], [s.eq(x, c(1)), c(0)], [s.lt(x, c(Infinity)), value], x))
}

/** log(1 + 2a / (1 - a)) / 2; infinite at the ends, NaN beyond. */
export const atanh = (x: Expr): Expr => {
  const a = s.abs(x)
  const inside = s.min(a, c(1 - 2 ** -24))
  const q = divPairs(single(plus(inside, inside)), twoSum(c(1), s.neg(inside)))
  const y = s.mul(plainLog1p(q.hi, q.lo), c(0.5))
  return orNaN(x, withSign(choose([s.lt(a, c(1e-4)), a], [s.lt(a, c(1)), y], [s.eq(a, c(1)), c(Infinity)], c(NaN)), x))
}

/** (2 atanh(t) / t - 2) / t^2 / log 2 less its first term, in t^2, for t up to 0.172. */
const log2Series = [0.5770780163555854, 0.41219858311113244, 0.3205988979753252, 0.26229]

/** log2 of a positive number as a pair, to about 2^-40. */
export const log2Pair = (x: Expr): FloatPair => {
  const { k, f } = parts(x)
  const t = divPairs(single(f), quickSum(c(2), f))
  const z = mulPairs(t, t)
  const first = constantPair(2 / Math.LN2)
  const second = constantPair(2 / (3 * Math.LN2))
  const rest = s.mul(times(z.hi, z.hi), poly(z.hi, log2Series))
  const factor = addPairs(first, addPairs(mulPairs(z, second), single(rest)))
  return addPairs(single(k), mulPairs(t, factor))
}
