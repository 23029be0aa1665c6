/** SqueezeNet 1.1: AlexNet's accuracy with a fiftieth of its parameters. */
import { probability } from '../../core/check.js'
import { meaningsOf, optionsOf } from '../../core/options.js'
import { relu } from '../activation.js'
import { conv2d } from '../conv.js'
import { dropout } from '../dropout.js'
import { heNormal, normal } from '../initializer.js'
import type { Layer } from '../layer.js'
import { named } from '../layer.js'
import type { Part } from '../part.js'
import { globalAvgPool, maxPool2d } from '../pool.js'
import { parallel } from '../residual.js'
import { sequential } from '../sequential.js'
import type { Classes, ImageParams, ImageStates } from './image.js'
import { classMeanings } from './image.js'

const wInit = heNormal({ inAxis: 1, outAxis: 0 })

/** Few channels of 1 x 1, then many of 1 x 1 and of 3 x 3 side by side. */
const fire = (inputs: number, squeeze: number, expand: number): Part =>
  named(
    'fire',
    sequential<readonly Part[]>(
      conv2d(inputs, squeeze, 1, { wInit }),
      relu,
      parallel([conv2d(squeeze, expand, 1, { wInit }), conv2d(squeeze, expand, 3, { padding: 1, wInit })]),
      relu,
    ),
  )

/** Windows that begin inside the image count, as with `ceil_mode`. */
const pool = (): Part =>
  maxPool2d(3, {
    strides: 2,
    padding: [
      [0, 1],
      [0, 1],
    ],
  })

/** Options of `squeezeNet`. */
export interface SqueezeNetOptions extends Classes {
  /** Before the classifier while training; 0.5 by default. */
  readonly dropout?: number
}

const squeezeNetOf = optionsOf<SqueezeNetOptions>(meaningsOf(classMeanings, { dropout: probability }))

/**
 * SqueezeNet 1.1 for images of 224 x 224: 1 235 496 parameters for 1000 classes. The classifier is a convolution of 1 x 1 and a
 * mean over all positions, so that other sizes work too.
 *
 * shapes: x[N, 3, height, width] -> [N, classes]
 *
 * @see https://arxiv.org/abs/1602.07360 (Iandola et al., 2016)
 * @example
 * const model = models.squeezeNet({ classes: 10 })
 * model.apply(model.init(random.key(0)))(np.ones([1, 3, 48, 48])).shape   // [1, 10]
 */
export const squeezeNet = (options: SqueezeNetOptions = {}): Layer<ImageParams, ImageStates> => {
  const { classes = 1000, dropout: rate = 0.5 } = squeezeNetOf('squeezeNet', options)
  return named(
    'squeezeNet',
    sequential<readonly Part[]>(
      conv2d(3, 64, 3, { strides: 2, wInit }),
      relu,
      pool(),
      fire(64, 16, 64),
      fire(128, 16, 64),
      pool(),
      fire(128, 32, 128),
      fire(256, 32, 128),
      pool(),
      fire(256, 48, 192),
      fire(384, 48, 192),
      fire(384, 64, 256),
      fire(512, 64, 256),
      dropout(rate),
      conv2d(512, classes, 1, { wInit: normal(0.01) }),
      relu,
      globalAvgPool,
    ),
  )
}
