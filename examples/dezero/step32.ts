/**
 * DeZero: gradients become Variables, and `create_graph=True` keeps the graph of the backward pass.
 * Here the option is to write `grad` twice.
 */
import { grad } from 'adjoint'
import { quartic } from './step29.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step32: Step = {
  title: 'Higher derivatives',
  run: () => lines(grad(quartic)(float64(2)), grad(grad(quartic))(float64(2))),
}
