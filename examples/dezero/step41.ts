/**
 * DeZero: y = x W has dx = dy W^T and dW = x^T dy: the one arrangement in which the shapes fit.
 * Here matmul is linear in each argument, and `vjp` maps cotangents of the shape of y to cotangents of the shapes of x and W.
 */
import { np, vjp } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step41: Step = {
  title: 'Products of matrices',
  run: () => {
    const [x, w] = [
      float64([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      float64([
        [1, 4],
        [2, 5],
        [3, 6],
      ]),
    ]
    const [y, pull] = vjp(np.matmul, x, w)
    const [dx, dw] = pull(np.onesLike(y))
    return lines(y, dx, dw)
  },
}
