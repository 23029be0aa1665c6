/** Functions of which what is left after a difference matters: each as a sum or quotient that does not cancel. */
import { isDouble } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { abs, add, div, mul, neg, reciprocal, sub } from './arithmetic.js'
import { and } from './bits.js'
import { sigmoid } from './activation.js'
import { like } from './broadcast.js'
import { eq, le } from './comparison.js'
import { elementwise, reads, type AppliedBinary, type AppliedUnary } from './define.js'
import { log } from './exponential.js'
import { hypot } from './power.js'
import { select } from './select.js'
import { tanh } from './trigonometric.js'

/** x / (1 + |x|).  1 / (1 + |x|)^2 dx */
export const softSignP: Primitive = elementwise('softSign', {
  scalar: (x) => s.select(s.lt(s.abs(x), s.like(x, Infinity)), s.div(x, s.add(s.abs(x), s.like(x, 1))), s.sign(x)),
  partials: [
    reads([0], (x) => {
      const r = reciprocal(add(abs(x), like(x, 1)))
      return mul(r, r)
    }),
  ],
})
export const softSign: AppliedUnary = (x) => bind(softSignP, [x], none)

/** 2k / (2k + 1)! for k = 1, 2, ...: the series of (x cosh x - sinh x) / x^3 in powers of x^2, all of one sign. */
const series: readonly number[] = ((): readonly number[] => {
  const terms: number[] = []
  for (let k = 1, factorial = 6; k <= 13; k++, factorial *= 2 * k * (2 * k + 1)) terms.push((2 * k) / factorial)
  return terms
})()

/** x - tanh x; below 2 as (x cosh x - sinh x) / cosh x by the series of its numerator.  tanh^2 x dx */
export const tanhShrinkP: Primitive = elementwise('tanhShrink', {
  scalar: (x) => {
    const near = s.lt(s.abs(x), s.like(x, 2))
    const z = s.select(near, x, s.like(x, 0))
    const square = s.mul(z, z)
    const terms = series.slice(0, isDouble(x.dtype) ? 13 : 8)
    const sum = terms.reduceRight<Expr | null>(
      (rest, c) => (rest === null ? s.like(x, c) : s.add(s.like(x, c), s.mul(square, rest))),
      null,
    )!
    return s.select(near, s.mul(z, s.mul(square, s.div(sum, s.cosh(z)))), s.sub(x, s.tanh(x)))
  },
  partials: [
    reads([0], (x) => {
      const y = tanh(x)
      return mul(y, y)
    }),
  ],
})
export const tanhShrink: AppliedUnary = (x) => bind(tanhShrinkP, [x], none)

/** log cosh x: near 0 log1p((e^-|x| - 1)^2 / (2 e^-|x|)), far away |x| - log 2.  tanh x dx */
export const logCoshP: Primitive = elementwise('logCosh', {
  scalar: (x) => {
    const a = s.abs(x)
    const near = s.lt(a, s.like(x, 2))
    const u = s.expm1(s.neg(s.select(near, a, s.like(x, 0))))
    const inner = s.log1p(s.div(s.mul(u, u), s.mul(s.like(x, 2), s.add(s.like(x, 1), u))))
    const outer = s.add(s.sub(a, s.like(x, Math.LN2)), s.log1p(s.exp(s.mul(s.like(x, -2), a))))
    return s.select(near, inner, outer)
  },
  partials: [reads([0], (x) => tanh(x))],
})
export const logCosh: AppliedUnary = (x) => bind(logCoshP, [x], none)

type Bend = { readonly b: number }

/** (x + sqrt(x^2 + b)) / 2, on the left as b / (2 (sqrt(x^2 + b) - x)); halves first, so that the sum does not overflow.  Its slope is `squareplusSlope`. */
export const squareplusP: Primitive<Bend> = {
  ...elementwise('squareplus', { scalar: (x) => x }),
  linear: { kind: 'elementwise', partials: [{ needs: [0], d: ([x], p) => bind(squareplusSlopeP, [x!], p) }] },
  lower: {
    kind: 'scalar',
    body: ([x], { b }) => {
      const h = s.hypot(x!, s.like(x!, Math.sqrt(b)))
      const [halfRoot, half] = [s.mul(s.like(x!, 0.5), h), s.mul(s.like(x!, 0.5), x!)]
      return s.select(s.lt(x!, s.like(x!, 0)), s.div(s.like(x!, b / 4), s.sub(halfRoot, half)), s.add(halfRoot, half))
    },
  },
}
export const squareplus = (x: Tensor, b: number): Tensor => bind(squareplusP, [x], { b })

/** (1 + x / sqrt(x^2 + b)) / 2, on the left as b / (2 h (h - x)) with h the root.  b / (2 h^3) dx */
export const squareplusSlopeP: Primitive<Bend> = {
  ...elementwise('squareplusSlope', { scalar: (x) => x }),
  linear: {
    kind: 'elementwise',
    partials: [
      {
        needs: [0],
        d: ([x], { b }) => {
          const h = hypot(x!, like(x!, Math.sqrt(b)))
          return div(div(div(like(x!, b / 2), h), h), h)
        },
      },
    ],
  },
  lower: {
    kind: 'scalar',
    body: ([x], { b }) => {
      const h = s.hypot(x!, s.like(x!, Math.sqrt(b)))
      const left = s.div(s.div(s.like(x!, b / 2), h), s.sub(h, x!))
      const right = s.add(s.like(x!, 0.5), s.mul(s.like(x!, 0.5), s.div(x!, h)))
      return s.select(s.lt(x!, s.like(x!, 0)), left, s.select(s.eq(x!, s.like(x!, Infinity)), s.like(x!, 1), right))
    },
  },
}

/** log(p / (1 - p)): about 1/2 as 2 atanh(2p - 1), whose argument is exact.  Its slope is `logitSlope`. */
export const logitP: Primitive = elementwise('logit', {
  scalar: (p) => {
    const middle = s.and(s.ge(p, s.like(p, 0.25)), s.le(p, s.like(p, 0.75)))
    const odds = s.atanh(s.sub(s.add(p, p), s.like(p, 1)))
    return s.select(middle, s.mul(s.like(p, 2), odds), s.sub(s.log(p), s.log1p(s.neg(p))))
  },
  partials: [reads([0], (p) => bind(logitSlopeP, [p], none))],
})

/** 1 / (p (1 - p)).  (2p - 1) y^2 dp, which cancels neither about 1/2 nor with infinities beside 0 */
export const logitSlopeP: Primitive = elementwise('logitSlope', {
  scalar: (p) => s.div(s.div(s.like(p, 1), p), s.sub(s.like(p, 1), p)),
  partials: [reads([0, OUT], (p, y) => mul(mul(y, y), sub(add(p, p), like(p, 1))))],
})

/** -x log x, 0 at 0, -Infinity below.  -(1 + log x) dx, 0 up to 0 */
export const entrP: Primitive = elementwise('entr', {
  scalar: (x) => {
    const outside = s.select(s.lt(x, s.like(x, 0)), s.like(x, -Infinity), s.like(x, 0))
    return s.select(s.le(x, s.like(x, 0)), outside, s.neg(s.mul(x, s.log(x))))
  },
  partials: [
    reads([0], (x) => {
      const outside = le(x, like(x, 0))
      return select(outside, like(x, 0), neg(add(like(x, 1), log(select(outside, like(x, 1), x)))))
    }),
  ],
})

/** x - y, 0 where both are the same infinity. */
const gap: AppliedBinary = (x, y) => {
  const same = and(eq(x, y), eq(abs(x), like(x, Infinity)))
  return sub(select(same, like(x, 0), x), select(same, like(y, 0), y))
}

/** The derivative in x, 1 / (1 + base^(y - x)): nothing where both are -Infinity, since there is no probability to share. */
const shareOfSum = (x: Tensor, y: Tensor, logOfBase: number): Tensor =>
  select(and(eq(x, y), eq(x, like(x, -Infinity))), like(x, 0), sigmoid(mul(like(x, logOfBase), gap(x, y))))

/** How far the smaller is below the larger: 0 at ties, those of infinities too. */
const apart = (x: Expr, y: Expr): Expr => s.select(s.eq(x, y), s.like(x, 0), s.neg(s.abs(s.sub(x, y))))

/** log(e^x + e^y) = max + log1p(e^-|x - y|).  s(x - y) dx + s(y - x) dy */
export const logaddexpP: Primitive = elementwise('logaddexp', {
  scalar: (x, y) => s.add(s.max(x, y), s.log1p(s.exp(apart(x, y)))),
  partials: [reads([0, 1], (x, y) => shareOfSum(x, y, 1)), reads([0, 1], (x, y) => shareOfSum(y, x, 1))],
})

/** log2(2^x + 2^y), as `logaddexp`. */
export const logaddexp2P: Primitive = elementwise('logaddexp2', {
  scalar: (x, y) => s.add(s.max(x, y), s.mul(s.like(x, Math.LOG2E), s.log1p(s.exp2(apart(x, y))))),
  partials: [reads([0, 1], (x, y) => shareOfSum(x, y, Math.LN2)), reads([0, 1], (x, y) => shareOfSum(y, x, Math.LN2))],
})
