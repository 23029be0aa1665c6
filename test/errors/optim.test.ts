import { describe, expect, it } from 'vitest'
import { jit, np, optim, random } from 'adjoint'
import { odd, oddOptions, refusal, refusesAt } from './odd.js'
import { untyped } from './thrown.js'

const params = { w: np.ones([2, 3]), b: np.zeros([3]) }
const rate = optim.sgd(0.1)
const key = random.key(0)

/** What no learning rate, bound or decay is. */
const noRate: readonly unknown[] = [undefined, null, NaN, 'x', '0.1', [0.1], {}, np.ones([2]), Promise.resolve(0.1)]
const noDecay: readonly unknown[] = [NaN, -0.1, 1, 2, '0.9', null, np.ones([])]
const noSize: readonly unknown[] = [NaN, -1, '1e-8', null]
const noCount: readonly unknown[] = [undefined, null, NaN, 0, -1, 1.5, '2', np.ones([])]
const noFlag: readonly unknown[] = [0, 1, 'true', null]
const adam = { b1: noDecay, b2: noDecay, eps: noSize, epsRoot: noSize }
const masks = { mask: ['w', { w: true }, null] }

/** Name, arguments before the options, and values that its options do not take. */
const withOptions: readonly (readonly [keyof typeof optim, readonly unknown[], Readonly<Record<string, readonly unknown[]>>])[] = [
  ['sgd', [0.1], { momentum: [NaN, 2, -1, '0.9'], nesterov: noFlag }],
  ['momentum', [0.1], { momentum: [NaN, 2, -1], nesterov: noFlag }],
  ['nesterov', [0.1], { momentum: [NaN, 2, -1], nesterov: [true] }],
  ['adagrad', [0.1], { initialValue: noSize, eps: noSize }],
  ['adadelta', [0.1], { rho: noDecay, eps: noSize }],
  ['rmsprop', [0.1], { decay: noDecay, eps: noSize, epsInRoot: noFlag, centered: noFlag, momentum: [NaN, 2] }],
  ['adam', [0.1], { ...adam, epsHat: noFlag, nesterov: noFlag, beta1: [0.9] }],
  ['adamw', [0.1], { ...adam, ...masks, weightDecay: noSize }],
  ['nadam', [0.1], { ...adam, nesterov: [true] }],
  ['nadamw', [0.1], { ...adam, ...masks, weightDecay: noSize, nesterov: [true] }],
  ['amsgrad', [0.1], adam],
  ['adamax', [0.1], { b1: noDecay, b2: noDecay, eps: noSize, epsRoot: [0] }],
  ['radam', [0.1], { ...adam, threshold: noSize }],
  ['adabelief', [0.1], adam],
  ['yogi', [0.1], { ...adam, initialValue: noSize }],
  ['lamb', [0.1], { ...adam, ...masks, weightDecay: noSize }],
  ['lars', [0.1], { ...masks, weightDecay: noSize, trustCoefficient: noSize, trustRatioMask: ['w'], momentum: [NaN, 2] }],
  ['lion', [0.1], { b1: noDecay, b2: noDecay, ...masks, weightDecay: noSize }],
  ['adafactor', [0.1], { factored: noFlag, decayRate: [0, -1, NaN], clippingThreshold: [0, -1, NaN], momentum: noDecay, ...masks }],
  ['scaleByAdam', [], adam],
  ['scaleByRms', [], { decay: noDecay, eps: noSize }],
  ['scaleByRss', [], { initialValue: noSize }],
  ['scaleByAdadelta', [], { rho: noDecay }],
  ['scaleByAmsgrad', [], adam],
  ['scaleByAdamax', [], { b1: noDecay }],
  ['scaleByRadam', [], adam],
  ['scaleByBelief', [], adam],
  ['scaleByYogi', [], adam],
  ['scaleByLion', [], { b1: noDecay, b2: noDecay }],
  ['scaleByTrustRatio', [], { trustCoefficient: noSize, eps: noSize }],
  ['scaleByFactoredRms', [], { factored: noFlag, minDimSizeToFactor: [NaN, -1, 1.5], eps: noSize }],
  ['scaleByLbfgs', [], { memorySize: [0, -1, 1.5, NaN, '3'], scaleInitPrecond: noFlag }],
  ['lbfgs', [], { memorySize: [0, 1.5], sufficientDecrease: [2, NaN], curvature: [-1], maxSteps: [0, 1.5, NaN] }],
  ['centralize', [], { axis: ['0', {}] }],
  ['ema', [0.9], { debias: noFlag }],
  ['clipByGlobalNorm', [1], { eps: noSize }],
  ['adaptiveGradClip', [0.1], { eps: noSize, axis: ['0'] }],
  ['addDecayedWeights', [0.1], masks],
  ['lookahead', [rate], { syncPeriod: [0, 1.5, NaN, -1], slowStepSize: [2, NaN, -1] }],
  ['minimize', [(p: never) => np.sum(p), np.ones([2])], { method: [1, null, {}], maxSteps: [NaN, -1, 0.5], tolerance: noSize }],
]

describe.each(withOptions)('%s', (name, args, options) => {
  it('refuses options that it does not have, and what is no options', () =>
    refusesAt(name, optim[name], [...args, {}], args.length, oddOptions))
  it('refuses values that its options do not take', () =>
    Object.entries(options).forEach(([option, values]) =>
      refusesAt(
        name,
        (given: unknown) => (untyped(optim[name]) as (...a: readonly unknown[]) => unknown)(...args, { [option]: given }),
        [0],
        0,
        values,
      ),
    ))
})

const optimizers = withOptions.filter(([, args]) => args[0] === 0.1 && args.length === 1).map(([name]) => name)

describe('arguments', () => {
  it.each([...optimizers, 'signSgd', 'scaleByLearningRate'] as const)('%s: learning rates that are none', (name) =>
    refusesAt(
      name,
      optim[name as 'adam'],
      [0.1],
      0,
      name === 'addDecayedWeights' || name === 'adaptiveGradClip'
        ? [undefined, null, NaN, 'x', -1]
        : noRate.slice(name === 'adadelta' ? 1 : name === 'adafactor' ? 2 : 0),
    ),
  )
  it.each([
    ['clip', [1], [...noRate, -1]],
    ['clipByGlobalNorm', [1], [...noRate, -1]],
    ['clipByNorm', [1], [...noRate, -1]],
    ['clipByBlockRms', [1], [undefined, NaN, 0, -1, 'x']],
    ['scale', [1], noRate],
    ['scaleBySchedule', [optim.constantSchedule(1)], [...odd, 1, async () => await Promise.resolve(1)]],
    ['scaleByParamBlockRms', [1e-3], [null, NaN, -1, 'x']],
    ['ema', [0.9], [undefined, ...noDecay]],
    ['chain', [rate], [...odd, 1, [rate]]],
    ['lookahead', [rate], [...odd, [rate]]],
    ['multiSteps', [rate, 2], [...odd, [rate]]],
    ['applyIfFinite', [rate, 2], [...odd, [rate]]],
    ['masked', [rate, (): boolean => true], [...odd, [rate]]],
    ['freeze', [(): boolean => true], [...odd, { w: true }]],
    ['multiTransform', [{ a: rate }, (): string => 'a'], [...odd, { a: undefined }, { a: 1 }]],
    ['injectHyperparams', [(): typeof rate => rate, { learningRate: 1 }], [...odd, rate]],
    ['stateless', [(u: unknown) => u], [...odd, 1]],
    ['constantSchedule', [1], [undefined, null, NaN, 'x']],
    ['minimize', [(p: never) => np.sum(p), np.ones([2])], [...odd, 1]],
    [
      'addNoise',
      [{ eta: 0.01, gamma: 0.55, key }],
      [
        ...odd,
        {},
        { eta: 0.01, gamma: 0.55 },
        { eta: -1, gamma: 0.5, key },
        { eta: 1, gamma: NaN, key },
        { eta: 1, gamma: 1, key: 3 },
        { eta: 1, gamma: 1, key, std: 1 },
      ],
    ],
    ['trace', [{ decay: 0.9 }], [...odd, {}, { decay: 2 }, { decay: NaN }, { decay: 0.9, momentum: 1 }]],
  ] as const)('%s', (name, args, values) => refusesAt(name, optim[name], args, 0, values))
  it('the second of two', () => {
    refusesAt('multiSteps', optim.multiSteps, [rate, 2], 1, noCount)
    refusesAt(
      'applyIfFinite',
      optim.applyIfFinite,
      [rate, 2],
      1,
      noCount.filter((n) => n !== 0),
    )
    refusesAt('masked', optim.masked, [rate, () => true], 1, [...odd, { w: true }])
    refusesAt('multiTransform', optim.multiTransform, [{ a: rate }, () => 'a'], 1, odd)
    refusesAt('injectHyperparams', optim.injectHyperparams, [() => rate, { learningRate: 1 }], 1, [
      ...odd.slice(0, 6),
      { learningRate: NaN },
      { learningRate: '1' },
    ])
    refusesAt('chain', optim.chain, [rate, rate], 1, odd)
    refusesAt('minimize', optim.minimize, [(p: never) => np.sum(p), np.ones([2])], 1, [undefined, null])
  })
  it('says how a list is chained', () =>
    expect(refusal('chain', () => optim.chain(untyped(undefined)))).toMatchInlineSnapshot(`
    "chain: argument 0 must be a gradient transformation, got undefined
      try: optim.adam(1e-3); optim.chain(...) of several"
  `))
})

/** Schedules: the options that must be there, and more. */
const schedules: readonly (readonly [keyof typeof optim, Readonly<Record<string, unknown>>])[] = [
  ['polynomialSchedule', { initValue: 1, endValue: 0, power: 2, transitionSteps: 10 }],
  ['linearSchedule', { initValue: 1, endValue: 0, transitionSteps: 10 }],
  ['cosineDecaySchedule', { initValue: 1, decaySteps: 10 }],
  ['exponentialDecay', { initValue: 1, decayRate: 0.5, transitionSteps: 10 }],
  ['warmupConstantSchedule', { peakValue: 1, warmupSteps: 10 }],
  ['warmupCosineDecaySchedule', { peakValue: 1, warmupSteps: 10, decaySteps: 20 }],
  ['cosineOnecycleSchedule', { transitionSteps: 10, peakValue: 1 }],
  ['linearOnecycleSchedule', { transitionSteps: 10, peakValue: 1 }],
  ['stepSchedule', { initValue: 1, steps: 10 }],
  ['warmupExponentialDecaySchedule', { peakValue: 1, warmupSteps: 10, decayRate: 0.5, transitionSteps: 10 }],
  ['warmupRsqrtSchedule', { peakValue: 1, warmupSteps: 10 }],
]

describe.each(schedules)('%s', (name, options) => {
  it('refuses what is missing, unknown or no number', () => {
    refusesAt(name, optim[name], [options], 0, [...odd, 1, {}, { ...options, noSuchOption: 1 }])
    Object.keys(options).forEach((key) =>
      refusesAt(
        name,
        optim[name],
        [options],
        0,
        [undefined, null, NaN, 'x', [NaN]].map((v) => ({ ...options, [key]: v })),
      ),
    )
  })
})

describe('schedules in pieces', () => {
  it('refuse boundaries and values that are none', () => {
    refusesAt('joinSchedules', optim.joinSchedules, [[optim.constantSchedule(1)], []], 0, [...odd, [], [1], [undefined]])
    refusesAt('joinSchedules', optim.joinSchedules, [[optim.constantSchedule(1)], []], 1, [undefined, null, [1], ['a']])
    refusesAt('piecewiseConstantSchedule', optim.piecewiseConstantSchedule, [1, { 3: 0.1 }], 0, [undefined, null, NaN, 'x'])
    refusesAt('piecewiseConstantSchedule', optim.piecewiseConstantSchedule, [1, { 3: 0.1 }], 1, [...odd, { a: 1 }, { 3: 'x' }, { '-1': 1 }])
    refusesAt('piecewiseInterpolateSchedule', optim.piecewiseInterpolateSchedule, ['linear', 1, { 3: 0.1 }], 0, [...odd, 'quadratic'])
    refusesAt('piecewiseInterpolateSchedule', optim.piecewiseInterpolateSchedule, ['linear', 1, { 3: 0.1 }], 2, [...odd, { 0: 1 }])
    refusesAt('sgdrSchedule', optim.sgdrSchedule, [[]], 0, [undefined, null, 1, []])
  })
  it('stepSchedule without steps names them', () =>
    expect(refusal('stepSchedule', () => optim.stepSchedule(untyped({ initValue: 1 })))).toMatchInlineSnapshot(`
      "stepSchedule: steps must be a number above 0, or a list, each entry a number from 0, got undefined
        try: a positive number"
    `))
})

describe('trees', () => {
  const adam1 = optim.adam(0.1)
  const state = adam1.init(params)
  it('applyUpdates grows no parameter, and names the one that does not fit', () => {
    expect(refusal('applyUpdates', () => optim.applyUpdates({ w: np.ones([3]) }, { w: np.ones([2, 3]) }))).toMatchInlineSnapshot(`
      "applyUpdates: 'w' is [3] in one tree and [2,3] in another
        first: float32[3]   other: float32[2,3]
        try: updates of these very parameters: optimizer.update(grads, state, params)"
    `)
    refusal('applyUpdates', () => optim.applyUpdates({ w: np.ones([2, 3]) }, { w: np.ones([3]) }))
    refusal('applyUpdates', () => optim.applyUpdates({ w: np.ones([2, 3]) }, { w: 1 } as never))
    refusal('applyUpdates', () => jit(optim.applyUpdates)({ w: np.ones([3]) }, { w: np.ones([2, 3]) }))
    refusal('applyUpdates', () => optim.applyUpdates({ n: np.ones([2], { dtype: 'int32' }) }, { n: np.ones([2]) }))
    refusesAt('applyUpdates', optim.applyUpdates, [params, params], 0, [undefined, 'text'])
    refusesAt('applyUpdates', optim.applyUpdates, [params, params], 1, [undefined, null, 'text', {}])
    refusal('incrementalUpdate', () => optim.incrementalUpdate({ w: np.ones([2, 3]) }, { w: np.ones([3]) }, 0.5))
    refusal('incrementalUpdate', () => optim.incrementalUpdate(params, params, 2))
  })
  it('gradients of another shape or structure, and the state of others, are refused', () => {
    refusal('optim', () => adam1.update({ w: np.ones([3]), b: np.zeros([3]) }, state, params))
    refusal('update', () => adam1.update({ w: np.ones([2, 3]) } as never, state, params))
    refusal('optim', () => adam1.update(params, adam1.init({ w: np.ones([3]), b: np.zeros([3]) }), params))
    refusal('update', () => adam1.update(params, untyped(undefined), params))
    refusal('update', () => adam1.update(params, untyped([]), params))
    refusal('update', () => adam1.update(undefined, state, params as never))
    refusal('update', () => adam1.update(params, state, untyped(undefined)))
    refusal('init', () => adam1.init(undefined))
  })
})
