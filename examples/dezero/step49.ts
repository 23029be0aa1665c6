/**
 * DeZero: a Dataset has `__getitem__` and `__len__`; what is the point, when arrays do?
 * Here it is `{ length, take }`: the same loop over memory, files or what is computed on demand, and the type says what a batch holds.
 * Transforms are functions of a batch, composed as functions are.
 */
import { data, np } from 'adjoint'
import type { Step } from './step.js'
import { lines } from './step.js'

export const step49: Step = {
  title: 'Data sets',
  run: () => {
    const spiral = data.spiral({ train: true })
    const { x, y } = spiral.take([0])
    const squares = data.lazy(1_000_000, (row) => ({ x: np.array(row), y: np.array(row ** 2) }))
    const halved = data.map(squares, (batch) => ({ ...batch, x: np.div(batch.x, 2) }))
    return lines(x, y, spiral.length, data.all(spiral).x.size * 4, halved.length, halved.take([3]).x, halved.take([3]).y)
  },
}
