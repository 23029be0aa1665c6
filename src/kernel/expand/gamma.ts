/** The logarithm of the gamma function and its derivative, of float64: a shift to large arguments, then the asymptotic series; reflection on the left. */
import { asymptotic } from '../coefficients/digamma.js'
import { a0, a1, r, s as p, t0, t1, t2, tc, tf, tt, u, v, w, w0 } from '../coefficients/lgamma.js'
import type { Expr } from '../scalar.js'
import { s } from '../scalar.js'
import { polynomial, rational } from './polynomial.js'

const c = (value: number): Expr => s.const(value, 'float64')
const add = (...xs: readonly Expr[]): Expr => xs.reduce((x, y) => s.add(x, y))
const mul = (...xs: readonly Expr[]): Expr => xs.reduce((x, y) => s.mul(x, y))
const square = (x: Expr): Expr => s.mul(x, x)
const half = (x: Expr): Expr => s.mul(x, c(0.5))

/** Near 2, in y = 2 - x. */
const nearTwo = (y: Expr): Expr => s.sub(add(mul(y, polynomial(a0, square(y))), mul(square(y), polynomial(a1, square(y)))), half(y))
/** Near the minimum, in y = x - tc. */
const nearMinimum = (y: Expr): Expr => {
  const cube = mul(y, y, y)
  const rest = s.sub(c(tt), mul(cube, add(polynomial(t1, cube), mul(y, polynomial(t2, cube)))))
  return add(c(tf), s.sub(mul(square(y), polynomial(t0, cube)), rest))
}
/** Near 1, in y = x - 1. */
const nearOne = (y: Expr): Expr => s.sub(mul(y, rational(u, v, y)), half(y))

/** The three expansions on [0, 2): which one depends on the distance from 1. */
const below2 = (x: Expr): Expr => {
  // up to 0.9 the value at x + 1, less log x
  const low = s.le(x, c(0.9))
  const at = s.select(low, s.add(x, c(1)), x)
  const y = s.select(
    s.ge(at, c(1.7316)),
    nearTwo(s.sub(c(2), at)),
    s.select(s.ge(at, c(1.23164)), nearMinimum(s.sub(at, c(tc))), nearOne(s.sub(at, c(1)))),
  )
  return s.select(low, s.sub(y, s.log(x)), y)
}

/** log gamma for x > 0. */
const positive = (x: Expr): Expr => {
  const inside = s.min(x, c(8))
  const y = s.sub(inside, s.floor(inside))
  const steps = s.floor(inside)
  const product = [2, 3, 4, 5, 6].reduce((f, k) => mul(f, s.select(s.gt(steps, c(k)), s.add(y, c(k)), c(1))), c(1))
  const middle = add(half(y), mul(y, rational(p, r, y)), s.log(product))
  const z = s.div(c(1), x)
  const far = add(mul(s.sub(x, c(0.5)), s.sub(s.log(x), c(1))), c(w0), mul(z, polynomial(w, square(z))))
  const finite = s.select(s.lt(x, c(8)), middle, s.select(s.eq(x, c(Infinity)), x, far))
  return s.select(s.lt(x, c(2)), below2(x), finite)
}

/** sin(pi |x|) up to sign, exact at the integers. */
const sinPi = (x: Expr): Expr => {
  const z = s.abs(s.sub(x, s.round(x)))
  return s.select(s.le(z, c(0.25)), s.sin(mul(c(Math.PI), z)), s.cos(mul(c(Math.PI), s.sub(c(0.5), z))))
}

/** log |gamma(x)|; Infinity at 0, at the negative integers and at both infinities. */
export const lgamma = (x: Expr): Expr => {
  const a = s.abs(x)
  const left = s.sub(s.log(s.div(c(Math.PI), mul(sinPi(x), a))), positive(a))
  const pole = s.and(s.le(x, c(0)), s.eq(x, s.floor(x)))
  return s.select(pole, c(Infinity), s.select(s.gt(x, c(0)), positive(x), left))
}

const shifts = 10

/** Digamma for x > 0: the recurrence up to 10 and beyond, then the series. */
const positiveDigamma = (x: Expr): Expr => {
  const low = s.lt(x, c(shifts))
  const start = s.min(x, c(shifts))
  let sum = s.div(c(1), start)
  for (let k = 1; k < shifts; k++) sum = s.add(sum, s.div(c(1), s.add(start, c(k))))
  const at = s.select(low, s.add(x, c(shifts)), x)
  const z = s.div(c(1), square(at))
  const far = s.sub(s.log(at), s.add(s.div(c(0.5), at), mul(z, polynomial(asymptotic, z))))
  return s.select(low, s.sub(far, sum), far)
}

/** The derivative of lgamma; infinite at 0, of the sign that its side has, and NaN at the negative integers. */
export const digamma = (x: Expr): Expr => {
  const off = s.sub(x, s.round(x))
  const cotangent = s.div(s.cos(mul(c(Math.PI), off)), s.sin(mul(c(Math.PI), off)))
  const left = s.sub(positiveDigamma(s.sub(c(1), s.min(x, c(0)))), mul(c(Math.PI), cotangent))
  const pole = s.and(s.le(x, c(0)), s.eq(x, s.floor(x)))
  const right = s.select(s.eq(x, c(Infinity)), x, positiveDigamma(s.max(x, c(2 ** -1074))))
  const ends = s.select(s.eq(x, c(0)), s.div(c(-1), x), c(NaN))
  return s.select(s.ne(x, x), x, s.select(pole, ends, s.select(s.gt(x, c(0)), right, left)))
}
