/** Images made larger or smaller. */
import { check, flag, oneOf, positiveWhole } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { array } from '../numpy/create.js'
import { lift, toFloat } from '../numpy/lift.js'
import { matmul } from '../numpy/matmul.js'
import { matrixTranspose } from '../numpy/shape.js'
import { take } from '../numpy/take.js'

/** Height and width, or one number for both. */
export type Size = number | readonly [height: number, width: number]

/** Options of `resize`. */
export interface ResizeOptions {
  /** `bilinear` (default): a weighted mean of the neighbours; `nearest`: the nearest pixel, dtype kept. */
  readonly method?: 'bilinear' | 'nearest'
  /** When an image becomes smaller, average over everything a new pixel covers (default), instead of over its four neighbours. */
  readonly antialias?: boolean
}

const sizes = {
  says: 'a whole number from 1, or [height, width] of them',
  fix: '32, or [32, 48]',
  accepts: (x: unknown): boolean =>
    positiveWhole.accepts(x) || (Array.isArray(x) && x.length === 2 && x.every((n) => positiveWhole.accepts(n))),
}

const resizeOf = optionsOf<ResizeOptions>({ method: oneOf('bilinear', 'nearest'), antialias: flag })

/** Height and width of `size`; `name` is the function that errors speak of. */
export const heightAndWidth = (name: string, size: Size): readonly [height: number, width: number] => {
  check(name, 'size', sizes, size)
  return typeof size === 'number' ? [size, size] : size
}

/** The last two axes of an image or a batch of images. */
export const imageSize = (name: string, image: Tensor): readonly [height: number, width: number] => {
  const x = lift(image, name)
  return x.ndim < 2
    ? fail(ShapeError, `${name}: an image has at least a height and a width`, { args: { x }, fix: 'images of shape [..., height, width]' })
    : [x.shape[x.ndim - 2]!, x.shape[x.ndim - 1]!]
}

/** The place of each of `to` new pixels on a line of `from` old ones: centres fall on centres. */
const centre = (i: number, from: number, to: number): number => (i + 0.5) * (from / to) - 0.5

/** Weights `[to, from]` of a triangle around each new centre, as wide as a new pixel (or an old one, whichever is wider); rows sum to 1. */
const triangle = (from: number, to: number, antialias: boolean): readonly (readonly number[])[] => {
  const width = antialias ? Math.max(from / to, 1) : 1
  return range(to).map((i) => {
    const at = centre(i, from, to)
    const weights = range(from).map((j) => Math.max(0, 1 - Math.abs(j - at) / width))
    const sum = weights.reduce((a, b) => a + b, 0)
    return weights.map((w) => w / sum)
  })
}

/**
 * Images of another size: with centres on centres, as `jax.image.resize` and PIL do (PIL rounds to bytes in between). Bilinear
 * gives floats; it is a product with one matrix per axis, so it can be differentiated and compiled.
 *
 * shapes: [..., h, w] -> [..., height, width]
 *
 * @throws ShapeError for fewer than two axes or an empty image; ValueError for sizes that are no positive integers.
 * @example
 * data.resize([1, 2])(np.array([[1, 3, 5, 7]]))                           // [[2.428571, 5.571429]]
 * data.resize([1, 2], { antialias: false })(np.array([[1, 3, 5, 7]]))     // [[2, 6]]
 * data.resize([1, 2], { method: 'nearest' })(np.array([[1, 3, 5, 7]]))    // [[3, 7]]
 */
export const resize = (size: Size, options: ResizeOptions = {}): ((x: Tensor) => Tensor) => {
  const { method = 'bilinear', antialias = true } = resizeOf('resize', options)
  const [height, width] = heightAndWidth('resize', size)
  return (x) => {
    const [h, w] = imageSize('resize', x)
    if (h === 0 || w === 0) fail(ShapeError, 'resize: an empty image has no pixels to choose from', { args: { x } })
    if (method === 'nearest') {
      const places = (from: number, to: number): Tensor =>
        array(Int32Array.from(range(to), (i) => Math.floor(((2 * i + 1) * from) / (2 * to))))
      return take(take(x, places(h, height), { axis: -2 }), places(w, width), { axis: -1 })
    }
    const pixels = toFloat(x, 'resize')
    const weights = (from: number, to: number): Tensor => array(triangle(from, to, antialias), { dtype: pixels.dtype })
    const tall = h === height ? pixels : matmul(weights(h, height), pixels)
    return w === width ? tall : matmul(tall, matrixTranspose(weights(w, width)))
  }
}
