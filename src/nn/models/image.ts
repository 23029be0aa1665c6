/** What image models have in common: their types, and what an image is before they see it. */
import { check, positiveWhole } from '../../core/check.js'
import { fail, ShapeError } from '../../core/errors.js'
import type { Meanings } from '../../core/options.js'
import { layers } from '../layer.js'
import { sizeOf } from '../../core/shape.js'
import type { Shape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { evalShape, shapeDtype } from '../../transforms/evalShape.js'
import * as tree from '../../tree/index.js'
import { div, sub } from '../../numpy/arithmetic.js'
import { array, astype } from '../../numpy/create.js'
import { flip } from '../../numpy/rearrange.js'
import type { TensorLike } from '../../numpy/lift.js'
import { lift } from '../../numpy/lift.js'
import { isReal } from '../../core/dtype.js'
import { moveaxis } from '../../numpy/shape.js'
import type { Layer } from '../layer.js'
import type { AllParams, AllStates, Part } from '../part.js'

/** Parameters of an image model: a list, in the order of its layers; the last entry is that of the classifier. */
export type ImageParams = AllParams<readonly Part[]>

/** State of an image model, in the same order: running statistics of its normalisations. */
export type ImageStates = AllStates<readonly Part[]>

/** Options of classifiers. */
export interface Classes {
  /** Number of classes; 1000, those of ImageNet, by default (10 for `leNet`). */
  readonly classes?: number
}

/** What the options of classifiers mean. */
export const classMeanings: Meanings<Classes> = { classes: positiveWhole }

/**
 * The number of a model's trainable parameters; nothing is allocated. A model of unknown input size needs the input shape.
 *
 * @example
 * models.countParameters(models.vgg16())   // 138357544
 */
export const countParameters = <P, S>(model: Layer<P, S>, inputShape?: Shape): number => {
  check('countParameters', 'model', layers, model)
  return tree
    .leaves(evalShape((key: Tensor) => model.init(key, inputShape), shapeDtype([2], 'uint32')))
    .reduce<number>((n, leaf) => n + sizeOf((leaf as unknown as Tensor).shape), 0)
}

const coloured = (name: string, image: TensorLike): Tensor => {
  const x = lift(image, name)
  return x.ndim >= 3 && x.shape[x.ndim - 1] === 3
    ? isReal(x.dtype)
      ? x
      : astype(x, 'float32')
    : fail(ShapeError, `${name}: an image is [..., height, width, 3], red first`, { args: { image: x } })
}

const channelsFirst = (x: Tensor): Tensor => moveaxis(x, -1, -3)
const inDtype = (values: readonly number[], x: Tensor): Tensor => array(values, { dtype: x.dtype })

/**
 * An image as VGG (and DeZero's ResNet) saw it in training: blue first, minus the mean colour of ImageNet, channels before rows.
 *
 * shapes: red, green, blue from 0 to 255 [..., height, width, 3] -> [..., 3, height, width]
 *
 * @throws ShapeError unless the last of three or more axes has size 3.
 * @see https://arxiv.org/abs/1409.1556
 * @example
 * np.ravel(models.preprocessBgr(np.array([[[255, 128, 0]]])))   // [-103.939, 11.221, 131.32]
 */
export const preprocessBgr = (image: TensorLike): Tensor => {
  const x = coloured('preprocessBgr', image)
  return channelsFirst(sub(flip(x, { axis: -1 }), inDtype([103.939, 116.779, 123.68], x)))
}

/**
 * An image as torchvision's models saw it: scaled to 1, minus the mean of ImageNet over its standard deviation, channels before rows.
 *
 * shapes: red, green, blue from 0 to 255 [..., height, width, 3] -> [..., 3, height, width]
 *
 * @throws ShapeError unless the last of three or more axes has size 3.
 * @see https://pytorch.org/vision/stable/models.html
 * @example
 * np.ravel(models.preprocessRgb(np.array([[[255, 128, 0]]])))   // [2.2489, 0.2052, -1.8044]
 */
export const preprocessRgb = (image: TensorLike): Tensor => {
  const x = coloured('preprocessRgb', image)
  const scaled = div(x, 255)
  return channelsFirst(div(sub(scaled, inDtype([0.485, 0.456, 0.406], x)), inDtype([0.229, 0.224, 0.225], x)))
}
