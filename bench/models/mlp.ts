/** The network 784-512-256-10 with rectifiers, batches of 128: its inputs, and its loss in each library. */
import type { Tensor } from '../../src/index.js'
import { constant, integers, normal, uniform } from '../inputs.js'
import type { Adjoint, Foreign } from '../workload.js'

const sizes = [784, 512, 256, 10] as const
const layer = (i: 0 | 1 | 2) => normal([sizes[i], sizes[i + 1]!], Math.sqrt(2 / sizes[i]))

/** A batch, and parameters. */
export const inputs = {
  x: uniform([128, 784], 0, 1),
  y: integers([128], 10),
  w0: layer(0),
  b0: constant([512], 0.01),
  w1: layer(1),
  b1: constant([256], 0.01),
  w2: layer(2),
  b2: constant([10], 0.01),
}

type Name = keyof typeof inputs
/** Names of the parameters. */
export const names = ['w0', 'b0', 'w1', 'b1', 'w2', 'b2'] as const
/** Parameters by name. */
export type Params<T> = Readonly<Record<(typeof names)[number], T>>

/** The parameters among the inputs. */
export const paramsOf = <T>(all: Readonly<Record<Name, T>>): Params<T> => ({
  w0: all.w0,
  b0: all.b0,
  w1: all.w1,
  b1: all.b1,
  w2: all.w2,
  b2: all.b2,
})

/** Operations of the products, forward. */
export const flopsForward = 2 * 128 * (784 * 512 + 512 * 256 + 256 * 10)
/** Forward and backward; nobody needs the gradient of the images. */
export const flops = 3 * flopsForward - 2 * 128 * 784 * 512

/** The loss in this library. */
export const adjointLoss =
  ({ np, nn, losses }: Adjoint) =>
  (p: Params<Tensor>, x: Tensor, y: Tensor): Tensor => {
    const h = nn.relu(np.add(np.matmul(x, p.w0), p.b0))
    const g = nn.relu(np.add(np.matmul(h, p.w1), p.b1))
    return losses.softmaxCrossEntropy(np.add(np.matmul(g, p.w2), p.b2), y)
  }

/** The loss in jax-js. */
export const jaxjsLoss =
  ({ numpy: np, nn }: Foreign) =>
  (p: Params<Foreign>, x: Foreign, y: Foreign): Foreign => {
    const h = nn.relu(np.matmul(x, p.w0).add(p.b0))
    const g = nn.relu(np.matmul(h, p.w1).add(p.b1))
    const logits = np.matmul(g, p.w2).add(p.b2)
    return nn
      .logSoftmax(logits)
      .mul(nn.oneHot(y, 10))
      .sum()
      .mul(-1 / 128)
  }

/** The loss in tfjs; `p` may be variables. */
export const tfjsLoss =
  (tf: Foreign) =>
  (p: Params<Foreign>, x: Foreign, hot: Foreign): Foreign => {
    const h = tf.relu(tf.add(tf.matMul(x, p.w0), p.b0))
    const g = tf.relu(tf.add(tf.matMul(h, p.w1), p.b1))
    return tf.losses.softmaxCrossEntropy(hot, tf.add(tf.matMul(g, p.w2), p.b2))
  }

/** The loss in PyTorch, as lines of a program. */
export const torchLoss = `
params = [p.clone().requires_grad_() for p in (w0, b0, w1, b1, w2, b2)]
y = y.long()
def loss():
    h = torch.relu(torch.addmm(params[1], x, params[0]))
    g = torch.relu(torch.addmm(params[3], h, params[2]))
    return F.cross_entropy(torch.addmm(params[5], g, params[4]), y)
`
