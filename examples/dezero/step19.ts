/**
 * DeZero: names, `shape`, `ndim`, `size`, `dtype`, `len` and `repr` are added to Variable.
 * Here a tensor has them, and a scope names a whole part of a computation, for errors and drawings.
 */
import { np } from 'adjoint'
import type { Step } from './step.js'
import { lines } from './step.js'

export const step19: Step = {
  title: 'Variables that are easy to use',
  run: () => {
    const x = np.array([
      [1, 2, 3],
      [4, 5, 6],
    ])
    return lines(`[${x.shape.join(', ')}]`, x.ndim, x.size, x.dtype, x.shape[0], x)
  },
}
