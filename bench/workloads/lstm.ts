/** An LSTM over 64 steps, batch 32, 128 inputs, 128 states: mean square of the last state, and its gradients by all weights. */
import type { Tensor } from '../../src/index.js'
import { constant, normal } from '../inputs.js'
import { workload, type Foreign } from '../workload.js'

const [T, B, H] = [64, 32, 128]
const flops = 3 * 2 * T * B * (2 * H) * (4 * H) - 2 * T * B * H * 4 * H

interface Weights<X> {
  readonly w: X
  readonly u: X
  readonly b: X
}

export const lstm = [
  workload({
    name: 'LSTM value and gradient',
    unit: 'ms',
    inputs: { x: normal([T, B, H]), w: normal([H, 4 * H], 0.09), u: normal([H, 4 * H], 0.09), b: constant([4 * H], 0.1) },
    tolerance: 1e-4,
    flops,
    programs: {
      adjoint: ({ np, nn, jit, scan, valueAndGrad }, { x, w, u, b }) => {
        const loss = ({ w, u, b }: Weights<Tensor>, x: Tensor): Tensor => {
          const zeros = np.zeros([B, H], { dtype: x.dtype === 'float64' ? 'float64' : 'float32' })
          const cell = ([h, c]: readonly [Tensor, Tensor], x: Tensor): readonly [readonly [Tensor, Tensor], null] => {
            const [i, f, g, o] = np.split(np.add(np.add(np.matmul(x, w), np.matmul(h, u)), b), 4, { axis: 1 }) as [
              Tensor,
              Tensor,
              Tensor,
              Tensor,
            ]
            const next = np.add(np.mul(nn.sigmoid(f), c), np.mul(nn.sigmoid(i), np.tanh(g)))
            return [[np.mul(nn.sigmoid(o), np.tanh(next)), next], null]
          }
          const [[h]] = scan(cell, [zeros, zeros] as const, x)
          return np.mean(np.square(h))
        }
        const both = jit(valueAndGrad(loss))
        return () => {
          const [value, g] = both({ w, u, b }, x)
          return [value, g.w, g.u, g.b]
        }
      },
      // No scan: the steps are written out 64 times inside jit.
      jaxjs: ({ numpy: np, nn, jit, valueAndGrad }, { x, w, u, b }) => {
        const loss = ({ w, u, b }: Weights<Foreign>, x: Foreign): Foreign => {
          let h = np.zeros([B, H])
          let c = np.zeros([B, H])
          const steps = np.split(x, T, 0)
          for (const step of steps) {
            const gates = np
              .matmul(step.reshape([B, H]), w.ref)
              .add(np.matmul(h, u.ref))
              .add(b.ref)
            const [i, f, g, o] = np.split(gates, 4, 1)
            c = nn
              .sigmoid(f)
              .mul(c)
              .add(nn.sigmoid(i).mul(np.tanh(g)))
            h = nn.sigmoid(o).mul(np.tanh(c.ref))
          }
          for (const t of [w, u, b, c]) t.dispose()
          return np.square(h).mean()
        }
        const both = jit(valueAndGrad(loss))
        return () => {
          const [value, g] = both({ w: w.ref, u: u.ref, b: b.ref }, x.ref)
          return [value, g.w, g.u, g.b]
        }
      },
      tfjs: (tf, { x, w, u, b }) => {
        const steps = tf.unstack(x)
        const loss = (w: Foreign, u: Foreign, b: Foreign): Foreign => {
          let h = tf.zeros([B, H])
          let c = tf.zeros([B, H])
          for (const step of steps) {
            const [i, f, g, o] = tf.split(tf.add(tf.add(tf.matMul(step, w), tf.matMul(h, u)), b), 4, 1)
            c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)))
            h = tf.mul(tf.sigmoid(o), tf.tanh(c))
          }
          return tf.mean(tf.square(h))
        }
        const both = tf.valueAndGrads(loss)
        return () => {
          const { value, grads } = both([w, u, b])
          return [value, ...grads]
        }
      },
      torch: `
lstm = torch.nn.LSTM(${H}, ${H})
with torch.no_grad():
    lstm.weight_ih_l0.copy_(w.T)
    lstm.weight_hh_l0.copy_(u.T)
    lstm.bias_ih_l0.copy_(b)
    lstm.bias_hh_l0.zero_()
def call():
    _, (h, _) = lstm(x)
    loss = h.square().mean()
    return [loss, *torch.autograd.grad(loss, [lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0])]
def check(r):
    return [r[0], r[1].T, r[2].T, r[3]]
`,
    },
  }),
]
