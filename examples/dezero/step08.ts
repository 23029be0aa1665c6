/**
 * DeZero: the recursion becomes a loop, because Python's stack is about 1000 deep.
 * Here the reverse walk was a loop over the tape from the start: 10 000 operations in a row are no matter.
 */
import type { Tensor } from 'adjoint'
import { grad, np, valueAndGrad } from 'adjoint'
import { composed } from './step03.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

const deep = (x: Tensor): Tensor => Array.from({ length: 10_000 }).reduce<Tensor>((y) => np.add(y, 1), x)

export const step08: Step = {
  title: 'From recursion to a loop',
  run: () => lines(grad(composed)(float64(0.5)), ...valueAndGrad(deep)(float64(0.5))),
}
