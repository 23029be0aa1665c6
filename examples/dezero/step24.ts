/**
 * DeZero: gradients of test functions of optimization, at (1, 1).
 * Here `argnums` asks for both partial derivatives at once.
 */
import type { Tensor } from 'adjoint'
import { grad, np } from 'adjoint'
import type { Step } from './step.js'
import { float64 } from './step.js'

const { add, mul, square, sub } = np

/** A function of the plane. */
export type Plane = (x: Tensor, y: Tensor) => Tensor

const sum = (...terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b))
const sphere: Plane = (x, y) => add(square(x), square(y))
const matyas: Plane = (x, y) => sub(mul(0.26, sphere(x, y)), mul(0.48, mul(x, y)))
/** The function of Goldstein and Price. */
export const goldstein: Plane = (x, y) => {
  const xy = mul(x, y)
  const left = sum(sub(19, mul(14, x)), mul(3, square(x)), mul(-14, y), mul(6, xy), mul(3, square(y)))
  const right = sum(sub(18, mul(32, x)), mul(12, square(x)), mul(48, y), mul(-36, xy), mul(27, square(y)))
  return mul(add(1, mul(square(add(add(x, y), 1)), left)), add(30, mul(square(sub(mul(2, x), mul(3, y))), right)))
}

export const step24: Step = {
  title: 'Complicated functions',
  run: () =>
    [sphere, matyas, goldstein].map((f) =>
      grad(f, { argnums: [0, 1] })(float64(1), float64(1))
        .map(String)
        .join(' '),
    ),
}
