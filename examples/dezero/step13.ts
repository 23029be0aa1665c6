/**
 * DeZero: `backward` learns about several inputs, and every gradient ends up in the `.grad` of its Variable.
 * Here gradients are results: nothing is written into the arguments.
 */
import type { Tensor } from 'adjoint'
import { np, valueAndGrad } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step13: Step = {
  title: 'Gradients of several arguments',
  run: () => {
    const z = (x: Tensor, y: Tensor): Tensor => np.add(np.square(x), np.square(y))
    const [value, [dx, dy]] = valueAndGrad(z, { argnums: [0, 1] })(float64(2), float64(3))
    return lines(value, dx, dy)
  },
}
