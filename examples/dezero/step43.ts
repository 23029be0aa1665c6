/**
 * DeZero: a network of two layers by hand, four parameters cleared and updated one by one.
 * Here the parameters are one tree, and so are their gradient and their update.
 */
import type { Tensor } from 'adjoint'
import { losses, nn, np } from 'adjoint'
import { descend, wave } from './descent.js'
import { randn } from './drawn.js'
import type { Step } from './step.js'

export const step43: Step = {
  title: 'A neural network',
  run: ({ short }) => {
    const { x, y, generator } = wave()
    const zeros = (n: number): Tensor => np.zeros([n], { dtype: 'float64' })
    const start = [
      { w: randn(generator, [1, 10], 0.01), b: zeros(10) },
      { w: randn(generator, [10, 1], 0.01), b: zeros(1) },
    ] as const
    const loss = ([one, two]: typeof start): Tensor => losses.meanSquaredErrorPerRow(nn.linear(two, nn.sigmoid(nn.linear(one, x))), y)
    return descend(loss, start, short)
  },
}
