/** Circular and hyperbolic functions and their inverses. Angles in radians. */
import { bind } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import { s } from '../kernel/scalar.js'
import { add, div, mul, neg, reciprocal, sub } from './arithmetic.js'
import { or } from './bits.js'
import { like } from './broadcast.js'
import { eq } from './comparison.js'
import { elementwise, reads, type AppliedBinary, type AppliedUnary } from './define.js'
import { hypot, rsqrt } from './power.js'
import { select } from './select.js'

const one: AppliedUnary = (x) => like(x, 1)
/** 1 - x^2 = (1 - x)(1 + x): no cancellation near |x| = 1, nor in the derivative near 0.  -2 x dx */
export const oneMinusSquareP: Primitive = elementwise('oneMinusSquare', {
  scalar: (x) => s.mul(s.sub(s.like(x, 1), x), s.add(s.like(x, 1), x)),
  partials: [reads([0], (x) => mul(like(x, -2), x))],
})
const oneMinusSquare: AppliedUnary = (x) => bind(oneMinusSquareP, [x], none)

/** Sine.  cos x dx */
export const sinP: Primitive = elementwise('sin', { scalar: (x) => s.sin(x), partials: [reads([0], (x) => cos(x))] })
export const sin: AppliedUnary = (x) => bind(sinP, [x], none)

/** Cosine.  -sin x dx */
export const cosP: Primitive = elementwise('cos', { scalar: (x) => s.cos(x), partials: [reads([0], (x) => neg(sin(x)))] })
export const cos: AppliedUnary = (x) => bind(cosP, [x], none)

/** Tangent.  (1 + y^2) dx */
export const tanP: Primitive = elementwise('tan', { scalar: (x) => s.tan(x), partials: [reads([OUT], (y) => add(one(y), mul(y, y)))] })
export const tan: AppliedUnary = (x) => bind(tanP, [x], none)

/** Inverse sine.  dx / sqrt(1 - x^2) */
export const asinP: Primitive = elementwise('asin', { scalar: (x) => s.asin(x), partials: [reads([0], (x) => rsqrt(oneMinusSquare(x)))] })
export const asin: AppliedUnary = (x) => bind(asinP, [x], none)

/** Inverse cosine.  -dx / sqrt(1 - x^2) */
export const acosP: Primitive = elementwise('acos', {
  scalar: (x) => s.acos(x),
  partials: [reads([0], (x) => neg(rsqrt(oneMinusSquare(x))))],
})
export const acos: AppliedUnary = (x) => bind(acosP, [x], none)

/** Inverse tangent.  dx / (1 + x^2), by the hypotenuse, since the square overflows where the quotient is still a number */
export const atanP: Primitive = elementwise('atan', {
  scalar: (x) => s.atan(x),
  partials: [
    reads([0], (x) => {
      const cosine = reciprocal(hypot(one(x), x))
      return mul(cosine, cosine)
    }),
  ],
})
export const atan: AppliedUnary = (x) => bind(atanP, [x], none)

// a / (x^2 + y^2) for a one of x and y; 0 at the origin and at infinity
const overSquare = (a: Parameters<AppliedBinary>[0], x: typeof a, y: typeof a): ReturnType<AppliedBinary> => {
  const h = hypot(x, y)
  const nowhere = or(eq(h, like(h, 0)), eq(h, like(h, Infinity)))
  const safe = select(nowhere, one(h), h)
  return div(div(select(nowhere, like(a, 0), a), safe), safe)
}

/** The angle of the point (x, y), arguments in the order y, x; derivative 0 at the origin.  (x dy - y dx) / (x^2 + y^2) */
export const atan2P: Primitive = elementwise('atan2', {
  scalar: (y, x) => s.atan2(y, x),
  partials: [reads([0, 1], (y, x) => overSquare(x, x, y)), reads([0, 1], (y, x) => neg(overSquare(y, x, y)))],
})
export const atan2: AppliedBinary = (y, x) => bind(atan2P, [y, x], none)

/** Hyperbolic sine.  cosh x dx */
export const sinhP: Primitive = elementwise('sinh', { scalar: (x) => s.sinh(x), partials: [reads([0], (x) => cosh(x))] })
export const sinh: AppliedUnary = (x) => bind(sinhP, [x], none)

/** Hyperbolic cosine.  sinh x dx */
export const coshP: Primitive = elementwise('cosh', { scalar: (x) => s.cosh(x), partials: [reads([0], (x) => sinh(x))] })
export const cosh: AppliedUnary = (x) => bind(coshP, [x], none)

/** Hyperbolic tangent.  dx / cosh^2 x: 1 - y^2 would cancel where y is near 1 */
export const tanhP: Primitive = elementwise('tanh', { scalar: (x) => s.tanh(x), partials: [reads([0], (x) => sechSquare(x))] })
export const tanh: AppliedUnary = (x) => bind(tanhP, [x], none)

/** 1 / cosh^2 x, by e^(-2|x|).  -2 y tanh x dx */
export const sechSquareP: Primitive = elementwise('sechSquare', {
  scalar: (x) => {
    const e = s.exp(s.mul(s.like(x, -2), s.abs(x)))
    const below = s.add(s.like(x, 1), e)
    return s.div(s.mul(s.like(x, 4), e), s.mul(below, below))
  },
  partials: [reads([0, OUT], (x, y) => mul(like(y, -2), mul(y, tanh(x))))],
})
const sechSquare: AppliedUnary = (x) => bind(sechSquareP, [x], none)

/**
 * The density of the logistic distribution, e^x / (1 + e^x)^2: the derivative of sigmoid, and with its own derivative closed under
 * differentiation without cancellation, as far as its value is representable.  -y tanh(x / 2) dx
 */
export const logisticDensityP: Primitive = elementwise('logisticDensity', {
  scalar: (x) => {
    const e = s.exp(s.neg(s.abs(x)))
    const below = s.add(s.like(x, 1), e)
    return s.div(e, s.mul(below, below))
  },
  partials: [reads([0, OUT], (x, y) => neg(mul(y, tanh(mul(like(x, 0.5), x)))))],
})
export const logisticDensity: AppliedUnary = (x) => bind(logisticDensityP, [x], none)

/** Inverse hyperbolic sine.  dx / sqrt(x^2 + 1) */
export const asinhP: Primitive = elementwise('asinh', {
  scalar: (x) => s.asinh(x),
  partials: [reads([0], (x) => reciprocal(hypot(x, one(x))))],
})
export const asinh: AppliedUnary = (x) => bind(asinhP, [x], none)

/** Inverse hyperbolic cosine.  dx / sqrt(x^2 - 1) */
export const acoshP: Primitive = elementwise('acosh', {
  scalar: (x) => s.acosh(x),
  partials: [reads([0], (x) => mul(rsqrt(sub(x, one(x))), rsqrt(add(x, one(x)))))],
})
export const acosh: AppliedUnary = (x) => bind(acoshP, [x], none)

/** Inverse hyperbolic tangent.  dx / (1 - x^2) */
export const atanhP: Primitive = elementwise('atanh', {
  scalar: (x) => s.atanh(x),
  partials: [reads([0], (x) => reciprocal(oneMinusSquare(x)))],
})
export const atanh: AppliedUnary = (x) => bind(atanhP, [x], none)
