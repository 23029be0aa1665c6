import { describe, expectTypeOf, it } from 'vitest'
import { metrics, viz } from 'adjoint'
import type { Tensor } from 'adjoint'
import { pipe } from 'fp-ts/lib/function.js'

declare const predictions: Tensor
declare const targets: Tensor

const scores = metrics.struct({
  loss: pipe(
    metrics.mean(),
    metrics.contramap((b: { readonly costs: Tensor }) => ({ values: b.costs })),
  ),
  accuracy: metrics.accuracy(),
  count: pipe(
    metrics.confusionMatrix({ classes: 2 }),
    metrics.map((m) => m.size),
  ),
})

describe('a record of metrics', () => {
  it('takes batches that suit all of them', () => {
    expectTypeOf<metrics.BatchOf<typeof scores>>().toExtend<{ readonly costs: Tensor } & metrics.Predicted>()
    void metrics.evaluate(scores)([{ costs: targets, predictions, targets }])
    // @ts-expect-error: costs are missing
    void metrics.evaluate(scores)([{ predictions, targets }])
  })
  it('gives a record of values, from a record of summaries', () => {
    expectTypeOf(metrics.evaluate(scores)([])).toEqualTypeOf<{ readonly loss: Tensor; readonly accuracy: Tensor; readonly count: number }>()
    expectTypeOf<metrics.SummaryOf<typeof scores>['accuracy']>().toEqualTypeOf<metrics.Total>()
    expectTypeOf(scores.monoid.empty.count).toEqualTypeOf<Tensor>()
    expectTypeOf<metrics.ValueOf<typeof scores>['count']>().toEqualTypeOf<number>()
  })
})

describe('pictures and pages', () => {
  it('take tensors and arrays', () => {
    expectTypeOf(viz.heatMap).toBeCallableWith([[1, 2]])
    expectTypeOf(viz.confusion).toBeCallableWith(predictions, { classes: ['a'] })
    expectTypeOf(viz.histogram).toBeCallableWith(new Float32Array(2))
  })
  it('a report needs a title, and knows its parts', () => {
    // @ts-expect-error: no title
    viz.report({ results: {} })
    // @ts-expect-error: a curve is a list of series
    viz.report({ title: '', curves: [{ name: 'loss', values: [1] }] })
  })
  it('a terminal is what process.stdout is', () => {
    expectTypeOf(process.stdout).toExtend<viz.Terminal>()
  })
})
