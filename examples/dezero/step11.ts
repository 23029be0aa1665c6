/**
 * DeZero: functions of several variables take a list and return a list.
 * Here they are functions of several arguments; a list is for what is a list.
 */
import type { Tensor } from 'adjoint'
import { np } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

const total = (xs: readonly Tensor[]): Tensor => xs.reduce((a, b) => np.add(a, b))

export const step11: Step = {
  title: 'Several arguments',
  run: () => lines(total([float64(2), float64(3)])),
}
