/** The laws of metrics: summaries are a monoid, and the summary of batches joined is the join of their summaries. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { metrics, Tensor } from '../src/index.js'
import { jit, np, tree } from '../src/index.js'
import { arbitrary, check, having, optionsOf, record } from './check.js'
import type { Closeness } from './compare.js'
import type { LawOptions } from './law.js'
import { forAll, lawMeanings } from './law.js'
import { expectSame, showTree } from './same.js'

/** Options of `metric`. */
export interface MetricOptions extends LawOptions {
  /** How close values must be that were computed in another order: 4 ulp by default, 0 where all sums are exact. */
  readonly closeness?: Closeness
}

const metricOf = optionsOf<MetricOptions>({ ...lawMeanings, closeness: record })

/** The rows of two batches as one batch. */
const together = <B>(a: B, b: B): B =>
  tree.map((x: Tensor, y: Tensor) => np.concatenate([x, y]), a as unknown as Tensor, b as unknown as Tensor) as unknown as B

/**
 * Law: joining is associative and `empty` its unit; the summary of the rows of two batches says what the joined summaries say;
 * compiled, both say the same. Batches are trees of tensors whose first axis are the examples, of any lengths.
 */
export const metric = <B, S, V>(subject: metrics.Metric<B, S, V>, batches: Arbitrary<B>, options?: MetricOptions): void => {
  const { summary, monoid, value } = check('metric', 'subject', having('a metric', 'metrics.accuracy()', 'summary', 'value'), subject)
  check('metric', 'batches', arbitrary, batches)
  const { closeness = { ulp: 4 }, ...rest } = metricOf('metric', options)
  const compiled = jit(summary as (batch: unknown) => unknown) as (batch: B) => S
  const joined = jit(monoid.concat as (x: unknown, y: unknown) => unknown) as (x: S, y: S) => S
  const said = jit(value as (s: unknown) => unknown) as (s: S) => V
  forAll(
    'summaries are a monoid',
    fc.tuple(batches, batches, batches),
    (all) => all.map(showTree).join('\n'),
    ([a, b, c]) => {
      const [x, y, z] = [summary(a), summary(b), summary(c)]
      const { concat, empty } = monoid
      const same = (what: string, actual: S, expected: S): void => {
        expectSame(what, value(actual), value(expected), closeness)
      }
      same('(a b) c', concat(concat(x, y), z), concat(x, concat(y, z)))
      expectSame('empty a', concat(empty, x), x)
      expectSame('a empty', concat(x, empty), x)
      same('the summary of both', summary(together(a, b)), concat(x, y))
      same('the summary of all', summary(together(together(a, b), c)), concat(concat(x, y), z))
      same('the summary under jit', compiled(a), x)
      same('the join under jit', joined(x, y), concat(x, y))
      expectSame('the value under jit', said(x), value(x), closeness)
    },
    { numRuns: 30, ...rest },
  )
}
