/**
 * DeZero: a central difference, to have a derivative at all.
 * Here it is what derivatives are checked against (`adjoint/laws`); a function of functions, as `grad` will be.
 */
import type { Tensor } from 'adjoint'
import { np } from 'adjoint'
import { composed } from './step03.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

/** The central difference of `f`. */
export const numericalGrad =
  (f: (x: Tensor) => Tensor, eps = 1e-4) =>
  (x: Tensor): Tensor =>
    np.div(np.sub(f(np.add(x, eps)), f(np.sub(x, eps))), 2 * eps)

export const step04: Step = {
  title: 'Numerical differentiation',
  run: () => lines(numericalGrad(np.square)(float64(2)), numericalGrad(composed)(float64(0.5))),
}
