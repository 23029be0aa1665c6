/**
 * DeZero: softmax and cross entropy one after the other, the probability clipped at 1e-15, so that [1000, 0] costs 34.5 and not 1000.
 * Here the loss is computed from logits and exact for all of them; a random guess among K classes costs ln K.
 */
import type { Tensor } from 'adjoint'
import { data, losses, nn, np } from 'adjoint'
import { affine } from './drawn.js'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

export const step47: Step = {
  title: 'Softmax and cross entropy',
  run: () => {
    const generator = data.randomState(0)
    const [l0, l1] = [affine(generator, 2, 10), affine(generator, 10, 3)]
    const model = (v: Tensor): Tensor => nn.linear(l1, nn.sigmoid(nn.linear(l0, v)))
    const x = float64([
      [0.2, -0.4],
      [0.3, 0.5],
      [1.3, -3.2],
      [2.1, 0.3],
    ])
    const t = np.array([2, 0, 1, 0], { dtype: 'int32' })
    const guess = losses.softmaxCrossEntropy(np.zeros([1, 2], { dtype: 'float64' }), np.array([0], { dtype: 'int32' }))
    const sure = losses.softmaxCrossEntropy(float64([[1000, 0]]), np.array([1], { dtype: 'int32' }))
    return lines(model(float64([[0.2, -0.4]])), nn.softmax(model(x)), losses.softmaxCrossEntropy(model(x), t), guess, sure)
  },
}
