/**
 * DeZero: a generation number per Function, and a list that is sorted at every push: 52 us per operation for wide graphs of 8000.
 * Here there is nothing to sort, and the walk is linear in the length of the tape.
 */
import { valueAndGrad } from 'adjoint'
import { branched } from './step15.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step16: Step = {
  title: 'Complicated graphs',
  run: () => lines(...valueAndGrad(branched)(float64(2))),
}
