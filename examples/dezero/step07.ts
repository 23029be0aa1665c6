/**
 * DeZero: outputs remember their creators, and `backward` walks these links recursively.
 * Here `grad` takes the function and returns its derivative; the links are a list, the tape, that belongs to the one call.
 */
import { grad, viz } from 'adjoint'
import { composed } from './step03.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step07: Step = {
  title: 'Back-propagation by itself',
  run: () => {
    const tape = viz.tapeOf(composed, float64(0.5))
    return lines(grad(composed)(float64(0.5)), tape.nodes.map((n) => n.prim.name).join(' '))
  },
}
