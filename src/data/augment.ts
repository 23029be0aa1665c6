/** Images turned over, by choice or by chance, and randomness of its own for every example. */
import { check, probability, tensor, traceable } from '../core/check.js'
import type { Tensor } from '../core/tensor.js'
import { where } from '../numpy/comparison.js'
import { flip } from '../numpy/rearrange.js'
import { bernoulli } from '../random/draw.js'
import type { Key } from '../random/key.js'
import { checkKey, split } from '../random/key.js'
import { vmap } from '../transforms/vmap.js'
import { imageSize } from './resize.js'

/**
 * Left and right exchanged.
 *
 * shapes: [..., h, w] -> [..., h, w]
 *
 * @throws ShapeError for fewer than two axes.
 * @example
 * data.flipHorizontal(np.array([[1, 2], [3, 4]]))   // [[2, 1], [4, 3]]
 */
export const flipHorizontal = (x: Tensor): Tensor => {
  imageSize('flipHorizontal', x)
  return flip(x, { axis: -1 })
}

/**
 * Top and bottom exchanged.
 *
 * shapes: [..., h, w] -> [..., h, w]
 *
 * @throws ShapeError for fewer than two axes.
 * @example
 * data.flipVertical(np.array([[1, 2], [3, 4]]))   // [[3, 4], [1, 2]]
 */
export const flipVertical = (x: Tensor): Tensor => {
  imageSize('flipVertical', x)
  return flip(x, { axis: -2 })
}

/**
 * `f` of the input with probability `p`, else the input as it is: the same for all images of a batch; `perExample` tosses for each.
 *
 * @throws ShapeError when `f` changes the shape in a way that does not broadcast.
 * @example
 * data.randomly(random.key(0), data.flipHorizontal, 1)(np.array([[1, 2]]))   // [[2, 1]]
 */
export const randomly = (key: Key, f: (x: Tensor) => Tensor, p = 0.5): ((x: Tensor) => Tensor) => {
  checkKey('randomly', key)
  check('randomly', 'f', traceable, f)
  check('randomly', 'p', probability, p)
  return (x) => where(bernoulli(key, p), f(x), x)
}

/**
 * A random transform with a key of its own for every example on the first axis.
 *
 * @example
 * const augment = (key: Tensor) => flow(data.randomly(key, data.flipHorizontal), data.randomCrop(random.foldIn(key, 1), 24))
 * data.perExample(augment)(random.key(0))(np.zeros([8, 3, 28, 28])).shape   // [8, 3, 24, 24]
 */
export const perExample = (transform: (key: Key) => (x: Tensor) => Tensor): ((key: Key) => (x: Tensor) => Tensor) => {
  check('perExample', 'transform', traceable, transform)
  return (key) => (x) => {
    check('perExample', 'x', tensor, x)
    return vmap((k: Tensor, one: Tensor) => transform(k)(one))(split(key, [x.shape[0]!]), x)
  }
}
