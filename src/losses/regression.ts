/** Losses of numbers by squares. */
import type { Tensor } from '../core/tensor.js'
import { square, sub } from '../numpy/arithmetic.js'
import type { TensorLike } from '../numpy/lift.js'
import type { ReductionOption } from './reduction.js'
import { finiteDifference, lossOf, reduce, reductionOf } from './reduction.js'
import { pair } from './shapes.js'

const squared = (y: Tensor, t: Tensor): Tensor => square(sub(y, t))

/**
 * `(predictions - targets)^2`, the mean over all elements: the divisor is the number of elements, whatever the shape
 * (NumPy, PyTorch, optax). For the mean over rows of the sum over columns see `meanSquaredErrorPerRow`.
 *
 * @throws ShapeError when the shapes differ; nothing is broadcast.
 * @example
 * losses.meanSquaredError(np.array([0, 1, 2]), np.array([0.5, -1, 2]))   // 1.4166666
 */
export const meanSquaredError = (predictions: TensorLike, targets: TensorLike, options: ReductionOption = {}): Tensor =>
  lossOf(
    'meanSquaredError',
    pair('meanSquaredError', { predictions, targets }),
    squared,
    reductionOf('meanSquaredError', options),
    finiteDifference,
  )

/**
 * The sum of all squared differences over the size of the first axis: the divisor is the number of rows (DeZero).
 *
 * @throws ShapeError when the shapes differ, and for scalars.
 */
export const meanSquaredErrorPerRow = (predictions: TensorLike, targets: TensorLike): Tensor =>
  reduce('meanSquaredErrorPerRow', square(sub(...pair('meanSquaredErrorPerRow', { predictions, targets }))), { reduction: 'batchMean' })
