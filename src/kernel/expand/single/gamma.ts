/** The logarithm of the gamma function of float32 and its derivative; intervals and coefficients are fdlibm's. */
import { asymptotic, root, slope } from '../../coefficients/digamma.js'
import { a0, a1, r, s as p, t0, t1, t2, tc, tf, u, v, w, w0 } from '../../coefficients/lgamma.js'
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'
import type { FloatPair } from './arithmetic.js'
import {
  addPairs,
  c,
  choose,
  constantPair,
  held,
  minus,
  mulPairs,
  orNaN,
  plus,
  poly,
  single,
  times,
  twoProduct,
  twoSum,
} from './arithmetic.js'
import { cos, sin } from './circular.js'
import { log, log2Pair } from './log.js'

/** log x of a positive number, to about 2^-40. */
const logPair = (x: Expr): FloatPair => mulPairs(log2Pair(x), constantPair(Math.LN2))
const rational = (top: readonly number[], bottom: readonly number[], x: Expr): Expr => s.div(poly(x, top), poly(x, bottom))

/** log gamma near 2, in y = 2 - x. */
const nearTwo = (y: Expr): Expr => {
  const z = s.mul(y, y)
  return minus(plus(s.mul(y, poly(z, a0)), s.mul(z, poly(z, a1))), s.mul(y, c(0.5)))
}
/** log gamma near its minimum, in y = x - tc. */
const nearMinimum = (y: Expr): Expr => {
  const z = s.mul(y, y)
  const cube = s.mul(z, y)
  return plus(c(tf), plus(s.mul(z, poly(cube, t0)), s.mul(cube, plus(held(poly(cube, t1)), s.mul(y, poly(cube, t2))))))
}
/** log gamma near 1, in y = x - 1. */
const nearOne = (y: Expr): Expr => minus(s.mul(y, rational(u, v, y)), s.mul(y, c(0.5)))

const below2 = (x: Expr): Expr => {
  // Up to 0.9 it is the value at x + 1, less log x.
  const isLow = s.le(x, c(0.9))
  const at = s.select(isLow, plus(x, c(1)), x)
  const [distance, beyond] = [s.select(isLow, minus(c(1), x), minus(c(2), x)), s.select(isLow, x, minus(x, c(1)))]
  const centre = plus(minus(at, c(Math.fround(tc))), c(Math.fround(tc) - tc))
  const y = choose([s.ge(at, c(1.7316)), nearTwo(distance)], [s.ge(at, c(1.23164)), nearMinimum(centre)], nearOne(beyond))
  return s.select(isLow, minus(y, log(x)), y)
}

/** log gamma of x > 0. */
const positive = (x: Expr): Expr => {
  const inside = s.min(x, c(8))
  const steps = s.floor(inside)
  const y = minus(inside, steps)
  const product = [2, 3, 4, 5, 6].reduce((f, k) => times(f, s.select(s.gt(steps, c(k)), plus(y, c(k)), c(1))), c(1))
  const middle = plus(plus(s.mul(y, c(0.5)), s.mul(y, rational(p, r, y))), log(product))
  const far = s.max(x, c(8))
  const z = s.div(c(1), far)
  // Near the largest number the halves of a product would overflow; a power of 2 less, they do not.
  const scale = s.select(s.gt(far, c(2 ** 60)), c(2 ** -30), c(1))
  const main = mulPairs(twoSum(times(far, scale), times(c(-0.5), scale)), addPairs(logPair(far), single(c(-1))))
  const end = plus(s.div(main.hi, scale), plus(s.div(main.lo, scale), plus(c(w0), s.mul(z, poly(s.mul(z, z), w)))))
  return choose([s.lt(x, c(2)), below2(x)], [s.lt(x, c(8)), middle], [s.eq(x, c(Infinity)), x], end)
}

/** sin and cos of pi times the distance from the nearest integer. */
const circle = (x: Expr): { readonly sine: Expr; readonly cosine: Expr } => {
  const d = s.abs(minus(x, s.round(x)))
  const swap = s.gt(d, c(0.25))
  const angle = times(s.select(swap, minus(c(0.5), d), d), c(Math.PI))
  const [a, b] = [sin(angle), cos(angle)]
  return { sine: s.select(swap, b, a), cosine: s.select(swap, a, b) }
}

/** log |gamma(x)|; Infinity at 0, at the negative integers and at both infinities. */
export const lgamma = (x: Expr): Expr => {
  const a = s.abs(x)
  const size = s.max(a, c(2 ** -60))
  const left = minus(log(s.div(c(Math.PI), times(size, circle(x).sine))), positive(size))
  const pole = s.and(s.le(x, c(0)), s.eq(x, s.floor(x)))
  const value = choose([pole, c(Infinity)], [s.lt(a, c(2 ** -40)), s.neg(log(a))], [s.gt(x, c(0)), positive(a)], left)
  return orNaN(x, s.select(s.eq(a, c(Infinity)), a, value))
}

/** digamma of x from 0 to 10: expanded about its root between 1 and 2, the recurrence from there. */
const nearDigamma = (x: Expr): Expr => {
  const isBelow = s.lt(x, c(1))
  const up = twoSum(x, c(1))
  const whole = s.select(isBelow, c(1), s.floor(x))
  const t = s.select(isBelow, up.hi, plus(minus(x, whole), c(1)))
  // x + 1 is rounded; the derivative from 1 to 2 is near 1.645 - x.
  const rest = s.select(isBelow, times(up.lo, minus(c(1.645), x)), c(0))
  const distance = addPairs(single(minus(t, c(Math.fround(root)))), single(c(Math.fround(root) - root)))
  const product = twoProduct(distance.hi, held(poly(minus(t, c(1.5)), slope)))
  const start: FloatPair = { hi: product.hi, lo: plus(product.lo, rest) }
  const terms = Array.from({ length: 8 }, (_, k): FloatPair => {
    const from = plus(t, c(k))
    const q = s.div(c(1), from)
    const back = twoProduct(q, from)
    const on = s.gt(whole, c(k + 1))
    return { hi: s.select(on, q, c(0)), lo: s.select(on, times(minus(minus(c(1), back.hi), back.lo), q), c(0)) }
  })
  const inverse = s.div(c(1), s.select(isBelow, x, c(1)))
  const below = twoProduct(inverse, s.select(isBelow, x, c(1)))
  const first: FloatPair = {
    hi: s.select(isBelow, s.neg(inverse), c(0)),
    lo: s.select(isBelow, s.neg(times(minus(minus(c(1), below.hi), below.lo), inverse)), c(0)),
  }
  const sum = [...terms, first].reduce(addPairs, start)
  return plus(sum.hi, sum.lo)
}

/** digamma of x > 0. */
const positiveDigamma = (x: Expr): Expr => {
  const far = s.max(x, c(10))
  const z = s.div(c(1), times(far, far))
  const end = minus(minus(log(far), s.div(c(0.5), far)), s.mul(z, poly(z, asymptotic)))
  // So near the pole the inverse alone is left, which may overflow.
  return choose([s.lt(x, c(1e-10)), s.div(c(-1), x)], [s.lt(x, c(10)), nearDigamma(s.max(x, c(1e-10)))], end)
}

/** The derivative of lgamma: at 0 infinite, with the opposite sign of the zero, and NaN at the negative integers. */
export const digamma = (x: Expr): Expr => {
  const isLeft = s.le(x, c(0))
  const right = positiveDigamma(s.select(isLeft, minus(c(1), x), x))
  const { sine, cosine } = circle(x)
  const offset = minus(x, s.round(x))
  const quotient = s.div(cosine, sine)
  const cotangent = s.select(s.lt(offset, c(0)), s.neg(quotient), quotient)
  const left = minus(right, times(cotangent, c(Math.PI)))
  const pole = choose([s.eq(x, c(0)), s.div(c(-1), x)], c(NaN))
  const value = s.select(isLeft, s.select(s.eq(x, s.floor(x)), pole, left), right)
  return orNaN(x, value)
}
