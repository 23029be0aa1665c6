/**
 * Arithmetic of float32 that no compiler may regroup, and sums and products with what rounding took from them. A machine whose arithmetic
 * may be reassociated (WGSL's) leaves alone what goes through integers.
 */
import type { Expr } from '../../scalar.js'
import { s } from '../../scalar.js'

/** A constant of float32. */
export const c = (value: number): Expr => s.const(value, 'float32')
/** A constant of uint32. */
export const word = (value: number): Expr => s.const(value, 'uint32')

/** The bits of a float32. */
export const bitsOf = (x: Expr): Expr => s.bitcast(x, 'uint32')
/** The float32 of some bits. */
export const floatOf = (x: Expr): Expr => s.bitcast(x, 'float32')
/** The value itself, as one that was computed: what is around it is not merged with what made it. */
export const held = (x: Expr): Expr => floatOf(bitsOf(x))

/** `x + y` as rounded. */
export const plus = (x: Expr, y: Expr): Expr => held(s.add(x, y))
/** `x - y` as rounded. */
export const minus = (x: Expr, y: Expr): Expr => held(s.sub(x, y))
/** `x y` as rounded. */
export const times = (x: Expr, y: Expr): Expr => held(s.mul(x, y))

/** The upper 12 bits of a number: the product of two such is exact. */
export const head = (x: Expr): Expr => floatOf(s.and(bitsOf(x), word(0xfffff000)))
/** The sign bit of a number. */
export const signOf = (x: Expr): Expr => s.and(bitsOf(x), word(2 ** 31))
/** A number with the sign of another in place of its own, which is +. */
export const withSign = (size: Expr, sign: Expr): Expr => floatOf(s.or(bitsOf(size), signOf(sign)))

/** `hi + lo`, of which `hi` is the sum as rounded. */
export interface FloatPair {
  readonly hi: Expr
  readonly lo: Expr
}

/** `x + y`, for |x| >= |y| (Dekker). */
export const quickSum = (x: Expr, y: Expr): FloatPair => {
  const hi = plus(x, y)
  return { hi, lo: minus(y, minus(hi, x)) }
}
/** `x + y` (Knuth). */
export const twoSum = (x: Expr, y: Expr): FloatPair => {
  const hi = plus(x, y)
  const back = minus(hi, x)
  return { hi, lo: plus(minus(x, minus(hi, back)), minus(y, back)) }
}
/** `x y`, by halves of 12 bits. */
export const twoProduct = (x: Expr, y: Expr): FloatPair => {
  const hi = times(x, y)
  const [xh, yh] = [head(x), head(y)]
  const [xl, yl] = [minus(x, xh), minus(y, yh)]
  return { hi, lo: plus(plus(plus(minus(times(xh, yh), hi), times(xh, yl)), times(xl, yh)), times(xl, yl)) }
}
/** The sum of two pairs. */
export const addPairs = (x: FloatPair, y: FloatPair): FloatPair => {
  const t = twoSum(x.hi, y.hi)
  return quickSum(t.hi, plus(t.lo, plus(x.lo, y.lo)))
}
/** The product of two pairs. */
export const mulPairs = (x: FloatPair, y: FloatPair): FloatPair => {
  const t = twoProduct(x.hi, y.hi)
  return quickSum(t.hi, plus(t.lo, plus(times(x.hi, y.lo), times(x.lo, y.hi))))
}
/** The quotient of two pairs. */
export const divPairs = (x: FloatPair, y: FloatPair): FloatPair => {
  const q = held(s.div(x.hi, y.hi))
  const back = twoProduct(q, y.hi)
  const rest = plus(minus(minus(x.hi, back.hi), back.lo), minus(x.lo, times(q, y.lo)))
  return quickSum(q, held(s.div(rest, y.hi)))
}
/** The square root of a pair above 0. */
export const sqrtPair = (x: FloatPair): FloatPair => {
  const root = held(s.sqrt(x.hi))
  const back = twoProduct(root, root)
  const rest = plus(minus(minus(x.hi, back.hi), back.lo), x.lo)
  return quickSum(root, held(s.div(rest, times(c(2), root))))
}
/** A number as a pair. */
export const single = (x: Expr): FloatPair => ({ hi: x, lo: c(0) })
/** A constant as a pair. */
export const constantPair = (value: number): FloatPair => ({ hi: c(Math.fround(value)), lo: c(Math.fround(value - Math.fround(value))) })

/** `k[0] + k[1] x + ...` by Horner's rule. */
export const poly = (x: Expr, k: readonly number[]): Expr =>
  k.slice(0, -1).reduceRight<Expr>((y, a) => s.add(s.mul(y, x), c(a)), c(k[k.length - 1]!))

/** `y`, but NaN where `x` is. */
export const orNaN = (x: Expr, y: Expr): Expr => s.select(s.ne(x, x), x, y)
/** The first value whose test holds, else the last. */
export const choose = (...cases: readonly (readonly [Expr, Expr] | Expr)[]): Expr =>
  cases.reduceRight<Expr | null>(
    (rest, one) => (Array.isArray(one) ? s.select(one[0] as Expr, one[1] as Expr, rest!) : (one as Expr)),
    null,
  )!
