/** The standard normal distribution, and the activation made of it. */
import { isDouble } from '../core/dtype.js'
import { ra, rb, sa, sb } from '../kernel/coefficients/erf.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { add, max, min, mul } from './arithmetic.js'
import { like } from './broadcast.js'
import { elementwise, reads, type AppliedUnary } from './define.js'
import { exponent, gaussian, held } from './gaussian.js'

/** e^(-x^2 / 2) / sqrt(2 pi) */
export const normalDensity: AppliedUnary = (x) => mul(like(x, Math.sqrt(0.5 / Math.PI)), gaussian(x, 0.5))

const polynomial = (coefficients: readonly number[], x: Expr): Expr =>
  coefficients
    .slice(0, -1)
    .reduceRight<Expr>((sum, c) => s.add(s.like(x, c), s.mul(x, sum)), s.like(x, coefficients[coefficients.length - 1]!))

/** Left of here fdlibm's form of erfc in its tail holds. */
const edge = -1.25 * Math.SQRT2

/**
 * P(N < x) |x| sqrt 2 e^depth for x left of `edge`: fdlibm's erfc(z) = e^(-z^2 - 0.5625 + R / S) / z at z = |x| / sqrt 2, with the square
 * taken of x itself. The density stands e^depth above itself, so that what it is multiplied by does not magnify the loss of digits of a
 * subnormal; the sum of an exact product and a `depth` that brings it nearer to 0 is exact.
 */
const tail = (x: Expr, depth: Expr): Expr => {
  const a = held(x)
  const z2 = s.div(s.like(a, 2), s.mul(a, a))
  const near = s.lt(a, s.like(a, Math.SQRT2 / 0.35))
  const ratio = s.select(near, s.div(polynomial(ra, z2), polynomial(sa, z2)), s.div(polynomial(rb, z2), polynomial(sb, z2)))
  const [main, rest] = exponent(a, 0.5)
  return s.mul(s.exp(s.add(main, depth)), s.exp(s.add(s.add(rest, s.like(a, -0.5625)), ratio)))
}

const central = (x: Expr): Expr => s.erfc(s.mul(x, s.like(x, -Math.SQRT1_2)))

/** Multiples of `step` below `reach`, times factors that are multiples of `step / 2^4`, are exact. */
const grids = { float64: { step: 2 ** -20, reach: 64 }, float32: { step: 2 ** -8, reach: 16 } } as const

/**
 * 2 P(N < x) = erfc(-x / sqrt 2), right to the last digits: rounding moves z = -x / sqrt 2 by some `off`, which the tail magnifies to as
 * many units as z^2 is large. It is found from exact products, and erfc, which falls there by 2z of itself, is set right by it.
 */
const doubled = (x: Expr): Expr => {
  const { step, reach } = grids[isDouble(x.dtype) ? 'float64' : 'float32']
  const a = s.max(s.min(x, s.like(x, reach)), s.like(x, -reach))
  const high = -Math.round((Math.SQRT1_2 * 16) / step) * (step / 16)
  const low = -Math.SQRT1_2 - high + 4.833646656726457e-17
  const z = s.mul(a, s.like(x, -Math.SQRT1_2))
  // Adding it rounds to multiples of `step`.
  const rounding = s.like(x, 1.5 * step * 2 ** (isDouble(x.dtype) ? 52 : 23))
  const h = s.sub(s.add(a, rounding), rounding)
  const rest = s.add(s.mul(s.sub(a, h), s.like(x, high)), s.mul(a, s.like(x, low)))
  const off = s.add(s.sub(s.mul(h, s.like(x, high)), z), rest)
  const y = s.erfc(z)
  return s.sub(y, s.mul(y, s.mul(off, s.max(s.add(z, z), s.like(x, 0)))))
}

/** P(N < x) for a standard normal N, exact in the left tail: erfc(-x / sqrt 2) / 2.  density(x) dx */
export const ndtrP: Primitive = elementwise('ndtr', {
  scalar: (x) => s.mul(s.like(x, 0.5), doubled(x)),
  partials: [reads([0], (x) => normalDensity(x))],
})
export const ndtr: AppliedUnary = (x) => bind(ndtrP, [x], none)

/** x P(N < x), exact in the left tail, where x cancels and a subnormal P would lose the digits that x magnifies.  (P(N < x) + x density(x)) dx */
export const geluErfP: Primitive = elementwise('geluErf', {
  scalar: (x) => {
    const [start, depth] = isDouble(x.dtype) ? [-16, 64] : [-10, 32]
    const deep = s.lt(x, s.like(x, start))
    const raised = tail(x, s.select(deep, s.like(x, depth), s.like(x, 0)))
    const left = s.mul(raised, s.select(deep, s.like(x, -Math.SQRT1_2 * Math.exp(-depth)), s.like(x, -Math.SQRT1_2)))
    return s.select(s.lt(x, s.like(x, edge)), left, s.mul(s.mul(s.like(x, 0.5), x), central(x)))
  },
  partials: [
    reads([0], (far) => {
      const x = max(min(far, like(far, 1000)), like(far, -1000))
      return add(ndtr(x), mul(x, normalDensity(x)))
    }),
  ],
})
export const geluErf: AppliedUnary = (x) => bind(geluErfP, [x], none)
