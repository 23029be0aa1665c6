/**
 * DeZero: Newton's method with `create_graph`, and a `cleargrad` between the two walks, or the second adds to the first.
 * Here it is `x - f'(x) / f''(x)`.
 */
import { grad } from 'adjoint'
import { newton, quartic } from './step29.js'
import type { Step } from './step.js'

export const step33: Step = {
  title: "Newton's method by itself",
  run: () => newton(grad(quartic), grad(grad(quartic))),
}
