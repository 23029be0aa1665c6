import { describe, it } from 'vitest'
import { metrics, np } from 'adjoint'
import { odd, oddOptions, refusal, refusesAt } from './odd.js'
import { untyped } from './thrown.js'

const noSize: readonly unknown[] = [0, -1, 1.5, NaN, '2', null]
const batch = { predictions: np.ones([3, 2]), targets: np.array([0, 1, 1], { dtype: 'int32' }) }

const withOptions: readonly (readonly [
  keyof typeof metrics,
  Readonly<Record<string, unknown>>,
  Readonly<Record<string, readonly unknown[]>>,
])[] = [
  ['accuracy', {}, { threshold: [NaN, 'a'] }],
  ['confusionMatrix', { classes: 2 }, { classes: noSize, threshold: [NaN] }],
  ['precision', { classes: 2 }, { classes: noSize, average: ['mean', 1] }],
  ['recall', { classes: 2 }, { classes: noSize, average: ['mean'] }],
  ['fScore', { classes: 2 }, { classes: noSize, average: ['mean'], beta: [0, -1, NaN, Infinity] }],
  ['calibrationError', {}, { bins: noSize, from: ['softmax', 1] }],
  ['binnedRocAuc', {}, { bins: noSize, range: [[0], [1, 0], [0, NaN], 1] }],
  ['r2', {}, { outputs: noSize }],
]

describe.each(withOptions)('%s', (name, needed, options) => {
  it('refuses what is no options, and options that it does not have', () =>
    refusesAt(name, metrics[name], [needed], 0, [...oddOptions, { ...needed, noSuchOption: 1 }]))
  it('refuses values that its options do not take', () =>
    Object.entries(options).forEach(([option, values]) =>
      refusesAt(
        name,
        metrics[name],
        [needed],
        0,
        values.map((v) => ({ ...needed, [option]: v })),
      ),
    ))
})

describe('batches', () => {
  it.each([
    ['accuracy', metrics.accuracy()],
    ['topKAccuracy', metrics.topKAccuracy(1)],
    ['confusionMatrix', metrics.confusionMatrix({ classes: 2 })],
    ['perplexity', metrics.perplexity()],
    ['calibrationError', metrics.calibrationError()],
  ] as const)('%s', (name, metric) => {
    refusesAt(name, metric.summary, [batch], 0, [
      ...odd,
      {},
      { ...batch, targets: 'a' },
      { ...batch, targets: np.array([0, 1], { dtype: 'int32' }) },
    ])
    refusesAt(name, metric.summary, [batch], 0, [
      { ...batch, weights: np.ones([2]) },
      { ...batch, weights: 'a' },
    ])
  })
  it.each([
    ['meanSquaredError', metrics.meanSquaredError()],
    ['meanAbsoluteError', metrics.meanAbsoluteError()],
    ['cosineSimilarity', metrics.cosineSimilarity()],
    ['r2', metrics.r2()],
  ] as const)('%s', (name, metric) =>
    refusesAt(name, metric.summary, [batch], 0, [
      ...odd,
      {},
      { predictions: np.ones([3]), targets: np.ones([2]) },
      { predictions: np.ones([3]), targets: null },
    ]),
  )
  it('what is no metric', () => {
    refusesAt('evaluate', metrics.evaluate, [metrics.accuracy()], 0, [...odd, metrics.accuracy])
    refusesAt('evaluate', metrics.evaluate(metrics.accuracy()), [[batch]], 0, [undefined, null, 1, batch, Promise.resolve([batch])])
    refusesAt('struct', metrics.struct, [{ a: metrics.accuracy() }], 0, [...odd, { a: metrics.accuracy }, { a: undefined }])
    refusesAt('topKAccuracy', metrics.topKAccuracy, [1], 0, [undefined, ...noSize])
    refusal('contramap', () => metrics.contramap(untyped(1))(untyped(metrics.accuracy())))
    refusal('map', () => metrics.map(untyped(undefined))(untyped(metrics.accuracy())))
  })
})
