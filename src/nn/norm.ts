/** Normalisation within an example: by layer, by group of channels, by image, and by root mean square. */
import { check, dtype as dtypeMeaning, either, flag, listOf, nonNegative, oneOf, positiveWhole } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, square } from '../numpy/arithmetic.js'
import { rsqrt } from '../numpy/lax.js'
import { toFloat } from '../numpy/lift.js'
import { mean } from '../numpy/reduce.js'
import { reshape } from '../numpy/shape.js'
import { of, struct } from '../random/gen.js'
import type { ScaleAndBias } from './batchNorm.js'
import { checkSizes } from './fit.js'
import * as init from './initializer.js'
import type { Layer, None } from './layer.js'
import { layer } from './layer.js'
import type { AnyLayer } from './part.js'
import { standardize } from './softmax.js'

/** Options of normalisation within an example. */
export interface NormOptions<A extends boolean = boolean> {
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number
  /** `false` leaves scale and bias out. */
  readonly affine?: A
  readonly dtype?: DType
}

const plainMeanings: Meanings<Omit<NormOptions, 'affine'>> = { epsilon: nonNegative, dtype: dtypeMeaning }
const plainOf = optionsOf<Omit<NormOptions, 'affine'>>(plainMeanings)
const normOf = optionsOf<NormOptions>(meaningsOf(plainMeanings, { affine: flag }))
/** A size, or none. */
const perhaps = either(positiveWhole, oneOf(undefined))

type Plain = NormOptions<false> & { readonly affine: false }

const scaleAndBias = (shape: Shape, dtype: DType) =>
  struct({ scale: init.gen(init.ones, shape, dtype), bias: init.gen(init.zeros, shape, dtype) })

/** A size given, or that of axis `axis` of the input. */
const sizeAlong = (name: string, given: number | null, shape: Shape | undefined, axis: number): number =>
  given ??
  shape?.at(axis) ??
  fail(ShapeError, `${name}: the number of features is unknown`, { fix: `${name}(features), or init(key, inputShape)` })

/**
 * The last axis of every example standardised, times a scale plus a bias: `layerNorm(features)`, or `layerNorm()` with the
 * size taken from the input shape at `init`. A list of sizes normalises that many last axes together.
 *
 * shapes: x[..., features] -> [..., features]
 *
 * @throws ShapeError when the size is neither given nor known, or does not fit.
 * @see https://arxiv.org/abs/1607.06450
 * @example
 * const norm = nn.layerNorm(4)
 * norm.apply(norm.init(random.key(0)))(np.ones([2, 4]))   // zeros
 */
export const layerNorm: {
  (features: number | Shape | undefined, options: Plain): Layer<None>
  (features?: number | Shape, options?: NormOptions): Layer<ScaleAndBias>
} = (features?: number | Shape, options: NormOptions = {}): AnyLayer => {
  const { epsilon = 1e-5, affine = true, dtype = 'float32' } = normOf('layerNorm', options)
  check('layerNorm', 'features', either(perhaps, listOf(positiveWhole)), features)
  const sizes = features === undefined ? null : typeof features === 'number' ? [features] : features
  const axes = range(sizes?.length ?? 1).map((k) => -1 - k)
  return layer<ScaleAndBias | None>(
    'layerNorm',
    (inputShape) => (affine ? scaleAndBias(sizes ?? [sizeAlong('layerNorm', null, inputShape, -1)], dtype) : of(null)),
    (params) => {
      const fitting = sizes ?? [null]
      if (affine) checkSizes('layerNorm', params, { scale: fitting, bias: fitting })
      return (x) => {
        const wrong = sizes !== null && (x.ndim < sizes.length || sizes.some((n, k) => n !== x.shape[x.ndim - sizes.length + k]))
        if (wrong) fail(ShapeError, `layerNorm: the last axes are not [${sizes.join(', ')}]`, { args: { x } })
        const y = standardize(x, { axis: axes, epsilon })
        return params === null ? y : add(mul(y, params.scale), params.bias)
      }
    },
  )
}

/**
 * `x / sqrt(mean(x^2) + epsilon) * scale` along the last axis: `rmsNorm(features)`, or `rmsNorm()`.
 *
 * shapes: x[..., features] -> [..., features]
 *
 * @throws ShapeError when the size is neither given nor known.
 * @see https://arxiv.org/abs/1910.07467
 * @example
 * const norm = nn.rmsNorm(2)
 * norm.apply(norm.init(random.key(0)))(np.array([3, 3]))   // [1, 1]
 */
export const rmsNorm = (features?: number, options: Omit<NormOptions, 'affine'> = {}): Layer<{ readonly scale: Tensor }> => {
  const { epsilon = 1e-6, dtype = 'float32' } = plainOf('rmsNorm', options)
  const size = check('rmsNorm', 'features', perhaps, features) ?? null
  return layer(
    'rmsNorm',
    (inputShape) => struct({ scale: init.gen(init.ones, [sizeAlong('rmsNorm', size, inputShape, -1)], dtype) }),
    (params) => {
      const { scale } = checkSizes('rmsNorm', params, { scale: [size] })
      return (input) => {
        const x = toFloat(input, 'rmsNorm')
        return mul(mul(x, rsqrt(add(mean(square(x), { axis: -1, keepdims: true }), epsilon))), scale)
      }
    },
  )
}

/** Every group of channels of `[N, C, spatial...]` standardised. */
const standardizeGroups = (name: string, x: Tensor, groups: number, epsilon: number): Tensor => {
  const [n, c] = [x.shape[0], x.shape[1]]
  if (n === undefined || c === undefined)
    return fail(ShapeError, `${name}: an input of ${x.ndim} axes is not [N, C, spatial...]`, { args: { x } })
  if (c % groups !== 0) fail(ShapeError, `${name}: ${c} channels do not divide into ${groups} groups`, { args: { x } })
  const size = (c / groups) * x.shape.slice(2).reduce((a, b) => a * b, 1)
  return reshape(standardize(reshape(x, [n, groups, size]), { epsilon }), x.shape)
}

const channelNorm = (name: string, groupsOf: (x: Tensor) => number, channels: number | undefined, options: NormOptions): AnyLayer => {
  const { epsilon = 1e-5, affine = true, dtype = 'float32' } = normOf(name, options)
  const size = check(name, 'channels', perhaps, channels) ?? null
  return layer<ScaleAndBias | None>(
    name,
    (inputShape) => (affine ? scaleAndBias([sizeAlong(name, size, inputShape, 1)], dtype) : of(null)),
    (params) => {
      if (affine) checkSizes(name, params, { scale: [size], bias: [size] })
      return (x) => {
        const y = standardizeGroups(name, x, groupsOf(x), epsilon)
        if (params === null) return y
        const perChannel = (t: Tensor): Tensor => reshape(t, [1, t.size, ...range(x.ndim - 2).map(() => 1)])
        return add(mul(y, perChannel(params.scale)), perChannel(params.bias))
      }
    },
  )
}

/**
 * Every group of channels of every example standardised, times a scale plus a bias per channel: `groupNorm(groups, channels)`,
 * or `groupNorm(groups)`.
 *
 * shapes: x[N, channels, spatial...] -> the same
 *
 * @throws ShapeError when channels are unknown or do not divide into groups.
 * @see https://arxiv.org/abs/1803.08494
 * @example
 * const norm = nn.groupNorm(2, 4)
 * norm.apply(norm.init(random.key(0)))(np.ones([1, 4, 3, 3])).shape   // [1, 4, 3, 3]
 */
export const groupNorm: {
  (groups: number, channels: number | undefined, options: Plain): Layer<None>
  (groups: number, channels?: number, options?: NormOptions): Layer<ScaleAndBias>
} = (groups: number, channels?: number, options: NormOptions = {}): AnyLayer => {
  const count = check('groupNorm', 'groups', positiveWhole, groups)
  return channelNorm('groupNorm', () => count, channels, options)
}

/**
 * Every channel of every example standardised over its positions, times a scale plus a bias: `instanceNorm(channels)`, or
 * `instanceNorm()`.
 *
 * shapes: x[N, channels, spatial...] -> the same
 *
 * @throws ShapeError when channels are unknown.
 * @see https://arxiv.org/abs/1607.08022
 * @example
 * const norm = nn.instanceNorm(3)
 * norm.apply(norm.init(random.key(0)))(np.ones([1, 3, 4, 4])).shape   // [1, 3, 4, 4]
 */
export const instanceNorm: {
  (channels: number | undefined, options: Plain): Layer<None>
  (channels?: number, options?: NormOptions): Layer<ScaleAndBias>
} = (channels?: number, options: NormOptions = {}): AnyLayer => channelNorm('instanceNorm', (x) => x.shape[1] ?? 1, channels, options)
