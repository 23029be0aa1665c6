/** Eager work on large arrays, one operation after the other: what memory costs that nobody frees. */
import { normal } from '../inputs.js'
import { all, some } from '../oracle.js'
import { workload } from '../workload.js'

const n = 1e7
const side = 1024

/** Five operations, each on its own. */
const five = workload({
  name: 'five eager operations on 10^7',
  unit: 'ms',
  inputs: { x: normal([n]) },
  expected: ({ x }) => [some(n, 50_000, (i) => ((2 * x[i]! + 1) * x[i]! - 3) / 2)],
  tolerance: 1e-6,
  traffic: { read: 6 * 4 * n, write: 5 * 4 * n },
  large: true,
  programs: {
    adjoint:
      ({ np }, { x }) =>
      () =>
        np.div(np.sub(np.mul(np.add(np.mul(2, x), 1), x), 3), 2),
    jaxjs:
      (_, { x }) =>
      () =>
        x.ref.mul(2).add(1).mul(x.ref).sub(3).div(2),
    tfjs:
      (tf, { x }) =>
      () =>
        tf.div(tf.sub(tf.mul(tf.add(tf.mul(x, 2), 1), x), 3), 2),
    torch: '((2 * x + 1) * x - 3) / 2',
    numpy: '((2 * x + 1) * x - 3) / 2',
  },
})

/** Softmax without compilation. */
const softmax = workload({
  name: 'softmax 1024 x 1024, eager',
  unit: 'ms',
  inputs: { x: normal([side, side]) },
  expected: ({ x }) => {
    const y = new Float64Array(side * side)
    for (let i = 0; i < side; i++) {
      const row = Float64Array.from(x.subarray(i * side, (i + 1) * side), (v) => Math.exp(v))
      const sum = row.reduce((a, b) => a + b)
      y.set(
        row.map((v) => v / sum),
        i * side,
      )
    }
    return [all(y)]
  },
  tolerance: 1e-5,
  traffic: { read: 4 * side * side, write: 4 * side * side },
  programs: {
    adjoint:
      ({ nn }, { x }) =>
      () =>
        nn.softmax(x),
    jaxjs:
      ({ nn }, { x }) =>
      () =>
        nn.softmax(x.ref),
    tfjs:
      (tf, { x }) =>
      () =>
        tf.softmax(x),
    torch: 'F.softmax(x, dim=1)',
    numpy: `
def call():
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)
`,
  },
})

export const large = [five, softmax]
