/**
 * DeZero: operators are overloaded on Variable, so that `a * b + c` builds the graph.
 * JavaScript has no operator overloading; formulas read `add(mul(a, b), c)`, pipelines `pipe(a, mul(b), add(c))`, and they are the same.
 */
import type { Tensor } from 'adjoint'
import { np, valueAndGrad } from 'adjoint'
import { pipe } from 'fp-ts/lib/function.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step20: Step = {
  title: 'Operators',
  run: () => {
    const y = (a: Tensor, b: Tensor, c: Tensor): Tensor => pipe(a, np.mul(b), np.add(c))
    const [value, [da, db]] = valueAndGrad(y, { argnums: [0, 1] })(float64(3), float64(2), float64(1))
    return lines(value, da, db)
  },
}
