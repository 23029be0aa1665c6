/**
 * Theory: with branches, the order of the reverse walk matters; `a` may be visited only after both of its users.
 * Here the tape is in the order of the program, in which nothing is used before it is computed; reversed it is always a right order.
 */
import type { Tensor } from 'adjoint'
import { np, viz } from 'adjoint'
import type { Step } from './step.js'
import { float64 } from './step.js'

/** `a = x^2`, `a^2 + a^2`. */
export const branched = (x: Tensor): Tensor => {
  const a = np.square(x)
  return np.add(np.square(a), np.square(a))
}

export const step15: Step = {
  title: 'Theory of complicated graphs',
  run: () => viz.tapeOf(branched, float64(2)).nodes.map((n) => `${n.out} = ${n.prim.name} of ${n.parents.join(', ')}`),
}
