/**
 * DeZero: `sum` with `axis` and `keepdims`; its backward broadcasts.
 * Here the same; the axis that is named is the one that disappears, unless `keepdims` leaves it with size 1.
 */
import { grad, np } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step39: Step = {
  title: 'Sums',
  run: () => {
    const x = float64([
      [1, 2, 3],
      [4, 5, 6],
    ])
    const kept = np.sum(np.ones([2, 3, 4, 5]), { keepdims: true })
    return lines(np.sum(x), grad(np.sum)(x), np.sum(x, { axis: 0 }), `[${kept.shape.join(', ')}]`)
  },
}
