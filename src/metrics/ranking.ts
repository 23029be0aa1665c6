/** How well scores put what is of a class above what is not: of stored scores exactly, or of bins in memory that does not grow. */
import { check, finite, listOf, positiveWhole } from '../core/check.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, mul, sub } from '../numpy/arithmetic.js'
import { equal, greater, isnan, logicalAnd, logicalOr, notEqual, where } from '../numpy/comparison.js'
import { array, astype } from '../numpy/create.js'
import { at } from '../numpy/at.js'
import { cummax, cummin, cumsum } from '../numpy/cumulative.js'
import { concatenate } from '../numpy/join.js'
import { index } from '../numpy/index.js'
import { any, sum } from '../numpy/reduce.js'
import { clip, floor } from '../numpy/rounding.js'
import { ravel } from '../numpy/shape.js'
import { argsort } from '../numpy/sort.js'
import { take } from '../numpy/take.js'
import { classified } from './classes.js'
import type { Predicted } from './mean.js'
import type { Metric } from './metric.js'
import { monoidOf, sums } from './metric.js'
import { summariesOf, summaryOf, wide, zero } from './weigh.js'

/** The scores of a batch, and the weights of its examples: those of class 1 and those of class 0; float64[n]. */
export interface Scores {
  readonly scores: Tensor
  readonly positive: Tensor
  readonly negative: Tensor
}

/** Scores of class 1 with targets 0 and 1. @throws ShapeError when they differ in shape. */
const scoresOf = (name: string, batch: Predicted): Scores => {
  const { predictions, targets, weights } = classified(name, batch)
  if (!sameShape(predictions.shape, targets.shape))
    fail(ShapeError, `${name}: scores of shape [${predictions.shape.join(',')}], targets of shape [${targets.shape.join(',')}]`, {
      args: { predictions, targets },
      fix: 'one score of class 1 per example: of two classes, np.index(x, "...", 1)',
    })
  const strange = greater(targets, 1)
  const of = (k: number): Tensor => ravel(where(strange, NaN, where(equal(targets, k), weights, 0)))
  return { scores: ravel(wide(predictions, name, 'predictions')), positive: of(1), negative: of(0) }
}

const lists = summariesOf('scores', 'positive', 'negative')

/** Batches one after the other: nothing is lost, so the value is exact, and the summary as long as the data. */
const stored = (name: string, value: (all: Scores) => Tensor): Metric<Predicted, readonly Scores[], Tensor> => ({
  summary: (batch) => [scoresOf(name, batch)],
  monoid: monoidOf<readonly Scores[]>(
    () => [],
    (x, y) => [...x, ...y],
  ),
  value: (summary) => {
    const batches = check('value', 'summary', lists, summary)
    const all = (part: keyof Scores): Tensor => concatenate([zero([0]), ...batches.map((b) => b[part])])
    return value({ scores: all('scores'), positive: all('positive'), negative: all('negative') })
  },
})

/** By falling score: the weights, and of each example what lies above its score, and at it or above. */
interface Ranked {
  readonly positive: Tensor
  readonly negative: Tensor
  /** The total of `x` with scores higher than each, and with scores at least as high. */
  readonly around: (x: Tensor) => readonly [above: Tensor, upTo: Tensor]
}

const ranked = ({ scores, positive, negative }: Scores): Ranked => {
  const order = argsort(scores, { descending: true })
  const sorted = take(scores, order)
  const changes = notEqual(index(sorted, '1:'), index(sorted, ':-1'))
  const edge = array([true])
  const [starts, ends] = [concatenate([edge, changes]), concatenate([changes, edge])]
  return {
    positive: take(positive, order),
    negative: take(negative, order),
    around: (x) => {
      const upTo = cumsum(x)
      return [cummax(where(starts, sub(upTo, x), 0)), cummin(where(ends, upTo, Infinity), { reverse: true })]
    },
  }
}

/** NaN where there are not both kinds, or a score is none. */
const defined = ({ scores, positive, negative }: Scores, value: Tensor): Tensor => {
  const counted = logicalOr(notEqual(positive, 0), notEqual(negative, 0))
  return where(any(logicalAnd(counted, isnan(scores))), NaN, value)
}

/**
 * The area under the receiver operating characteristic: the probability that an example of class 1 has a higher score than one of
 * class 0, ties counting half. Exact: the summary keeps all scores. Targets are 0 and 1, below 0 left out. NaN unless there are both.
 *
 * shapes: predictions (scores, of any scale) [...], targets int[...] -> []
 *
 * @throws ShapeError when the shapes differ; DTypeError for float targets.
 * @see https://doi.org/10.1148/radiology.143.1.7063747 Hanley and McNeil, The Meaning and Use of the Area under a ROC Curve
 * @example
 * const [predictions, targets] = [np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], { dtype: 'int32' })]
 * metrics.evaluate(metrics.rocAuc())([{ predictions, targets }])   // 0.75
 */
export const rocAuc = (): Metric<Predicted, readonly Scores[], Tensor> =>
  stored('rocAuc', (all) => {
    if (all.scores.size === 0) return array(NaN, { dtype: 'float64' })
    const { positive, negative, around } = ranked(all)
    const [above, upTo] = around(positive)
    const won = sum(mul(negative, mul(0.5, add(above, upTo))))
    return defined(all, div(won, mul(sum(positive), sum(negative))))
  })

/**
 * The average precision: the precision at the score of each example of class 1, averaged over these; the area under the curve of
 * precision over recall, without interpolation. Exact: the summary keeps all scores. NaN without examples of class 1.
 *
 * shapes: predictions (scores, of any scale) [...], targets int[...] -> []
 *
 * @throws ShapeError when the shapes differ; DTypeError for float targets.
 * @example
 * const [predictions, targets] = [np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], { dtype: 'int32' })]
 * metrics.evaluate(metrics.averagePrecision())([{ predictions, targets }])   // 0.8333333
 */
export const averagePrecision = (): Metric<Predicted, readonly Scores[], Tensor> =>
  stored('averagePrecision', (all) => {
    if (all.scores.size === 0) return array(NaN, { dtype: 'float64' })
    const { positive, negative, around } = ranked(all)
    const [, right] = around(positive)
    const [, said] = around(add(positive, negative))
    const precision = where(equal(said, 0), 0, div(right, where(equal(said, 0), 1, said)))
    return defined(all, div(sum(mul(positive, precision)), sum(positive)))
  })

/** Weights per bin of scores, float64[bins], the lowest scores first. */
export interface BinnedScores {
  readonly positive: Tensor
  readonly negative: Tensor
}

/** Options of `binnedRocAuc`. */
export interface BinnedOptions {
  /** Bins of equal width; 1000. */
  readonly bins?: number
  /** Where the bins lie: scores from 0 to 1 by default. What is outside counts to the first or the last. */
  readonly range?: readonly [number, number]
}

const counts = summaryOf('positive', 'negative')

const binned = optionsOf<BinnedOptions>({ bins: positiveWhole, range: listOf(finite, 2) })

/**
 * `rocAuc` of scores rounded to bins: those of one bin are ties. The summary has one size, so it may be carried through `scan`; the
 * value is off by at most half the sum over bins of the fraction of each class in it, `1/2 sum p_i n_i`.
 *
 * shapes: predictions (scores) [...], targets int[...] -> []
 *
 * @throws ShapeError when the shapes differ; DTypeError for float targets; ValueError unless `bins` is a positive integer and `range`
 * an interval.
 * @example
 * const [predictions, targets] = [np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1], { dtype: 'int32' })]
 * metrics.evaluate(metrics.binnedRocAuc({ bins: 100 }))([{ predictions, targets }])   // 0.75
 */
export const binnedRocAuc = (options: BinnedOptions = {}): Metric<Predicted, BinnedScores, Tensor> => {
  const { bins = 1000, range: [low, high] = [0, 1] } = binned('binnedRocAuc', options)
  if (!(high > low && Number.isFinite(high - low))) fail(ValueError, `binnedRocAuc: range must be an interval, got [${low}, ${high}]`)
  return {
    summary: (batch) => {
      const { scores, positive, negative } = scoresOf('binnedRocAuc', batch)
      const lost = isnan(scores)
      const place = clip(floor(mul(sub(where(lost, low, scores), low), bins / (high - low))), 0, bins - 1)
      const spread = (x: Tensor): Tensor => at(zero([bins]), astype(place, 'int32')).add(where(logicalAnd(lost, notEqual(x, 0)), NaN, x))
      return { positive: spread(positive), negative: spread(negative) }
    },
    monoid: sums(() => ({ positive: zero([bins]), negative: zero([bins]) })),
    value: (summary) => {
      const { positive, negative } = check('value', 'summary', counts, summary)
      const won = sum(mul(positive, sub(cumsum(negative), mul(0.5, negative))))
      return div(won, mul(sum(positive), sum(negative)))
    },
  }
}
