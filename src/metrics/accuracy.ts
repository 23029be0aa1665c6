/** How often a classifier is right. */
import { check, positiveWhole } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import { equal, greater, isnan, less, logicalAnd, logicalNot, where } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import { arange } from '../numpy/ranges.js'
import { clip } from '../numpy/rounding.js'
import { sum } from '../numpy/reduce.js'
import { expandDims } from '../numpy/shape.js'
import { takeAlongAxis } from '../numpy/take.js'
import type { Classified, ThresholdOption } from './classes.js'
import { classified, guesses, outside, scoredClasses, thresholds } from './classes.js'
import type { Predicted } from './mean.js'
import type { Metric } from './metric.js'
import { sums } from './metric.js'
import type { Total } from './weigh.js'
import { meanOf, nothing, totalOf } from './weigh.js'

/** Whether the target is among the `k` classes with the largest scores; of equal scores the earlier class counts as larger. */
const among = (name: string, { predictions, targets }: Classified, k: number): Tensor => {
  const classes = scoredClasses(name, predictions, targets)
  if (k > classes) fail(ShapeError, `${name}: the best ${k} of ${classes} classes`, { args: { predictions } })
  const place = expandDims(clip(targets, 0, Math.max(0, classes - 1)), -1)
  const score = takeAlongAxis(predictions, place, { axis: -1 })
  const before = logicalAnd(equal(predictions, score), less(arange(classes, { dtype: 'int32' }), place))
  const rank = add(count(greater(predictions, score)), count(before))
  const found = logicalAnd(less(rank, k), logicalNot(isnan(sum(score, { axis: -1 }))))
  return where(outside(targets, classes), NaN, astype(found, 'float64'))
}

const count = (x: Tensor): Tensor => sum(astype(x, 'int32'), { axis: -1 })

const rate = (hits: (examples: Classified) => Tensor, name: string): Metric<Predicted, Total, Tensor> => ({
  summary: (batch) => {
    const examples = classified(name, batch)
    return totalOf(hits(examples), examples.weights)
  },
  monoid: sums(nothing),
  value: meanOf,
})

const thresholdOf = optionsOf<ThresholdOption>(thresholds)

/**
 * The fraction of examples whose class is the target: the class with the largest score, the first among equals, or the one above
 * the threshold where there is one score, or a class number. Targets below 0 are left out; a target that is no class makes it NaN.
 *
 * shapes: predictions[..., K] or [...], targets int[...] -> []
 *
 * @throws ShapeError when predictions, targets and weights do not fit; DTypeError for float targets.
 * @example
 * const targets = np.array([1, 1, -1], { dtype: 'int32' })
 * metrics.evaluate(metrics.accuracy())([{ predictions: np.array([[0.1, 0.9], [0.8, 0.2], [0, 1]]), targets }])   // 0.5
 */
export const accuracy = (given: ThresholdOption = {}): Metric<Predicted, Total, Tensor> => {
  const options = thresholdOf('accuracy', given)
  return rate(
    (examples) =>
      sameShape(examples.predictions.shape, examples.targets.shape)
        ? astype(equal(guesses('accuracy', examples, options), examples.targets), 'float64')
        : among('accuracy', examples, 1),
    'accuracy',
  )
}

/**
 * The fraction of examples whose target is among the `k` classes with the largest scores; with `k` 1, the accuracy. Targets below 0
 * are left out; a target that is no class makes it NaN.
 *
 * shapes: predictions[..., K], targets int[...] -> []
 *
 * @throws ShapeError when predictions, targets and weights do not fit, or there are fewer than `k` classes; DTypeError for float
 * targets; ValueError unless `k` is a positive integer.
 * @example
 * const [predictions, targets] = [np.array([[1, 3, 2], [3, 2, 1]]), np.array([2, 2], { dtype: 'int32' })]
 * metrics.evaluate(metrics.topKAccuracy(2))([{ predictions, targets }])   // 0.5
 */
export const topKAccuracy = (k: number): Metric<Predicted, Total, Tensor> => {
  check('topKAccuracy', 'k', positiveWhole, k)
  return rate((examples) => among('topKAccuracy', examples, k), 'topKAccuracy')
}
