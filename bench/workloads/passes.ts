/** What should be one pass over memory, or few: movements with their neighbours, rows by number, and an attention block. Compiled where a library compiles. */
import type { Tensor } from '../../src/index.js'
import { integers, normal } from '../inputs.js'
import { all, some } from '../oracle.js'
import { workload, type Foreign } from '../workload.js'

const side = 2048
const wide = side + 2

const padded = workload({
  name: 'tanh(pad(2x)), 2048 x 2048',
  unit: 'ms',
  inputs: { x: normal([side, side]) },
  expected: ({ x }) => [
    some(wide * wide, 50_000, (k) => {
      const [i, j] = [Math.floor(k / wide) - 1, (k % wide) - 1]
      return i < 0 || j < 0 || i >= side || j >= side ? 0 : Math.tanh(2 * x[i * side + j]!)
    }),
  ],
  tolerance: 1e-6,
  traffic: { read: 4 * side * side, write: 4 * wide * wide },
  programs: {
    adjoint: ({ np, jit }, { x }) => {
      const f = jit((x: Tensor) => np.tanh(np.pad(np.mul(2, x), 1)))
      return () => f(x)
    },
    jaxjs: ({ numpy: np, jit }, { x }) => {
      const f = jit((x: Foreign) => np.tanh(np.pad(x.mul(2), 1)))
      return () => f(x.ref)
    },
    tfjs:
      (tf, { x }) =>
      () =>
        tf.tanh(
          tf.pad(tf.mul(x, 2), [
            [1, 1],
            [1, 1],
          ]),
        ),
    torch: 'torch.tanh(F.pad(2 * x, (1, 1, 1, 1)))',
    numpy: 'np.tanh(np.pad(2 * x, 1))',
  },
})

const [vocabulary, tokens, width] = [10_000, 8192, 256]

const embedded = workload({
  name: 'embedding and layer norm, 8192 x 256',
  unit: 'ms',
  inputs: { w: normal([vocabulary, width]), i: integers([tokens], vocabulary) },
  expected: ({ w, i }) => {
    const y = new Float64Array(tokens * width)
    for (let t = 0; t < tokens; t++) {
      const row = w.subarray(i[t]! * width, (i[t]! + 1) * width)
      let mean = 0
      for (const v of row) mean += v / width
      let variance = 0
      for (const v of row) variance += (v - mean) ** 2 / width
      for (let k = 0; k < width; k++) y[t * width + k] = (row[k]! - mean) / Math.sqrt(variance + 1e-5)
    }
    return [all(y)]
  },
  tolerance: 1e-5,
  traffic: { read: 4 * tokens * (width + 1), write: 4 * tokens * width },
  programs: {
    adjoint: ({ np, nn, jit }, { w, i }) => {
      const f = jit((w: Tensor, i: Tensor) => nn.standardize(np.take(w, i, { axis: 0 }), { axis: -1, epsilon: 1e-5 }))
      return () => f(w, i)
    },
    jaxjs: ({ numpy: np, jit }, { w, i }) => {
      const f = jit((w: Foreign, i: Foreign) => {
        const x = np.take(w, i, 0)
        const centred = x.ref.sub(np.mean(x, 1, { keepdims: true }))
        const variance = np.mean(np.square(centred.ref), 1, { keepdims: true })
        return centred.div(np.sqrt(variance.add(1e-5)))
      })
      return () => f(w.ref, i.ref)
    },
    tfjs:
      (tf, { w, i }) =>
      () => {
        const x = tf.gather(w, i)
        const { mean, variance } = tf.moments(x, 1, true)
        return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)))
      },
    torch: `
i = i.long()
def call():
    x = w.index_select(0, i)
    return F.layer_norm(x, (x.shape[1],), eps=1e-5)
`,
    numpy: `
def call():
    x = w[i]
    c = x - x.mean(1, keepdims=True)
    return c / np.sqrt((c * c).mean(1, keepdims=True) + np.float32(1e-5))
`,
  },
})

const [examples, classes] = [4096, 1000]

const crossEntropy = workload({
  name: 'cross-entropy of one-hot labels, 4096 x 1000',
  unit: 'ms',
  inputs: { x: normal([examples, classes]), i: integers([examples], classes) },
  expected: ({ x, i }) => {
    let sum = 0
    for (let e = 0; e < examples; e++) {
      let total = 0
      for (let k = 0; k < classes; k++) total += Math.exp(x[e * classes + k]!)
      sum += Math.log(total) - x[e * classes + i[e]!]!
    }
    return [all([sum / examples])]
  },
  tolerance: 1e-5,
  traffic: { read: 4 * examples * (classes + 1), write: 4 },
  programs: {
    adjoint: ({ nn, losses, jit }, { x, i }) => {
      const f = jit((x: Tensor, i: Tensor) => losses.softmaxCrossEntropy(x, nn.oneHot(i, classes)))
      return () => f(x, i)
    },
    jaxjs: ({ numpy: np, nn, jit }, { x, i }) => {
      const f = jit((x: Foreign, i: Foreign) => np.mean(np.sum(nn.logSoftmax(x).mul(nn.oneHot(i, classes)), 1)).neg())
      return () => f(x.ref, i.ref)
    },
    tfjs:
      (tf, { x, i }) =>
      () =>
        tf.losses.softmaxCrossEntropy(tf.oneHot(i, classes), x),
    torch: `
i = i.long()
def call():
    return F.cross_entropy(x, i)
`,
    numpy: `
def call():
    m = x.max(1, keepdims=True)
    return np.mean(np.log(np.exp(x - m).sum(1)) + m[:, 0] - x[np.arange(len(i)), i])
`,
  },
})

const [heads, length, depth] = [32, 256, 64]
const scale = 1 / Math.sqrt(depth)

/** softmax(Q K^T / sqrt(d)) V of 32 heads. */
const block = workload({
  name: 'attention, 32 heads of 256 x 64',
  unit: 'ms',
  inputs: { q: normal([heads, length, depth]), k: normal([heads, length, depth]), v: normal([heads, length, depth]) },
  expected: ({ q, k, v }) => [
    some(heads * length * depth, 2000, (at) => {
      const [h, i, d] = [Math.floor(at / (length * depth)), Math.floor(at / depth) % length, at % depth]
      let [sum, out] = [0, 0]
      for (let j = 0; j < length; j++) {
        let score = 0
        for (let c = 0; c < depth; c++) score += q[(h * length + i) * depth + c]! * k[(h * length + j) * depth + c]!
        const weight = Math.exp(score * scale)
        sum += weight
        out += weight * v[(h * length + j) * depth + d]!
      }
      return out / sum
    }),
  ],
  tolerance: 1e-5,
  flops: 4 * heads * length * length * depth,
  programs: {
    adjoint: ({ np, nn, jit }, { q, k, v }) => {
      const f = jit((q: Tensor, k: Tensor, v: Tensor) => np.matmul(nn.softmax(np.mul(np.matmul(q, np.swapaxes(k, 1, 2)), scale)), v))
      return () => f(q, k, v)
    },
    jaxjs: ({ numpy: np, nn, jit }, { q, k, v }) => {
      const f = jit((q: Foreign, k: Foreign, v: Foreign) => np.matmul(nn.softmax(np.matmul(q, np.transpose(k, [0, 2, 1])).mul(scale)), v))
      return () => f(q.ref, k.ref, v.ref)
    },
    tfjs:
      (tf, { q, k, v }) =>
      () =>
        tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), scale)), v),
    torch: 'F.scaled_dot_product_attention(q, k, v)',
    numpy: `
def call():
    s = q @ k.transpose(0, 2, 1) * np.float32(${scale})
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True) @ v
`,
  },
})

export const passes = [padded, embedded, crossEntropy]
export const attention = [block]
