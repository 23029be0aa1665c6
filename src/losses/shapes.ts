/** The shapes that a loss compares. */
import { fail, ShapeError } from '../core/errors.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import type { TensorLike } from '../numpy/lift.js'
import { alignFloats } from '../numpy/lift.js'

/** Two tensors of one shape and one float dtype. @throws ShapeError when the shapes differ: nothing is broadcast. */
export const pair = (name: string, predictions: TensorLike, targets: TensorLike): readonly [Tensor, Tensor] => {
  const shapes = [predictions, targets].map((x) => (typeof x === 'object' ? x.shape : []))
  if (!sameShape(shapes[0]!, shapes[1]!))
    fail(ShapeError, `${name}: predictions and targets differ in shape`, {
      args: Object.fromEntries(Object.entries({ predictions, targets }).filter((e): e is [string, Tensor] => typeof e[1] === 'object')),
      fix: 'np.reshape one of them: broadcasting [n,1] against [n] would compare every pair',
    })
  const [y, t] = alignFloats(name, [predictions, targets])
  return [y!, t!]
}
