/**
 * Theory, part 1: what a graph keeps for its derivative.
 * DeZero keeps all inputs of every function. Here a node keeps what its linear map needs: nothing for a sum, the output for tanh.
 */
import type { Tensor } from 'adjoint'
import { np, viz } from 'adjoint'
import type { Step } from './step.js'
import { float64 } from './step.js'

export const step30: Step = {
  title: 'Higher derivatives: what is kept',
  run: () => {
    const tape = viz.tapeOf((x: Tensor, y: Tensor) => np.tanh(np.add(np.mul(x, y), 1)), float64(2), float64(3))
    return tape.nodes.map((n) => `${n.prim.name} keeps ${n.saved.filter((t) => t !== null).length}`)
  },
}
