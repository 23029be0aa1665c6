import { describe, expect, it } from 'vitest'
import { jit, models, nn, np, random } from 'adjoint'
import type { Tensor } from 'adjoint'
import { odd, oddOptions, refusal, refusesAt } from './odd.js'
import { untyped } from './thrown.js'

const key = random.key(0)
const x = np.ones([2, 3])
const images = np.ones([1, 3, 8, 8])
const call = (f: unknown, args: readonly unknown[]): unknown => (f as (...a: readonly unknown[]) => unknown)(...args)

const noSize: readonly unknown[] = [0, -1, 1.5, NaN, Infinity, '3', null, x, Promise.resolve(3)]
const noFlag: readonly unknown[] = [0, 'true', null]
const noRate: readonly unknown[] = [5, -0.1, NaN, '0.5']
const noFunction: readonly unknown[] = [1, 'relu', null, {}]
const windows = { strides: [0, 1.5, [1, 2, 3], 'a'], padding: ['SAME', -1, 0.5, [1, 'a']], dilation: [0, 0.5] }
const drawn = { wInit: noFunction, bInit: noFunction, dtype: ['float', 1] }
const recurrent = { timeMajor: noFlag, truncate: [0, 1.5, NaN], checkpoint: noFlag, reverse: noFlag, returnSequences: noFlag }
const cells = { wxInit: noFunction, whInit: noFunction, bInit: noFunction, dtype: ['float'] }

/** Name, arguments before the options, and values that its options do not take. */
const withOptions: readonly (readonly [keyof typeof nn, readonly unknown[], Readonly<Record<string, readonly unknown[]>>])[] = [
  ['elu', [x], { alpha: ['a', NaN] }],
  ['celu', [x], { alpha: [0, NaN] }],
  ['leakyRelu', [x], { negativeSlope: ['a', NaN] }],
  ['gelu', [x], { approximate: noFlag }],
  ['squareplus', [x], { b: [-1, NaN] }],
  ['hardShrink', [x], { lambda: [-1, NaN, '0.5'] }],
  ['softShrink', [x], { lambda: [-1, NaN] }],
  ['softmax', [x], { axis: ['0', 7, 0.5] }],
  ['logSoftmax', [x], { axis: ['0', 7] }],
  ['standardize', [x], { axis: ['0', 7], epsilon: [-1, NaN] }],
  ['glu', [np.ones([4])], { axis: [3, '0'], gate: noFunction }],
  ['oneHot', [np.array([0], { dtype: 'int32' }), 3], { axis: [7, '0'], dtype: ['float'] }],
  ['dense', [3, 4], { bias: noFlag, ...drawn }],
  ['conv', [images, np.ones([2, 3, 3, 3])], { ...windows, groups: [0, 2, 1.5] }],
  ['conv1d', [3, 4, 3], { ...windows, ...drawn, groups: [0, 1.5], bias: noFlag, stride: [2], pad: [1] }],
  ['conv2d', [3, 4, 3], { ...windows, ...drawn, groups: [0, 1.5], bias: noFlag, stride: [2], pad: [1] }],
  ['conv3d', [3, 4, 3], { strides: [[1, 2]], ...drawn }],
  ['convTranspose', [images, np.ones([3, 2, 3, 3])], { ...windows, outputPadding: [1, 2, -1, 0.5] }],
  ['convTranspose2d', [3, 4, 3], { ...windows, ...drawn, outputPadding: [-1, 0.5] }],
  ['depthwiseConv2d', [3, 3], { ...windows, ...drawn, multiplier: [0, 1.5], groups: [1] }],
  ['im2col', [images, 3], windows],
  ['maxPool', [images, 2], { ...windows, padding: [2, 5, 'SAME', [[0, 2], 0]] }],
  ['avgPool', [images, 2], { ...windows, countIncludePad: noFlag }],
  ['sumPool', [images, 2], windows],
  ['maxPool2d', [2], { ...windows, countIncludePad: [true] }],
  ['avgPool2d', [2], { ...windows, countIncludePad: noFlag }],
  ['sumPool2d', [2], windows],
  ['globalAvgPool', [images], { keepdims: noFlag }],
  ['globalMaxPool', [images], { keepdims: noFlag }],
  ['batchNorm', [3], { momentum: [2, -1, NaN], epsilon: [-1, NaN], axis: ['1'], affine: noFlag, dtype: ['float'] }],
  ['layerNorm', [3], { epsilon: [-1, NaN], affine: noFlag, dtype: ['float'] }],
  ['rmsNorm', [3], { epsilon: [-1], affine: [true] }],
  ['groupNorm', [1, 3], { epsilon: [-1], affine: noFlag }],
  ['instanceNorm', [3], { epsilon: [-1], affine: noFlag }],
  ['dropout', [0.5], { broadcast: ['0', {}] }],
  ['drop', [key, x, 0.5], { broadcast: ['0', {}] }],
  ['embedding', [3, 4], { wInit: noFunction, dtype: ['float'] }],
  ['learnedPositions', [3, 4], { wInit: noFunction }],
  ['sinusoids', [3, 4], { base: [0, -1, NaN], dtype: ['float'] }],
  ['sinusoidalPositions', [], { base: [0, NaN] }],
  ['rotary', [np.ones([3, 2, 4])], { base: [0, NaN], positions: [[0, 1, 2]], interleaved: noFlag }],
  ['prelu', [3], { initial: [NaN, 'a'] }],
  ['rnnCell', [3, 4], { ...cells, activation: noFunction }],
  ['lstmCell', [3, 4], { ...cells, forgetBias: [NaN, 'a'] }],
  ['gruCell', [3, 4], cells],
  ['rnn', [3, 4], { ...cells, ...recurrent }],
  ['lstm', [3, 4], { ...cells, ...recurrent, forgetBias: [NaN] }],
  ['gru', [3, 4], { ...cells, ...recurrent }],
  ['recurrent', [nn.gruCell(3, 4)], recurrent],
  ['bidirectional', [nn.gruCell(3, 4), nn.gruCell(3, 4)], { truncate: [0], merge: noFunction, reverse: [true] }],
  ['parallel', [[nn.relu]], { combine: noFunction }],
  ['multiHeadAttention', [8, 2], { kvHeads: [0, 1.5], isCausal: noFlag, dropout: noRate, rotary: [1, 'yes'], wInit: noFunction }],
  [
    'dotProductAttention',
    [np.ones([2, 1, 4]), np.ones([2, 1, 4]), np.ones([2, 1, 4])],
    { bias: ['a'], mask: [true, 'a'], isCausal: noFlag, scale: [NaN], dropout: [0.5, { key, rate: 5 }] },
  ],
]

describe.each(withOptions)('%s', (name, args, options) => {
  // A number or a list of numbers in the place of the options is another argument of these, or the axis.
  it('refuses options that it does not have, and what is no options', () =>
    refusesAt(
      name,
      nn[name],
      [...args, {}],
      args.length,
      oddOptions.filter((o) => o !== null || !['softmax', 'logSoftmax', 'standardize'].includes(name)),
    ))
  it('refuses values that its options do not take', () =>
    Object.entries(options).forEach(([option, values]) =>
      values.forEach((v) => refusal(name, () => call(nn[name], [...args, { [option]: v }]), v)),
    ))
})

describe('sizes', () => {
  it.each([
    ['dense', [3, 4]],
    ['conv2d', [3, 4, 3]],
    ['convTranspose2d', [3, 4, 3]],
    ['depthwiseConv2d', [3, 3]],
    ['embedding', [3, 4]],
    ['learnedPositions', [3, 4]],
    ['multiHeadAttention', [8, 2]],
    ['maxPool2d', [2]],
    ['rnnCell', [3, 4]],
    ['lstmCell', [3, 4]],
    ['gruCell', [3, 4]],
    ['lstm', [3, 4]],
    ['groupNorm', [1]],
    ['prelu', [3]],
  ] as const)('%s', (name, args) =>
    args.forEach((_, i) => refusesAt(name, nn[name], args, i, i === 0 || args.length === 3 ? noSize : noSize.slice(0, 3))),
  )
  it('rates', () => {
    refusesAt('dropout', nn.dropout, [0.5], 0, [...noRate, undefined, null])
    refusesAt('drop', nn.drop, [key, x, 0.5], 2, [...noRate, undefined, null])
    refusesAt('drop', nn.drop, [key, x, 0.5], 0, [...odd, 3])
    refusesAt('dropWhere', nn.dropWhere, [x, x, 0.5], 2, noRate)
  })
  it('initialisers', () => {
    refusesAt('normal', nn.init.normal, [0.1], 0, [-1, NaN, 'a', key])
    refusesAt('uniform', nn.init.uniform, [0.1], 0, [NaN, 'a', key])
    refusesAt('constant', nn.init.constant, [0.1], 0, [undefined, 'a', key])
    refusesAt('heNormal', nn.init.heNormal, [{}], 0, [key, { inaxis: 1 }, { inAxis: 'a' }])
    refusesAt('varianceScaling', nn.init.varianceScaling, [{}], 0, [undefined, {}, { scale: 1, mode: 'in', distribution: 'normal' }])
  })
})

describe('layers that are none', () => {
  const l = nn.dense(3, 3)
  it.each(['sequential', 'residual', 'compose'] as const)('%s', (name) =>
    refusesAt(name === 'compose' ? 'sequential' : name, nn[name], [l, l], 0, [
      ...odd,
      1,
      [l],
      async (t: Tensor) => await Promise.resolve(t),
    ]),
  )
  it('a list says what to write', () =>
    expect(refusal('sequential', () => nn.sequential(untyped([l, l])))).toMatchInlineSnapshot(`
    "sequential: parts[0] must be a layer, or a function of a tensor, got an array of 2
      try: nn.dense(2, 3) with its sizes, nn.relu without; of a list of layers, sequential(...list)"
  `))
  it('a constructor that was not called names itself', () => {
    for (const name of ['dense', 'conv2d', 'dropout', 'batchNorm', 'layerNorm', 'lstm', 'embedding', 'maxPool2d', 'sequential'] as const)
      refusal(name, () => nn.sequential(untyped(nn[name]), np.tanh).apply(untyped([null, null]))(x))
  })
  it('others', () => {
    refusesAt('parallel', nn.parallel, [[l]], 0, [...odd, [undefined], [1]])
    refusesAt('named', nn.named, ['a', l], 1, [...odd, np.tanh])
    refusesAt('lift', nn.lift, [np.tanh], 0, [...odd, 1, l])
    refusesAt('summary', nn.summary, [l, [2, 3]], 0, [...odd, nn.dense])
    refusesAt('summary', nn.summary, [l, [2, 3]], 1, [...odd, [NaN], [-1]])
    refusesAt('outputShape', nn.outputShape, [l, l.init(key), [2, 3]], 0, odd)
    refusesAt('outputShape', nn.outputShape, [l, l.init(key), [2, 3]], 2, odd)
    refusesAt('recurrent', nn.recurrent, [nn.gruCell(3, 4)], 0, [...odd, l, nn.gruCell])
    refusesAt('bidirectional', nn.bidirectional, [nn.gruCell(3, 4), nn.gruCell(3, 4)], 1, [...odd, l])
    refusesAt('statefulLayer', nn.statefulLayer, [{}], 0, [...odd, {}, { name: 'a' }])
    refusesAt('cell', nn.cell, [{}], 0, [...odd, {}, { name: 'a' }])
    refusal('later', () =>
      nn
        .lift(
          untyped(() => Promise.resolve(x)),
          'later',
        )
        .apply(null)(x),
    )
  })
})

/** A layer, and its parameters with one of another size. */
const others: readonly (readonly [string, { readonly init: unknown; readonly apply: unknown }, unknown])[] = [
  ['dense', nn.dense(3, 4), { w: np.ones([5, 4]), b: np.ones([4]) }],
  ['dense', nn.dense(3, 4), { w: np.ones([3, 5]), b: np.ones([5]) }],
  ['dense', nn.dense(3, 4), { w: np.ones([3, 4]) }],
  ['dense', nn.dense(3, 4), { w: [1], b: np.ones([4]) }],
  ['conv2d', nn.conv2d(3, 4, 3), { w: np.ones([4, 3, 5, 5]), b: np.ones([4]) }],
  ['conv2d', nn.conv2d(3, 4, 3), { w: np.ones([4, 3, 3, 3]), b: np.ones([1]) }],
  ['convTranspose2d', nn.convTranspose2d(3, 4, 3), { w: np.ones([3, 5, 3, 3]), b: np.ones([5]) }],
  ['depthwiseConv2d', nn.depthwiseConv2d(3, 3), { w: np.ones([3, 1, 5, 5]), b: np.ones([3]) }],
  ['embedding', nn.embedding(3, 4), { table: np.ones([3, 5]) }],
  ['learnedPositions', nn.learnedPositions(3, 4), { table: np.ones([3, 1]) }],
  ['layerNorm', nn.layerNorm(3), { scale: np.ones([1]), bias: np.ones([3]) }],
  ['rmsNorm', nn.rmsNorm(3), { scale: np.ones([1]) }],
  ['groupNorm', nn.groupNorm(1, 3), { scale: np.ones([1]), bias: np.ones([1]) }],
  ['prelu', nn.prelu(3), { slope: np.ones([1]) }],
  ['lstm', nn.lstm(3, 4), { wx: np.ones([3, 4]), wh: np.ones([4, 16]), b: np.ones([16]) }],
  ['gru', nn.gru(3, 4), { wx: np.ones([3, 12]), wh: np.ones([4, 12]), b: np.ones([12]) }],
  ['multiHeadAttention', nn.multiHeadAttention(8, 2), nn.multiHeadAttention(4, 2).init(key)],
]

describe('parameters of another layer', () => {
  it.each(others)('%s', (name, layer, params) => {
    refusesAt(name, layer.apply, [params], 0, [params, undefined, null, 'text', Promise.resolve(1), []])
    refusal(name, () => jit((p: never) => call(call(layer.apply, [p]), [np.ones([1])]) as Tensor)(untyped(params)))
    refusesAt(name, layer.init, [key], 0, [undefined, null, 3, 'text', x])
  })
  it('are named in a model', () => {
    const [narrow, wide] = [nn.sequential(nn.dense(3, 4), nn.relu), nn.sequential(nn.dense(3, 8), nn.relu)]
    expect(refusal('dense', () => narrow.apply(wide.init(key))(x))).toMatchInlineSnapshot(`
      "dense: w is [3,8], not [3,4]
        w: float32[3,8]
        try: the parameters of this very layer: layer.init(key)"
    `)
    refusal('residual', () => nn.residual(nn.dense(3, 3)).apply(untyped({}))(x))
  })
  it('running statistics too', () => {
    const norm = nn.batchNorm(3)
    refusal('batchNorm', () => norm.apply(norm.init(key), { state: nn.batchNorm(4).initState() })(x))
    refusal('batchNorm', () => norm.apply(nn.batchNorm(4).init(key), { state: norm.initState() })(x))
  })
  it('contexts have the names that layers read', () => {
    refusesAt('dropout', nn.dropout(0.5).apply, [null, {}], 1, [{ training: true }, { train: 1 }, null, 'train'])
    refusal('dense', () => nn.dense(3, 4).apply(nn.dense(3, 4).init(key), untyped({ train: 1 })))
  })
})

describe('axes by position', () => {
  const z = np.array([
    [0, 1],
    [2, 4],
  ])
  it.each([
    ['softmax', nn.softmax],
    ['logSoftmax', nn.logSoftmax],
    ['standardize', nn.standardize],
  ] as const)('%s', (_, f) => {
    expect(np.allclose(f(z, 0), f(z, { axis: 0 }))).toBe(true)
    expect(np.allclose(f(z, 0), f(z))).toBe(false)
    expect(np.allclose(f(z, [0, 1]), f(z, { axis: [0, 1] }))).toBe(true)
  })
})

describe('models', () => {
  it.each(['leNet', 'vgg16', 'resNet18', 'resNet50', 'squeezeNet', 'dcgan', 'mnistGan'] as const)('%s', (name) => {
    refusesAt(name, models[name], [{}], 0, oddOptions)
    refusesAt(name, models[name], [{}], 0, [{ classes: 0 }, { classes: 1.5 }, { latent: 0 }, { dropout: 5 }])
  })
  it('with sizes', () => {
    refusesAt('mlp', models.mlp, [[3, 4], {}], 0, [...odd, [3], [3, 0], [3, 1.5]])
    refusesAt('mlp', models.mlp, [[3, 4], {}], 1, [...oddOptions, { activation: 'relu' }, { dtype: 'float' }])
    refusesAt('vae', models.vae, [[3, 4], {}], 0, [...odd, [3, 0]])
    refusesAt('autoencoder', models.autoencoder, [[3, 4], {}], 1, oddOptions)
    refusesAt('charLstm', models.charLstm, [10, {}], 0, [...odd, 0, 1.5])
    refusesAt('charLstm', models.charLstm, [10, {}], 1, [...oddOptions, { layers: 0 }, { hidden: 1.5 }])
    refusesAt('gpt', models.gpt, [10, {}], 0, [...odd, 0, 1.5])
    refusesAt('gpt', models.gpt, [10, {}], 1, [...oddOptions, { layers: 0 }, { heads: 3 }, { dropout: 5 }, { positions: 'none' }])
    refusesAt('sample', models.sample, [models.gpt(10, { layers: 1 }), {}], 0, odd)
    refusesAt('sample', models.sample, [models.gpt(10, { layers: 1 }), {}], 1, [
      ...oddOptions,
      { temperature: -1 },
      { topK: 0 },
      { topK: 11 },
    ])
    refusesAt('countParameters', models.countParameters, [nn.relu], 0, [...odd, nn.relu])
  })
})
