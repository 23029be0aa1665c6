/**
 * DeZero: dropout looks at a global flag and draws from a global generator; a rate of 1 gives NaN.
 * Here mode and key are arguments: the same key drops the same elements. It goes after the activation; with relu the order is the same.
 */
import { nn, np, random } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step54: Step = {
  title: 'Dropout',
  run: () => {
    const x = np.ones([5])
    const key = random.key(1)
    const none: nn.None = null
    const dropout = nn.dropout(0.5)
    const training = dropout.apply(none, { train: true, key })
    const y = float64([-2, -1, 0, 1, 2])
    const swapped = np.equal(nn.relu(training(y)), training(nn.relu(y)))
    return lines(x, training(x), training(x), dropout.apply(none)(x), nn.dropout(1).apply(none, { train: true, key })(x), np.all(swapped))
  },
}
