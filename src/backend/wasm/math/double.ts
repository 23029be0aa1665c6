/** Sums and products of two float64 kept exact as a value and its rounding error (Dekker, Knuth). */
import type { MathContext } from './context.js'
import type { Node, Operand } from './node.js'
import { D } from './node.js'

/** The unevaluated sum `hi + lo`, `lo` at most half a unit of `hi`'s last place or so. */
export interface Pair {
  readonly hi: Node
  readonly lo: Node
}

/** `a + b`, exactly. */
export const twoSum = (a: Operand, b: Operand): Pair => {
  const hi = D.add(a, b)
  const t = D.sub(hi, a)
  return { hi, lo: D.add(D.sub(a, D.sub(hi, t)), D.sub(b, t)) }
}

/** `a + b`, exactly, when `|a| >= |b|`. */
export const quickSum = (a: Operand, b: Operand): Pair => {
  const hi = D.add(a, b)
  return { hi, lo: D.sub(b, D.sub(hi, a)) }
}

/** `a` in two halves of 26 bits; `|a|` below 2^996. */
const split = (a: Node): Pair => {
  const t = D.mul(a, 134217729)
  const hi = D.sub(t, D.sub(t, a))
  return { hi, lo: D.sub(a, hi) }
}

/** `a b`, exactly (no overflow or underflow on the way). */
export const twoProduct = (c: MathContext, a: Operand, b: Operand): Pair => {
  const x = D.c(a)
  const y = D.c(b)
  const hi = D.mul(x, y)
  if (c.fma) return { hi, lo: D.madd(true)(x, y, D.neg(hi)) }
  const p = split(x)
  const q = x === y ? p : split(y)
  const lo = D.add(D.add(D.add(D.sub(D.mul(p.hi, q.hi), hi), D.mul(p.hi, q.lo)), D.mul(p.lo, q.hi)), D.mul(p.lo, q.lo))
  return { hi, lo }
}

/** `a + b` of a pair and a pair, to about 2^-104. */
export const addPairs = (a: Pair, b: Pair): Pair => {
  const s = twoSum(a.hi, b.hi)
  return quickSum(s.hi, D.add(s.lo, D.add(a.lo, b.lo)))
}

/** `a b` of pairs, to about 2^-102. */
export const mulPairs = (c: MathContext, a: Pair, b: Pair): Pair => {
  const p = twoProduct(c, a.hi, b.hi)
  return quickSum(p.hi, D.add(p.lo, D.add(D.mul(a.hi, b.lo), D.mul(a.lo, b.hi))))
}

/** `a / b` of pairs, to about 2^-100. */
export const divPairs = (c: MathContext, a: Pair, b: Pair): Pair => {
  const q = D.div(a.hi, b.hi)
  const p = twoProduct(c, q, b.hi)
  const rest = D.add(D.sub(D.sub(a.hi, p.hi), p.lo), D.sub(a.lo, D.mul(q, b.lo)))
  return quickSum(q, D.div(rest, b.hi))
}

/** The square root of a positive pair; of zero, zero. */
export const sqrtPair = (c: MathContext, a: Pair): Pair => {
  const s = D.sqrt(a.hi)
  const p = twoProduct(c, s, s)
  const rest = D.add(D.sub(D.sub(a.hi, p.hi), p.lo), a.lo)
  return quickSum(s, D.select(D.gt(s, 0), D.div(rest, D.add(s, s)), 0))
}
