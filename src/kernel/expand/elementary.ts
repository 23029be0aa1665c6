/** Elementary functions from exp, log, sin, cos and, for float64, a float32 value improved by one step. */
import type { Expr } from '../scalar.js'
import { s } from '../scalar.js'

const one = (x: Expr): Expr => s.like(x, 1)
const zero = (x: Expr): Expr => s.like(x, 0)
const half = (x: Expr): Expr => s.mul(x, s.like(x, 0.5))
const reciprocal = (x: Expr): Expr => s.div(one(x), x)
const isInfinite = (x: Expr): Expr => s.eq(s.abs(x), s.like(x, Infinity))

/** `f(|x|)` with the sign of x; f(0) is 0. */
const odd = (x: Expr, f: (a: Expr) => Expr): Expr => {
  const y = f(s.abs(x))
  return s.select(s.eq(x, zero(x)), x, s.select(s.lt(x, zero(x)), s.neg(y), y))
}

/** log(1 + x) = x log(u) / (u - 1) for u = 1 + x as rounded, whose error the quotient undoes (Kahan). */
export const log1p = (x: Expr): Expr => {
  const u = s.add(x, one(x))
  const small = s.or(s.eq(u, one(x)), s.eq(u, s.like(x, Infinity)))
  return s.select(small, s.select(s.eq(u, one(x)), x, u), s.mul(s.log(u), s.div(x, s.sub(u, one(x)))))
}

/** e^x - 1 = (u - 1) x / log(u) for u = e^x as rounded (Kahan). */
export const expm1 = (x: Expr): Expr => {
  const u = s.exp(x)
  const d = s.sub(u, one(x))
  const y = s.mul(d, s.div(x, s.log(u)))
  const far = s.or(s.eq(d, s.like(x, -1)), s.eq(u, s.like(x, Infinity)))
  return s.select(s.eq(u, one(x)), x, s.select(far, d, y))
}

/** x^(1/3). */
export const cbrt = (x: Expr): Expr => odd(x, (a) => s.pow(a, s.like(a, 1 / 3)))

/** The longer leg times sqrt(1 + ratio^2). */
export const hypot = (x: Expr, y: Expr): Expr => {
  const [a, b] = [s.abs(x), s.abs(y)]
  const [long, low] = [s.max(a, b), s.min(a, b)]
  const ratio = s.div(low, long)
  const length = s.mul(long, s.sqrt(s.add(one(x), s.mul(ratio, ratio))))
  const infinite = s.or(isInfinite(x), isInfinite(y))
  return s.select(infinite, s.like(x, Infinity), s.select(s.eq(long, zero(x)), long, length))
}

/** True for numbers below 0 and for -0. */
const negative = (x: Expr): Expr => s.or(s.lt(x, zero(x)), s.and(s.eq(x, zero(x)), s.lt(reciprocal(x), zero(x))))

/** The angle of (x, y), from the quotient of the smaller by the larger: arguments in the order y, x. */
export const atan2 = (y: Expr, x: Expr): Expr => {
  const [a, b] = [s.abs(x), s.abs(y)]
  const steep = s.gt(b, a)
  const [long, low] = [s.max(a, b), s.min(a, b)]
  const both = s.and(isInfinite(x), isInfinite(y))
  const ratio = s.select(both, one(x), s.select(s.eq(long, zero(x)), zero(x), s.div(low, long)))
  const first = s.atan(ratio)
  const quarter = s.select(steep, s.sub(s.like(x, Math.PI / 2), first), first)
  const turned = s.select(negative(x), s.sub(s.like(x, Math.PI), quarter), quarter)
  return s.select(negative(y), s.neg(turned), turned)
}

/** The same in float64: the float32 angle t, and what is left, the tangent of the angle between. */
export const atan2Double = (y: Expr, x: Expr): Expr => {
  // lengths are brought near 1, so that the narrow type holds them
  const long = s.max(s.abs(x), s.abs(y))
  const scale = s.select(s.eq(long, zero(x)), one(x), long)
  const scaled = (v: Expr): Expr => s.select(isInfinite(v), v, s.div(v, scale))
  const [v, u] = [scaled(y), scaled(x)]
  const t = s.cast(atan2(s.cast(v, 'float32'), s.cast(u, 'float32')), 'float64')
  const rest = s.div(s.sub(s.mul(v, s.cos(t)), s.mul(u, s.sin(t))), s.add(s.mul(u, s.cos(t)), s.mul(v, s.sin(t))))
  const exact = s.add(t, rest)
  // at the origin and at infinity the angle is a multiple of pi / 4, which float32 has by name only
  const eighths = s.mul(s.round(s.mul(t, s.like(t, 4 / Math.PI))), s.like(t, Math.PI / 4))
  const special = s.or(s.eq(long, zero(x)), isInfinite(long))
  return s.select(special, eighths, exact)
}

const complement = (x: Expr): Expr => s.sqrt(s.mul(s.sub(one(x), x), s.add(one(x), x)))

/** Of float64. */
export const atan = (x: Expr): Expr => atan2Double(x, one(x))
/** Of float64. */
export const asin = (x: Expr): Expr => atan2Double(x, complement(x))
/** Of float64. */
export const acos = (x: Expr): Expr => atan2Double(complement(x), x)
/** Of float64. */
export const tan = (x: Expr): Expr => s.div(s.sin(x), s.cos(x))
/** (t + t / (t + 1)) / 2 for t = e^|x| - 1; by halves of x where that overflows. */
export const sinh = (x: Expr): Expr =>
  odd(x, (a) => {
    const t = expm1(a)
    const near = half(s.add(t, s.div(t, s.add(t, one(a)))))
    const root = s.exp(half(a))
    return s.select(s.gt(a, s.like(a, 20)), s.mul(half(root), root), near)
  })
/** (e^|x| + e^-|x|) / 2, by halves of x so that it overflows only where it must. */
export const cosh = (x: Expr): Expr => {
  const root = s.exp(half(s.abs(x)))
  return s.add(s.mul(half(root), root), s.div(s.div(s.like(x, 0.5), root), root))
}
/** log(2 a), to the last digit of float64 beyond 1e9; the square of a would overflow somewhere. */
const logTwice = (a: Expr): Expr => s.add(s.log(a), s.like(a, Math.LN2))
/** log(1 + a + a^2 / (1 + sqrt(1 + a^2))). */
export const asinh = (x: Expr): Expr =>
  odd(x, (a) => {
    const square = s.mul(a, a)
    const near = log1p(s.add(a, s.div(square, s.add(one(a), s.sqrt(s.add(one(a), square))))))
    return s.select(s.gt(a, s.like(a, 1e9)), logTwice(a), near)
  })
/** log(1 + t + sqrt(2t + t^2)) for t = x - 1. */
export const acosh = (x: Expr): Expr => {
  const t = s.sub(x, one(x))
  const near = log1p(s.add(t, s.sqrt(s.add(s.add(t, t), s.mul(t, t)))))
  return s.select(s.lt(x, one(x)), s.like(x, NaN), s.select(s.gt(x, s.like(x, 1e9)), logTwice(x), near))
}
/** log((1 + a) / (1 - a)) / 2. */
export const atanh = (x: Expr): Expr => odd(x, (a) => half(log1p(s.div(s.add(a, a), s.sub(one(a), a)))))
