/**
 * DeZero: `unittest`, and a gradient check with random input for every function.
 * Here the check is part of the product: `checkGrads` compares derivatives in every mode, to any order, and says what is wrong.
 */
import type { Tensor } from 'adjoint'
import { customVjp, np } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import type { Step } from './step.js'
import { float64, refusal } from './step.js'

const wrong = customVjp((x: Tensor) => np.mul(x, x), {
  fwd: (x) => [np.mul(x, x), x],
  bwd: (x, c) => [np.mul(c, x)], // 2 x is right
})

export const step10: Step = {
  title: 'Tests',
  run: () => {
    checkGrads(np.square, [float64(3)], { order: 2 })
    return ['square: holds', refusal(() => checkGrads(wrong, [float64(3)]))]
  },
}
