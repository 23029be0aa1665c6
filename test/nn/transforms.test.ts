/** Every layer and every function of `nn` under every transform. What is exported and has no entry here fails. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { isInexact, isReal, jit, nn, np, random, scan, tree, valueAndGrad, vmap } from '../../src/index.js'
import { checkGrads, expectSame } from '../../laws/index.js'

/** A layer, the shape of its input, and what makes a draw of such an input if it is no normal one. */
type Entry = readonly [layer: nn.AnyLayer, shape: readonly number[], input?: (key: Tensor) => Tensor]
type F = (x: Tensor) => Tensor

const sequence = [2, 3, 4] as const
const [d1, d2, d3] = [[2, 2, 4], [2, 2, 4, 3], [1, 2, 3, 4, 3]] as const // prettier-ignore
const tanh = nn.lift(np.tanh, 'tanh')

const layers = {
  dense: [nn.dense(3), [2, 4]],
  conv1d: [nn.conv1d(2, 2, 2), d1],
  conv2d: [nn.conv2d(3, [2, 3], { strides: [2, 1], padding: 'same' }), d2],
  conv3d: [nn.conv3d(2, 2, 2, { dilation: [1, 2, 1] }), d3],
  convTranspose1d: [nn.convTranspose1d(2, 2, 2, { strides: 2 }), d1],
  convTranspose2d: [nn.convTranspose2d(2, 2, { strides: 2, padding: 1 }), d2],
  convTranspose3d: [nn.convTranspose3d(2, 1, 2), d3],
  depthwiseConv1d: [nn.depthwiseConv1d(2, 2, { multiplier: 2 }), d1],
  depthwiseConv2d: [nn.depthwiseConv2d(2), d2],
  depthwiseConv3d: [nn.depthwiseConv3d(2, 2), d3],
  avgPool1d: [nn.avgPool1d(2), d1],
  avgPool2d: [nn.avgPool2d(2, { strides: 1, padding: 'same', countIncludePad: false }), d2],
  avgPool3d: [nn.avgPool3d(2), d3],
  maxPool1d: [nn.maxPool1d(2), d1],
  maxPool2d: [nn.maxPool2d(2, { strides: 1, padding: 1 }), d2],
  maxPool3d: [nn.maxPool3d(2), d3],
  sumPool1d: [nn.sumPool1d(2), d1],
  sumPool2d: [nn.sumPool2d(2), d2],
  sumPool3d: [nn.sumPool3d(2), d3],
  globalAvgPool: [nn.lift((x) => nn.globalAvgPool(x), 'globalAvgPool'), d2],
  globalMaxPool: [nn.lift((x) => nn.globalMaxPool(x), 'globalMaxPool'), d2],
  batchNorm: [nn.batchNorm({ epsilon: 0.1 }), [4, 3]],
  layerNorm: [nn.layerNorm(), sequence],
  rmsNorm: [nn.rmsNorm(), sequence],
  groupNorm: [nn.groupNorm(2, 2, { epsilon: 0.1 }), d2],
  instanceNorm: [nn.instanceNorm(), d2],
  dropout: [nn.dropout(0.5), [3, 4]],
  embedding: [nn.embedding(5, 3), [2, 4], (key) => random.randint(key, [2, 4], 0, 5)],
  learnedPositions: [nn.learnedPositions(6, 4), sequence],
  sinusoidalPositions: [nn.sinusoidalPositions(), sequence],
  multiHeadAttention: [nn.multiHeadAttention(2, { isCausal: true, rotary: true, dropout: 0.25 }), sequence],
  prelu: [nn.prelu(2), d1],
  flatten: [nn.lift(nn.flatten, 'flatten'), d2],
  identity: [nn.lift(nn.identity, 'identity'), d1],
  rnn: [nn.rnn(3), sequence],
  lstm: [nn.lstm(3, { forgetBias: 1 }), sequence],
  gru: [nn.gru(3, { checkpoint: true, reverse: true }), sequence],
  rnnCell: [nn.recurrent(nn.rnnCell(4, 3)), sequence],
  lstmCell: [nn.recurrent(nn.lstmCell(4, 3), { returnSequences: false }), sequence],
  gruCell: [nn.recurrent(nn.gruCell(4, 3), { timeMajor: true }), sequence],
  cell: [
    nn.recurrent(
      nn.cell({
        name: 'leaky',
        gen: () => random.gen.of({ rate: np.array(0.5) }),
        initCarry: (batch = [], dtype = 'float32') => np.zeros([...batch, 4], { dtype }),
        step:
          ({ rate }) =>
          (carry: Tensor, x) => {
            const next = np.add(np.mul(rate, carry), x)
            return [next, np.tanh(next)]
          },
      }),
    ),
    sequence,
  ],
  recurrent: [nn.recurrent(nn.gruCell(4, 2), { reverse: true }), sequence],
  bidirectional: [nn.bidirectional(nn.rnnCell(4, 2), nn.lstmCell(4, 2)), sequence],
  sequential: [nn.sequential(nn.dense(4, 3), nn.batchNorm({ epsilon: 0.1 }), np.tanh, nn.dropout(0.5), nn.dense(2)), [5, 4]],
  compose: [nn.compose(nn.dense(3), np.tanh), [2, 4]],
  parallel: [nn.parallel([nn.dense(2), tanh]), [2, 4]],
  residual: [nn.residual(nn.sequential(nn.dense(3), nn.dropout(0.5)), nn.dense(3)), [2, 4]],
  named: [nn.named('mine', nn.batchNorm({ epsilon: 0.1 })), [4, 3]],
  lift: [nn.lift(np.sin, 'sin'), [2, 3]],
  layer: [
    nn.layer(
      'scale',
      () => random.gen.of({ s: np.array(2) }),
      ({ s }) =>
        (x) =>
          np.mul(np.sin(x), s),
    ),
    [2, 3],
  ],
  statefulLayer: [
    nn.statefulLayer({
      name: 'sum so far',
      gen: () => random.gen.of({ s: np.array(2) }),
      initState: () => np.zeros([2, 3]),
      run:
        ({ s }, { state = np.zeros([2, 3]) }) =>
        (x) => [np.mul(np.add(state, x), s), np.add(state, np.tanh(x))],
    }),
    [2, 3],
  ],
} as const satisfies Readonly<Record<string, Entry>>

/** Functions of one tensor, applied to [2, 3, 4]; those that need more get it here. */
const functions = {
  celu: (x) => nn.celu(x),
  elu: (x) => nn.elu(x, { alpha: 0.5 }),
  gelu: (x) => nn.gelu(x),
  hardShrink: (x) => nn.hardShrink(x),
  hardSigmoid: (x) => nn.hardSigmoid(x),
  hardSwish: (x) => nn.hardSwish(x),
  hardTanh: (x) => nn.hardTanh(x),
  leakyRelu: (x) => nn.leakyRelu(x),
  logSigmoid: (x) => nn.logSigmoid(x),
  logSoftmax: (x) => nn.logSoftmax(x),
  logsumexp: (x) => nn.logsumexp(x, { axis: -1 }),
  mish: (x) => nn.mish(x),
  relu: (x) => nn.relu(x),
  relu6: (x) => nn.relu6(x),
  selu: (x) => nn.selu(x),
  sigmoid: (x) => nn.sigmoid(x),
  silu: (x) => nn.silu(x),
  softShrink: (x) => nn.softShrink(x),
  softSign: (x) => nn.softSign(x),
  softmax: (x) => nn.softmax(x),
  softplus: (x) => nn.softplus(x),
  squareplus: (x) => nn.squareplus(x),
  standardize: (x) => nn.standardize(x, { epsilon: 0.1 }),
  tanhShrink: (x) => nn.tanhShrink(x),
  glu: (x) => nn.glu(x),
  rotary: (x) => nn.rotary(np.expandDims(x, 2)),
  linear: (x) => nn.linear({ w: np.ones([4, 2]), b: np.ones([2]) }, x),
  conv: (x) => nn.conv(x, np.cos(np.reshape(np.arange(12, { dtype: 'float64' }), [2, 3, 2]))),
  convTranspose: (x) => nn.convTranspose(x, np.cos(np.reshape(np.arange(12, { dtype: 'float64' }), [3, 2, 2]))),
  avgPool: (x) => nn.avgPool(x, 2),
  maxPool: (x) => nn.maxPool(x, 2),
  sumPool: (x) => nn.sumPool(x, 2),
  im2col: (x) => nn.im2col(x, 2),
  col2im: (x) => nn.col2im(nn.im2col(x, 2), [2, 3, 4], 2),
  drop: (x) => nn.drop(random.key(7), x, 0.5),
  dropWhere: (x) => nn.dropWhere(x, np.greater(np.reshape(np.arange(24), [2, 3, 4]), 7), 0.25),
  dotProductAttention: (x) => {
    const heads = np.reshape(x, [2, 3, 2, 2])
    return nn.dotProductAttention(heads, np.sin(heads), heads, { isCausal: true })
  },
  attend: (x) => {
    const same = { w: np.eye(4), b: np.ones([4]) }
    return nn.attend({ query: same, key: same, value: same, out: same }, x, np.sin(x), { heads: 2 })
  },
  intermediates: (x) => {
    const { y, parts } = nn.intermediates(nn.sequential(np.sin, np.tanh), [null, null])(x)
    return np.add(y, parts['0']!)
  },
} as const satisfies Readonly<Record<string, F>>

/** What is no function of floats: masks, codes, draws, and what is said about a model. */
const others = ['causalMask', 'init', 'keyMask', 'oneHot', 'outputShape', 'sinusoids', 'summary'] as const

const wide = <T>(t: T): T => tree.map(((x: Tensor) => (isReal(x.dtype) ? np.astype(x, 'float64') : x)) as never, t as never)

/** A layer in float64, with its parameters and its state as arguments, in training. */
const subject = (model: nn.AnyLayer, shape: readonly number[], input?: (key: Tensor) => Tensor) => {
  const init = (key: Tensor): unknown => wide(model.init(key, shape))
  const state = wide(model.initState(shape) as unknown)
  const draw = input ?? ((key: Tensor): Tensor => random.normal(key, shape, { dtype: 'float64' }))
  const run = (p: unknown, s: unknown, key: Tensor, x: Tensor) =>
    model.applyWithState(p, { state: s, key, train: true })(x) as [Tensor, unknown]
  /** A number that depends on every output, with curvature; by parameters and input, where that is differentiable. */
  const loss = (of: { readonly p: unknown; readonly x: Tensor | null }, s: unknown, key: Tensor, x: Tensor) => {
    const [y, after] = run(of.p, s, key, of.x ?? x)
    return [np.sum(np.add(np.sin(y), np.mul(0.25, np.square(y)))), after] as const
  }
  const step = (p: unknown, s: unknown, key: Tensor, x: Tensor) => {
    const [[value, after], grads] = valueAndGrad(loss, { hasAux: true })({ p, x: isInexact(x.dtype) ? x : null }, s, key, x)
    return { value, after, grads }
  }
  return { init, state, draw, loss, step }
}

const keys = random.split(random.key(3), [3])
const rows = (t: unknown, i: number): unknown => tree.map(((x: Tensor) => np.index(x, i)) as never, t as never)
const stacked = (all: readonly unknown[]): unknown =>
  tree.map(((...xs: Tensor[]) => np.stack(xs)) as never, all[0] as never, ...(all.slice(1) as never[]))
const close = (what: string, actual: unknown, expected: unknown, bound = 1e-12): void => {
  expectSame(what, actual, expected, { bound, weak: false })
}

const check = (name: string, model: nn.AnyLayer, shape: readonly number[], input?: (key: Tensor) => Tensor): void => {
  describe(name, () => {
    const [k0, k1, k2] = random.split(random.key(1), 3)
    it('compiled is eager, value, gradients and state', () => {
      const { init, state, draw, step } = subject(model, shape, input)
      const args = [init(k0), state, k1, draw(k2)] as const
      close('compiled', jit(step)(...args), step(...args))
    })
    it('second derivatives are differences of first ones, in every mix of modes', () => {
      const { init, state, draw, loss } = subject(model, shape, input)
      const x = draw(k2)
      const by = isInexact(x.dtype) ? { p: init(k0), x } : { p: init(k0), x: null }
      checkGrads((of: typeof by) => loss(of, state, k1, x)[0], [by], { order: 2 })
    })
    it('vmap over models is the stack of them', () => {
      const { init, state, draw, step } = subject(model, shape, input)
      const params = vmap(init)(keys)
      const states = stacked([0, 1, 2].map((i) => tree.map(((s: Tensor) => np.add(s, i / 4)) as never, state as never)))
      const xs = np.stack([0, 1, 2].map((i) => draw(random.foldIn(k2, i))))
      const together = vmap(step)(params, states, keys, xs)
      const alone = [0, 1, 2].map((i) => {
        close('the parameters', rows(params, i), init(np.index(keys, i)))
        return step(rows(params, i), rows(states, i), np.index(keys, i), np.index(xs, i))
      })
      close('together', together, stacked(alone))
    })
    it('scan over steps of training is a loop', () => {
      const { init, state, draw, step } = subject(model, shape, input)
      const xs = np.stack([0, 1, 2].map((i) => draw(random.foldIn(k2, i))))
      type Carry = readonly [unknown, unknown]
      const train = ([p, s]: Carry, { key, x }: { readonly key: Tensor; readonly x: Tensor }): readonly [Carry, Tensor] => {
        const { value, after, grads } = step(p, s, key, x)
        const moved = tree.map(((w: Tensor, g: Tensor) => np.sub(w, np.mul(0.05, g))) as never, p as never, grads.p as never)
        return [[moved, after], value]
      }
      const start: Carry = [init(k0), state]
      let carry = start
      const values: Tensor[] = []
      for (let i = 0; i < 3; i++) {
        const [next, value] = train(carry, { key: np.index(keys, i), x: np.index(xs, i) })
        carry = next
        values.push(value)
      }
      close('the epoch', scan(train, start, { key: keys, x: xs }), [carry, np.stack(values)])
    })
  })
}

it('everything exported has an entry', () => {
  const all = [...Object.keys(layers), ...Object.keys(functions), ...others]
  expect(all.sort()).toEqual(Object.keys(nn).sort())
})
for (const [name, [model, shape, input]] of Object.entries<Entry>(layers)) check(name, model, shape, input)
for (const [name, f] of Object.entries<F>(functions)) check(name, nn.lift(f, name), [2, 3, 4])
