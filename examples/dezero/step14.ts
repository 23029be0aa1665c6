/**
 * DeZero: a variable used twice needs `+=`, and the `+=` needs `cleargrad` before the next call: forget it, and gradients add up.
 * Here a cotangent is summed within one walk and the walk ends with it: the same call gives the same gradient.
 */
import type { Tensor } from 'adjoint'
import { grad, np } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step14: Step = {
  title: 'The same variable again',
  run: () => {
    const x = float64(3)
    const twice = grad((v: Tensor) => np.add(v, v))
    const thrice = grad((v: Tensor) => np.add(np.add(v, v), v))
    return lines(twice(x), thrice(x), thrice(x))
  },
}
