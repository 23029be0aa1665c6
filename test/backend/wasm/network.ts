/** A small convolutional network on images of 28 x 28, and a step of gradient descent: a program whose memory is measured. */
import { lax, losses, nn, np, tree, valueAndGrad } from '../../../src/index.js'
import type { Tensor } from '../../../src/index.js'

/** Numbers between -scale and scale. */
export const wave = (shape: readonly number[], scale: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return np.reshape(np.array(Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i * 1.7))), shape)
}

/** Fresh parameters. */
export const makeParams = () => ({
  k0: wave([6, 1, 5, 5], 0.28),
  c0: wave([6, 1, 1], 0.01),
  k1: wave([16, 6, 5, 5], 0.12),
  c1: wave([16, 1, 1], 0.01),
  w0: wave([400, 120], 0.07),
  b0: wave([120], 0.01),
  w1: wave([120, 84], 0.13),
  b1: wave([84], 0.01),
  w2: wave([84, 10], 0.15),
  b2: wave([10], 0.01),
})
export type Params = ReturnType<typeof makeParams>

const pool = (x: Tensor): Tensor => lax.reduceWindow(x, 'max', { window: [1, 1, 2, 2], strides: [1, 1, 2, 2] })
const loss = (p: Params, x: Tensor, y: Tensor): Tensor => {
  const h = pool(nn.relu(np.add(lax.convGeneralDilated(x, p.k0, { padding: 'SAME' }), p.c0)))
  const g = pool(nn.relu(np.add(lax.convGeneralDilated(h, p.k1), p.c1)))
  const a = nn.relu(np.add(np.matmul(np.reshape(g, [-1, 400]), p.w0), p.b0))
  const b = nn.relu(np.add(np.matmul(a, p.w1), p.b1))
  return losses.softmaxCrossEntropy(np.add(np.matmul(b, p.w2), p.b2), y)
}
/** The parameters after a step on images and labels, and the loss before it. */
export const descend = (p: Params, x: Tensor, y: Tensor): readonly [Params, Tensor] => {
  const [value, g] = valueAndGrad(loss)(p, x, y)
  return [tree.map((v: Tensor, d: Tensor) => np.sub(v, np.mul(0.05, d)), p, g), value]
}
