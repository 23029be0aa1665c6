/** Bell curves, whose exponent is a square and must not be rounded before it is exponentiated. */
import { isDouble } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { elementwise } from './define.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { max, min, mul } from './arithmetic.js'
import { like } from './broadcast.js'

/** The upper half of the digits of a number far from overflow, and the rest (Veltkamp): the square of the first is exact. */
export const halves = (x: Expr): readonly [Expr, Expr] => {
  const scaled = s.mul(x, s.like(x, isDouble(x.dtype) ? 2 ** 27 + 1 : 2 ** 12 + 1))
  const high = s.sub(scaled, s.sub(scaled, x))
  return [high, s.sub(x, high)]
}

/** Where every bell curve here has vanished in float64; larger distances are taken for this one. */
const far = 64

/** The distance from 0 held at `far`. */
export const held = (x: Expr): Expr => s.min(s.abs(x), s.like(x, far))

/**
 * `-c a^2` in two parts, the first of which is exact, for c a power of two: a rounding of the whole square would be magnified by the
 * exponential to as many units as the square is large.
 */
export const exponent = (a: Expr, c: number): readonly [Expr, Expr] => {
  const [high, low] = halves(a)
  return [s.mul(s.like(a, -c), s.mul(high, high)), s.mul(s.like(a, -c), s.mul(low, s.add(a, high)))]
}

/** e^(-c x^2) for c = 1 or 1/2.  -2 c x y dx */
export const gaussianP: Primitive<{ readonly c: number }> = {
  ...elementwise('gaussian', { scalar: (x) => x }),
  linear: {
    kind: 'elementwise',
    partials: [
      {
        needs: [0, OUT],
        // held, because an infinite x would meet a y that has vanished
        d: ([x, y], { c }) => mul(mul(like(x!, -2 * c), max(min(x!, like(x!, 1000)), like(x!, -1000))), y!),
      },
    ],
  },
  lower: {
    kind: 'scalar',
    body: ([x], { c }) => {
      const [main, rest] = exponent(held(x!), c)
      return s.mul(s.exp(main), s.exp(rest))
    },
  },
}
export const gaussian = (x: Tensor, c: 1 | 0.5): Tensor => bind(gaussianP, [x], { c })
