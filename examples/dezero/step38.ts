/**
 * DeZero: what is the derivative of a reshape? `backward` reshapes back, `transpose` transposes back.
 * Reshaping is linear, and the derivative of a linear map is the map itself; what pulls back is its transpose: the same numbers, in the old shape.
 */
import type { Tensor } from 'adjoint'
import { linearTranspose, np, vjp } from 'adjoint'
import { pipe } from 'fp-ts/lib/function.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step38: Step = {
  title: 'Functions that change the shape',
  run: () => {
    const x = float64([
      [1, 2, 3],
      [4, 5, 6],
    ])
    const flat = (v: Tensor): Tensor => np.reshape(v, [6])
    const [, pull] = vjp(np.transpose, x)
    return lines(
      pipe(x, np.reshape([6])),
      linearTranspose(flat, x)(flat(x))[0],
      np.transpose(x),
      pull(np.ones([3, 2], { dtype: 'float64' }))[0],
    )
  },
}
