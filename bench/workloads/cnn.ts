/** A training step of a LeNet on 64 images of 28 x 28 with plain gradient descent; the memory of a thousand such steps. */
import type { Tensor } from '../../src/index.js'
import { constant, integers, normal, uniform } from '../inputs.js'
import { workload, type Foreign, type Kind } from '../workload.js'

const batch = 64
const inputs = {
  x: uniform([batch, 1, 28, 28], 0, 1),
  y: integers([batch], 10),
  k0: normal([6, 1, 5, 5], 0.28),
  k1: normal([16, 6, 5, 5], 0.12),
  w0: normal([400, 120], 0.07),
  w1: normal([120, 84], 0.13),
  w2: normal([84, 10], 0.15),
  c0: constant([6, 1, 1], 0.01),
  c1: constant([16, 1, 1], 0.01),
  b0: constant([120], 0.01),
  b1: constant([84], 0.01),
  b2: constant([10], 0.01),
}
const names = ['k0', 'c0', 'k1', 'c1', 'w0', 'b0', 'w1', 'b1', 'w2', 'b2'] as const
type Params<T> = Readonly<Record<(typeof names)[number], T>>
type All<T> = Readonly<Record<keyof typeof inputs, T>>

const rate = 0.05
const forward = 2 * batch * (6 * 25 * 784 + 16 * 150 * 100 + 400 * 120 + 120 * 84 + 84 * 10)
const flops = 3 * forward - 2 * batch * 6 * 25 * 784

const paramsOf = <T>(all: All<T>): Params<T> => Object.fromEntries(names.map((n) => [n, all[n]])) as unknown as Params<T>

/** Channels last, as tfjs wants kernels. */
const kernel = (tf: Foreign, k: Foreign): Foreign => tf.transpose(k, [2, 3, 1, 0])

const step = (name: string, kind: Kind) =>
  workload({
    name,
    kind,
    unit: kind === 'peak' ? 'MB' : '/s',
    inputs,
    tolerance: 1e-5,
    flops,
    programs: {
      adjoint: ({ np, nn, lax, losses, jit, valueAndGrad, tree }, all) => {
        const pool = (x: Tensor): Tensor => lax.reduceWindow(x, 'max', { window: [1, 1, 2, 2], strides: [1, 1, 2, 2] })
        const loss = (p: Params<Tensor>, x: Tensor, y: Tensor): Tensor => {
          const h = pool(nn.relu(np.add(lax.convGeneralDilated(x, p.k0, { padding: 'SAME' }), p.c0)))
          const g = pool(nn.relu(np.add(lax.convGeneralDilated(h, p.k1), p.c1)))
          const a = nn.relu(np.add(np.matmul(np.reshape(g, [batch, 400]), p.w0), p.b0))
          const b = nn.relu(np.add(np.matmul(a, p.w1), p.b1))
          return losses.softmaxCrossEntropy(np.add(np.matmul(b, p.w2), p.b2), y)
        }
        const update = jit(
          (p: Params<Tensor>, x: Tensor, y: Tensor) => {
            const [value, g] = valueAndGrad(loss)(p, x, y)
            return [tree.map((p: Tensor, g: Tensor) => np.sub(p, np.mul(rate, g)), p, g), value] as const
          },
          { donate: [0] },
        )
        let params = paramsOf(all)
        return {
          call: () => {
            const [next, value] = update(params, all.x, all.y)
            params = next
            return value
          },
          check: () => names.map((n) => params[n]),
        }
      },
      // Pooling as a maximum over reshaped windows: its reduceWindow has no gradient.
      jaxjs: ({ numpy: np, nn, lax, jit, valueAndGrad, tree }, all) => {
        const pool = (x: Foreign): Foreign => {
          const [n, c, h, w] = x.shape as number[]
          return np.max(x.reshape([n, c, h! / 2, 2, w! / 2, 2]), [3, 5])
        }
        const loss = (p: Foreign, x: Foreign, y: Foreign): Foreign => {
          const h = pool(nn.relu(lax.convGeneralDilated(x, p.k0, [1, 1], 'SAME').add(p.c0)))
          const g = pool(nn.relu(lax.convGeneralDilated(h, p.k1, [1, 1], 'VALID').add(p.c1)))
          const a = nn.relu(np.matmul(g.reshape([batch, 400]), p.w0).add(p.b0))
          const b = nn.relu(np.matmul(a, p.w1).add(p.b1))
          const logits = np.matmul(b, p.w2).add(p.b2)
          return nn
            .logSoftmax(logits)
            .mul(nn.oneHot(y, 10))
            .sum()
            .mul(-1 / batch)
        }
        const update = jit((p: Foreign, x: Foreign, y: Foreign) => {
          const [value, g] = valueAndGrad(loss)(tree.ref(p), x, y)
          return [tree.map((p: Foreign, g: Foreign) => p.sub(g.mul(rate)), p, g), value]
        })
        let params: Foreign = paramsOf(all)
        return {
          call: () => {
            const [next, value] = update(params, all.x.ref, all.y.ref)
            params = next
            return value
          },
          check: () => names.map((n) => params[n].ref),
        }
      },
      tfjs: (tf, all) => {
        const x = tf.transpose(all.x, [0, 2, 3, 1])
        const hot = tf.oneHot(all.y, 10)
        const p = Object.fromEntries(
          names.map((n) => [n, tf.variable(n[0] === 'k' ? kernel(tf, all[n]) : n[0] === 'c' ? tf.reshape(all[n], [-1]) : all[n])]),
        ) as Params<Foreign>
        const optimizer = tf.train.sgd(rate)
        const loss = (): Foreign => {
          const h = tf.maxPool(tf.relu(tf.add(tf.conv2d(x, p.k0, 1, 'same'), p.c0)), 2, 2, 'valid')
          const g = tf.maxPool(tf.relu(tf.add(tf.conv2d(h, p.k1, 1, 'valid'), p.c1)), 2, 2, 'valid')
          const a = tf.relu(tf.add(tf.matMul(tf.reshape(tf.transpose(g, [0, 3, 1, 2]), [batch, 400]), p.w0), p.b0))
          const b = tf.relu(tf.add(tf.matMul(a, p.w1), p.b1))
          return tf.losses.softmaxCrossEntropy(hot, tf.add(tf.matMul(b, p.w2), p.b2))
        }
        return {
          call: () => optimizer.minimize(loss, true),
          check: () => names.map((n) => (n[0] === 'k' ? tf.transpose(p[n], [3, 2, 0, 1]) : p[n].clone())),
        }
      },
      torch: `
params = [p.clone().requires_grad_() for p in (k0, c0, k1, c1, w0, b0, w1, b1, w2, b2)]
y = y.long()
optimizer = torch.optim.SGD(params, lr=${rate})
def call():
    k0, c0, k1, c1, w0, b0, w1, b1, w2, b2 = params
    h = F.max_pool2d(torch.relu(F.conv2d(x, k0, c0.flatten(), padding=2)), 2)
    g = F.max_pool2d(torch.relu(F.conv2d(h, k1, c1.flatten())), 2)
    a = torch.relu(torch.addmm(b0, g.flatten(1), w0))
    b = torch.relu(torch.addmm(b1, a, w1))
    loss = F.cross_entropy(torch.addmm(b2, b, w2), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss
def check(_):
    return params
`,
    },
  })

export const cnn = [step('LeNet step, batch 64', 'time')]
/** Of this library and PyTorch alone: a thousand steps of the others take minutes. */
const ofSteps = step('memory of 1000 LeNet steps', 'peak')
export const memory = [{ ...ofSteps, programs: { adjoint: ofSteps.programs.adjoint, torch: ofSteps.programs.torch } }]
