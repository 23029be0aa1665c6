/** Every metric against the laws, on batches of unequal lengths, with and without weights. */
import { concatAll } from 'fp-ts/lib/Monoid.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { jit, metrics, np, scan, vmap } from '../../src/index.js'
import { expectSame, laws } from 'adjoint/laws'
import type { Numbers } from '../expectClose.js'
import { expectClose } from '../expectClose.js'

interface Weighted {
  readonly predictions: Tensor
  readonly targets: Tensor
  readonly weights: Tensor
}

const eighths = fc.integer({ min: -16, max: 16 }).map((n) => n / 8)
const rows = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> => fc.array(one, { minLength: 0, maxLength: 5 })
const int = (data: readonly number[]): Tensor => np.array(data, { dtype: 'int32' })
const matrix = (data: readonly (readonly number[])[], width: number): Tensor => np.reshape(np.array(data.flat()), [data.length, width])

/** Scores of three classes, class numbers with padding, weights that are short dyadic numbers and often 0. */
const scored = rows(
  fc.record({ p: fc.array(eighths, { minLength: 3, maxLength: 3 }), t: fc.integer({ min: -1, max: 2 }), w: fc.nat(4) }),
).map((all): Weighted => ({
  predictions: matrix(
    all.map((r) => r.p),
    3,
  ),
  targets: int(all.map((r) => r.t)),
  weights: np.array(all.map((r) => r.w / 4)),
}))
/** One score of class 1 of two. */
const binary = rows(fc.record({ p: eighths, t: fc.integer({ min: -1, max: 1 }), w: fc.nat(4) })).map((all): Weighted => ({
  predictions: np.array(all.map((r) => r.p)),
  targets: int(all.map((r) => r.t)),
  weights: np.array(all.map((r) => r.w / 4)),
}))
/** Numbers. */
const measured = rows(fc.record({ p: fc.tuple(eighths, eighths), t: fc.tuple(eighths, eighths), w: fc.nat(4) })).map((all): Weighted => ({
  predictions: matrix(
    all.map((r) => r.p),
    2,
  ),
  targets: matrix(
    all.map((r) => r.t),
    2,
  ),
  weights: np.array(all.map((r) => r.w / 4)),
}))

/** Sums of short dyadic numbers are exact: no tolerance at all. */
const exact = { ulp: 0 }
const k3 = { classes: 3 }

const classifiers = {
  accuracy: [metrics.accuracy(), exact],
  'top 2': [metrics.topKAccuracy(2), exact],
  'confusion matrix': [metrics.confusionMatrix(k3), exact],
  precision: [metrics.precision(k3), exact],
  'recall, micro': [metrics.recall({ ...k3, average: 'micro' }), exact],
  'F2, weighted': [metrics.fScore({ ...k3, average: 'weighted', beta: 2 }), exact],
  perplexity: [metrics.perplexity(), { ulp: 8 }],
  'calibration error': [metrics.calibrationError({ bins: 4 }), { bound: 1e-7 }],
} as const
const separators = {
  'ROC AUC': [metrics.rocAuc(), exact],
  'average precision': [metrics.averagePrecision(), { ulp: 16 }],
  'binned ROC AUC': [metrics.binnedRocAuc({ bins: 7, range: [-2, 2] }), exact],
  'binary accuracy': [metrics.accuracy({ threshold: 0.5 }), exact],
  'binary F1': [metrics.fScore({ classes: 2, average: 'binary' }), exact],
} as const
const regressors = {
  'mean squared error': [metrics.meanSquaredError(), exact],
  'root mean squared error': [metrics.rootMeanSquaredError(), exact],
  'mean absolute error': [metrics.meanAbsoluteError(), exact],
  'cosine similarity': [metrics.cosineSimilarity(), { bound: 1e-14 }],
  R2: [metrics.r2(), { bound: 1e-12 }],
  'R2 of two outputs': [metrics.r2({ outputs: 2 }), { bound: 1e-12 }],
} as const

type Case = readonly [string, metrics.Metric<metrics.Predicted, unknown, Tensor>, fc.Arbitrary<Weighted>, typeof exact | { bound: number }]
const cases = [
  ...Object.entries(classifiers).map(([name, [m, close]]) => [name, m, scored, close]),
  ...Object.entries(separators).map(([name, [m, close]]) => [name, m, binary, close]),
  ...Object.entries(regressors).map(([name, [m, close]]) => [name, m, measured, close]),
] as unknown as readonly Case[]

describe.each(cases)('%s', (_, metric, batches, closeness) => {
  it('is a monoid of summaries that say what the whole says', () => {
    laws.metric(metric, batches, { closeness, seed: 5, numRuns: 10 })
  })
  it('leaves out what weighs nothing, whatever it is', () => {
    const drawn = fc.sample(batches, { numRuns: 20, seed: 9 })
    for (const batch of drawn) {
      const spoiled = {
        ...batch,
        predictions: np.concatenate([
          batch.predictions,
          np.fullLike(
            np.index(np.concatenate([batch.predictions, batch.predictions, np.zeros([1, ...batch.predictions.shape.slice(1)])]), ':1'),
            NaN,
          ),
        ]),
      }
      const targets = np.concatenate([batch.targets, np.astype(np.zeros([1, ...batch.targets.shape.slice(1)]), batch.targets.dtype)])
      const weights = np.concatenate([batch.weights, np.zeros([1])])
      const [with_, without] = [metric.value(metric.summary({ ...spoiled, targets, weights })), metric.value(metric.summary(batch))]
      // One more term, a zero, may change the order in which the others are summed.
      expectSame('with and without', with_, without, closeness)
    }
  })
})

describe('vmap', () => {
  const stacked = <B>(f: (b: B) => unknown) => f
  it.each(cases)('%s: of a stack of batches it is the stack of summaries', (_, metric, batches) => {
    const summary = stacked(metric.summary)
    const same = fc
      .sample(batches, { numRuns: 200, seed: 3 })
      .filter((b) => b.targets.shape[0] === 4)
      .slice(0, 3)
    expect(same.length).toBe(3)
    const stack = {
      predictions: np.stack(same.map((b) => b.predictions)),
      targets: np.stack(same.map((b) => b.targets)),
      weights: np.stack(same.map((b) => b.weights)),
    }
    const all = vmap(summary as (b: typeof stack) => unknown)(stack)
    const values = vmap(metric.value)(all)
    const each = same.map((b) => metric.value(metric.summary(b)).toArray())
    expectClose(values.toArray() as Numbers, each as Numbers[], { atol: values.ndim === 1 ? 5e-7 : 0 })
  })
})

describe('a summary of one size', () => {
  it('is a carry: a whole epoch as one program', () => {
    const metric = metrics.struct({ accuracy: metrics.accuracy(), confusion: metrics.confusionMatrix(k3), r2: metrics.r2() })
    const predictions = np.array([0, 1, 2, 2, 1, 0, 0, 1], { dtype: 'int32' })
    const targets = np.array([0, 1, 1, 2, 1, 2, -1, 1], { dtype: 'int32' })
    const batches = { predictions: np.reshape(predictions, [4, 2]), targets: np.reshape(targets, [4, 2]) }
    const { concat, empty } = metric.monoid
    const epoch = jit(
      (all: typeof batches) =>
        scan((s: typeof empty, batch: typeof batches) => [concat(s, metric.summary(batch)), null] as const, empty, all)[0],
    )
    const value = metric.value(epoch(batches))
    expect(Number(value.accuracy)).toBe(5 / 7)
    expect(value.confusion.toArray()).toEqual([
      [1, 0, 0],
      [0, 3, 1],
      [1, 0, 1],
    ])
  })
  it('the unit is made anew, so that it may be donated', () => {
    const { monoid, summary } = metrics.struct({ mean: metrics.mean() })
    const step = jit((s: typeof monoid.empty, values: Tensor) => monoid.concat(s, summary({ values })), { donate: [0] })
    for (let epoch = 0; epoch < 2; epoch++) {
      const s = step(step(monoid.empty, np.array([1])), np.array([2]))
      expect(Number(s.mean.total)).toBe(3)
    }
    expect(Number(concatAll(monoid)([]).mean.weight)).toBe(0)
  })
})

describe('the law', () => {
  const mean = (x: Tensor): Tensor => np.mean(np.astype(x, 'float64'))
  const batches = measured.filter((b) => b.targets.shape[0]! > 0)
  it('catches a mean of means, and a unit that is none', () => {
    const meanOfMeans: metrics.Metric<metrics.Predicted, Tensor, Tensor> = {
      summary: ({ predictions }) => mean(predictions as Tensor),
      monoid: { empty: np.array(0, { dtype: 'float64' }), concat: (x, y) => np.div(np.add(x, y), 2) },
      value: (x) => x,
    }
    expect(() => {
      laws.metric(meanOfMeans, batches, { seed: 1 })
    }).toThrow(/law broken: summaries are a monoid/)
    const { summary, value, monoid } = metrics.mean()
    const one = { total: np.array(1, { dtype: 'float64' }), weight: np.array(1, { dtype: 'float64' }) }
    const noUnit: metrics.Metric<{ readonly values: Tensor }, metrics.Total, Tensor> = {
      summary,
      value,
      monoid: { empty: one, concat: monoid.concat },
    }
    expect(() => {
      laws.metric(
        noUnit,
        batches.map((b) => ({ values: b.targets })),
        { seed: 1 },
      )
    }).toThrow(/empty a at 'total'/)
  })
})
