/** Colours of images `[..., 3, height, width]`, red first, from 0 to 1. */
import { check, nonNegativeScalar, probability, record } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, sub } from '../numpy/arithmetic.js'
import { array } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift, toFloat } from '../numpy/lift.js'
import { mean, sum } from '../numpy/reduce.js'
import { clip } from '../numpy/rounding.js'
import { moveaxis } from '../numpy/shape.js'
import { flip } from '../numpy/rearrange.js'
import { uniform } from '../random/bits.js'
import type { Key } from '../random/key.js'
import { checkKey, split } from '../random/key.js'

/** How bright red, green and blue look: the luma of ITU-R 601, as in PIL's `convert('L')`. */
const luma = [0.299, 0.587, 0.114]

const checkColours = (name: string, image: Tensor): Tensor => {
  const x = lift(image, name)
  return x.ndim >= 3 && x.shape[x.ndim - 3] === 3
    ? x
    : fail(ShapeError, `${name}: needs three colours on the axis before height and width`, {
        args: { x },
        fix: 'images of shape [..., 3, height, width]; toChannelsFirst when colours are last',
      })
}

/**
 * Images without colour, on one channel: 0.299 red + 0.587 green + 0.114 blue.
 *
 * shapes: [..., 3, h, w] -> [..., 1, h, w]
 *
 * @throws ShapeError unless the axis before height and width is 3.
 * @example
 * data.toGray(np.ones([3, 4, 4])).shape   // [1, 4, 4]
 */
export const toGray = (x: Tensor): Tensor => {
  const pixels = toFloat(checkColours('toGray', x), 'toGray')
  return sum(
    mul(
      pixels,
      array(
        luma.map((w) => [[w]]),
        { dtype: pixels.dtype },
      ),
    ),
    { axis: -3, keepdims: true },
  )
}

/** `factor` parts of `x` and the rest of `other`, within 0 and 1. */
const blend = (x: Tensor, other: TensorLike, factor: TensorLike): Tensor => clip(add(other, mul(sub(x, other), factor)), 0, 1)

/**
 * Pixels times `factor`, within 0 and 1: 0 is black, 1 changes nothing.
 *
 * @example
 * data.adjustBrightness(2)(np.array([0.125, 0.75]))   // [0.25, 1]
 */
export const adjustBrightness = (factor: TensorLike): ((x: Tensor) => Tensor) => {
  check('adjustBrightness', 'factor', nonNegativeScalar, factor)
  return (x) => blend(toFloat(x, 'adjustBrightness'), 0, factor)
}

/**
 * Each image drawn away from the mean of its grey version (`factor` above 1) or towards it (below 1), within 0 and 1.
 *
 * shapes: [..., 3, h, w] -> [..., 3, h, w]
 *
 * @throws ShapeError unless the axis before height and width is 3.
 * @example
 * data.adjustContrast(0)(np.array([[[0, 1]], [[0, 1]], [[0, 1]]]))   // [[[0.5, 0.5]], [[0.5, 0.5]], [[0.5, 0.5]]]
 */
export const adjustContrast = (factor: TensorLike): ((x: Tensor) => Tensor) => {
  check('adjustContrast', 'factor', nonNegativeScalar, factor)
  return (x) =>
    blend(toFloat(x, 'adjustContrast'), mean(toGray(checkColours('adjustContrast', x)), { axis: [-3, -2, -1], keepdims: true }), factor)
}

/**
 * Each pixel drawn away from its grey (`factor` above 1) or towards it (below 1), within 0 and 1: 0 is grey, 1 changes nothing.
 *
 * shapes: [..., 3, h, w] -> [..., 3, h, w]
 *
 * @throws ShapeError unless the axis before height and width is 3.
 * @example
 * data.adjustSaturation(0)(np.array([[[1]], [[0]], [[0]]]))   // [[[0.299]], [[0.299]], [[0.299]]]
 */
export const adjustSaturation = (factor: TensorLike): ((x: Tensor) => Tensor) => {
  check('adjustSaturation', 'factor', nonNegativeScalar, factor)
  return (x) => blend(toFloat(x, 'adjustSaturation'), toGray(checkColours('adjustSaturation', x)), factor)
}

/** By how much `colourJitter` changes: factors are drawn from `[1 - n, 1 + n)`. */
export interface JitterOptions {
  readonly brightness?: number
  readonly contrast?: number
  readonly saturation?: number
}

const jitters = optionsOf<JitterOptions>({ brightness: probability, contrast: probability, saturation: probability })

/**
 * Brightness, contrast and saturation changed at random, in this order: the same for all images of a batch; `perExample` draws for each.
 *
 * shapes: [..., 3, h, w] -> [..., 3, h, w]
 *
 * @throws ShapeError unless the axis before height and width is 3; ValueError for amounts outside [0, 1].
 * @example
 * data.colourJitter(random.key(0), { brightness: 0.2, contrast: 0.2 })(np.full([3, 2, 2], 0.5)).shape   // [3, 2, 2]
 */
export const colourJitter = (key: Key, options: JitterOptions): ((x: Tensor) => Tensor) => {
  checkKey('colourJitter', key)
  const { brightness = 0, contrast = 0, saturation = 0 } = check('colourJitter', 'options', record, jitters('colourJitter', options))
  const [b, c, s] = split(key, 3)
  const factor = (k: Key, n: number): Tensor => uniform(k, [], { minval: 1 - n, maxval: 1 + n })
  return (x) => {
    checkColours('colourJitter', x)
    const bright = brightness === 0 ? x : adjustBrightness(factor(b, brightness))(x)
    const strong = contrast === 0 ? bright : adjustContrast(factor(c, contrast))(bright)
    return saturation === 0 ? strong : adjustSaturation(factor(s, saturation))(strong)
  }
}

/**
 * Red and blue exchanged: what networks trained on BGR images expect.
 *
 * shapes: [..., 3, h, w] -> [..., 3, h, w]
 *
 * @throws ShapeError unless the axis before height and width is 3.
 * @example
 * data.swapRedBlue(np.array([[[1]], [[2]], [[3]]]))   // [[[3]], [[2]], [[1]]]
 */
export const swapRedBlue = (x: Tensor): Tensor => flip(checkColours('swapRedBlue', x), { axis: -3 })

/**
 * Colours before height and width, as everything here wants them, of images that have them last.
 *
 * shapes: [..., h, w, c] -> [..., c, h, w]
 *
 * @example
 * data.toChannelsFirst(np.zeros([4, 5, 3])).shape   // [3, 4, 5]
 */
export const toChannelsFirst = (x: Tensor): Tensor => moveaxis(x, -1, -3)

/**
 * Colours last, as canvases and most files have them.
 *
 * shapes: [..., c, h, w] -> [..., h, w, c]
 *
 * @example
 * data.toChannelsLast(np.zeros([3, 4, 5])).shape   // [4, 5, 3]
 */
export const toChannelsLast = (x: Tensor): Tensor => moveaxis(x, -3, -1)
