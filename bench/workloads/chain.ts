/** Chains of elementwise operations on ten million numbers, compiled where a library compiles: memory is the limit. */
import type { Tensor } from '../../src/index.js'
import { normal } from '../inputs.js'
import { some } from '../oracle.js'
import { workload, type Foreign } from '../workload.js'

const n = 1e7
const common = { unit: 'ms', inputs: { x: normal([n]) }, traffic: { read: 4 * n, write: 4 * n } } as const

const transcendental = workload({
  ...common,
  name: 'tanh(x) x + exp(-x), 10^7',
  expected: ({ x }) => [some(n, 50_000, (i) => Math.tanh(x[i]!) * x[i]! + Math.exp(-x[i]!))],
  tolerance: 1e-6,
  programs: {
    adjoint: ({ np, jit }, { x }) => {
      const f = jit((x: Tensor) => np.add(np.mul(np.tanh(x), x), np.exp(np.neg(x))))
      return () => f(x)
    },
    jaxjs: ({ numpy: np, jit }, { x }) => {
      const f = jit((x: Foreign) => np.tanh(x.ref).mul(x.ref).add(np.exp(x.neg())))
      return () => f(x.ref)
    },
    tfjs:
      (tf, { x }) =>
      () =>
        tf.add(tf.mul(tf.tanh(x), x), tf.exp(tf.neg(x))),
    loops:
      (_, { x }) =>
      () => {
        const y = new Float32Array(n)
        for (let i = 0; i < n; i++) y[i] = Math.tanh(x[i]!) * x[i]! + Math.exp(-x[i]!)
        return y
      },
    torch: 'torch.tanh(x) * x + torch.exp(-x)',
    numpy: 'np.tanh(x) * x + np.exp(-x)',
  },
})

const polynomial = workload({
  ...common,
  name: '((2x + 1) x - 3) / 2, 10^7',
  expected: ({ x }) => [some(n, 50_000, (i) => ((2 * x[i]! + 1) * x[i]! - 3) / 2)],
  tolerance: 1e-6,
  programs: {
    adjoint: ({ np, jit }, { x }) => {
      const f = jit((x: Tensor) => np.div(np.sub(np.mul(np.add(np.mul(2, x), 1), x), 3), 2))
      return () => f(x)
    },
    jaxjs: ({ jit }, { x }) => {
      const f = jit((x: Foreign) => x.ref.mul(2).add(1).mul(x).sub(3).div(2))
      return () => f(x.ref)
    },
    tfjs:
      (tf, { x }) =>
      () =>
        tf.div(tf.sub(tf.mul(tf.add(tf.mul(x, 2), 1), x), 3), 2),
    loops:
      (_, { x }) =>
      () => {
        const y = new Float32Array(n)
        for (let i = 0; i < n; i++) y[i] = ((2 * x[i]! + 1) * x[i]! - 3) / 2
        return y
      },
    torch: '((2 * x + 1) * x - 3) / 2',
    numpy: '((2 * x + 1) * x - 3) / 2',
  },
})

export const chain = [transcendental, polynomial]
