/** Functions that are exported and run by onnxruntime: models, training steps, derivatives, loops. */
import {
  cond,
  grad,
  hessian,
  jit,
  jvp,
  losses,
  nn,
  np,
  optim,
  random,
  scan,
  switch_,
  valueAndGrad,
  vmap,
  whileLoop,
} from '../../../src/index.js'
import type { Tensor } from '../../../src/index.js'
import type { OnnxOptions } from '../../../src/onnx.js'

/** A function, arguments, and what is stored of them. */
export interface Subject {
  readonly f: (...args: never[]) => unknown
  readonly args: readonly unknown[]
  readonly options?: OnnxOptions
  /** The relative bound on what it computes, of the largest element of each result; 1e-5. */
  readonly bound?: number
}

const key = random.key(7)
const draw = (shape: readonly number[], k = 1): Tensor => random.normal(random.key(k), shape)
const ints = (values: readonly number[], shape?: readonly number[]): Tensor => {
  const x = np.array(values, { dtype: 'int32' })
  return shape === undefined ? x : np.reshape(x, shape)
}

const stored = { weights: [0] } as const

/** VGG16 with its thirteen convolutions, a sixteenth of the channels and images of 32 x 32. */
const vgg = (): Subject => {
  const stages = [
    [4, 4],
    [8, 8],
    [16, 16, 16],
    [32, 32, 32],
    [32, 32, 32],
  ]
  let channels = 3
  const features = stages.flatMap((stage) => [
    ...stage.flatMap((n) => {
      const layer = nn.conv2d(channels, n, 3, { padding: 1 })
      channels = n
      return [layer, nn.relu]
    }),
    nn.maxPool2d(2),
  ])
  const model = nn.sequential(
    ...features,
    nn.flatten,
    nn.dense(32, 64),
    nn.relu,
    nn.dropout(0.5),
    nn.dense(64, 64),
    nn.relu,
    nn.dense(64, 10),
  )
  const params = model.init(key)
  return { f: (p: typeof params, x: Tensor) => model.apply(p)(x), args: [params, draw([2, 3, 32, 32])], options: stored }
}

/** LeNet with batch normalisation, its statistics those of training. */
const leNet = (): Subject => {
  const model = nn.sequential(
    nn.conv2d(1, 6, 5, { padding: 2 }),
    nn.batchNorm(6),
    nn.relu,
    nn.maxPool2d(2),
    nn.conv2d(6, 16, 5),
    nn.batchNorm(16),
    nn.relu,
    nn.avgPool2d(2),
    nn.flatten,
    nn.dense(400, 84),
    nn.relu,
    nn.dense(84, 10),
    nn.softmax,
  )
  const x = draw([4, 1, 28, 28])
  const params = model.init(key)
  const [, state] = model.applyWithState(params, { state: model.initState(), train: true })(x)
  return {
    f: (p: typeof params, s: typeof state, y: Tensor) => model.applyWithState(p, { state: s })(y)[0],
    args: [params, state, x],
    options: { weights: [0, 1], inputs: ['image'], outputs: ['probabilities'] },
  }
}

/** Two LSTM layers over twelve steps, as one Scan each. */
const lstm = (): Subject => {
  const model = nn.sequential(nn.lstm(5, 16), nn.lstm(16, 8), nn.dense(8, 3))
  const params = model.init(key)
  return { f: (p: typeof params, x: Tensor) => model.apply(p)(x), args: [params, draw([2, 12, 5])], options: stored }
}

/** A decoder of two blocks: embeddings, causal attention, layer norms, gelu. */
const gpt = (): Subject => {
  const block = () =>
    nn.sequential(
      nn.residual(nn.sequential(nn.layerNorm(32), nn.multiHeadAttention(32, 4, { isCausal: true }))),
      nn.residual(nn.sequential(nn.layerNorm(32), nn.dense(32, 128), nn.gelu, nn.dense(128, 32))),
    )
  const model = nn.sequential(nn.embedding(65, 32), nn.learnedPositions(16, 32), block(), block(), nn.layerNorm(32), nn.dense(32, 65))
  const params = model.init(key)
  const tokens = ints(
    Array.from({ length: 24 }, (_, i) => (i * 17) % 65),
    [2, 12],
  )
  return {
    f: (p: typeof params, t: Tensor) => model.apply(p)(t),
    args: [params, tokens],
    options: { ...stored, inputs: ['tokens'], outputs: ['logits'] },
  }
}

const network = nn.sequential(nn.dense(4, 16), np.tanh, nn.dense(16, 3))
const weights = network.init(key)
const labels = ints([0, 2, 1, 1, 0, 2])
const loss = (p: typeof weights, x: Tensor, y: Tensor): Tensor => np.mean(losses.softmaxCrossEntropy(network.apply(p)(x), y))

/** Value, gradients and the parameters after a step of Adam. */
const trainingStep = (): Subject => {
  const optimizer = optim.adam(0.01)
  const state = optimizer.init(weights)
  const step = jit((p: typeof weights, s: typeof state, x: Tensor, y: Tensor) => {
    const [value, gradient] = valueAndGrad(loss)(p, x, y)
    const [updates, next] = optimizer.update(gradient, s, p)
    return { loss: value, gradient, params: optim.applyUpdates(p, updates), state: next }
  })
  return { f: step, args: [weights, state, draw([6, 4]), labels], options: { inputs: ['params', 'state', 'x', 'y'] } }
}

/** The derivative of a recurrent network: two scans, one of them backwards. */
const scanGradient = (): Subject => {
  const f = (w: Tensor, xs: Tensor): Tensor => {
    const [, ys] = scan(
      (h: Tensor, x: Tensor) => {
        const next = np.tanh(np.add(np.matmul(w, h), x))
        return [next, next] as const
      },
      np.zeros([3]),
      xs,
    )
    return np.sum(np.square(ys))
  }
  return { f: valueAndGrad(f), args: [np.mul(0.5, draw([3, 3])), draw([7, 3], 2)] }
}

/** Convolutions of every geometry, with the derivatives by input and kernel. */
const convolution = (options: Parameters<typeof nn.conv>[2], x: readonly number[], w: readonly number[]) => (): Subject => {
  const f = (a: Tensor, b: Tensor): Tensor => np.sum(np.sin(nn.conv(a, b, options)))
  return { f: valueAndGrad(f, { argnums: [0, 1] }), args: [draw(x), draw(w, 2)] }
}

/** Functions of a batch whose size the model leaves open. */
export const batched: Readonly<Record<string, () => Subject>> = {
  'dense layers': () => ({
    f: (p: typeof weights, x: Tensor) => network.apply(p)(x),
    args: [weights, draw([2, 4])],
    options: { weights: [0], batch: [1] },
  }),
  'VGG16, narrow': () => ({ ...vgg(), options: { weights: [0], batch: [1] } }),
  'LeNet with batch norm': () => ({ ...leNet(), options: { weights: [0, 1], batch: [2] } }),
  LSTM: () => ({ ...lstm(), options: { weights: [0], batch: [1] } }),
  GPT: () => ({ ...gpt(), options: { weights: [0], batch: [1] } }),
  'a sum of losses and its gradient': () => ({
    f: valueAndGrad((p: typeof weights, x: Tensor, y: Tensor) => np.sum(losses.softmaxCrossEntropy(network.apply(p)(x), y))),
    args: [weights, draw([6, 4]), labels],
    options: { batch: [1, 2] },
  }),
  'per-example gradients': () => ({
    f: vmap(grad(loss), { inAxes: [null, 0, 0] }),
    args: [weights, np.reshape(draw([6, 4]), [6, 4]), labels],
    options: { weights: [0], batch: [1, 2] },
  }),
  'convolution and its gradient by the input': () => ({
    f: grad((x: Tensor, w: Tensor) => np.sum(np.sin(nn.conv(x, w, { strides: 2, padding: 1 })))),
    args: [draw([2, 3, 6, 6]), draw([4, 3, 3, 3], 2)],
    options: { weights: [1], batch: [0] },
  }),
}

/** By name; made when they are run, so that a list of names costs nothing. */
export const subjects: Readonly<Record<string, () => Subject>> = {
  'VGG16, narrow, 32 x 32': vgg,
  'LeNet with batch norm': leNet,
  'LSTM, two layers': lstm,
  'GPT, two blocks': gpt,
  'MLP training step with Adam': trainingStep,
  'gradient of a scan': scanGradient,
  'per-example gradients': () => ({
    f: vmap(grad(loss), { inAxes: [null, 0, 0] }),
    args: [weights, draw([6, 4]), labels],
    options: stored,
  }),
  'hessian of a norm': () => ({ f: hessian((x: Tensor) => np.sqrt(np.sum(np.square(np.sin(x))))), args: [draw([4])] }),
  'forward mode': () => ({ f: (x: Tensor, v: Tensor) => jvp((y: Tensor) => np.exp(np.cos(y)), [x], [v]), args: [draw([5]), draw([5], 2)] }),
  'convolution, strided and padded': convolution({ strides: [2, 1], padding: [[1, 2], [0, 1]] }, [2, 3, 9, 8], [4, 3, 3, 2]), // prettier-ignore
  'convolution, dilated': convolution({ dilation: 2, padding: 2 }, [1, 2, 8, 8], [3, 2, 3, 3]),
  'convolution, grouped': convolution({ groups: 3, padding: 1 }, [2, 6, 5, 5], [9, 2, 3, 3]),
  'convolution in 1 and 3 dimensions': () => ({
    f: (x: Tensor, w: Tensor, y: Tensor, v: Tensor) => [nn.conv(x, w), nn.conv(y, v)],
    args: [draw([2, 3, 9]), draw([4, 3, 3], 2), draw([1, 2, 4, 5, 6], 3), draw([2, 2, 2, 2, 3], 4)],
  }),
  'transposed convolution': () => {
    const layer = nn.convTranspose2d(3, 2, 3, { strides: 2 })
    const params = layer.init(key)
    return { f: (p: typeof params, x: Tensor) => layer.apply(p)(x), args: [params, draw([2, 3, 4, 5])], options: stored }
  },
  'pooling and its derivative': () => ({
    f: valueAndGrad((x: Tensor) => np.sum(np.square(np.add(nn.maxPool(x, [2, 2]), np.mean(nn.avgPool(x, [3, 3])))))),
    args: [draw([2, 3, 7, 7])],
  }),
  'softmax, logsumexp, cross-entropy': () => ({
    f: (x: Tensor) => [nn.softmax(x), nn.logSoftmax(x), np.mean(losses.softmaxCrossEntropy(x, labels))],
    args: [np.mul(100, draw([6, 3]))],
  }),
  'group, rms and instance norms': () => {
    const model = nn.sequential(nn.groupNorm(2, 4), nn.instanceNorm(4))
    const params = model.init(key)
    return { f: (p: typeof params, x: Tensor) => model.apply(p)(x), args: [params, draw([2, 4, 5, 5])], options: stored, bound: 5e-5 }
  },
  'rotary attention with groups and a mask': () => {
    const layer = nn.multiHeadAttention(16, 4, { kvHeads: 2, rotary: true })
    const params = layer.init(key)
    const mask = np.array([[true, true, true, false, false]])
    return {
      f: (p: typeof params, x: Tensor, m: Tensor) => layer.apply(p, { mask: m })(x),
      args: [params, draw([1, 5, 16]), mask],
      options: stored,
    }
  },
  'GRU, both ways': () => {
    const model = nn.bidirectional(nn.gruCell(3, 4), nn.gruCell(3, 4))
    const params = model.init(key)
    return { f: (p: typeof params, x: Tensor) => model.apply(p)(x), args: [params, draw([2, 6, 3])], options: stored }
  },
  'cond, both branches': () => ({
    f: (x: Tensor) => {
      const choose = (y: Tensor) =>
        cond(
          np.greater(y, 0),
          (v: Tensor) => [np.sqrt(v), v] as const,
          (v: Tensor) => [np.square(v), np.array(3)] as const,
          y,
        )
      return [choose(np.sum(x)), choose(np.neg(np.sum(x))), grad((y: Tensor) => cond(np.greater(y, 0), np.sin, np.exp, y))(np.sum(x))]
    },
    args: [np.array([1, 2.5])],
  }),
  'switch of three, clamped': () => ({
    f: (i: Tensor, x: Tensor) => [0, 1, 5].map((k) => switch_(np.add(i, ints([k], [])), [np.sin, np.cos, np.tan], x)),
    args: [ints([0], []), draw([3])],
  }),
  'switch in a batch': () => ({
    f: vmap((i: Tensor, x: Tensor) => switch_(i, [np.sin, np.cos, np.tan], x)),
    args: [ints([2, 0, 1]), draw([3])],
  }),
  'while: the square root by Newton': () => ({
    f: (x: Tensor) =>
      whileLoop(
        ({ y }) => np.greater(np.abs(np.sub(np.square(y), x)), 1e-3),
        ({ y, n }) => ({ y: np.mul(0.5, np.add(y, np.div(x, y))), n: np.add(n, ints([1], [])) }),
        { y: x, n: ints([0], []) },
      ),
    args: [np.array(17)],
  }),
  'while in a batch': () => ({
    f: vmap((x: Tensor) =>
      whileLoop(
        (y) => np.less(y, 100),
        (y) => np.mul(y, np.add(x, 1)),
        x,
      ),
    ),
    args: [np.array([1, 2, 3])],
  }),
  'scan without inputs, nested, of no steps': () => ({
    f: (x: Tensor) => [
      scan((c: Tensor) => [np.mul(c, 1.5), np.sum(c)] as const, x, null, { length: 4 }),
      scan((c: Tensor) => [np.mul(c, 1.5), np.sum(c)] as const, x, null, { length: 3, reverse: true }),
      scan(
        (c: Tensor, r: Tensor) => [scan((d: Tensor, v: Tensor) => [np.add(d, np.mul(v, x)), d] as const, c, r)[0], c] as const,
        x,
        np.reshape(np.arange(6), [3, 2]),
      ),
      scan((c: Tensor, r: Tensor) => [np.add(c, r), r] as const, x, np.zeros([0, 2])),
    ],
    args: [np.array([1, 2])],
  }),
  'random numbers from a key': () => ({
    f: (k: Tensor) => [
      random.uniform(k, [5]),
      random.normal(random.split(k)[0], [4]),
      random.permutation(k, 6),
      random.bernoulli(k, 0.5, [7]),
    ],
    args: [random.key(3)],
  }),
  'dropout while training': () => {
    const layer = nn.dropout(0.4)
    return { f: (k: Tensor, x: Tensor) => layer.apply(layer.init(key), { train: true, key: k })(x), args: [random.key(3), draw([4, 5])] }
  },
  'sorting, searching, unique places': () => ({
    f: (x: Tensor) => [np.sort(x), np.argsort(np.neg(x)), np.argmax(x), np.searchsorted(np.sort(x), 0.1), np.median(x)],
    args: [draw([9])],
  }),
  'indexing and updates': () => ({
    f: (x: Tensor, i: Tensor) => [
      np.take(x, i, { axis: 1 }),
      np.takeAlongAxis(x, np.argsort(x, { axis: 1 }), { axis: 1 }),
      np.diag(np.matmul(x, np.transpose(x))),
      np.roll(x, 2, { axis: 0 }),
      np.tile(x, [2, 1]),
      np.triu(x),
    ],
    args: [draw([3, 4]), ints([3, 0, -1])],
  }),
  'einsum, kron, outer': () => ({
    f: (x: Tensor, y: Tensor) => [
      np.einsum('bij,bkj->bik', x, y),
      np.kron(x, np.ones([1, 2, 1])),
      np.outer(np.ravel(x), np.arange(3)),
      np.tensordot(x, y, { axes: [2, 1] }),
    ],
    args: [draw([2, 3, 4]), draw([2, 4, 4], 2)],
  }),
  statistics: () => ({
    f: (x: Tensor) => [
      np.var(x, { axis: 0 }),
      np.std(x),
      np.cumsum(x, { axis: 1 }),
      np.prod(x, { axis: 1 }),
      np.clip(x, -0.5, 0.5),
      np.where(np.greater(x, 0), x, 0),
    ],
    args: [draw([4, 5])],
  }),
}
