/**
 * DeZero: a Function of one's own, and the sine by its Taylor series, whose length depends on the data.
 * Here a rule of one's own is `customVjp`, and `while` works under `grad`, because nothing is traced: every turn of the loop is on the tape.
 */
import type { Tensor } from 'adjoint'
import { customVjp, np, valueAndGrad } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

const mySin = customVjp((x: Tensor) => np.sin(x), {
  fwd: (x) => [np.sin(x), x],
  bwd: (x, c) => [np.mul(c, np.cos(x))],
})

const taylorSin =
  (threshold: number) =>
  (x: Tensor): Tensor => {
    const next = np.neg(np.square(x))
    let term = x
    let sum = x
    for (let k = 1; Math.abs(Number(term.item())) >= threshold; k++) {
      term = np.mul(term, np.div(next, 2 * k * (2 * k + 1)))
      sum = np.add(sum, term)
    }
    return sum
  }

export const step27: Step = {
  title: 'The sine by its Taylor series',
  run: () => [mySin, taylorSin(1e-4), taylorSin(1e-150)].flatMap((f) => lines(...valueAndGrad(f)(float64(Math.PI / 4)))),
}
