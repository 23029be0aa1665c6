/**
 * DeZero: a Variable is a box whose content can be replaced.
 * Here there is no box: a tensor is a value, and another value is another tensor, so that nobody who holds the first one is surprised.
 */
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step01: Step = {
  title: 'A variable is a value',
  run: () => {
    const x = float64(1)
    const y = float64(2)
    return lines(x, y, x)
  },
}
