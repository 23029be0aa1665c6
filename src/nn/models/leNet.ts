/** LeNet-5, the first convolutional network in wide use. */
import { optionsOf } from '../../core/options.js'
import { tanh } from '../../numpy/trigonometric.js'
import { conv2d } from '../conv.js'
import { dense } from '../dense.js'
import type { Layer } from '../layer.js'
import { named } from '../layer.js'
import { avgPool2d } from '../pool.js'
import { sequential } from '../sequential.js'
import { flatten } from '../shape.js'
import type { Classes, ImageParams, ImageStates } from './image.js'
import { classMeanings } from './image.js'

const leNetOf = optionsOf<Classes>(classMeanings)

/**
 * LeNet-5 for images of 28 x 28 in one channel, as on MNIST: 61 706 parameters for 10 classes. Tanh and mean pooling as in the
 * paper; all maps of the second convolution see all of the first.
 *
 * shapes: x[N, 1, 28, 28] -> [N, classes]
 *
 * @see https://doi.org/10.1109/5.726791 (LeCun et al., 1998)
 * @example
 * const model = models.leNet()
 * model.apply(model.init(random.key(0)))(np.ones([2, 1, 28, 28])).shape   // [2, 10]
 */
export const leNet = (options: Classes = {}): Layer<ImageParams, ImageStates> => {
  const { classes = 10 } = leNetOf('leNet', options)
  return named(
    'leNet',
    sequential(
      conv2d(1, 6, 5, { padding: 2 }),
      tanh,
      avgPool2d(2),
      conv2d(6, 16, 5),
      tanh,
      avgPool2d(2),
      flatten,
      dense(400, 120),
      tanh,
      dense(120, 84),
      tanh,
      dense(84, classes),
    ),
  ) as unknown as Layer<ImageParams, ImageStates>
}
