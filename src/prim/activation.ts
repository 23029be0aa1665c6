/** Functions whose composed derivative would be wrong or overflow far from 0, as primitives of their own. */
import type { DType } from '../core/dtype.js'
import { isDouble } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { finite, s } from '../kernel/scalar.js'
import { add, max, min, mul, neg, sub } from './arithmetic.js'
import { like } from './broadcast.js'
import { ge, lt } from './comparison.js'
import { elementwise, reads, type AppliedUnary } from './define.js'
import { select } from './select.js'
import { logisticDensity, tanh } from './trigonometric.js'

/** 1 / (1 + e^-x).  l(x) dx with the logistic density l: y (1 - y) would cancel where y is near 1 */
export const sigmoidP: Primitive = elementwise('sigmoid', {
  scalar: (x) => s.sigmoid(x),
  partials: [reads([0], (x) => logisticDensity(x))],
})
export const sigmoid: AppliedUnary = (x) => bind(sigmoidP, [x], none)

/** log(1 + e^x) = max(x, 0) + log1p(e^-|x|).  sigmoid x dx */
export const softplusP: Primitive = elementwise('softplus', {
  scalar: (x) => s.add(s.max(x, s.like(x, 0)), s.log1p(s.exp(s.neg(s.abs(x))))),
  partials: [reads([0], (x) => sigmoid(x))],
})
export const softplus: AppliedUnary = (x) => bind(softplusP, [x], none)

/** Below which argument the sigmoid is e^u to the last digit, and by which power of e it is raised there until it has been multiplied. */
const depths = { float64: [-104, 64], float32: [-72, 32] } as const
const depthOf = (dtype: DType): readonly [number, number] => depths[isDouble(dtype) ? 'float64' : 'float32']

/**
 * x sigmoid(u). Where the sigmoid is below 2^-54 it is e^u, and stands e^depth above itself until x has been multiplied: subnormal, it
 * would lose the digits that x then magnifies. The sum of u and `depth` is exact.
 */
const timesSigmoid = (x: Expr, u: Expr): Expr => {
  const [edge, depth] = depthOf(u.dtype)
  const deep = s.lt(u, s.like(u, edge))
  const y = s.mul(finite(x), s.sigmoid(s.select(deep, s.add(u, s.like(u, depth)), u)))
  return s.mul(y, s.select(deep, s.like(u, Math.exp(-depth)), s.like(u, 1)))
}

// x held where the derivatives below vary at all, so that infinite products do not meet vanished factors
const near: AppliedUnary = (x) => max(min(x, like(x, 1000)), like(x, -1000))

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
export const silu: AppliedUnary = (x) => bind(siluP, [x], none)

const slope = Math.sqrt(8 / Math.PI)
const cubic = 0.044715
/** Where products are exact: multiples of `step` below `reach`, times factors that are multiples of `1 / curve` and of `1 / line`. */
const grids = {
  float64: { step: 2 ** -10, reach: 32, curve: 2 ** 13, line: 2 ** 33 },
  float32: { step: 2 ** -3, reach: 16, curve: 2 ** 8, line: 2 ** 14 },
} as const

const gridOf = (dtype: DType): 'float32' | 'float64' => (isDouble(dtype) ? 'float64' : 'float32')

/** `value + beyond` as a multiple of `1 / grid` and the rest of it. */
const split = (value: number, beyond: number, grid: number): readonly [number, number] => {
  const high = Math.round(value * grid) / grid
  return [high, value - high + beyond]
}

/**
 * 2u = a x + b x^3 with its rounding error, for |x| <= `reach`: at x rounded to h on a coarse grid, with factors on grids of their own,
 * h (a + b h^2) is exact; the rest, x times what a + b x^2 is beyond a + b h^2 and (x - h) (a + b h^2), is that much smaller. Rounded
 * once, 2u would be magnified by the exponential to as many units as it is large.
 */
const doubleU = (x: Expr): readonly [Expr, Expr] => {
  const grid = grids[gridOf(x.dtype)]
  const [a, b] = [slope, slope * cubic]
  const [ah, al] = split(a, -9.96930880911092e-17, grid.line)
  const [bh, bl] = split(b, -6.175149918155315e-19, grid.curve)
  // Adding it rounds to multiples of `step`.
  const rounding = s.like(x, 1.5 * grid.step * 2 ** (isDouble(x.dtype) ? 52 : 23))
  const h = s.sub(s.add(x, rounding), rounding)
  const d = s.sub(x, h)
  const square = s.mul(h, h)
  const factor = s.add(s.like(x, ah), s.mul(s.like(x, bh), square))
  const beyond = s.add(s.mul(s.like(x, b), s.mul(d, s.add(x, h))), s.add(s.like(x, al), s.mul(s.like(x, bl), square)))
  const main = s.mul(h, factor)
  const rest = s.add(s.mul(x, beyond), s.mul(d, factor))
  const u = s.add(main, rest)
  return [u, s.sub(rest, s.sub(u, main))]
}

/**
 * The usual approximation of gelu, x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), as x sigmoid(2u),
 * which does not cancel in the left tail.  (s(2u) + x s(2u) s(-2u) 2u') dx
 */
export const geluTanhP: Primitive = elementwise('geluTanh', {
  scalar: (x) => {
    const { reach } = grids[gridOf(x.dtype)]
    const [edge, depth] = depthOf(x.dtype)
    const one = s.like(x, 1)
    // left of it all results are -0
    const c = s.max(x, s.like(x, -reach))
    const [u, rest] = doubleU(s.min(c, s.like(x, reach)))
    const deep = s.lt(u, s.like(u, edge))
    const exp = s.exp(s.neg(s.abs(s.select(deep, s.add(u, s.like(u, depth)), u))))
    // where u is positive, the rest has the wrong sign and is too small to matter
    const e = s.add(exp, s.mul(exp, rest))
    const side = s.select(s.lt(u, s.like(u, 0)), e, one)
    const y = s.sub(side, s.mul(side, s.div(e, s.add(one, e))))
    return s.mul(s.mul(c, y), s.select(deep, s.like(u, Math.exp(-depth)), one))
  },
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
export const geluTanh: AppliedUnary = (x) => bind(geluTanhP, [x], none)

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
export const mish: AppliedUnary = (x) => bind(mishP, [x], none)
