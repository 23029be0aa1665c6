/** Losses of numbers. */
import { fail, ShapeError } from '../core/errors.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { div, square, sub } from '../numpy/arithmetic.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift } from '../numpy/lift.js'
import { sum } from '../numpy/reduce.js'
import type { ReductionOption } from './reduction.js'
import { reduce } from './reduction.js'

const difference = (name: string, predictions: TensorLike, targets: TensorLike): Tensor => {
  const [y, t] = [lift(predictions, name), lift(targets, name)]
  if (!sameShape(y.shape, t.shape))
    fail(ShapeError, `${name}: predictions and targets differ in shape`, {
      args: { predictions: y, targets: t },
      fix: 'np.reshape one of them: broadcasting [n,1] against [n] would compare every pair',
    })
  return sub(y, t)
}

/**
 * `(predictions - targets)^2`, the mean over all elements: the divisor is the number of elements, whatever the shape
 * (NumPy, PyTorch, optax). For the mean over rows of the sum over columns see `meanSquaredErrorPerRow`.
 *
 * @throws ShapeError when the shapes differ; nothing is broadcast.
 * @example
 * losses.meanSquaredError(np.array([0, 1, 2]), np.array([0.5, -1, 2]))   // 1.4166666
 */
export const meanSquaredError = (predictions: TensorLike, targets: TensorLike, { reduction = 'mean' }: ReductionOption = {}): Tensor =>
  reduce(square(difference('meanSquaredError', predictions, targets)), reduction)

/**
 * The sum of all squared differences over the size of the first axis: the divisor is the number of rows (DeZero).
 *
 * @throws ShapeError when the shapes differ, and for scalars.
 */
export const meanSquaredErrorPerRow = (predictions: TensorLike, targets: TensorLike): Tensor => {
  const d = difference('meanSquaredErrorPerRow', predictions, targets)
  if (d.ndim === 0) fail(ShapeError, 'meanSquaredErrorPerRow: scalars have no rows', { args: { predictions: d } })
  return div(sum(square(d)), d.shape[0]!)
}
