/**
 * DeZero: a Function is a class with `__call__` and `forward`, that unwraps a Variable and wraps the result.
 * Here a function is a function.
 */
import { np } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step02: Step = {
  title: 'A function is a function',
  run: () => lines(np.square(float64(10))),
}
