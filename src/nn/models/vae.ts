/** Autoencoders: a perceptron into few numbers and one back, without and with a distribution in the middle. */
import type { Tensor } from '../../core/tensor.js'
import { check, listOf, positiveWhole, record, tensor } from '../../core/check.js'
import { add, div, mul, square, sub } from '../../numpy/arithmetic.js'
import { exp, expm1 } from '../../numpy/exponential.js'
import { split } from '../../numpy/join.js'
import { sum } from '../../numpy/reduce.js'
import { normal } from '../../random/draw.js'
import { struct } from '../../random/gen.js'
import type { Gen } from '../../random/gen.js'
import type { Key } from '../../random/key.js'
import type { Layer } from '../layer.js'
import { layer } from '../layer.js'
import type { MlpOptions, MlpParams } from './mlp.js'
import { mlpOf, perceptron } from './mlp.js'

/** Sizes of an autoencoder, from the input to the code; the way back has them in reverse. */
export type CodeSizes = readonly [number, number, ...number[]]

/** What belongs to the way in and to the way back. */
export interface AutoencoderParams {
  readonly encoder: MlpParams
  readonly decoder: MlpParams
}

/**
 * A perceptron down to a code and one back up.
 *
 * shapes: x[..., sizes[0]] -> [..., sizes[0]]
 *
 * @see https://doi.org/10.1126/science.1127647 (Hinton and Salakhutdinov, 2006)
 * @throws ValueError for fewer than two sizes.
 * @example
 * const model = models.autoencoder([784, 128, 32])
 * model.apply(model.init(random.key(0)))(np.ones([2, 784])).shape   // [2, 784]
 */
export const autoencoder = (sizes: CodeSizes, options: MlpOptions = {}): Layer<AutoencoderParams> => {
  mlpOf('autoencoder', options)
  check('autoencoder', 'sizes', listOf(positiveWhole), sizes)
  const [encoder, decoder] = [perceptron('autoencoder', sizes, options), perceptron('autoencoder', [...sizes].reverse(), options)]
  return layer(
    'autoencoder',
    (): Gen<AutoencoderParams> => struct({ encoder: encoder.gen(), decoder: decoder.gen() }),
    (params) => (x) => decoder.apply(params.decoder)(encoder.apply(params.encoder)(x)),
  )
}

/** A normal distribution with independent coordinates. */
export interface Gaussian {
  readonly mean: Tensor
  /** The logarithm of the variance. */
  readonly logVar: Tensor
}

const gaussianOf = (name: string, gaussian: Gaussian): Gaussian => {
  check(name, 'gaussian', record, gaussian)
  check(name, 'mean', tensor, gaussian.mean)
  check(name, 'logVar', tensor, gaussian.logVar)
  return gaussian
}

/**
 * A draw from a distribution as a function of its mean and variance: `mean + exp(logVar / 2) * noise`.
 *
 * @see https://arxiv.org/abs/1312.6114
 * @example
 * models.reparameterize(random.key(0), { mean: np.ones([3]), logVar: np.full([3], -100) })   // [1, 1, 1]
 */
export const reparameterize = (key: Key, gaussian: Gaussian): Tensor => {
  const { mean, logVar } = gaussianOf('reparameterize', gaussian)
  return add(mean, mul(exp(div(logVar, 2)), normal(key, mean.shape, { dtype: mean.dtype })))
}

/**
 * The divergence of a distribution from the standard normal one, summed over the last axis: `1/2 sum(mean^2 + exp(logVar) - 1 - logVar)`.
 *
 * @see https://arxiv.org/abs/1312.6114
 * @example
 * models.gaussianKl({ mean: np.array([1, 2]), logVar: np.zeros([2]) })   // 2.5
 */
export const gaussianKl = (gaussian: Gaussian): Tensor => {
  const { mean, logVar } = gaussianOf('gaussianKl', gaussian)
  return mul(0.5, sum(add(square(mean), sub(expm1(logVar), logVar)), { axis: -1 }))
}

/** A variational autoencoder: two ways that share parameters. */
export interface Vae {
  /** Parameters drawn with a key. */
  readonly init: (key: Key) => AutoencoderParams
  /** The same as a computation over keys. */
  readonly gen: () => Gen<AutoencoderParams>
  /** The distribution of the code: x[..., sizes[0]] -> mean, logVar[..., code]. */
  readonly encode: (params: AutoencoderParams) => (x: Tensor) => Gaussian
  /** Logits of the input: z[..., code] -> [..., sizes[0]]. */
  readonly decode: (params: AutoencoderParams) => (z: Tensor) => Tensor
}

/**
 * A variational autoencoder. `encode` gives a distribution, `reparameterize` a draw from it, `decode` logits; the loss is the
 * cross-entropy of the logits plus `gaussianKl`.
 *
 * @see https://arxiv.org/abs/1312.6114 (Kingma and Welling, 2013)
 * @throws ValueError for fewer than two sizes.
 * @example
 * const model = models.vae([784, 256, 20])
 * const params = model.init(random.key(0))
 * const code = model.encode(params)(np.ones([2, 784]))
 * code.logVar.shape                                                               // [2, 20]
 * model.decode(params)(models.reparameterize(random.key(1), code)).shape          // [2, 784]
 */
export const vae = (sizes: CodeSizes, options: MlpOptions = {}): Vae => {
  mlpOf('vae', options)
  check('vae', 'sizes', listOf(positiveWhole), sizes)
  const encoder = perceptron('vae', [...sizes.slice(0, -1), 2 * sizes.at(-1)!], options)
  const decoder = perceptron('vae', [...sizes].reverse(), options)
  const gen = (): Gen<AutoencoderParams> => struct({ encoder: encoder.gen(), decoder: decoder.gen() })
  return {
    gen,
    init: (key) => gen()(key)[0],
    encode: (params) => (x) => {
      const [mean, logVar] = split(encoder.apply(params.encoder)(x), 2, { axis: -1 })
      return { mean, logVar }
    },
    decode: (params) => decoder.apply(params.decoder),
  }
}
