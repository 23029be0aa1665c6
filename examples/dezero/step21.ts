/**
 * DeZero: `as_variable`, `as_array` and `__array_priority__`, so that Variables mix with arrays and numbers; a number makes float32 float64.
 * Here numbers may stand wherever tensors do, and never change the dtype.
 */
import { np } from 'adjoint'
import { pipe } from 'fp-ts/lib/function.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step21: Step = {
  title: 'Tensors and numbers',
  run: () => {
    const x = float64(2)
    const y = pipe(x, np.mul(3), np.add(1))
    return lines(np.add(x, float64(3)), np.add(x, 3), y, np.mul(2.5, np.array([1, 2])).dtype)
  },
}
