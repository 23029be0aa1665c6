/**
 * Theory: images have channels, and several kernels give several channels: [C, H, W] with [OC, C, KH, KW] gives [OC, OH, OW].
 * Kernels have no axis for the examples, the bias changes no shape, pooling keeps the channels: the table says so, and nothing is computed.
 */
import { nn } from 'adjoint'
import type { Step } from './step.js'

export const step56: Step = {
  title: 'Theory of convolutional networks',
  run: () => {
    const model = nn.sequential(nn.conv2d(3, 8, 3, { padding: 1 }), nn.relu, nn.maxPool2d(2), nn.flatten, nn.dense(8 * 7 * 7, 10))
    return String(nn.summary(model, [10, 3, 14, 14])).split('\n')
  },
}
