/**
 * DeZero: the functions so far already work on tensors, element by element; `backward` on any shape silently starts from ones.
 * Here `grad` wants a scalar, so the sum is written down; `vjp` takes the cotangent of any other shape.
 */
import type { Tensor } from 'adjoint'
import { grad, np, vjp } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step37: Step = {
  title: 'Tensors',
  run: () => {
    const [x, c] = [
      float64([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      float64([
        [10, 20, 30],
        [40, 50, 60],
      ]),
    ]
    const [dx, dc] = grad((a: Tensor, b: Tensor) => np.sum(np.add(a, b)), { argnums: [0, 1] })(x, c)
    const [y, pull] = vjp(np.add, x, c)
    return lines(y, dx, dc, pull(c)[0])
  },
}
