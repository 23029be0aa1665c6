/**
 * DeZero: Newton's method with the second derivative worked out by hand.
 * Here too; step 33 lets `grad(grad(f))` do it.
 */
import type { Tensor } from 'adjoint'
import { grad, np } from 'adjoint'
import type { Step } from './step.js'
import { float64 } from './step.js'

type Line = (x: Tensor) => Tensor

/** `x^4 - 2 x^2`, with minima at -1 and 1. */
export const quartic: Line = (x) => np.sub(np.pow(x, 4), np.mul(2, np.square(x)))

/** Ten points of Newton's method from 2 on. */
export const newton = (df: Line, ddf: Line): readonly string[] => {
  let x = float64(2)
  return Array.from({ length: 10 }, (_, i) => {
    const line = `${i} ${String(x)}`
    x = np.sub(x, np.div(df(x), ddf(x)))
    return line
  })
}

export const step29: Step = {
  title: "Newton's method by hand",
  run: () => newton(grad(quartic), (x) => np.sub(np.mul(12, np.square(x)), 4)),
}
