/** Initialisers: how the numbers of a new parameter are drawn. */
import { normaliseAxis } from '../core/axis.js'
import { axis as axisMeaning, check, finite, nonNegative, number, oneOf, positive } from '../core/check.js'
import { describe } from '../core/describe.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf, recordOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { sameShape, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { mul } from '../numpy/arithmetic.js'
import * as create from '../numpy/create.js'
import { uniform as drawUniform } from '../random/bits.js'
import { normal as drawNormal, truncatedNormal } from '../random/draw.js'
import type { Gen } from '../random/gen.js'
import { lift } from '../random/gen.js'
import type { Key } from '../random/key.js'

/** A parameter of a shape, drawn with a key. */
export type Initializer = (key: Key, shape: Shape, dtype?: DType) => Tensor

/** An initialiser as a random program, for use with `random.struct` and fp-ts. */
export const gen = (initializer: Initializer, shape: Shape, dtype?: DType): Gen<Tensor> =>
  lift((key) => {
    const drawn: unknown = initializer(key, shape, dtype)
    if (isTensor(drawn) && sameShape(drawn.shape, shape)) return drawn
    return fail(ShapeError, `init: an initializer gave ${describe(drawn)} for a parameter of shape [${shape.join(',')}]`, {
      fix: "nn.init.zeros, or nn.init.normal(0.1) with its parentheses; (key, shape, dtype) => ... of one's own",
    })
  })

/** Zeros. */
export const zeros: Initializer = (_key, shape, dtype = 'float32') => create.zeros(shape, { dtype })

/** Ones. */
export const ones: Initializer = (_key, shape, dtype = 'float32') => create.ones(shape, { dtype })

/** The same number everywhere. */
export const constant = (value: number): Initializer => {
  check('constant', 'value', number, value)
  return (_key, shape, dtype = 'float32') => create.full(shape, value, { dtype })
}

/** Normal numbers of a standard deviation; 0.01 by default. */
export const normal = (stddev = 0.01): Initializer => {
  check('normal', 'stddev', nonNegative, stddev)
  return (key, shape, dtype = 'float32') => mul(drawNormal(key, shape, { dtype }), stddev)
}

/** Uniform numbers from `[0, scale)`; 0.01 by default. */
export const uniform = (scale = 0.01): Initializer => {
  check('uniform', 'scale', finite, scale)
  return (key, shape, dtype = 'float32') => mul(drawUniform(key, shape, { dtype }), scale)
}

/** Which axes of a weight count what comes in and what goes out; the rest is the receptive field. */
export interface Fan {
  /** -2 by default: dense weights are `[in, out]`. */
  readonly inAxis?: number
  /** -1 by default. */
  readonly outAxis?: number
}

/** Options of `varianceScaling`. */
export interface VarianceScaling extends Fan {
  readonly scale: number
  readonly mode: 'fanIn' | 'fanOut' | 'fanAvg'
  readonly distribution: 'truncatedNormal' | 'normal' | 'uniform'
}

const fanMeanings: Meanings<Fan> = { inAxis: axisMeaning, outAxis: axisMeaning }
const fanOf = optionsOf<Fan>(fanMeanings)
const scalings = recordOf<VarianceScaling>(
  meaningsOf(fanMeanings, {
    scale: positive,
    mode: oneOf('fanIn', 'fanOut', 'fanAvg'),
    distribution: oneOf('truncatedNormal', 'normal', 'uniform'),
  }),
  ['scale', 'mode', 'distribution'],
)

/** Standard deviation of a standard normal number conditioned on lying in (-2, 2). */
const truncatedDeviation = 0.87962566103423978

const fans = (shape: Shape, { inAxis = -2, outAxis = -1 }: Fan): { readonly fanIn: number; readonly fanOut: number } => {
  if (shape.length < 2)
    fail(ShapeError, `varianceScaling: a weight needs at least 2 axes, got shape [${shape.join(',')}]`, {
      fix: 'zeros, ones, normal or uniform for vectors',
    })
  const [i, o] = [normaliseAxis('varianceScaling', inAxis, shape.length), normaliseAxis('varianceScaling', outAxis, shape.length)]
  const field = sizeOf(shape) / Math.max(1, shape[i]! * shape[o]!)
  return { fanIn: shape[i]! * field, fanOut: shape[o]! * field }
}

/**
 * Numbers of mean 0 and variance `scale / n`, where `n` is the number of inputs, outputs, or their mean, of one unit.
 *
 * @throws ShapeError for shapes of fewer than two axes.
 */
export const varianceScaling = (options: VarianceScaling): Initializer => {
  const { scale, mode, distribution, ...fan } = scalings('varianceScaling', options)
  return (key, shape, dtype = 'float32') => {
    const { fanIn, fanOut } = fans(shape, fan)
    const n = mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2
    const variance = scale / Math.max(1, n)
    switch (distribution) {
      case 'normal':
        return mul(drawNormal(key, shape, { dtype }), Math.sqrt(variance))
      case 'uniform':
        return mul(drawUniform(key, shape, { dtype, minval: -1 }), Math.sqrt(3 * variance))
      case 'truncatedNormal':
        return mul(truncatedNormal(key, -2, 2, shape, { dtype }), Math.sqrt(variance) / truncatedDeviation)
    }
  }
}

/** Glorot's (Xavier's) uniform initialiser, for tanh and sigmoid. @see https://proceedings.mlr.press/v9/glorot10a.html */
export const glorotUniform = (fan: Fan = {}): Initializer =>
  varianceScaling({ scale: 1, mode: 'fanAvg', distribution: 'uniform', ...fanOf('glorotUniform', fan) })

/** Glorot's (Xavier's) normal initialiser, truncated. */
export const glorotNormal = (fan: Fan = {}): Initializer =>
  varianceScaling({ scale: 1, mode: 'fanAvg', distribution: 'truncatedNormal', ...fanOf('glorotNormal', fan) })

/** He's (Kaiming's) uniform initialiser, for relu. @see https://arxiv.org/abs/1502.01852 */
export const heUniform = (fan: Fan = {}): Initializer =>
  varianceScaling({ scale: 2, mode: 'fanIn', distribution: 'uniform', ...fanOf('heUniform', fan) })

/** He's (Kaiming's) normal initialiser, truncated. */
export const heNormal = (fan: Fan = {}): Initializer =>
  varianceScaling({ scale: 2, mode: 'fanIn', distribution: 'truncatedNormal', ...fanOf('heNormal', fan) })

/** LeCun's uniform initialiser, for selu. */
export const lecunUniform = (fan: Fan = {}): Initializer =>
  varianceScaling({ scale: 1, mode: 'fanIn', distribution: 'uniform', ...fanOf('lecunUniform', fan) })

/** LeCun's normal initialiser, truncated: the default of dense layers. */
export const lecunNormal = (fan: Fan = {}): Initializer =>
  varianceScaling({ scale: 1, mode: 'fanIn', distribution: 'truncatedNormal', ...fanOf('lecunNormal', fan) })
