/** Roots and powers. */
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { div, mul, sub } from './arithmetic.js'
import { and } from './bits.js'
import { like } from './broadcast.js'
import { eq } from './comparison.js'
import { alike, elementwise, reads, type AppliedBinary, type AppliedUnary } from './define.js'
import { log } from './exponential.js'
import { select } from './select.js'

/** x^(1/2); derivative Infinity at 0 */
export const sqrtP: Primitive = elementwise('sqrt', { scalar: (x) => s.sqrt(x), partials: [reads([OUT], (y) => div(like(y, 0.5), y))] })
export const sqrt: AppliedUnary = (x) => bind(sqrtP, [x], none)

/** x^(-1/2) */
export const rsqrtP: Primitive = elementwise('rsqrt', {
  scalar: (x) => s.rsqrt(x),
  partials: [reads([OUT], (y) => mul(like(y, -0.5), mul(y, mul(y, y))))],
})
export const rsqrt: AppliedUnary = (x) => bind(rsqrtP, [x], none)

/** x^(1/3), of negative x too; derivative Infinity at 0 */
export const cbrtP: Primitive = elementwise('cbrt', {
  scalar: (x) => s.cbrt(x),
  partials: [reads([OUT], (y) => div(like(y, 1 / 3), mul(y, y)))],
})
export const cbrt: AppliedUnary = (x) => bind(cbrtP, [x], none)

/**
 * x^y. At x = 0 the derivative in x is that of the polynomial (0 for y = 0, 1 for y = 1), the one in y is 0 for y >= 0.
 */
export const powP: Primitive = elementwise('pow', {
  scalar: (x, y) => s.pow(x, y),
  partials: [
    reads([0, 1], (x, y) => {
      // only 0^0 needs care: elsewhere y = 0 must stay visible to derivatives in y
      const corner = and(eq(x, like(x, 0)), eq(y, like(y, 0)))
      const slope = mul(y, pow(x, select(corner, like(y, 1), sub(y, like(y, 1)))))
      return select(corner, like(y, 0), slope)
    }),
    reads([0, OUT], (x, z) => mul(log(select(eq(x, like(x, 0)), like(x, 1), x)), z)),
  ],
})
export const pow: AppliedBinary = (x, y) => bind(powP, [x, y], none)

const repeated = (x: Expr, n: number): Expr => {
  if (n === 0) return s.like(x, 1)
  if (n === 1) return x
  const half = repeated(x, n >> 1)
  const square = s.mul(half, half)
  return n % 2 === 1 ? s.mul(square, x) : square
}

/** x^n for a fixed integer n, by repeated multiplication; integers too when n >= 0. */
export const integerPowP: Primitive<{ readonly n: number }> = {
  name: 'integerPow',
  shape: (inputs, { n }) => [alike('integerPow', inputs, n < 0 ? 'float' : 'number')],
  linear: {
    kind: 'elementwise',
    partials: [
      {
        needs: [0],
        d: ([x], { n }) => (n === 0 ? like(x!, 0) : n === 1 ? like(x!, 1) : mul(like(x!, n), integerPow(x!, n - 1))),
      },
    ],
  },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([x], { n }) => (n < 0 ? s.div(s.like(x!, 1), repeated(x!, -n)) : repeated(x!, n)) },
}
export const integerPow = (x: Tensor, n: number): Tensor => bind(integerPowP, [x], { n })

// x / h, and 0 where both are 0
const cosine: AppliedBinary = (x, h) => select(eq(h, like(h, 0)), like(h, 0), div(x, h))

/** sqrt(x^2 + y^2) without overflow; derivative 0 at the origin */
export const hypotP: Primitive = elementwise('hypot', {
  scalar: (x, y) => s.hypot(x, y),
  partials: [reads([0, OUT], (x, h) => cosine(x, h)), reads([1, OUT], (y, h) => cosine(y, h))],
})
export const hypot: AppliedBinary = (x, y) => bind(hypotP, [x, y], none)
