/** Which class is taken for which, and what follows from it. */
import { check, oneOf, positive, positiveWhole, tensor } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, recordOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, sub } from '../numpy/arithmetic.js'
import { equal, greater, logicalAnd, notEqual, where } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import { at } from '../numpy/at.js'
import { diagonal } from '../numpy/diagonal.js'
import { index } from '../numpy/index.js'
import { sum } from '../numpy/reduce.js'
import { clip } from '../numpy/rounding.js'
import { ravel, reshape } from '../numpy/shape.js'
import type { ThresholdOption } from './classes.js'
import { classified, guesses, outside, thresholds } from './classes.js'
import type { Predicted } from './mean.js'
import type { Metric } from './metric.js'
import { map, sums } from './metric.js'
import { ratio, zero } from './weigh.js'

/** Options of metrics that tell classes apart. */
export interface ClassesOption extends ThresholdOption {
  /** The number of classes. */
  readonly classes: number
}

const classMeanings: Meanings<ClassesOption> = meaningsOf(thresholds, { classes: positiveWhole })
const classesOf = recordOf<ClassesOption>(classMeanings, ['classes'])

const matrix = (name: string, { classes: k, ...threshold }: ClassesOption): Metric<Predicted, Tensor, Tensor> => {
  return {
    summary: (batch) => {
      const examples = classified(name, batch)
      const { targets, weights } = examples
      const guess = guesses(name, examples, threshold)
      const counted = notEqual(weights, 0)
      const bad = add(astype(outside(targets, k), 'int32'), astype(outside(guess, k), 'int32'))
      const amount = where(logicalAnd(counted, greater(bad, 0)), NaN, weights)
      const cell = add(mul(clip(targets, 0, k - 1), k), clip(guess, 0, k - 1))
      return reshape(at(zero([k * k]), ravel(cell)).add(ravel(amount)), [k, k])
    },
    monoid: sums(() => zero([k, k])),
    value: (m) => check('value', 'summary', tensor, m),
  }
}

/**
 * How often class `i` was taken for class `j`, at row `i` and column `j`: float64[K, K], weighted if weights are given. What counts
 * as the class that was said is as in `accuracy`. Targets below 0 are left out; a number that is no class makes its cell NaN.
 *
 * shapes: predictions[..., K] or [...], targets int[...] -> [K, K]
 *
 * @throws ShapeError when predictions, targets and weights do not fit; DTypeError for float targets; ValueError unless `classes` is a
 * positive integer.
 * @example
 * const int = (x: number[]) => np.array(x, { dtype: 'int32' })
 * const batches = [{ predictions: int([0, 1, 1]), targets: int([0, 0, 1]) }, { predictions: int([1]), targets: int([1]) }]
 * metrics.evaluate(metrics.confusionMatrix({ classes: 2 }))(batches)   // [[1, 1], [0, 2]]
 */
export const confusionMatrix = (options: ClassesOption): Metric<Predicted, Tensor, Tensor> =>
  matrix('confusionMatrix', classesOf('confusionMatrix', options))

/**
 * How numbers per class become one: `macro`, the mean over the classes that occur among targets or predictions; `micro`, from the
 * counts of all classes together; `weighted`, the mean weighted by how often each class is a target; `binary`, that of class 1 of
 * two; `none`, one number per class.
 */
export type Average = 'macro' | 'micro' | 'weighted' | 'binary' | 'none'

/** Options of `precision`, `recall` and `fScore`. */
export interface AverageOption extends ClassesOption {
  /** `macro` by default. */
  readonly average?: Average
}

/** Options of `fScore`. */
export interface FScoreOptions extends AverageOption {
  /** How many times as much recall counts as precision; 1. */
  readonly beta?: number
}

const averageMeanings: Meanings<AverageOption> = meaningsOf(classMeanings, {
  average: oneOf('macro', 'micro', 'weighted', 'binary', 'none'),
})
const averageOf = recordOf<AverageOption>(averageMeanings, ['classes'])
const fScoreOf = recordOf<FScoreOptions>(
  meaningsOf(averageMeanings, { beta: { ...positive, accepts: (x: unknown) => typeof x === 'number' && x > 0 && x < Infinity } }),
  ['classes'],
)

/** Counts per class, or of all together: right ones, those that were said, those that were meant. */
interface Counts {
  readonly right: Tensor
  readonly said: Tensor
  readonly meant: Tensor
}

const countsOf = (m: Tensor): Counts => ({ right: diagonal(m), said: sum(m, { axis: 0 }), meant: sum(m, { axis: 1 }) })

const together = ({ right, said, meant }: Counts): Counts => ({ right: sum(right), said: sum(said), meant: sum(meant) })

/** One number of `score`, a number per class, averaged as asked. */
const averaged = (average: Average, m: Tensor, score: (counts: Counts) => Tensor): Tensor => {
  const counts = countsOf(m)
  const mean = (weights: Tensor): Tensor => ratio(sum(mul(weights, score(counts))), sum(weights))
  switch (average) {
    case 'none':
      return score(counts)
    case 'binary':
      return index(score(counts), 1)
    case 'micro':
      return score(together(counts))
    case 'weighted':
      return mean(counts.meant)
    case 'macro':
      return mean(sub(1, astype(logicalAnd(equal(counts.said, 0), equal(counts.meant, 0)), 'float64')))
  }
}

const scored = (
  name: string,
  { average = 'macro', ...options }: AverageOption,
  score: (counts: Counts) => Tensor,
): Metric<Predicted, Tensor, Tensor> => {
  if (average === 'binary' && options.classes !== 2)
    fail(ValueError, `${name}: the average 'binary' is of 2 classes, got ${options.classes}`)
  return map((m: Tensor) => averaged(average, m, score))(matrix(name, options))
}

/**
 * Of what was said to be of a class, the fraction that is: `right / said`; 0 where a class was never said.
 *
 * shapes: predictions[..., K] or [...], targets int[...] -> [], or [K] with average `none`
 *
 * @throws as `confusionMatrix`; ValueError for an unknown average, and for `binary` unless there are two classes.
 * @example
 * const int = (x: number[]) => np.array(x, { dtype: 'int32' })
 * const batch = { predictions: int([0, 1, 1, 1]), targets: int([0, 0, 1, 1]) }
 * metrics.evaluate(metrics.precision({ classes: 2, average: 'none' }))([batch])   // [1, 0.6666667]
 */
export const precision = (options: AverageOption): Metric<Predicted, Tensor, Tensor> =>
  scored('precision', averageOf('precision', options), ({ right, said }) => ratio(right, said))

/**
 * Of what is of a class, the fraction that was said to be: `right / meant`; 0 where a class never occurs.
 *
 * shapes: predictions[..., K] or [...], targets int[...] -> [], or [K] with average `none`
 *
 * @throws as `precision`.
 * @example
 * const int = (x: number[]) => np.array(x, { dtype: 'int32' })
 * const batch = { predictions: int([0, 1, 1, 1]), targets: int([0, 0, 1, 1]) }
 * metrics.evaluate(metrics.recall({ classes: 2, average: 'none' }))([batch])   // [0.5, 1]
 */
export const recall = (options: AverageOption): Metric<Predicted, Tensor, Tensor> =>
  scored('recall', averageOf('recall', options), ({ right, meant }) => ratio(right, meant))

/**
 * The weighted harmonic mean of precision and recall, `(1 + beta^2) right / (said + beta^2 meant)`: F1 with `beta` 1.
 *
 * shapes: predictions[..., K] or [...], targets int[...] -> [], or [K] with average `none`
 *
 * @throws as `precision`; ValueError unless `beta` is positive.
 * @example
 * const int = (x: number[]) => np.array(x, { dtype: 'int32' })
 * const batch = { predictions: int([0, 1, 1, 1]), targets: int([0, 0, 1, 1]) }
 * metrics.evaluate(metrics.fScore({ classes: 2, average: 'binary' }))([batch])   // 0.8
 */
export const fScore = (given: FScoreOptions): Metric<Predicted, Tensor, Tensor> => {
  const { beta = 1, ...options } = fScoreOf('fScore', given)
  const b = beta * beta
  return scored('fScore', options, ({ right, said, meant }) => ratio(mul(1 + b, right), add(said, mul(b, meant))))
}
