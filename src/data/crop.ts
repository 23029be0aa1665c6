/** Parts of images. */
import { count, check, number, perAxis, positiveWhole } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { recordOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import type { TensorLike } from '../numpy/lift.js'
import { dynamicSlice } from '../numpy/lax.js'
import { pad } from '../numpy/rearrange.js'
import type { Key } from '../random/key.js'
import { checkKey, split } from '../random/key.js'
import { randint } from '../random/discrete.js'
import type { Size } from './resize.js'
import { heightAndWidth, imageSize } from './resize.js'

/** A rectangle of an image. */
export interface Box {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

const boxes = recordOf<Box>({ top: count, left: count, height: positiveWhole, width: positiveWhole }, ['top', 'left', 'height', 'width'])

const at = (x: Tensor, top: TensorLike, left: TensorLike, height: number, width: number): Tensor =>
  dynamicSlice(x, [...x.shape.slice(0, -2).map(() => 0), top, left], [...x.shape.slice(0, -2), height, width])

const tooSmall = (name: string, x: Tensor, height: number, width: number): never => {
  const [h, w] = imageSize(name, x)
  return fail(ShapeError, `${name}: a part of ${height} x ${width} does not fit into an image of ${h} x ${w}`, {
    args: { x },
    fix: 'a smaller part, or resize or padImages before',
  })
}

/**
 * A rectangle of each image.
 *
 * shapes: [..., h, w] -> [..., height, width]
 *
 * @throws ShapeError when the rectangle leaves the image; ValueError for sizes that are no positive integers.
 * @example
 * data.crop({ top: 1, left: 0, height: 1, width: 2 })(np.array([[1, 2, 3], [4, 5, 6]]))   // [[4, 5]]
 */
export const crop = (box: Box): ((x: Tensor) => Tensor) => {
  const { top, left, height, width } = boxes('crop', box)
  return (x) => {
    const [h, w] = imageSize('crop', x)
    return top + height > h || left + width > w
      ? fail(ShapeError, `crop: rows ${top} to ${top + height} and columns ${left} to ${left + width} leave an image of ${h} x ${w}`, {
          args: { x },
        })
      : at(x, top, left, height, width)
  }
}

/**
 * The middle of each image; when it cannot be exactly in the middle, the half pixel nearer to the top left, as in DeZero.
 *
 * shapes: [..., h, w] -> [..., height, width]
 *
 * @throws ShapeError when an image is smaller; ValueError for sizes that are no positive integers.
 * @example
 * data.centerCrop([1, 2])(np.array([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]))   // [[2, 3]]
 */
export const centerCrop = (size: Size): ((x: Tensor) => Tensor) => {
  const [height, width] = heightAndWidth('centerCrop', size)
  return (x) => {
    const [h, w] = imageSize('centerCrop', x)
    return h < height || w < width
      ? tooSmall('centerCrop', x, height, width)
      : at(x, Math.floor((h - height) / 2), Math.floor((w - width) / 2), height, width)
  }
}

/**
 * A random part of each image: the same place in all images of a batch; `perExample` gives each its own. With `padImages` before it,
 * the usual augmentation of small images.
 *
 * shapes: [..., h, w] -> [..., height, width]
 *
 * @throws ShapeError when an image is smaller; ValueError for sizes that are no positive integers.
 * @example
 * data.randomCrop(random.key(0), 2)(np.ones([3, 5, 5])).shape   // [3, 2, 2]
 */
export const randomCrop = (key: Key, size: Size): ((x: Tensor) => Tensor) => {
  const [height, width] = heightAndWidth('randomCrop', size)
  const [down, across] = split(checkKey('randomCrop', key))
  return (x) => {
    const [h, w] = imageSize('randomCrop', x)
    return h < height || w < width
      ? tooSmall('randomCrop', x, height, width)
      : at(x, randint(down, [], 0, h - height + 1), randint(across, [], 0, w - width + 1), height, width)
  }
}

/**
 * Images with a border of `value`.
 *
 * shapes: [..., h, w] -> [..., h + 2 * vertical, w + 2 * horizontal]
 *
 * @throws ShapeError for fewer than two axes; ValueError for a border that is no non-negative integer.
 * @example
 * data.padImages(1)(np.array([[5]]))        // [[0, 0, 0], [0, 5, 0], [0, 0, 0]]
 * data.padImages([0, 1])(np.array([[5]]))   // [[0, 5, 0]]
 */
export const padImages = (border: number | readonly [vertical: number, horizontal: number], value = 0): ((x: Tensor) => Tensor) => {
  check(
    'padImages',
    'border',
    {
      ...perAxis(count),
      says: 'a whole number from 0, or [vertical, horizontal] of them',
      accepts: (x) => count.accepts(x) || (Array.isArray(x) && x.length === 2 && x.every(count.accepts)),
    },
    border,
  )
  check('padImages', 'value', number, value)
  const [vertical, horizontal] = typeof border === 'number' ? ([border, border] as const) : border
  return (x) => {
    imageSize('padImages', x)
    const still = x.shape.slice(0, -2).map(() => [0, 0] as const)
    return pad(x, [...still, [vertical, vertical], [horizontal, horizontal]], { constantValues: value })
  }
}
