/** Functions whose composed derivative would be wrong or overflow far from 0, as primitives of their own. */
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { add, max, min, mul, neg, sub } from './arithmetic.js'
import { like } from './broadcast.js'
import { ge } from './comparison.js'
import { elementwise, reads, type Unary } from './define.js'
import { exp } from './exponential.js'
import { select } from './select.js'
import { erfc } from './special.js'

/** 1 / (1 + e^-x).  y (1 - y) dx */
export const sigmoidP: Primitive = elementwise('sigmoid', {
  scalar: (x) => s.sigmoid(x),
  partials: [reads([OUT], (y) => mul(y, sub(like(y, 1), y)))],
})
export const sigmoid: Unary = (x) => bind(sigmoidP, [x], none)

/** log(1 + e^x) = max(x, 0) + log1p(e^-|x|).  sigmoid x dx */
export const softplusP: Primitive = elementwise('softplus', {
  scalar: (x) => s.add(s.max(x, s.like(x, 0)), s.log1p(s.exp(s.neg(s.abs(x))))),
  partials: [reads([0], (x) => sigmoid(x))],
})
export const softplus: Unary = (x) => bind(softplusP, [x], none)

/** x held above -Infinity, so that x times a vanished factor is -0, not NaN. */
export const finite = (x: Expr): Expr => s.max(x, s.like(x, x.dtype === 'float64' ? -Number.MAX_VALUE : -3.4028234663852886e38))

/**
 * x sigmoid(u). Where the sigmoid is below 2^-54 it is e^u, and stands e^depth above itself until x has been multiplied:
 * subnormal, it would lose the digits that x then magnifies. The sum of u and `depth` is exact.
 */
const timesSigmoid = (x: Expr, u: Expr): Expr => {
  const [edge, depth] = u.dtype === 'float64' ? [-104, 64] : [-72, 32]
  const deep = s.lt(u, s.like(u, edge))
  const y = s.mul(finite(x), s.sigmoid(s.select(deep, s.add(u, s.like(u, depth)), u)))
  return s.mul(y, s.select(deep, s.like(u, Math.exp(-depth)), s.like(u, 1)))
}

// x held where the derivatives below vary at all, so that infinite products do not meet vanished factors
const near: Unary = (x) => max(min(x, like(x, 1000)), like(x, -1000))

/** s(x) and s(-x), neither of which cancels, from the one of them that is at most a half. */
const bothSides = (x: Tensor): readonly [Tensor, Tensor] => {
  const right = ge(x, like(x, 0))
  const less = sigmoid(select(right, neg(x), x))
  const more = sub(like(x, 1), less)
  return [select(right, more, less), select(right, less, more)]
}

/** x sigmoid(x).  s(x) (1 + x s(-x)) dx */
export const siluP: Primitive = elementwise('silu', {
  scalar: (x) => timesSigmoid(x, x),
  partials: [
    reads([0], (far) => {
      const x = near(far)
      const [y, rest] = bothSides(x)
      return mul(y, add(like(x, 1), mul(x, rest)))
    }),
  ],
})
export const silu: Unary = (x) => bind(siluP, [x], none)

/** x P(N < x) for a standard normal N: x erfc(-x / sqrt 2) / 2, exact in the left tail.  (P(N < x) + x density(x)) dx */
export const geluErfP: Primitive = elementwise('geluErf', {
  scalar: (x) => s.mul(s.mul(s.like(x, 0.5), finite(x)), s.erfc(s.mul(x, s.like(x, -Math.SQRT1_2)))),
  partials: [
    reads([0], (far) => {
      const x = near(far)
      const below = mul(like(x, 0.5), erfc(mul(x, like(x, -Math.SQRT1_2))))
      const density = mul(like(x, Math.sqrt(0.5 / Math.PI)), exp(mul(like(x, -0.5), mul(x, x))))
      return add(below, mul(x, density))
    }),
  ],
})
export const geluErf: Unary = (x) => bind(geluErfP, [x], none)

const slope = Math.sqrt(8 / Math.PI)
const cubic = 0.044715

/**
 * The usual approximation of gelu, x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), as x sigmoid(2u),
 * which does not cancel in the left tail.  (s(2u) + x s(2u) s(-2u) 2u') dx
 */
export const geluTanhP: Primitive = elementwise('geluTanh', {
  scalar: (x) => {
    const inner = s.add(s.like(x, 1), s.mul(s.like(x, cubic), s.mul(x, x)))
    return timesSigmoid(x, s.mul(s.mul(s.like(x, slope), x), inner))
  },
  partials: [
    reads([0], (far) => {
      const x = near(far)
      const square = mul(like(x, cubic), mul(x, x))
      const u = mul(mul(like(x, slope), x), add(like(x, 1), square))
      const du = mul(like(x, slope), add(like(x, 1), mul(like(x, 3), square)))
      const [y, rest] = bothSides(u)
      return add(y, mul(mul(mul(x, y), rest), du))
    }),
  ],
})
export const geluTanh: Unary = (x) => bind(geluTanhP, [x], none)
