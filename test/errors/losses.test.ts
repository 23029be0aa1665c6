import { describe, expect, it } from 'vitest'
import { grad, jit, losses, metrics, np } from 'adjoint'
import type { Tensor } from 'adjoint'
import { odd, oddOptions, refusal, refusesAt } from './odd.js'

const x = np.array([
  [0.5, 0.25, 1],
  [0.25, 0.5, 2],
])
const signs = np.array([
  [1, -1, 1],
  [-1, 1, 1],
])
const labels = np.array([0, 2], { dtype: 'int32' })
const logits = np.reshape(np.arange(24, { dtype: 'float32' }), [2, 4, 3])
const sequences = np.array([[1], [2]], { dtype: 'int32' })

/** Name, arguments without the options, and values that its options do not take. */
const cases: readonly (readonly [keyof typeof losses, readonly unknown[], Readonly<Record<string, readonly unknown[]>>])[] = [
  ['softmaxCrossEntropy', [x, labels], { labelSmoothing: [-0.1, 1.1, NaN, '0.1'], classWeights: ['a', [1, 2, 3], np.ones([2])] }],
  ['sigmoidCrossEntropy', [x, x], { posWeight: ['a', null, [1, 2, 3], np.ones([5, 2, 3])] }],
  ['binaryCrossEntropy', [x, x], {}],
  ['sigmoidFocal', [x, x], { gamma: [-1, NaN, '2'], alpha: [2, -0.5, NaN] }],
  ['softmaxFocal', [x, labels], { gamma: [-1, NaN, '2'] }],
  ['hinge', [x, signs], {}],
  [
    'ctc',
    [logits, sequences],
    { blank: [-1, 3, 0.5, NaN], logitLengths: [np.array([5, 4]), 'a'], labelLengths: [np.array([2, 1]), [1, 1]] },
  ],
  ['cosineDistance', [x, x], {}],
  ['contrastive', [x, x, np.array([0, 1])], { margin: [NaN, Infinity, '1'] }],
  ['triplet', [x, x, x], { margin: [NaN, Infinity, '1'] }],
  ['infoNce', [x, x], { temperature: [0, -1, NaN], symmetric: [1, 'yes'] }],
  ['meanSquaredError', [x, x], {}],
  ['meanAbsoluteError', [x, x], {}],
  ['huber', [x, x], { delta: [0, -1, NaN] }],
  ['logCosh', [x, x], {}],
  ['pinball', [x, x], { quantile: [-0.1, 1.5, NaN] }],
  ['poissonNll', [x, x], { full: [1, 'yes'] }],
  ['gaussianNll', [x, x, x], { full: [1, 'yes'] }],
  ['klDivergence', [x, x], { logTargets: [1, null] }],
]

describe.each(cases)('%s', (name, args, options) => {
  const f = losses[name] as (...a: readonly unknown[]) => unknown
  it('refuses what is no tensor', () => args.forEach((_, i) => refusesAt(name, f, args, i, odd)))
  it('refuses what is no options, and options that it does not have', () => refusesAt(name, f, [...args, {}], args.length, oddOptions))
  it('refuses reductions and weights that are none', () => {
    for (const reduction of ['average', 'mea', null, 1, NaN]) refusal(name, () => f(...args, { reduction }), reduction)
    for (const weights of ['a', null, [1, 2], np.ones([7])]) refusal(name, () => f(...args, { weights }), weights)
  })
  it('refuses values that its options do not take', () =>
    Object.entries(options).forEach(([option, values]) => values.forEach((v) => refusal(name, () => f(...args, { [option]: v }), v))))
})

describe('what else losses refuse', () => {
  it('shapes that differ', () =>
    cases
      .filter(([, args]) => args[1] === x || args[1] === signs)
      .forEach(([name, args]) => refusesAt(name, losses[name], args, 1, [np.ones([3]), np.ones([2, 1]), 1])))
  it('labels of hinge that are neither -1 nor 1, where they are known and count', () => {
    const scores = np.array([0.5, 0.5])
    const zeroOne = np.array([1, 0], { dtype: 'int32' })
    expect(() => losses.hinge(scores, zeroOne)).toThrow(/^hinge: label 0 at position 1 is neither -1 nor 1/)
    for (const label of [2, NaN, 0.5]) refusal('hinge', () => losses.hinge(scores, np.array([1, label])))
    expect(losses.hinge(scores, zeroOne, { weights: np.array([1, 0]) }).item()).toBe(0.5)
    expect(jit((t: Tensor) => losses.hinge(scores, t))(zeroOne).item()).toBe(0.75)
  })
  it('smoothing that is no probability', () => refusesAt('smoothLabels', losses.smoothLabels, [x, 0.1], 1, [...odd, NaN, 2, -1]))
  it('what is no tensor, in accuracy', () => [0, 1].forEach((i) => refusesAt('accuracy', losses.accuracy, [x, labels], i, odd)))
})

describe('class numbers that are no class', () => {
  const wrong = np.array([0, 3], { dtype: 'int32' })
  it('throw where they are known', () => {
    expect(refusal('softmaxCrossEntropy', () => losses.softmaxCrossEntropy(x, wrong))).toMatchInlineSnapshot(`
      "softmaxCrossEntropy: label 3 at position 1 is none of 3 classes
        labels: int32[2]
        try: class numbers from 0 to 2; weights of 0 leave examples out, such as padding"
    `)
    refusal('softmaxCrossEntropy', () => losses.softmaxCrossEntropy(x, np.array([-1, 0], { dtype: 'int32' })))
    refusal('softmaxCrossEntropy', () => grad(losses.softmaxCrossEntropy)(x, wrong))
    refusal('softmaxFocal', () => losses.softmaxFocal(x, wrong))
    refusal('accuracy', () => losses.accuracy(x, wrong))
    refusal('ctc', () => losses.ctc(logits, np.array([[1], [3]], { dtype: 'int32' })))
    refusal('ctc', () => losses.ctc(logits, np.array([[-1], [2]], { dtype: 'int32' })))
  })
  it('cost NaN under jit', () => {
    const loss = jit((t: Tensor) => losses.softmaxCrossEntropy(x, t, { reduction: 'none' }))
    const right = losses.softmaxCrossEntropy(x, labels, { reduction: 'none' })
    expect(np.isnan(loss(wrong)).toArray()).toEqual([false, true])
    expect(np.allclose(loss(labels), right)).toBe(true)
  })
  it('are left out by weights of 0', () => {
    const weights = np.array([1, 0])
    const right = losses.softmaxCrossEntropy(x, labels, { weights }).item()
    expect(losses.softmaxCrossEntropy(x, wrong, { weights }).item()).toBe(right)
    expect(jit((t: Tensor) => losses.softmaxCrossEntropy(x, t, { weights }))(wrong).item()).toBeCloseTo(right as number, 6)
    const slope = grad((z: Tensor) => losses.softmaxCrossEntropy(z, wrong, { weights }))(x)
    expect(np.all(np.isfinite(slope)).item()).toBe(true)
  })
  it('may be padding of a sequence', () => {
    const padded = np.array(
      [
        [1, -1],
        [2, 7],
      ],
      { dtype: 'int32' },
    )
    const labelLengths = np.array([1, 1], { dtype: 'int32' })
    // Padding is read nowhere, but it must be a class that can be looked up.
    refusal('ctc', () => losses.ctc(logits, padded, { labelLengths: np.array([2, 1], { dtype: 'int32' }) }))
    expect(
      losses
        .ctc(
          logits,
          np.array(
            [
              [1, 0],
              [2, 0],
            ],
            { dtype: 'int32' },
          ),
          { labelLengths },
        )
        .item(),
    ).toBeGreaterThan(0)
  })
})

it('the loss and the metric agree on accuracy', () => {
  const metric = metrics.evaluate(metrics.accuracy())
  expect(metric([{ predictions: x, targets: labels }]).item()).toBe(losses.accuracy(x, labels).item())
  expect(losses.accuracy(x, labels).dtype).toBe('float32')
})
