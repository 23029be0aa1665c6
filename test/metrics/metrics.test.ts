/** Metrics against their definitions: values of scikit-learn's formulas, computed by hand or by plain loops. */
import fc from 'fast-check'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { losses, metrics, np } from '../../src/index.js'

const int = (data: readonly number[]): Tensor => np.array(data, { dtype: 'int32' })
const of = <B, S, V>(metric: metrics.Metric<B, S, V>, ...batches: readonly B[]): V => metrics.evaluate(metric)(batches)
const number = <B, S>(metric: metrics.Metric<B, S, Tensor>, ...batches: readonly B[]): number => Number(of(metric, ...batches))

describe('mean', () => {
  it('weighs batches by their size', () => {
    const batches = [{ values: np.array([1, 2, 3]) }, { values: np.array([[10]]) }, { values: np.zeros([0]) }]
    expect(number(metrics.mean(), ...batches)).toBe(4)
    // Means of batches, weighted by how many examples they are the mean of.
    expect(number(metrics.mean(), { values: 2, weights: 3 }, { values: 10, weights: 1 })).toBe(4)
  })
  it('takes weights of the leading axes, 0 for what is left out', () => {
    const values = np.array([
      [1, 2],
      [NaN, Infinity],
      [3, 6],
    ])
    expect(number(metrics.mean(), { values, weights: np.array([2, 0, 1]) })).toBe(15 / 6)
    expect(() => of(metrics.mean(), { values, weights: np.array([1, 2]) })).toThrow(
      /mean: weights of shape \[2\] do not fit examples of shape \[3,2\]/,
    )
  })
  it('of nothing is NaN', () => {
    expect(number(metrics.mean())).toBeNaN()
    expect(number(metrics.accuracy())).toBeNaN()
    expect(number(metrics.r2())).toBeNaN()
    expect(number(metrics.rocAuc())).toBeNaN()
  })
  it('counts past 2^24 and sums small numbers into large ones', () => {
    const { concat } = metrics.mean().monoid
    const float64 = { dtype: 'float64' } as const
    const large = { total: np.array(2 ** 40, float64), weight: np.array(2 ** 40, float64) }
    const joined = concat(large, metrics.mean().summary({ values: np.array([1]) }))
    expect([Number(joined.total), Number(joined.weight)]).toEqual([2 ** 40 + 1, 2 ** 40 + 1])
    const { summary, value } = metrics.confusionMatrix({ classes: 2 })
    const counted = summary({ predictions: int([1, 1, 1]), targets: int([1, 1, 1]), weights: np.array([2 ** 24, 1, 1]) })
    expect(value(counted).toArray()).toEqual([
      [0, 0],
      [0, 2 ** 24 + 2],
    ])
  })
})

describe('accuracy', () => {
  const predictions = np.array([
    [0.5, 0.2, 0.2],
    [0.3, 0.4, 0.2],
    [0.2, 0.4, 0.3],
    [0.7, 0.2, 0.1],
  ])
  const targets = int([0, 1, 2, 2])
  it('and the accuracy of the best k, as in the manual of scikit-learn', () => {
    expect(number(metrics.accuracy(), { predictions, targets })).toBe(0.5)
    expect(number(metrics.topKAccuracy(2), { predictions, targets })).toBe(0.75)
    expect(number(metrics.topKAccuracy(3), { predictions, targets })).toBe(1)
  })
  it('is that of losses, batch by batch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 }), fc.nat(2)), { minLength: 1 }),
        (rows) => {
          const x = np.array(rows.map((r) => r[0]))
          const t = int(rows.map((r) => r[1]))
          expect(number(metrics.accuracy(), { predictions: x, targets: t })).toBeCloseTo(Number(losses.accuracy(x, t)), 6)
        },
      ),
      { numRuns: 20 },
    )
  })
  it('of ties takes the first, of one score the threshold, of class numbers what they say', () => {
    const tied = np.zeros([3, 3])
    expect(number(metrics.accuracy(), { predictions: tied, targets: int([0, 1, 2]) })).toBe(1 / 3)
    expect(number(metrics.topKAccuracy(2), { predictions: tied, targets: int([0, 1, 2]) })).toBe(2 / 3)
    const scores = np.array([-1, 0.2, 0.8])
    expect(number(metrics.accuracy(), { predictions: scores, targets: int([0, 1, 0]) })).toBe(2 / 3)
    expect(number(metrics.accuracy({ threshold: 0.5 }), { predictions: scores, targets: int([0, 0, 1]) })).toBe(1)
    // A score at the threshold is not above it.
    expect(number(metrics.accuracy(), { predictions: np.array([0, 0.1]), targets: int([0, 1]) })).toBe(1)
    expect(number(metrics.accuracy({ threshold: 0.5 }), { predictions: np.array([0.5, 0.75]), targets: int([0, 1]) })).toBe(1)
    expect(number(metrics.accuracy(), { predictions: int([0, 2, 5]), targets: int([0, 2, 1]) })).toBe(2 / 3)
  })
  it('leaves padding out, does not take NaN for right, and says so of targets that are no class', () => {
    const bad = np.array([
      [NaN, 0],
      [0, 1],
    ])
    expect(number(metrics.accuracy(), { predictions: bad, targets: int([0, 1]) })).toBe(0.5)
    expect(number(metrics.accuracy(), { predictions: bad, targets: int([-100, 1]) })).toBe(1)
    expect(number(metrics.accuracy(), { predictions: bad, targets: int([2, 1]) })).toBeNaN()
    expect(number(metrics.accuracy(), { predictions: bad, targets: int([2, 1]), weights: np.array([0, 1]) })).toBe(1)
  })
  it('names what does not fit', () => {
    expect(() => of(metrics.accuracy(), { predictions, targets: int([0, 1]) })).toThrow(
      /accuracy: targets of shape \[2\] do not fit scores of shape \[4,3\]/,
    )
    expect(() => of(metrics.accuracy(), { predictions, targets: np.zeros([4]) })).toThrow(
      /accuracy: expected integers or booleans, got float32/,
    )
    expect(() => of(metrics.topKAccuracy(4), { predictions, targets })).toThrow(/topKAccuracy: the best 4 of 3 classes/)
    expect(() => metrics.topKAccuracy(0)).toThrow(/k must be a whole number from 1, got 0/)
  })
})

describe('the confusion matrix', () => {
  const targets = int([2, 0, 2, 2, 0, 1])
  const predictions = int([0, 0, 2, 2, 0, 2])
  const batch = { predictions, targets }
  const k = { classes: 3 }
  it('has the true class in rows, the other in columns', () => {
    expect(of(metrics.confusionMatrix(k), batch).toArray()).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [1, 0, 2],
    ])
    expect(of(metrics.confusionMatrix(k), batch, batch).toArray()).toEqual([
      [4, 0, 0],
      [0, 0, 2],
      [2, 0, 4],
    ])
    const scores = np.array([
      [1, 0],
      [0, 1],
    ])
    expect(
      of(metrics.confusionMatrix({ classes: 2 }), { predictions: scores, targets: int([1, 1]), weights: np.array([0.5, 3]) }).toArray(),
    ).toEqual([
      [0, 0],
      [0.5, 3],
    ])
  })
  it('gives precision, recall and F1 per class and averaged', () => {
    // precision 2/3, 0/0, 2/3; recall 1, 0, 2/3; F1 4/5, 0, 2/3; support 2, 1, 3
    expect(of(metrics.precision({ ...k, average: 'none' }), batch).toArray()).toEqual([2 / 3, 0, 2 / 3])
    expect(of(metrics.recall({ ...k, average: 'none' }), batch).toArray()).toEqual([1, 0, 2 / 3])
    expect(number(metrics.precision(k), batch)).toBeCloseTo(4 / 9, 15)
    expect(number(metrics.recall(k), batch)).toBeCloseTo(5 / 9, 15)
    expect(number(metrics.fScore(k), batch)).toBeCloseTo((4 / 5 + 2 / 3) / 3, 15)
    expect(number(metrics.fScore({ ...k, average: 'weighted' }), batch)).toBeCloseTo((2 * (4 / 5) + 3 * (2 / 3)) / 6, 15)
    for (const metric of [metrics.precision, metrics.recall, metrics.fScore])
      expect(number(metric({ ...k, average: 'micro' }), batch)).toBeCloseTo(4 / 6, 15)
    // F2 of class 2: 5 * 2 / (3 + 4 * 3)
    expect(np.index(of(metrics.fScore({ ...k, average: 'none', beta: 2 }), batch), 2).item()).toBeCloseTo(10 / 15, 15)
  })
  it('of classes that do not occur says nothing', () => {
    const two = { predictions: int([0, 1]), targets: int([0, 1]) }
    expect(number(metrics.fScore({ classes: 10 }), two)).toBe(1)
    expect(number(metrics.precision({ classes: 2, average: 'binary' }), { predictions: int([1, 1]), targets: int([0, 1]) })).toBe(0.5)
  })
  it('shows numbers that are no classes', () => {
    const m = metrics.confusionMatrix({ classes: 2 })
    expect(of(m, { predictions: int([3]), targets: int([0]) }).toArray()).toEqual([
      [0, NaN],
      [0, 0],
    ])
    expect(of(m, { predictions: int([0]), targets: int([7]) }).toArray()).toEqual([
      [0, 0],
      [NaN, 0],
    ])
    expect(of(m, { predictions: int([3, 0]), targets: int([-1, 0]) }).toArray()).toEqual([
      [1, 0],
      [0, 0],
    ])
    expect(number(metrics.fScore({ classes: 2 }), { predictions: int([3]), targets: int([0]) })).toBeNaN()
  })
  it('names what cannot be', () => {
    expect(() => metrics.confusionMatrix({ classes: 0 })).toThrow(/confusionMatrix: classes must be a whole number from 1, got 0/)
    expect(() => metrics.recall({ classes: 3, average: 'binary' })).toThrow(/recall: the average 'binary' is of 2 classes, got 3/)
    expect(() => of(metrics.recall({ classes: 3, average: 'mean' as never }), batch)).toThrow(
      /recall: average must be one of 'macro', .*, got the string 'mean'/,
    )
    expect(() => metrics.fScore({ classes: 3, beta: 0 })).toThrow(/fScore: beta must be a number above 0, got 0/)
  })
})

describe('perplexity', () => {
  it('is K of a model that knows nothing, and 1 of one that knows all', () => {
    expect(number(metrics.perplexity(), { predictions: np.zeros([2, 5, 17]), targets: np.zeros([2, 5], { dtype: 'int32' }) })).toBeCloseTo(
      17,
      5,
    )
    expect(number(metrics.perplexity(), { predictions: np.array([[800, -800]]), targets: int([0]) })).toBe(1)
  })
  it('weighs tokens, not batches, and leaves padding out', () => {
    const p = (x: number): Tensor => np.array([[Math.log(x), Math.log(1 - x)]], { dtype: 'float64' })
    const batches = [
      { predictions: np.concatenate([p(0.5), p(0.25), p(0.9)]), targets: int([0, 0, -1]) },
      { predictions: np.concatenate([p(0.125), p(0.9)]), targets: int([0, 1]), weights: np.array([1, 0]) },
    ]
    expect(number(metrics.perplexity(), ...batches)).toBeCloseTo(4, 14)
    expect(number(metrics.perplexity(), { predictions: p(0.5), targets: int([2]) })).toBeNaN()
  })
})

describe('errors of numbers', () => {
  const batch = { predictions: np.array([2.5, 0, 2, 8]), targets: np.array([3, -0.5, 2, 7]) }
  it('are those of the manual of scikit-learn', () => {
    expect(number(metrics.meanSquaredError(), batch)).toBe(0.375)
    expect(number(metrics.rootMeanSquaredError(), batch)).toBe(Math.sqrt(0.375))
    expect(number(metrics.meanAbsoluteError(), batch)).toBe(0.5)
    expect(number(metrics.r2(), batch)).toBeCloseTo(0.9486081370449679, 14)
    const two = {
      predictions: np.array([
        [0, 2],
        [-1, 2],
        [8, -5],
      ]),
      targets: np.array([
        [0.5, 1],
        [-1, 1],
        [7, -6],
      ]),
    }
    expect(number(metrics.r2({ outputs: 2 }), two)).toBeCloseTo(0.936800526662278, 14)
    expect(number(metrics.r2(), { ...batch, weights: np.array([1, 2, 0, 1]) })).toBeCloseTo(1 - 1.75 / 38.25, 14)
  })
  it('R2 of one target repeated is 1 or 0, and stands an offset', () => {
    const targets = np.array([0.1, 0.1, 0.1], { dtype: 'float64' })
    expect(number(metrics.r2(), { predictions: targets, targets })).toBe(1)
    expect(number(metrics.r2(), { predictions: np.add(targets, 1), targets, weights: np.array([0.3, 0.3, 0.1]) })).toBe(0)
    const far = np.add(np.array([1, 2, 3, 4], { dtype: 'float64' }), 1e9)
    const near = np.add(far, np.array([0.5, 0, 0, 0]))
    const halves = [':2', '2:'].map((part) => ({ predictions: np.index(near, part), targets: np.index(far, part) }))
    expect(number(metrics.r2(), ...halves)).toBeCloseTo(1 - 0.25 / 5, 12)
    expect(() => metrics.r2({ outputs: 0 })).toThrow(/r2: outputs must be a whole number from 1, got 0/)
    expect(() => of(metrics.r2({ outputs: 3 }), batch)).toThrow(/r2: the last axis has 4 numbers, not the 3 outputs/)
  })
  it('cosines, 0 where there is no direction', () => {
    const x = np.array([
      [3, 4],
      [1, 0],
      [0, 0],
    ])
    expect(
      number(metrics.cosineSimilarity(), {
        predictions: x,
        targets: np.array([
          [4, 3],
          [-2, 0],
          [1, 1],
        ]),
      }),
    ).toBeCloseTo((0.96 - 1) / 3, 14)
    expect(() => of(metrics.cosineSimilarity(), { predictions: x, targets: np.zeros([3]) })).toThrow(
      /cosineSimilarity: predictions and targets differ in shape/,
    )
  })
})

describe('rankings', () => {
  /** Pairs counted one by one. */
  const auc = (scores: readonly number[], targets: readonly number[], weights: readonly number[]): number => {
    let [won, pairs] = [0, 0]
    scores.forEach((a, i) =>
      scores.forEach((b, j) => {
        if (targets[i] !== 1 || targets[j] !== 0) return
        const w = weights[i]! * weights[j]!
        pairs += w
        won += w * (a > b ? 1 : a === b ? 0.5 : 0)
      }),
    )
    return won / pairs
  }
  const examples = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.nat(1), fc.integer({ min: 0, max: 3 })), {
    minLength: 2,
    maxLength: 30,
  })
  it('AUC is the share of pairs in the right order, exact and binned', () => {
    fc.assert(
      fc.property(examples, fc.nat(30), (rows, cut) => {
        const batches = [rows.slice(0, cut), rows.slice(cut)].map((part) => ({
          predictions: np.array(part.map((r) => r[0] / 8)),
          targets: int(part.map((r) => r[1])),
          weights: np.array(part.map((r) => r[2])),
        }))
        const expected = auc(
          rows.map((r) => r[0]),
          rows.map((r) => r[1]),
          rows.map((r) => r[2]),
        )
        for (const metric of [metrics.rocAuc(), metrics.binnedRocAuc({ bins: 16 })]) {
          const { summary, monoid, value } = metric as metrics.Metric<metrics.Predicted, unknown, Tensor>
          const got = Number(value(monoid.concat(summary(batches[0]!), summary(batches[1]!))))
          if (Number.isNaN(expected)) expect(got).toBeNaN()
          else expect(got).toBeCloseTo(expected, 12)
        }
      }),
      { numRuns: 25 },
    )
  })
  it('average precision, ties sharing one threshold', () => {
    const of2 = (scores: readonly number[], targets: readonly number[]): number =>
      number(metrics.averagePrecision(), { predictions: np.array(scores), targets: int(targets) })
    expect(of2([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBeCloseTo(5 / 6, 15)
    expect(of2([0.5, 0.5, 0.5, 0.9], [0, 1, 1, 0])).toBeCloseTo(0.5, 15)
    expect(of2([1, 2], [0, 0])).toBeNaN()
  })
  it('a score that is none makes it NaN, unless it is left out', () => {
    const predictions = np.array([NaN, 0, 1])
    for (const metric of [metrics.rocAuc(), metrics.binnedRocAuc()] as const) {
      const m = metric as metrics.Metric<metrics.Predicted, unknown, Tensor>
      expect(number(m, { predictions, targets: int([1, 0, 1]) })).toBeNaN()
      expect(number(m, { predictions, targets: int([-1, 0, 1]) })).toBe(1)
      expect(number(m, { predictions: np.array([0, 0, 1]), targets: int([2, 0, 1]) })).toBeNaN()
    }
    expect(() => of(metrics.rocAuc(), { predictions: np.zeros([3, 2]), targets: int([1, 0, 1]) })).toThrow(
      /rocAuc: scores of shape \[3,2\], targets of shape \[3\]/,
    )
    expect(() => metrics.binnedRocAuc({ bins: 0 })).toThrow(/bins must be a whole number from 1/)
    expect(() => metrics.binnedRocAuc({ range: [1, 1] })).toThrow(/range must be an interval, got \[1, 1\]/)
  })
})

describe('calibration', () => {
  it('is the distance of confidence from how often it is right', () => {
    const predictions = np.array(
      [
        [0.9, 0.1],
        [0.95, 0.05],
        [0.4, 0.6],
        [0.45, 0.55],
      ],
      { dtype: 'float64' },
    )
    // Two bins of 10: [0.9, 1] says 0.925 and is right once, [0.5, 0.6) says 0.55 and is right; 0.6 is right.
    const ece = (2 * Math.abs(0.925 - 0.5) + Math.abs(0.55 - 1) + Math.abs(0.6 - 1)) / 4
    const batch = { predictions, targets: int([0, 1, 1, 1]) }
    expect(number(metrics.calibrationError({ bins: 10, from: 'probabilities' }), batch)).toBeCloseTo(ece, 14)
    expect(number(metrics.calibrationError({ bins: 10 }), { ...batch, predictions: np.log(predictions) })).toBeCloseTo(ece, 14)
    // The last bin is one like the others, and 1 lies in it.
    const sure = { predictions: np.array([[1, 0], [0.95, 0.05], [0.85, 0.15]], { dtype: 'float64' }), targets: int([0, 1, 0]) } // prettier-ignore
    const apart = (2 * Math.abs(0.975 - 0.5) + Math.abs(0.85 - 1)) / 3
    expect(number(metrics.calibrationError({ bins: 10, from: 'probabilities' }), sure)).toBeCloseTo(apart, 14)
    expect(() => metrics.calibrationError({ bins: -1 })).toThrow(/bins must be a whole number from 1, got -1/)
  })
})

describe('combinations', () => {
  it('struct, contramap and map', () => {
    const scores = metrics.struct({
      loss: pipe(
        metrics.mean(),
        metrics.contramap((b: metrics.Predicted & { readonly loss: Tensor }) => ({ values: b.loss })),
      ),
      error: pipe(
        metrics.accuracy(),
        metrics.map((a) => np.sub(1, a)),
      ),
    })
    const batch = (loss: number, targets: readonly number[]) => ({
      loss: np.array([loss]),
      predictions: np.array([
        [0, 1],
        [0, 1],
      ]),
      targets: int(targets),
    })
    const { loss, error } = of(scores, batch(1, [1, 0]), batch(3, [1, 1]))
    expect([Number(loss), Number(error)]).toEqual([2, 0.25])
  })
})
