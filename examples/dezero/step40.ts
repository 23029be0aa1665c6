/**
 * DeZero: `broadcast_to` and `sum_to` are each other's backward; `sum_to` to an impossible shape silently gives some other shape.
 * Here they are transposes of each other, `<broadcast(x), y> = <x, sumTo(y)>`, and what is impossible throws.
 */
import type { Tensor } from 'adjoint'
import { grad, np } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step40: Step = {
  title: 'Broadcasting',
  run: () => {
    const [x0, x1] = [float64([1, 2, 3]), float64([10])]
    const [, d1] = grad((a: Tensor, b: Tensor) => np.sum(np.add(a, b)), { argnums: [0, 1] })(x0, x1)
    const y = float64([
      [1, 2, 3],
      [4, 5, 6],
    ])
    const [left, right] = [np.sum(np.mul(np.broadcastTo(x0, [2, 3]), y)), np.sum(np.mul(x0, np.sumTo(y, [3])))]
    return [...lines(np.add(x0, x1), d1), `${String(left)} = ${String(right)}`]
  },
}
