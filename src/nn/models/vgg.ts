/** VGG16: thirteen convolutions of 3 x 3 and three dense layers. */
import { probability } from '../../core/check.js'
import { meaningsOf, optionsOf } from '../../core/options.js'
import { relu } from '../activation.js'
import { conv2d } from '../conv.js'
import { dense } from '../dense.js'
import { dropout } from '../dropout.js'
import { heNormal } from '../initializer.js'
import type { Layer } from '../layer.js'
import { named } from '../layer.js'
import type { Part } from '../part.js'
import { maxPool2d } from '../pool.js'
import { sequential } from '../sequential.js'
import { flatten } from '../shape.js'
import type { Classes, ImageParams, ImageStates } from './image.js'
import { classMeanings } from './image.js'

/** @internal Channels of the convolutions between poolings. */
export const stages = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const

/** Options of `vgg16`. */
export interface VggOptions extends Classes {
  /** Of the two hidden dense layers while training; 0.5 by default. */
  readonly dropout?: number
}

const vgg16Of = optionsOf<VggOptions>(meaningsOf(classMeanings, { dropout: probability }))

/**
 * VGG16 (configuration D) for images of 224 x 224: 138 357 544 parameters for 1000 classes. Images go through `preprocessBgr`
 * for the original weights, through `preprocessRgb` for torchvision's.
 *
 * shapes: x[N, 3, 224, 224] -> [N, classes]
 *
 * @see https://arxiv.org/abs/1409.1556 (Simonyan and Zisserman, 2014)
 * @example
 * models.countParameters(models.vgg16({ classes: 10 }))   // 134301514
 */
export const vgg16 = (options: VggOptions = {}): Layer<ImageParams, ImageStates> => {
  const { classes = 1000, dropout: rate = 0.5 } = vgg16Of('vgg16', options)
  const wInit = heNormal({ inAxis: 1, outAxis: 0 })
  const convolutions = stages.flatMap((stage, s): readonly Part[] => [
    ...stage.flatMap((outputs, i): readonly Part[] => {
      const inputs = i > 0 ? stage[i - 1]! : s > 0 ? stages[s - 1]!.at(-1)! : 3
      return [conv2d(inputs, outputs, 3, { padding: 1, wInit }), relu]
    }),
    maxPool2d(2),
  ])
  const hidden = (inputs: number): readonly Part[] => [dense(inputs, 4096), relu, dropout(rate)]
  return named(
    'vgg16',
    sequential<readonly Part[]>(...convolutions, flatten, ...hidden(512 * 7 * 7), ...hidden(4096), dense(4096, classes)),
  )
}
