/** Functions whose composed derivative would be wrong or overflow far from 0, as primitives of their own. */
import type { DType } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { add, max, min, mul, neg, sub } from './arithmetic.js'
import { like } from './broadcast.js'
import { ge, lt } from './comparison.js'
import { elementwise, reads, type Unary } from './define.js'
import { select } from './select.js'
import { logisticDensity, tanh } from './trigonometric.js'

/** 1 / (1 + e^-x).  l(x) dx with the logistic density l: y (1 - y) would cancel where y is near 1 */
export const sigmoidP: Primitive = elementwise('sigmoid', {
  scalar: (x) => s.sigmoid(x),
  partials: [reads([0], (x) => logisticDensity(x))],
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

/** Below which argument the sigmoid is e^u to the last digit, and by which power of e it is raised there until it has been multiplied. */
const depths = { float64: [-104, 64], float32: [-72, 32] } as const
const depthOf = (dtype: DType): readonly [number, number] => depths[dtype === 'float64' ? dtype : 'float32']

/**
 * x sigmoid(u + rest), for a small `rest` of u < 0. Where the sigmoid is below 2^-54 it is e^u, and stands e^depth above itself until x
 * has been multiplied: subnormal, it would lose the digits that x then magnifies. The sum of u and `depth` is exact.
 */
const timesSigmoid = (x: Expr, u: Expr, rest?: Expr): Expr => {
  const [edge, depth] = depthOf(u.dtype)
  const deep = s.lt(u, s.like(u, edge))
  const y = s.mul(finite(x), s.sigmoid(s.select(deep, s.add(u, s.like(u, depth)), u)))
  const exact = rest === undefined ? y : s.select(s.lt(u, s.like(u, 0)), s.add(y, s.mul(y, rest)), y)
  return s.mul(exact, s.select(deep, s.like(u, Math.exp(-depth)), s.like(u, 1)))
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

/** `f(s(u), s(-u))`, which is linear in the first, without loss of digits where that is subnormal: as `timesSigmoid`. */
const raised = (u: Tensor, f: (y: Tensor, rest: Tensor) => Tensor): Tensor => {
  const [edge, depth] = depthOf(u.dtype)
  const deep = lt(u, like(u, edge))
  return mul(f(...bothSides(select(deep, add(u, like(u, depth)), u))), select(deep, like(u, Math.exp(-depth)), like(u, 1)))
}

/** x sigmoid(x).  s(x) (1 + x s(-x)) dx */
export const siluP: Primitive = elementwise('silu', {
  scalar: (x) => timesSigmoid(x, x),
  partials: [
    reads([0], (far) => {
      const x = near(far)
      return raised(x, (y, rest) => mul(y, add(like(x, 1), mul(x, rest))))
    }),
  ],
})
export const silu: Unary = (x) => bind(siluP, [x], none)

const slope = Math.sqrt(8 / Math.PI)
const cubic = 0.044715
/** `value + beyond` as a number of `digits` bits and the rest of it. */
const split = (value: number, beyond: number, digits: number): readonly [number, number] => {
  const unit = 2 ** (Math.floor(Math.log2(value)) + 1 - digits)
  const high = Math.round(value / unit) * unit
  return [high, value - high + beyond]
}

/** `x` rounded to its leading digits: 6 bits of float32, so that their cube has 18; 13 of float64 (Veltkamp). */
const leading = (x: Expr): Expr => {
  if (x.dtype === 'float32') return s.bitcast(s.and(s.add(s.bitcast(x, 'int32'), s.int(2 ** 17)), s.int(-(2 ** 18))), 'float32')
  const scaled = s.mul(x, s.like(x, 2 ** 40 + 1))
  return s.sub(scaled, s.sub(scaled, x))
}

/**
 * 2u = a x + b x^3 with its rounding error, for |x| <= 32: exact products at the leading digits h of x and of the factors, and
 * (x - h) (a + b (x^2 + x h + h^2)) beyond them, whose roundings are that much smaller. Rounded once, 2u would be magnified by the
 * exponential to as many units as it is large.
 */
const doubleU = (x: Expr): readonly [Expr, Expr] => {
  const narrow = x.dtype === 'float32'
  const [a, b] = [slope, slope * cubic]
  const [ah, al] = split(a, -9.96930880911092e-17, narrow ? 18 : 40)
  const [bh, bl] = split(b, -6.175149918155315e-19, narrow ? 6 : 13)
  const h = leading(x)
  const square = s.mul(h, h)
  const cube = s.mul(square, h)
  const line = s.mul(s.like(x, ah), h)
  const curve = s.mul(s.like(x, bh), cube)
  // their sum, and what rounding takes from it (Knuth)
  const sum = s.add(line, curve)
  const back = s.sub(sum, line)
  const lost = s.add(s.sub(line, s.sub(sum, back)), s.sub(curve, back))
  const factors = s.add(s.mul(s.like(x, al), h), s.mul(s.like(x, bl), cube))
  const slopes = s.add(s.like(x, a), s.mul(s.like(x, b), s.add(square, s.mul(x, s.add(x, h)))))
  const rest = s.add(s.add(lost, factors), s.mul(s.sub(x, h), slopes))
  const u = s.add(sum, rest)
  return [u, s.sub(rest, s.sub(u, sum))]
}

/**
 * The usual approximation of gelu, x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), as x sigmoid(2u),
 * which does not cancel in the left tail.  (s(2u) + x s(2u) s(-2u) 2u') dx
 */
export const geluTanhP: Primitive = elementwise('geluTanh', {
  scalar: (x) => timesSigmoid(x, ...doubleU(s.max(s.min(x, s.like(x, 32)), s.like(x, -32)))),
  partials: [
    reads([0], (far) => {
      const x = near(far)
      const square = mul(like(x, cubic), mul(x, x))
      const u = mul(mul(like(x, slope), x), add(like(x, 1), square))
      const du = mul(like(x, slope), add(like(x, 1), mul(like(x, 3), square)))
      return raised(u, (y, rest) => add(y, mul(mul(mul(x, y), rest), du)))
    }),
  ],
})
export const geluTanh: Unary = (x) => bind(geluTanhP, [x], none)

/**
 * x tanh(softplus(x)) = x n / (n + 2) with n = e^x (e^x + 2), by e^-|x|; far to the left x e^x, as `timesSigmoid`.
 * (tanh p + x s(x) / cosh^2 p) dx with p = softplus(x)
 */
export const mishP: Primitive = elementwise('mish', {
  scalar: (x) => {
    const [edge, depth] = depthOf(x.dtype)
    const one = s.like(x, 1)
    const deep = s.lt(x, s.like(x, edge))
    const e = s.exp(s.neg(s.abs(x)))
    const more = s.add(one, s.add(e, e))
    const right = s.div(more, s.add(more, s.mul(s.like(x, 2), s.mul(e, e))))
    const n = s.mul(e, s.add(e, s.like(x, 2)))
    const left = s.select(deep, s.exp(s.add(x, s.like(x, depth))), s.div(n, s.add(n, s.like(x, 2))))
    const y = s.mul(finite(x), s.select(s.lt(x, s.like(x, 0)), left, right))
    return s.mul(y, s.select(deep, s.like(x, Math.exp(-depth)), one))
  },
  partials: [
    reads([0], (far) => {
      const x = near(far)
      const p = softplus(x)
      const bend = mul(like(x, 4), logisticDensity(add(p, p)))
      return add(tanh(p), mul(x, mul(bend, sigmoid(x))))
    }),
  ],
})
export const mish: Unary = (x) => bind(mishP, [x], none)
