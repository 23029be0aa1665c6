/** Positional encodings: what tells attention where it is. */
import { check, count as countMeaning, dtype as dtypeMeaning, flag, positive, positiveWhole, tensor } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, sub } from '../numpy/arithmetic.js'
import { astype } from '../numpy/create.js'
import { exp } from '../numpy/exponential.js'
import { concatenate, split, stack } from '../numpy/join.js'
import type { TensorLike } from '../numpy/lift.js'
import { toFloat } from '../numpy/lift.js'
import { outer } from '../numpy/matmul.js'
import { arange } from '../numpy/ranges.js'
import { expandDims, reshape } from '../numpy/shape.js'
import { along } from '../numpy/take.js'
import { cos, sin } from '../numpy/trigonometric.js'
import { range } from '../core/shape.js'
import { struct } from '../random/gen.js'
import type { EmbeddingTable, TableOptions } from './embedding.js'
import { tableOf } from './embedding.js'
import { checkSizes } from './fit.js'
import { gen, normal } from './initializer.js'
import type { Layer, None } from './layer.js'
import { layer, lift } from './layer.js'

/** Options of encodings by waves. */
export interface WaveOptions {
  /** The longest wave is about `2 pi` times this; 10 000 by default. */
  readonly base?: number
}

const waves: Meanings<WaveOptions> = { base: positive }
const wavesOf = optionsOf<WaveOptions>(waves)
const sinusoidsOf = optionsOf<WaveOptions & { readonly dtype?: DType }>(meaningsOf(waves, { dtype: dtypeMeaning }))

/** Position times frequency, `[positions, count]`: frequencies fall from 1 to nearly `1 / base`. */
const angles = (positions: Tensor, count: number, base: number, dtype: DType): Tensor =>
  outer(astype(positions, dtype), exp(mul(arange(count, { dtype }), -Math.log(base) / count)))

/**
 * Sines (even features) and cosines (odd features) of the position, from short waves to long ones.
 *
 * shapes: -> [length, features]
 *
 * @throws ShapeError for an odd number of features.
 * @see https://arxiv.org/abs/1706.03762
 * @example
 * nn.sinusoids(2, 4)   // [[0, 1, 0, 1], [0.841, 0.540, 0.010, 1.000]]
 */
export const sinusoids = (length: number, features: number, options: WaveOptions & { readonly dtype?: DType } = {}): Tensor => {
  const { base = 10_000, dtype = 'float32' } = sinusoidsOf('sinusoids', options)
  check('sinusoids', 'length', countMeaning, length)
  check('sinusoids', 'features', countMeaning, features)
  if (features % 2 !== 0) fail(ShapeError, `sinusoids: ${features} features are not pairs of sine and cosine`)
  const a = angles(arange(length), features / 2, base, dtype)
  return reshape(stack([sin(a), cos(a)], { axis: -1 }), [length, features])
}

/** The sizes `[length, features]` of sequences. */
const sequenceSizes = (name: string, x: Tensor): readonly [number, number] =>
  x.ndim < 2
    ? fail(ShapeError, `${name}: an input of ${x.ndim} axes is not [..., length, features]`, { args: { x } })
    : [x.shape.at(-2)!, x.shape.at(-1)!]

/**
 * Adds `sinusoids` to sequences.
 *
 * shapes: x[..., length, features] -> the same
 *
 * @throws ShapeError for an odd number of features.
 * @example
 * nn.sinusoidalPositions().apply(null)(np.zeros([1, 2, 4])).shape   // [1, 2, 4]
 */
export const sinusoidalPositions = (options: WaveOptions = {}): Layer<None> => {
  wavesOf('sinusoidalPositions', options)
  return lift((x) => {
    const t = toFloat(x, 'sinusoidalPositions')
    const [length, features] = sequenceSizes('sinusoidalPositions', t)
    return add(t, sinusoids(length, features, { ...options, dtype: t.dtype }))
  }, 'sinusoidalPositions')
}

/**
 * Adds a learned vector for every position.
 *
 * shapes: x[..., length, features] -> the same, length up to `maxLength`
 *
 * @throws ShapeError for longer sequences.
 * @example
 * const layer = nn.learnedPositions(16, 4)
 * layer.init(random.key(0))   // { table: float32[16,4] }
 */
export const learnedPositions = (maxLength: number, features: number, options: TableOptions = {}): Layer<EmbeddingTable> => {
  const { wInit = normal(0.02), dtype = 'float32' } = tableOf('learnedPositions', options)
  const shape = [
    check('learnedPositions', 'maxLength', positiveWhole, maxLength),
    check('learnedPositions', 'features', positiveWhole, features),
  ]
  return layer(
    'learnedPositions',
    () => struct({ table: gen(wInit, shape, dtype) }),
    (params) => {
      const { table } = checkSizes('learnedPositions', params, { table: shape })
      return (x) => {
        const [length] = sequenceSizes('learnedPositions', x)
        if (length > maxLength)
          fail(ShapeError, `learnedPositions: a sequence of ${length} is longer than the ${maxLength} positions`, { args: { x } })
        return add(x, along(table, 0, range(length)))
      }
    },
  )
}

/** Options of `rotary`. */
export interface RotaryOptions extends WaveOptions {
  /** Position of each element, int `[length]`; 0, 1, 2, ... by default. */
  readonly positions?: Tensor
  /** Pairs are neighbours (RoFormer) instead of halves (GPT-NeoX, Llama); false by default. */
  readonly interleaved?: boolean
}

const rotaryOf = optionsOf<RotaryOptions>(meaningsOf(waves, { positions: tensor, interleaved: flag }))

/**
 * Pairs of features turned by an angle in proportion to their position, so that products of queries and keys depend on
 * distances only.
 *
 * shapes: x[..., length, heads, features] -> the same
 *
 * @throws ShapeError for an odd number of features.
 * @see https://arxiv.org/abs/2104.09864
 * @example
 * nn.rotary(np.ones([5, 2, 4])).shape   // [5, 2, 4]
 */
export const rotary = (x: TensorLike, options: RotaryOptions = {}): Tensor => {
  const { base = 10_000, positions, interleaved = false } = rotaryOf('rotary', options)
  const t = toFloat(x, 'rotary')
  const features = t.shape.at(-1) ?? 1
  if (t.ndim < 3 || features % 2 !== 0)
    return fail(ShapeError, 'rotary: the input is not [..., length, heads, features] with an even number of features', { args: { x: t } })
  const a = expandDims(angles(positions ?? arange(t.shape.at(-3)!), features / 2, base, t.dtype), 1)
  const [c, s] = [cos(a), sin(a)]
  const pairs = interleaved ? reshape(t, [...t.shape.slice(0, -1), features / 2, 2]) : t
  const [p, q] = split(pairs, 2, { axis: -1 }).map((h) => (interleaved ? reshape(h, [...t.shape.slice(0, -1), features / 2]) : h)) as [
    Tensor,
    Tensor,
  ]
  const turned = [sub(mul(p, c), mul(q, s)), add(mul(q, c), mul(p, s))]
  return interleaved ? reshape(stack(turned, { axis: -1 }), t.shape) : concatenate(turned, { axis: -1 })
}
