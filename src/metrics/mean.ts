/** Means: of losses, and of errors. */
import { abs, sqrt, square, sub } from '../numpy/arithmetic.js'
import type { Tensor } from '../core/tensor.js'
import { cosineDistance } from '../losses/embedding.js'
import { pair } from '../losses/shapes.js'
import type { TensorLike } from '../numpy/lift.js'
import { check, record } from '../core/check.js'
import type { Metric } from './metric.js'
import { map, sums } from './metric.js'
import type { Total, WeightsOption } from './weigh.js'
import { meanOf, nothing, totalOf, weightsOf, wide } from './weigh.js'

/** Numbers to take the mean of. */
export interface Values extends WeightsOption {
  readonly values: TensorLike
}

/** What a model says, and what it should have said. */
export interface Predicted extends WeightsOption {
  readonly predictions: TensorLike
  readonly targets: TensorLike
}

/** A batch, which must be a record. */
export const checkBatch = <B>(name: string, batch: B): B =>
  check(name, 'a batch', { ...record, says: 'a record of predictions and targets (or values)', fix: '{ predictions, targets }' }, batch)

/** The weighted mean of what `values` gives for a batch. */
const meanBy = <B extends WeightsOption>(name: string, values: (batch: B) => Tensor): Metric<B, Total, Tensor> => ({
  summary: (batch) => {
    const all = values(checkBatch(name, batch))
    return totalOf(all, weightsOf(name, all.shape, batch.weights))
  },
  monoid: sums(nothing),
  value: meanOf,
})

/**
 * The mean of numbers, weighted if weights are given: `sum w v / sum w`. Of a batch that is a mean already, the weight is its size.
 *
 * shapes: values[...], weights[...] -> []
 *
 * @throws ShapeError when the weights do not fit.
 * @example
 * const batches = [{ values: np.array([1, 2, 3]) }, { values: np.array([6]) }]
 * metrics.evaluate(metrics.mean())(batches)   // 3
 */
export const mean = (): Metric<Values, Total, Tensor> => meanBy('mean', ({ values }) => wide(values, 'mean', 'values'))

/** Predictions and targets of one shape. @throws ShapeError when the shapes differ. */
export const numbers = (name: string, { predictions, targets }: Predicted): readonly [Tensor, Tensor] =>
  pair(name, { predictions: wide(predictions, name, 'predictions'), targets: wide(targets, name, 'targets') })

const difference = (name: string, batch: Predicted): Tensor => sub(...numbers(name, batch))

/**
 * The mean of `(prediction - target)^2` over all elements.
 *
 * shapes: predictions[...], targets[...] -> []
 *
 * @throws ShapeError when the shapes differ; nothing is broadcast.
 * @example
 * metrics.evaluate(metrics.meanSquaredError())([{ predictions: np.array([1, 2]), targets: np.array([1, 4]) }])   // 2
 */
export const meanSquaredError = (): Metric<Predicted, Total, Tensor> =>
  meanBy('meanSquaredError', (batch) => square(difference('meanSquaredError', batch)))

/** The root of `meanSquaredError`: in the unit of the targets. */
export const rootMeanSquaredError = (): Metric<Predicted, Total, Tensor> =>
  map((x: Tensor) => sqrt(x))(meanBy('rootMeanSquaredError', (batch) => square(difference('rootMeanSquaredError', batch))))

/**
 * The mean of `|prediction - target|` over all elements.
 *
 * shapes: predictions[...], targets[...] -> []
 *
 * @throws ShapeError when the shapes differ; nothing is broadcast.
 */
export const meanAbsoluteError = (): Metric<Predicted, Total, Tensor> =>
  meanBy('meanAbsoluteError', (batch) => abs(difference('meanAbsoluteError', batch)))

/**
 * The mean cosine of the angles between vectors along the last axis; 0 where one of them is zero.
 *
 * shapes: predictions[..., D], targets[..., D] -> []
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * const [predictions, targets] = [np.array([[1, 0], [1, 1]]), np.array([[0, 2], [2, 2]])]
 * metrics.evaluate(metrics.cosineSimilarity())([{ predictions, targets }])   // 0.5
 */
export const cosineSimilarity = (): Metric<Predicted, Total, Tensor> =>
  meanBy('cosineSimilarity', (batch) => sub(1, cosineDistance(...numbers('cosineSimilarity', batch), { reduction: 'none' })))
