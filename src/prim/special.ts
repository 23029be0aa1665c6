/** The error function and the gamma function's logarithm. */
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import { s } from '../kernel/scalar.js'
import { add, div, mul, reciprocal, round, sub } from './arithmetic.js'
import { broadcast, iota, like, reduceSum } from './broadcast.js'
import { lt } from './comparison.js'
import { elementwise, reads, type AppliedUnary } from './define.js'
import { exp } from './exponential.js'
import { gaussian } from './gaussian.js'
import { select } from './select.js'
import { sin } from './trigonometric.js'

const bell = (x: Tensor, height: number): Tensor => mul(like(x, height), gaussian(x, 1))

/** Error function.  2 / sqrt(pi) e^(-x^2) dx */
export const erfP: Primitive = elementwise('erf', {
  scalar: (x) => s.erf(x),
  partials: [reads([0], (x) => bell(x, 2 / Math.sqrt(Math.PI)))],
})
export const erf: AppliedUnary = (x) => bind(erfP, [x], none)

/** 1 - erf(x), exact in the right tail */
export const erfcP: Primitive = elementwise('erfc', {
  scalar: (x) => s.erfc(x),
  partials: [reads([0], (x) => bell(x, -2 / Math.sqrt(Math.PI)))],
})
export const erfc: AppliedUnary = (x) => bind(erfcP, [x], none)

/** The inverse of erf on (-1, 1).  sqrt(pi) / 2 e^(y^2) dx */
export const erfInvP: Primitive = elementwise('erfInv', {
  scalar: (x) => s.erfInv(x),
  partials: [reads([OUT], (y) => mul(like(y, Math.sqrt(Math.PI) / 2), exp(mul(y, y))))],
})
export const erfInv: AppliedUnary = (x) => bind(erfInvP, [x], none)

/** log |gamma(x)| */
export const lgammaP: Primitive = elementwise('lgamma', { scalar: (x) => s.lgamma(x), partials: [reads([0], (x) => digamma(x))] })
export const lgamma: AppliedUnary = (x) => bind(lgammaP, [x], none)

/** The derivative of lgamma */
export const digammaP: Primitive = elementwise('digamma', { scalar: (x) => s.digamma(x), partials: [reads([0], (x) => trigamma(x))] })
export const digamma: AppliedUnary = (x) => bind(digammaP, [x], none)

// Bernoulli numbers B2, B4, ...
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6]
const terms = 12

/**
 * The derivative of digamma, composed so that all further derivatives follow: the first terms of
 * sum 1 / (x + k)^2, then the asymptotic series; below 1/2 by reflection, pi^2 / sin^2(pi x) - trigamma(1 - x).
 */
export const trigamma: AppliedUnary = (x) => {
  const low = lt(x, like(x, 0.5))
  const z = select(low, sub(like(x, 1), x), x)
  const shape = [...z.shape, terms]
  const steps = add(broadcast(z, shape, range(z.ndim)), iota(shape, z.dtype, z.ndim))
  // squares of inverses, not the inverse of squares: the derivative of that overflows near 0
  const inverse = reciprocal(steps)
  const head = reduceSum(mul(inverse, inverse), [z.ndim])
  const r = reciprocal(add(z, like(z, terms)))
  const r2 = mul(r, r)
  const series = bernoulli.reduceRight<Tensor>((sum, b) => add(like(z, b), mul(r2, sum)), like(z, 0))
  const tail = mul(r, add(add(like(z, 1), mul(like(z, 0.5), r)), mul(r2, series)))
  const upper = add(head, tail)
  const inside = select(low, x, like(x, 0.25))
  const wave = sin(mul(like(x, Math.PI), sub(inside, round(inside))))
  const quotient = div(like(x, Math.PI), wave)
  return select(low, sub(mul(quotient, quotient), upper), upper)
}
