/**
 * Theory: dy/dx = dy/db db/da da/dx, multiplied from the left or from the right.
 * From the left (reverse mode) every product is a row times a matrix, from the right (forward mode) a matrix times a column: for one
 * output and many inputs the left is cheaper. Here both are folds of the same list of linear maps, so they cannot disagree.
 */
import { jacfwd, jacrev, np } from 'adjoint'
import { flow } from 'fp-ts/lib/function.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step05: Step = {
  title: 'Theory of back-propagation',
  run: () => {
    const x = float64(0.5)
    const [a, b] = [np.square(x), np.exp(np.square(x))]
    const factors = [np.mul(2, b), np.exp(a), np.mul(2, x)]
    const f = flow(np.square, np.exp, np.square)
    return [
      factors.map(String).join(' * '),
      ...lines(
        factors.reduce((p, q) => np.mul(p, q)),
        jacrev(f)(x),
        jacfwd(f)(x),
      ),
    ]
  },
}
