/**
 * DeZero: `__neg__`, `__sub__` and `__rsub__`, `__truediv__` and `__rtruediv__`, `__pow__` with a constant exponent.
 * Here the order of the arguments says it all, and exponents may be tensors.
 */
import type { Tensor } from 'adjoint'
import { grad, np } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step22: Step = {
  title: 'More operators',
  run: () => {
    const x = float64(2)
    return lines(np.neg(x), np.sub(2, x), np.sub(x, 1), np.div(3, x), np.pow(x, 3), np.pow(2, x), grad((v: Tensor) => np.pow(2, v))(x))
  },
}
