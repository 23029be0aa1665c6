/** Batch normalisation: every channel is standardised over the batch while training, by running statistics afterwards. */
import { normaliseAxis } from '../core/axis.js'
import { axis as axisMeaning, check, dtype as dtypeMeaning, flag, nonNegative, positiveWhole, probability } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, sub, square } from '../numpy/arithmetic.js'
import { ones, zeros } from '../numpy/create.js'
import { rsqrt, stopGradient } from '../numpy/lax.js'
import { toFloat } from '../numpy/lift.js'
import { mean } from '../numpy/reduce.js'
import { reshape } from '../numpy/shape.js'
import { of, struct } from '../random/gen.js'
import { checkSizes } from './fit.js'
import * as init from './initializer.js'
import type { Layer, None } from './layer.js'
import { statefulLayer } from './layer.js'

/** What a normalised value is multiplied by, and what is added to it, per channel. */
export interface ScaleAndBias {
  readonly scale: Tensor
  readonly bias: Tensor
}

/** Running estimates of mean and variance, per channel. */
export interface RunningStatistics {
  readonly mean: Tensor
  readonly var: Tensor
}

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /**
   * How much of the running statistics is kept at each step: `running = momentum * running + (1 - momentum) * batch`; 0.9 by
   * default. (flax, Keras and DeZero count it so; PyTorch's momentum is 1 minus this.)
   */
  readonly momentum?: number
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number
  /** The axis of channels; 1 by default. */
  readonly axis?: number
  /** `false` leaves scale and bias out. */
  readonly affine?: boolean
  readonly dtype?: DType
}

const batchNormOf = optionsOf<BatchNormOptions>({
  momentum: probability,
  epsilon: nonNegative,
  axis: axisMeaning,
  affine: flag,
  dtype: dtypeMeaning,
})

/** The channels of an input, along `axis`. */
const sizeOf = (inputShape: Shape | undefined, axis: number): number =>
  inputShape === undefined
    ? fail(ShapeError, 'batchNorm: the number of channels is unknown', { fix: 'batchNorm(channels), or init(key, inputShape)' })
    : inputShape[normaliseAxis('batchNorm', axis, inputShape.length)]!

/** The mean and variance over all axes but one, that one alone left. */
const moments = (x: Tensor, axes: readonly number[]): { readonly mean: Tensor; readonly centred: Tensor; readonly var: Tensor } => {
  const centre = mean(x, { axis: axes, keepdims: true })
  const centred = sub(x, centre)
  return { mean: centre, centred, var: mean(square(centred), { axis: axes, keepdims: true }) }
}

/**
 * `(x - mean) / sqrt(var + epsilon) * scale + bias` per channel: `batchNorm(channels)`, or `batchNorm()` with the channels taken
 * from the input shape at `init`.
 *
 * With `train: true`, mean and variance are those of the batch, and derivatives go through them; the next state moves towards
 * them, its variance towards the unbiased one (divisor `n - 1`; for a single value per channel, 1). Otherwise they are those
 * of the state, which stays as it is. The state is an argument: `applyWithState(params, { state, train })`.
 *
 * shapes: x[N, channels, ...] -> [N, channels, ...]
 *
 * @throws ValueError when the state is missing; ShapeError when the channels are unknown.
 * @see https://arxiv.org/abs/1502.03167
 * @example
 * const norm = nn.batchNorm(3)
 * const params = norm.init(random.key(0))
 * const x = random.normal(random.key(1), [8, 3])
 * const [y, next] = norm.applyWithState(params, { state: norm.initState(), train: true })(x)
 * norm.apply(params, { state: next })(x).shape   // [8, 3]
 */
export const batchNorm: {
  (channels: number, options: BatchNormOptions & { readonly affine: false }): Layer<None, RunningStatistics>
  (options: BatchNormOptions & { readonly affine: false }): Layer<None, RunningStatistics>
  (channels: number, options?: BatchNormOptions): Layer<ScaleAndBias, RunningStatistics>
  (options?: BatchNormOptions): Layer<ScaleAndBias, RunningStatistics>
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters depend on an option: the overloads say how
} = (first?: number | BatchNormOptions, second?: BatchNormOptions): Layer<any, RunningStatistics> => {
  const channels = typeof first === 'number' ? first : null
  const {
    momentum = 0.9,
    epsilon = 1e-5,
    axis = 1,
    affine = true,
    dtype = 'float32',
  } = batchNormOf('batchNorm', typeof first === 'number' || first === undefined ? second : first)
  if (channels !== null) check('batchNorm', 'channels', positiveWhole, channels)
  const size = (inputShape?: Shape): number => channels ?? sizeOf(inputShape, axis)
  return statefulLayer<ScaleAndBias | None, RunningStatistics>({
    name: 'batchNorm',
    gen: (inputShape) => {
      const n = size(inputShape)
      return affine ? struct({ scale: init.gen(init.ones, [n], dtype), bias: init.gen(init.zeros, [n], dtype) }) : of(null)
    },
    initState: (inputShape) => ({ mean: zeros([size(inputShape)], { dtype }), var: ones([size(inputShape)], { dtype }) }),
    run: (params, { state, train = false }) => {
      if (affine) checkSizes('batchNorm', params, { scale: [channels], bias: [channels] })
      if (state !== undefined) checkSizes('batchNorm', state, { mean: [channels], var: [channels] })
      return (input) => {
        if (state === undefined)
          return fail(ValueError, 'batchNorm: the running statistics are missing', {
            args: { x: input },
            fix: 'applyWithState(params, { state, train: true }), state from initState() or from the step before',
          })
        const x = toFloat(input, 'batchNorm')
        const channel = normaliseAxis('batchNorm', axis, x)
        const perChannel = (t: Tensor): Tensor =>
          reshape(
            t,
            x.shape.map((_, k) => (k === channel ? t.size : 1)),
          )
        const out = (centred: Tensor, variance: Tensor): Tensor => {
          const deviation = rsqrt(add(variance, epsilon))
          if (params === null) return mul(centred, deviation)
          return add(mul(centred, mul(deviation, perChannel(params.scale))), perChannel(params.bias))
        }
        if (!train) return [out(sub(x, perChannel(state.mean)), perChannel(state.var)), state]

        const axes = range(x.ndim).filter((k) => k !== channel)
        const batch = moments(x, axes)
        const n = x.size / x.shape[channel]!
        const towards = (running: Tensor, now: Tensor, factor: number): Tensor =>
          add(mul(running, momentum), mul(reshape(stopGradient(now), running.shape), (1 - momentum) * factor))
        const next = { mean: towards(state.mean, batch.mean, 1), var: towards(state.var, batch.var, n / Math.max(n - 1, 1)) }
        return [out(batch.centred, batch.var), next]
      }
    },
  })
}
