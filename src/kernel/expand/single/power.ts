/** Powers and roots of float32. */
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'
import { bitsOf, c, choose, floatOf, head, held, minus, orNaN, plus, quickSum, times, twoProduct, withSign, word } from './arithmetic.js'
import { minusOne, nearest, scaled } from './exp.js'
import { log2Pair } from './log.js'

/** |x|^y for 0 < |x| < Infinity and finite y: 2^(y log2 |x|), the exponent in two parts. */
const magnitude = (a: Expr, y: Expr): Expr => {
  const l = log2Pair(a)
  // Far beyond what overflows, the product itself would.
  const by = s.min(s.max(y, c(-(2 ** 40))), c(2 ** 40))
  const p = twoProduct(l.hi, by)
  const product = quickSum(p.hi, plus(p.lo, times(l.lo, by)))
  const bounded = s.min(s.max(product.hi, c(-200)), c(200))
  const { whole, n } = nearest(bounded)
  const low = s.select(s.eq(bounded, product.hi), product.lo, c(0))
  const r = plus(minus(bounded, whole), low)
  const missed = minus(low, minus(r, minus(bounded, whole)))
  // r log 2 in two parts.
  const rh = head(r)
  const exact = times(rh, c(0.693115234375))
  const rest = plus(times(minus(r, rh), c(0.693115234375)), plus(times(r, c(Math.LN2 - 0.693115234375)), times(missed, c(Math.LN2))))
  const e = plus(exact, rest)
  return scaled(plus(c(1), minusOne(e, minus(rest, minus(e, exact)))), n)
}

/** x^y, with C's rules for signs, zeros, infinities and NaN. */
export const pow = (x: Expr, y: Expr): Expr => {
  const a = s.abs(x)
  const inside = s.and(s.and(s.gt(a, c(0)), s.lt(a, c(Infinity))), s.lt(s.abs(y), c(Infinity)))
  const value = magnitude(s.select(inside, a, c(1)), s.select(inside, y, c(1)))
  const above = s.gt(a, c(1))
  const rises = s.gt(y, c(0))
  const grows = s.or(s.and(above, rises), s.and(s.not(above), s.not(rises)))
  const size = s.select(inside, value, s.select(grows, c(Infinity), c(0)))
  const isWhole = s.eq(s.trunc(y), y)
  const half = s.mul(y, c(0.5))
  const isOdd = s.and(isWhole, s.ne(s.trunc(half), half))
  const signed = s.select(isOdd, withSign(size, x), size)
  const isReal = s.or(s.or(s.ge(x, c(0)), isWhole), s.or(s.eq(x, c(0)), s.eq(a, c(Infinity))))
  const isOne = s.or(s.or(s.eq(y, c(0)), s.eq(x, c(1))), s.and(s.eq(x, c(-1)), s.eq(s.abs(y), c(Infinity))))
  const numbers = orNaN(x, orNaN(y, s.select(isReal, signed, c(NaN))))
  return s.select(isOne, c(1), numbers)
}

/** x^(1/3): a third of the exponent, improved twice (Halley), and once in two parts. */
export const cbrt = (x: Expr): Expr => {
  const a = s.abs(x)
  const small = s.lt(a, c(2 ** -60))
  const large = s.gt(a, c(2 ** 60))
  const t = times(a, choose([small, c(2 ** 90)], [large, c(2 ** -60)], c(1)))
  const third = s.cast(s.mul(s.cast(bitsOf(t), 'float32'), c(1 / 3)), 'uint32')
  const guess = floatOf(s.add(third, word(709958130)))
  const better = (y: Expr): Expr => {
    const cube = times(times(y, y), y)
    return minus(y, s.mul(y, s.div(minus(cube, t), plus(plus(cube, cube), t))))
  }
  const y = better(better(guess))
  const square = twoProduct(y, y)
  const cube = twoProduct(square.hi, y)
  const excess = plus(minus(cube.hi, t), plus(cube.lo, times(square.lo, y)))
  const root = minus(y, held(s.div(excess, times(c(3), square.hi))))
  const value = times(root, choose([small, c(2 ** -30)], [large, c(2 ** 20)], c(1)))
  const inside = s.and(s.gt(a, c(0)), s.lt(a, c(Infinity)))
  return orNaN(x, withSign(s.select(inside, value, a), x))
}

/** sqrt(x^2 + y^2) without overflow on the way; Infinity beside NaN is Infinity. */
export const hypot = (x: Expr, y: Expr): Expr => {
  const [a, b] = [s.abs(x), s.abs(y)]
  const most = s.max(a, b)
  const up = s.lt(most, c(2 ** -40))
  const down = s.gt(most, c(2 ** 40))
  const factor = choose([up, c(2 ** 100)], [down, c(2 ** -70)], c(1))
  const [p, q] = [a, b].map((v) => twoProduct(times(v, factor), times(v, factor))) as [
    ReturnType<typeof quickSum>,
    ReturnType<typeof quickSum>,
  ]
  const sum = plus(plus(p.hi, q.hi), plus(p.lo, q.lo))
  const value = times(s.sqrt(sum), choose([up, c(2 ** -100)], [down, c(2 ** 70)], c(1)))
  const isInfinite = s.or(s.eq(a, c(Infinity)), s.eq(b, c(Infinity)))
  return s.select(isInfinite, c(Infinity), orNaN(x, orNaN(y, value)))
}

/** 1 / sqrt(x), corrected once. */
export const rsqrt = (x: Expr): Expr => s.div(c(1), s.sqrt(x))
