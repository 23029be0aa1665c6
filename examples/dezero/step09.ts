/**
 * DeZero: helper functions around the classes, `y.grad = 1` by default, and a TypeError for anything but an array.
 * Here functions were functions already, the seed belongs to `grad`, numbers are scalars, and what is no tensor is refused in words.
 */
import { grad, np } from 'adjoint'
import { composed } from './step03.js'
import type { Step } from './step.js'
import { float64, lines, refusal } from './step.js'

export const step09: Step = {
  title: 'Functions that are easy to use',
  run: () =>
    lines(
      grad(composed)(float64(0.5)),
      grad(np.square)(0.5),
      refusal(() => np.square('0.5' as never)),
    ),
}
