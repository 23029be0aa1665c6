/** How probable a model finds what happens. */
import { check, oneOf, positiveWhole } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { abs, mul, sub } from '../numpy/arithmetic.js'
import { at } from '../numpy/at.js'
import { equal, where } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import { exp } from '../numpy/exponential.js'
import { argmax, max, sum } from '../numpy/reduce.js'
import { clip, floor } from '../numpy/rounding.js'
import { ravel } from '../numpy/shape.js'
import { softmaxCrossEntropy } from '../losses/classification.js'
import { toFloat } from '../numpy/lift.js'
import { softmax } from '../nn/softmax.js'
import { classified, outside, scoredClasses } from './classes.js'
import type { Predicted } from './mean.js'
import type { Metric } from './metric.js'
import { map, sums } from './metric.js'
import type { Total } from './weigh.js'
import { meanOf, nothing, ratio, summaryOf, totalOf, weighed, wide, zero } from './weigh.js'

/**
 * `exp` of the mean of `-log softmax(logits)[target]` over all tokens of all batches: as many equally probable tokens as leave one as
 * uncertain. K for a model that knows nothing. Targets below 0 and tokens of weight 0 are padding; a target that is no token makes it NaN.
 *
 * shapes: predictions (logits) [..., K], targets int[...], weights[...] -> []
 *
 * @throws ShapeError when logits, targets and weights do not fit; DTypeError for float targets.
 * @example
 * const targets = np.array([[3, 1, -1]], { dtype: 'int32' })
 * metrics.evaluate(metrics.perplexity())([{ predictions: np.zeros([1, 3, 10]), targets }])   // 10
 */
export const perplexity = (): Metric<Predicted, Total, Tensor> =>
  map((x: Tensor) => exp(x))({
    summary: (batch: Predicted): Total => {
      const { predictions, targets, weights } = classified('perplexity', batch)
      const tokens = scoredClasses('perplexity', predictions, targets)
      const cost = softmaxCrossEntropy(astype(predictions, 'float64'), clip(targets, 0, Math.max(0, tokens - 1)), { reduction: 'none' })
      return totalOf(where(outside(targets, tokens), NaN, cost), weights)
    },
    monoid: sums(nothing),
    value: meanOf,
  })

/** What a calibration error needs of examples, per bin of confidence: float64[bins]. */
export interface Bins {
  readonly weight: Tensor
  readonly confidence: Tensor
  readonly right: Tensor
}

/** Options of `calibrationError`. */
export interface CalibrationOptions {
  /** Bins of equal width between 0 and 1; 15. */
  readonly bins?: number
  /** What predictions are: `logits` (default), or `probabilities`. */
  readonly from?: 'logits' | 'probabilities'
}

const calibrations = optionsOf<CalibrationOptions>({ bins: positiveWhole, from: oneOf('logits', 'probabilities') })

const binsMeaning = summaryOf('weight', 'confidence', 'right')

/**
 * The expected calibration error: how far the probability that a classifier gives to its answer is from how often it is right, in
 * bins of that probability, weighted by the examples in each.
 *
 * shapes: predictions[..., K], targets int[...] -> []
 *
 * @throws ShapeError when predictions, targets and weights do not fit; DTypeError for float targets; ValueError unless `bins` is a
 * positive integer.
 * @see https://arxiv.org/abs/1706.04599 Guo et al., On Calibration of Modern Neural Networks
 * @example
 * const [predictions, targets] = [np.array([[0.75, 0.25], [0.75, 0.25]]), np.array([0, 1], { dtype: 'int32' })]
 * metrics.evaluate(metrics.calibrationError({ from: 'probabilities' }))([{ predictions, targets }])   // 0.25
 */
export const calibrationError = (options: CalibrationOptions = {}): Metric<Predicted, Bins, Tensor> => {
  const name = 'calibrationError'
  const { bins = 15, from = 'logits' } = calibrations(name, options)
  const none = (): Tensor => zero([bins])
  return {
    summary: (batch) => {
      const { predictions, targets, weights } = classified(name, batch)
      const classes = scoredClasses(name, predictions, targets)
      const scores = toFloat(predictions, name, 'predictions')
      const confidence = wide(max(from === 'logits' ? softmax(scores) : scores, { axis: -1 }), name)
      const right = where(outside(targets, classes), NaN, astype(equal(argmax(scores, { axis: -1 }), targets), 'float64'))
      const bin = ravel(clip(astype(floor(mul(where(equal(weights, 0), 0, confidence), bins)), 'int32'), 0, bins - 1))
      const spread = (x: Tensor): Tensor => at(none(), bin).add(ravel(x))
      return { weight: spread(weights), confidence: spread(weighed(confidence, weights)), right: spread(weighed(right, weights)) }
    },
    monoid: sums(() => ({ weight: none(), confidence: none(), right: none() })),
    value: (summary) => {
      const { weight, confidence, right } = check('value', 'summary', binsMeaning, summary)
      const total = sum(weight)
      return where(equal(total, 0), NaN, ratio(sum(abs(sub(confidence, right))), total))
    },
  }
}
