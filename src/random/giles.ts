/** The inverse error function in float32 by Giles's polynomials, whose roundings JAX's normal draws inherit. */
import type { Tensor } from '../core/tensor.js'
import { add, mul, sub } from '../prim/arithmetic.js'
import { lt, log1p, neg, select, sqrt } from '../prim/elementwise.js'
import { like } from '../prim/structure.js'

const central = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3, 0.246640727, 1.50140941,
]
const tail = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406, 2.83297682,
]

const horner = (coefficients: readonly number[], w: Tensor): Tensor =>
  coefficients.slice(1).reduce((p, c) => add(like(w, c), mul(p, w)), like(w, coefficients[0]!))

/** erf^-1(x) for float32 x in (-1, 1). @see "Approximating the erfinv function", M. Giles, 2012 */
export const gilesErfInv = (x: Tensor): Tensor => {
  const w = neg(log1p(neg(mul(x, x))))
  const inner = lt(w, like(w, 5))
  const outer = sqrt(select(inner, like(w, 5), w))
  const p = select(inner, horner(central, sub(w, like(w, 2.5))), horner(tail, sub(outer, like(w, 3))))
  return mul(p, x)
}
