/**
 * DeZero: the objects A, B and C are called one after the other.
 * Here functions compose as functions do, and the composition is as good as any of its parts.
 */
import type { Tensor } from 'adjoint'
import { np } from 'adjoint'
import { flow } from 'fp-ts/lib/function.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

/** `exp(x^2)^2`. */
export const composed: (x: Tensor) => Tensor = flow(np.square, np.exp, np.square)

export const step03: Step = {
  title: 'Functions compose',
  run: () => lines(composed(float64(0.5))),
}
