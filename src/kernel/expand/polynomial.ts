/** Polynomials, lowest power first. */
import type { Expr } from '../scalar.js'
import { s } from '../scalar.js'

/** `c[0] + c[1] x + ...` by Horner's rule. */
export const polynomial = (c: readonly number[], x: Expr): Expr =>
  c.slice(0, -1).reduceRight<Expr>((y, k) => s.add(s.mul(y, x), s.like(x, k)), s.like(x, c[c.length - 1]!))

/** A quotient of two polynomials. */
export const rational = (p: readonly number[], q: readonly number[], x: Expr): Expr => s.div(polynomial(p, x), polynomial(q, x))
