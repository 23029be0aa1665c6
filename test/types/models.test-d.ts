import { describe, expectTypeOf, it } from 'vitest'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { data, losses, models, nn, np, optim, random, scan, tree } from 'adjoint'
import type { Tensor } from 'adjoint'

declare const key: random.Key
declare const t: Tensor

interface Affine {
  readonly w: Tensor
  readonly b: Tensor
}

describe('parameters of layers are exact', () => {
  it('dense, with and without a bias', () => {
    expectTypeOf(nn.dense(2, 3).init(key)).toEqualTypeOf<nn.Affine>()
    expectTypeOf(nn.dense(2, 3).init(key)).branded.toEqualTypeOf<Affine>()
    expectTypeOf(nn.dense(3, { bias: false }).init(key)).toEqualTypeOf<{ readonly w: Tensor }>()
    // @ts-expect-error -- there is no bias
    void nn.dense(3, { bias: false }).init(key).b
  })
  it('convolutions', () => {
    expectTypeOf(nn.conv2d(3, 8, 3).init(key)).toEqualTypeOf<nn.Affine>()
    expectTypeOf(nn.conv2d(8, [3, 5], { bias: false }).init(key)).toEqualTypeOf<{ readonly w: Tensor }>()
    expectTypeOf(nn.convTranspose1d(3, 8, 3).init(key)).toEqualTypeOf<nn.Affine>()
    // @ts-expect-error -- padding is a word, a number or a list
    nn.conv2d(3, 8, 3, { padding: 'full' })
  })
  it('sequential is a tuple of what its parts have', () => {
    const model = nn.sequential(nn.dense(4, 8), nn.relu, nn.batchNorm(8), nn.dropout(0.5), nn.dense(8, 2, { bias: false }))
    type Params = readonly [nn.Affine, null, nn.ScaleAndBias, null, { readonly w: Tensor }]
    expectTypeOf(model.init(key)).toEqualTypeOf<Params>()
    expectTypeOf(model.initState()).toEqualTypeOf<readonly [null, null, nn.RunningStatistics, null, null]>()
    expectTypeOf(model.applyWithState(model.init(key))(t)).toEqualTypeOf<readonly [Tensor, ReturnType<typeof model.initState>]>()
    // @ts-expect-error -- parameters of another model
    model.apply([{ w: t, b: t }])
    // @ts-expect-error -- the state of another model
    model.apply(model.init(key), { state: [null] })
  })
  it('residual and parallel', () => {
    const block = nn.residual(nn.dense(4, 4))
    expectTypeOf(block.init(key)).toEqualTypeOf<nn.Branches<nn.Affine, null>>()
    expectTypeOf(block.init(key).body.w).toEqualTypeOf<Tensor>()
    expectTypeOf(nn.parallel([nn.dense(2), np.tanh]).init(key)).toEqualTypeOf<readonly [nn.Affine, null]>()
  })
  it('recurrent layers carry what their cells carry', () => {
    expectTypeOf(nn.lstm(3, 4).initState([2, 5, 3])).toEqualTypeOf<nn.LstmCarry>()
    expectTypeOf(nn.gruCell(3, 4).init(key)).toEqualTypeOf<nn.GruParams>()
    expectTypeOf(nn.recurrent(nn.rnnCell(3, 4))).toEqualTypeOf<nn.Layer<nn.RecurrentParams, Tensor>>()
    expectTypeOf(nn.bidirectional(nn.rnnCell(3, 4), nn.lstmCell(3, 4)).initState()).toEqualTypeOf<nn.Both<Tensor, nn.LstmCarry>>()
    // @ts-expect-error -- a cell is no layer
    nn.sequential(nn.rnnCell(3, 4))
  })
  it('layers of one’s own', () => {
    const scale = nn.layer('scale', () => random.gen.of({ s: t }), ({ s }) => (x) => np.mul(x, s)) // prettier-ignore
    expectTypeOf(scale).toEqualTypeOf<nn.Layer<{ s: Tensor }>>()
    expectTypeOf(nn.intermediates(scale, { s: t })(t)).toEqualTypeOf<nn.Intermediates>()
    // @ts-expect-error -- an input is a tensor
    scale.apply({ s: t })([1])
    expectTypeOf(nn.summary(scale, [2]).parameters).toEqualTypeOf<number>()
  })
  it('activations take tensors first', () => {
    expectTypeOf(nn.gelu).returns.toEqualTypeOf<Tensor>()
    expectTypeOf(nn.oneHot(t, 3)).toEqualTypeOf<Tensor>()
    // @ts-expect-error -- the number of classes is missing
    nn.oneHot(t)
  })
})

describe('models', () => {
  it('are layers with types of their own', () => {
    expectTypeOf(models.mlp([2, 3, 1]).init(key)).toEqualTypeOf<models.MlpParams>()
    expectTypeOf(models.autoencoder([4, 2]).init(key)).toEqualTypeOf<models.AutoencoderParams>()
    expectTypeOf(models.vae([4, 2]).encode(models.vae([4, 2]).init(key))(t)).toEqualTypeOf<models.Gaussian>()
    expectTypeOf(models.resNet18()).toEqualTypeOf<nn.Layer<models.ImageParams, models.ImageStates>>()
    expectTypeOf(models.countParameters(models.leNet())).toEqualTypeOf<number>()
    // @ts-expect-error -- one size is no network
    models.vae([4])
    // @ts-expect-error -- there is no such variant
    models.resNet50({ variant: 'caffe' })
  })
})

describe('losses', () => {
  it('are tensors, of whatever reduction', () => {
    expectTypeOf(losses.softmaxCrossEntropy(t, t)).toEqualTypeOf<Tensor>()
    expectTypeOf(losses.meanSquaredError(t, t)).toEqualTypeOf<Tensor>()
    expectTypeOf<losses.Reduction>().extract<'mean'>().toEqualTypeOf<'mean'>()
    // @ts-expect-error -- there is no such reduction
    losses.huber(t, t, { reduction: 'median' })
    // @ts-expect-error -- targets are missing
    losses.sigmoidCrossEntropy(t)
  })
})

describe('optimizers keep the type of the parameters', () => {
  interface Params {
    readonly l0: Affine
    readonly rest: readonly [Tensor, null]
  }
  const p: Params = { l0: { w: t, b: t }, rest: [t, null] }
  const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam(1e-3))
  it('updates and states', () => {
    expectTypeOf(optimizer).toEqualTypeOf<optim.GradientTransformation<readonly [optim.EmptyState, optim.AdamState, optim.EmptyState]>>()
    expectTypeOf(optimizer.update(p, optimizer.init(p), p)).toEqualTypeOf<
      readonly [Params, readonly [optim.EmptyState, optim.AdamState<Params>, optim.EmptyState]]
    >()
    expectTypeOf(optim.applyUpdates(p, p)).toEqualTypeOf<Params>()
    expectTypeOf(optim.minimize((q: Params) => np.sum(q.l0.w), p).params).toEqualTypeOf<Params>()
    // @ts-expect-error -- the gradient of other parameters
    optim.applyUpdates(p, { l0: p.l0 })
  })
  it('learning rates are numbers, tensors or schedules', () => {
    expectTypeOf(optim.sgd).parameter(0).toEqualTypeOf<optim.LearningRate>()
    expectTypeOf(optim.cosineDecaySchedule({ initValue: 1, decaySteps: 10 })).toEqualTypeOf<optim.Schedule>()
    // @ts-expect-error -- a word is no rate
    optim.adam('fast')
    // @ts-expect-error -- an option that Adam does not have
    optim.adam(0.1, { momentum: 0.9 })
  })
  it('labels are those of the groups', () => {
    optim.multiTransform({ slow: optim.sgd(0.1), fast: optim.sgd(1) }, (path) => (path === 'a' ? 'slow' : 'fast'))
    // @ts-expect-error -- no group is called so
    optim.multiTransform({ slow: optim.sgd(0.1) }, () => 'quick')
    optim.injectHyperparams(({ rate }) => optim.sgd(rate), { rate: 0.1 })
    // @ts-expect-error -- there is no such hyperparameter
    optim.injectHyperparams(({ speed }) => optim.sgd(speed), { rate: 0.1 })
  })
})

describe('data', () => {
  const rows = data.fromColumns({ x: t, y: [t, t] as const })
  it('batches are trees like the columns', () => {
    expectTypeOf(rows).toEqualTypeOf<data.Dataset<{ x: Tensor; y: readonly [Tensor, Tensor] }>>()
    expectTypeOf(data.map(rows, ({ x }) => x).take([0])).toEqualTypeOf<Tensor>()
    for (const batch of data.batches(rows, { size: 2, key })) expectTypeOf(batch.y[1]).toEqualTypeOf<Tensor>()
    // @ts-expect-error -- the size is missing
    data.batches(rows, { key })
    // @ts-expect-error -- there is no such column
    void rows.take([0]).z
  })
  it('what comes from the world may not come', () => {
    expectTypeOf(data.mnist()).toEqualTypeOf<TE.TaskEither<data.DataFault, data.Split<data.Labelled>>>()
    expectTypeOf(data.spiral({ train: true })).toEqualTypeOf<data.Dataset<data.Labelled>>()
    // @ts-expect-error -- a task has to be run, and may fail
    void data.mnist().train
  })
  it('tables have the types of their columns', () => {
    const table = data.csv('a,b\n1,x\n', { columns: { a: 'float32', b: 'string' } })
    if (table._tag === 'Right') {
      expectTypeOf(table.right.a).toEqualTypeOf<Tensor>()
      expectTypeOf(table.right.b).toEqualTypeOf<readonly string[]>()
      // @ts-expect-error -- there is no such column
      void table.right.c
    }
  })
})

describe('random', () => {
  it('keys split into as many as asked for', () => {
    expectTypeOf(random.split(key)).toEqualTypeOf<readonly [random.Key, random.Key]>()
    const [a, b, c] = random.split(key, 3)
    expectTypeOf([a, b, c]).toEqualTypeOf<random.Key[]>()
    expectTypeOf(random.split(key, [5])).toEqualTypeOf<Tensor>()
    // @ts-expect-error -- a fourth of three
    void random.split(key, 3)[3]
  })
  it('programs over keys have the types of their values', () => {
    const pair = random.gen.struct({ w: random.gen.lift((k) => random.normal(k, [2])), n: random.gen.of(1) })
    expectTypeOf(random.gen.run(key)(pair)).toEqualTypeOf<{ readonly w: Tensor; readonly n: number }>()
    // @ts-expect-error -- a shape is numbers
    random.normal(key, ['2'])
    // @ts-expect-error -- integers have no normal distribution
    random.normal(key, [2], { dtype: 'int8' })
  })
})

describe('scan', () => {
  it('keeps the types of trees; numbers become tensors', () => {
    const step = (c: { n: Tensor }, x: Tensor) => [{ n: np.add(c.n, x) }, [c.n, x] as const] as const
    expectTypeOf(scan(step, { n: t }, t)).toEqualTypeOf<[{ n: Tensor }, readonly [Tensor, Tensor]]>()
    expectTypeOf(scan((c, x) => [np.add(c, x), c] as const, 0, t)).toEqualTypeOf<[Tensor, Tensor]>()
    // @ts-expect-error -- the carry is a tensor by then
    scan((c: number, x: Tensor) => [c, x] as const, 0, t)
  })
  it('in a function generic in its tree needs no cast', () => {
    const steps = <P>(f: (p: P, x: Tensor) => P, p: P, xs: Tensor): P =>
      scan(([q]: readonly [P], x: Tensor) => [[f(q, x)] as const, null] as const, [p] as const, xs)[0][0]
    expectTypeOf(steps((p: Affine, x) => tree.map((q: Tensor) => np.add(q, x), p), { w: t, b: t }, t)).toEqualTypeOf<Affine>()
    // @ts-expect-error -- a step that loses the carry
    scan(([q]: readonly [Affine], x: Tensor) => [[q.w] as const, x] as const, [{ w: t, b: t }] as const, t)[0][0].w.at(0)
  })
})
