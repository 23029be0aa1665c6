/**
 * DeZero: a gradient within an expression, differentiated in turn ("double backprop").
 * Here it is a function within a function: `z(x) = y'(x)^3 + y(x)`.
 */
import type { Tensor } from 'adjoint'
import { grad, np } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step36: Step = {
  title: 'A gradient within an expression',
  run: () => {
    const y = np.square
    const z = (x: Tensor): Tensor => np.add(np.pow(grad(y)(x), 3), y(x))
    return lines(grad(z)(float64(2)))
  },
}
