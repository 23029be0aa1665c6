/**
 * A metric is data: what a batch becomes, how two summaries become one, and what a summary says. Because summaries are joined and
 * values are not, batches of unequal length give what the whole data set would.
 */
import { concatAll } from 'fp-ts/lib/Monoid.js'
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import type { Meaning } from '../core/check.js'
import { check, record, refuse, traceable } from '../core/check.js'
import { jit } from '../control/jit.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import * as tree from '../tree/index.js'

/** A metric of batches `B`, with summaries `S` (trees of tensors) and values `V` (trees of tensors). All three functions are pure and trace. */
export interface Metric<B, S, V> {
  /** What is kept of a batch. */
  readonly summary: (batch: B) => S
  /** Joins the summaries of two batches into that of both together; `empty` is the summary of no batch, made anew when it is asked for. */
  readonly monoid: Monoid<S>
  /** What a summary says. */
  readonly value: (summary: S) => V
}

/** The batches of a metric. */
export type BatchOf<M> = M extends { readonly summary: (batch: infer B) => unknown } ? B : never
/** The summaries of a metric. */
export type SummaryOf<M> = M extends { readonly summary: (batch: never) => infer S } ? S : never
/** The values of a metric. */
export type ValueOf<M> = M extends { readonly value: (summary: never) => infer V } ? V : never

/** A metric. */
export const metrics: Meaning = {
  says: 'a metric',
  fix: 'metrics.accuracy(), called; metrics.struct({ ... }) of several',
  accepts: (x) => typeof x === 'object' && x !== null && 'summary' in x && typeof x.summary === 'function' && 'value' in x && 'monoid' in x,
}

const iterables: Meaning = {
  says: 'a list of batches, or what can be iterated',
  fix: '[batch], or data.batches(...)',
  accepts: () => false,
}

/** A monoid whose unit is made anew every time, so that it may be donated. */
export const monoidOf = <S>(empty: () => S, concat: (x: S, y: S) => S): Monoid<S> => ({
  get empty() {
    return empty()
  },
  concat,
})

/** Summaries that are sums: joined leaf by leaf. */
export const sums = <S>(empty: () => S): Monoid<S> =>
  monoidOf(empty, (x, y) => tree.map((a: Tensor, b: Tensor) => add(a, b), x as unknown as Tensor, y as unknown as Tensor) as unknown as S)

/**
 * The metric of other batches: `f` says what of them is measured.
 *
 * @example
 * const loss = pipe(metrics.mean(), metrics.contramap((batch: { loss: Tensor }) => ({ values: batch.loss })))
 * metrics.evaluate(loss)([{ loss: np.array([1, 2]) }, { loss: np.array([6]) }])   // 3
 */
export const contramap =
  <B, C>(f: (batch: C) => B) =>
  <S, V>(metric: Metric<B, S, V>): Metric<C, S, V> => {
    check('contramap', 'f', traceable, f)
    check('contramap', 'metric', metrics, metric)
    return { ...metric, summary: (batch) => metric.summary(f(batch)) }
  }

/**
 * The metric that says `f` of what another says.
 *
 * @example
 * const error = pipe(metrics.accuracy(), metrics.map((a) => np.sub(1, a)))
 * metrics.evaluate(error)([{ predictions: np.array([[0.1, 0.9]]), targets: np.array([0], { dtype: 'int32' }) }])   // 1
 */
export const map =
  <V, W>(f: (value: V) => W) =>
  <B, S>(metric: Metric<B, S, V>): Metric<B, S, W> => {
    check('map', 'f', traceable, f)
    check('map', 'metric', metrics, metric)
    return { ...metric, value: (summary) => f(metric.value(summary)) }
  }

/** A metric of some batches, summaries and values. */
export interface AnyMetric {
  /** What a batch says. */
  readonly summary: (batch: never) => unknown
  /** How summaries join. */
  readonly monoid: { readonly empty: unknown; readonly concat: (x: never, y: never) => unknown }
  /** What a summary comes to. */
  readonly value: (summary: never) => unknown
}

/** Metrics by name. */
export type Metrics = Readonly<Record<string, AnyMetric>>

/** Batches that suit all metrics of a record. */
export type BatchOfAll<M extends Metrics> = { [K in keyof M]: (batch: BatchOf<M[K]>) => void }[keyof M] extends (batch: infer B) => void
  ? B
  : never

type Each<M> = { readonly [K in keyof M]: Metric<unknown, unknown, unknown> }

const mapRecord = <M, W>(record: M, f: (entry: M[keyof M], key: keyof M) => W): { readonly [K in keyof M]: W } =>
  Object.fromEntries(Object.keys(record as object).map((key) => [key, f(record[key as keyof M], key as keyof M)])) as {
    readonly [K in keyof M]: W
  }

/**
 * A record of metrics as one metric of the same batches: a record of summaries, a record of values. Under `jit` what they have in
 * common is computed once.
 *
 * @example
 * const scores = metrics.struct({ accuracy: metrics.accuracy(), top2: metrics.topKAccuracy(2) })
 * const batch = { predictions: np.array([[1, 3, 2], [2, 1, 3]]), targets: np.array([1, 0], { dtype: 'int32' }) }
 * metrics.evaluate(scores)([batch])   // { accuracy: 0.5, top2: 1 }
 */
export const struct = <M extends Metrics>(
  parts: M,
): Metric<BatchOfAll<M>, { readonly [K in keyof M]: SummaryOf<M[K]> }, { readonly [K in keyof M]: ValueOf<M[K]> }> => {
  Object.entries(check('struct', 'parts', record, parts as unknown) as Metrics).forEach(([name, part]) =>
    check('struct', name, metrics, part),
  )
  type Summaries = { readonly [K in keyof M]: unknown }
  const each = parts as unknown as Each<M>
  const product: Metric<unknown, Summaries, unknown> = {
    summary: (batch) => mapRecord(each, (m) => m.summary(batch)),
    monoid: monoidOf<Summaries>(
      () => mapRecord(each, (m) => m.monoid.empty),
      (x, y) => mapRecord(each, (m, key) => m.monoid.concat(x[key], y[key])),
    ),
    value: (summary) => {
      const summaries = check('value', 'summary', record, summary)
      return mapRecord(each, (m, key) => m.value(summaries[key]))
    },
  }
  return product as never
}

/**
 * The value of a metric over batches of any lengths; that of no batch for none. The summary of a batch is compiled, once for all
 * calls of the function that this returns.
 *
 * @example
 * const accuracy = metrics.evaluate(metrics.accuracy())
 * const targets = np.array([1], { dtype: 'int32' })
 * accuracy([{ predictions: np.array([[0, 1]]), targets }, { predictions: np.array([[1, 0]]), targets }])   // 0.5
 */
export const evaluate = <B, S, V>(metric: Metric<B, S, V>): ((batches: Iterable<B>) => V) => {
  const { summary, monoid, value } = check('evaluate', 'metric', metrics, metric)
  const compiled = jit(summary) as (batch: B) => S
  return (batches) => {
    if (typeof batches !== 'object' || batches === null || !(Symbol.iterator in batches)) refuse('evaluate', 'batches', iterables, batches)
    return value(concatAll(monoid)(Array.from(batches, compiled)))
  }
}
