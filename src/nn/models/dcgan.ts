/** DCGAN: images drawn by transposed convolutions, and the judge that they are drawn for. */
import { positiveWhole } from '../../core/check.js'
import { fail, ValueError } from '../../core/errors.js'
import { optionsOf } from '../../core/options.js'
import { range } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { expandDims, reshape } from '../../numpy/shape.js'
import { tanh } from '../../numpy/trigonometric.js'
import { leakyRelu, relu, sigmoid } from '../activation.js'
import { batchNorm } from '../batchNorm.js'
import { conv2d } from '../conv.js'
import { convTranspose2d } from '../convTranspose.js'
import { dense } from '../dense.js'
import { normal } from '../initializer.js'
import type { Layer } from '../layer.js'
import { lift, named } from '../layer.js'
import type { Part } from '../part.js'
import { sequential } from '../sequential.js'
import { flatten } from '../shape.js'
import type { ImageParams, ImageStates } from './image.js'

/** Options of `dcgan`. */
export interface DcganOptions {
  /** The sides of the images: 8, 16, 32, ...; 64 by default. */
  readonly size?: number
  /** Channels of the images; 3 by default. */
  readonly channels?: number
  /** Channels of the largest maps; they double as the sides halve. 64 by default. */
  readonly width?: number
  /** The length of the noise that images are made of; 100 by default. */
  readonly latent?: number
}

const dcganOf = optionsOf<DcganOptions>({ size: positiveWhole, channels: positiveWhole, width: positiveWhole, latent: positiveWhole })

/** Two models that train against each other. */
export interface Gan {
  /** Noise [N, latent] to images [N, channels, height, width]. */
  readonly generator: Layer<ImageParams, ImageStates>
  /** Images to logits [N]: large for real ones. */
  readonly discriminator: Layer<ImageParams, ImageStates>
}

const leaky = (x: Tensor): Tensor => leakyRelu(x, { negativeSlope: 0.2 })
const logits = lift((x) => reshape(x, [x.shape[0]!]), 'logits')

/**
 * The pair of the DCGAN paper: no pooling, no dense layers, normalisation everywhere but at the images, leaky rectifiers (0.2) in the
 * discriminator, images from -1 to 1 (tanh), weights drawn with deviation 0.02. For images of 64 x 64 in three channels 3 576 704
 * and 2 765 568 parameters. Logits go into `losses.sigmoidCrossEntropy`.
 *
 * @see https://arxiv.org/abs/1511.06434 (Radford, Metz and Chintala, 2015)
 * @throws ValueError unless `size` is 8, 16, 32, ... and the other sizes are positive integers.
 * @example
 * const { generator, discriminator } = models.dcgan({ size: 16, channels: 1, width: 8 })
 * const fake = generator.apply(generator.init(random.key(0)), { state: generator.initState(), train: true })(np.ones([2, 100]))
 * fake.shape   // [2, 1, 16, 16]
 * discriminator.apply(discriminator.init(random.key(1)), { state: discriminator.initState(), train: true })(fake).shape   // [2]
 */
export const dcgan = (options: DcganOptions = {}): Gan => {
  const { size = 64, channels = 3, width = 64, latent = 100 } = dcganOf('dcgan', options)
  const doublings = Math.log2(size / 4)
  if (!(Number.isInteger(doublings) && doublings >= 1))
    fail(ValueError, `dcgan: images of ${size} x ${size} do not come of doubling 4 x 4`, { fix: 'size: 8, 16, 32, 64, ...' })
  const wInit = normal(0.02)
  const halving = { strides: 2, padding: 1, wInit, bias: false } as const
  /** Channels from the smallest maps to the largest. */
  const widths = range(doublings).map((i) => width * 2 ** (doublings - 1 - i))
  const norm = (n: number): Part => batchNorm(n)
  const generator = sequential<readonly Part[]>(
    lift((z) => expandDims(z, [2, 3]), 'pixel'),
    convTranspose2d(latent, widths[0]!, 4, { wInit, bias: false }),
    norm(widths[0]!),
    relu,
    ...widths.slice(1).flatMap((n): readonly Part[] => [convTranspose2d(2 * n, n, 4, halving), norm(n), relu]),
    convTranspose2d(width, channels, 4, halving),
    tanh,
  )
  const discriminator = sequential<readonly Part[]>(
    conv2d(channels, width, 4, halving),
    leaky,
    ...widths
      .slice(0, -1)
      .reverse()
      .flatMap((n): readonly Part[] => [conv2d(n / 2, n, 4, halving), norm(n), leaky]),
    conv2d(widths[0]!, 1, 4, { wInit, bias: false }),
    logits,
  )
  return { generator: named('generator', generator), discriminator: named('discriminator', discriminator) }
}

/** Options of `mnistGan`. */
export interface MnistGanOptions {
  /** The length of the noise; 62 by default. */
  readonly latent?: number
}

const mnistGanOf = optionsOf<MnistGanOptions>({ latent: positiveWhole })

/**
 * The pair of DeZero's `gan.py`, for images of 28 x 28 in one channel from 0 to 1: dense layers beside the convolutions. DeZero's
 * discriminator ends in a sigmoid; this one in its logits.
 *
 * @throws ValueError unless `latent` is a positive integer.
 * @example
 * const { generator } = models.mnistGan()
 * const z = np.ones([2, 62])
 * generator.apply(generator.init(random.key(0)), { state: generator.initState(), train: true })(z).shape   // [2, 1, 28, 28]
 */
export const mnistGan = (options: MnistGanOptions = {}): Gan => {
  const { latent = 62 } = mnistGanOf('mnistGan', options)
  const halving = { strides: 2, padding: 1 } as const
  const generator = sequential<readonly Part[]>(
    dense(latent, 1024),
    batchNorm(1024),
    relu,
    dense(1024, 128 * 7 * 7),
    batchNorm(128 * 7 * 7),
    relu,
    lift((x) => reshape(x, [x.shape[0]!, 128, 7, 7]), 'maps'),
    convTranspose2d(128, 64, 4, halving),
    batchNorm(64),
    relu,
    convTranspose2d(64, 1, 4, halving),
    sigmoid,
  )
  const discriminator = sequential<readonly Part[]>(
    conv2d(1, 64, 4, halving),
    leaky,
    conv2d(64, 128, 4, halving),
    batchNorm(128),
    leaky,
    flatten,
    dense(128 * 7 * 7, 1024),
    batchNorm(1024),
    leaky,
    dense(1024, 1),
    logits,
  )
  return { generator: named('generator', generator), discriminator: named('discriminator', discriminator) }
}
