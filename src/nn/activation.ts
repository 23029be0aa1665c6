/** Activations: functions of one tensor, element by element, with exact derivatives. At a kink the derivative is that of the flat side. */
import { called } from '../core/called.js'
import { finite, flag, positive } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, mul, neg } from '../numpy/arithmetic.js'
import { greater, greaterEqual, lessEqual, logicalOr, where } from '../numpy/comparison.js'
import { expm1 } from '../numpy/exponential.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift, toFloat } from '../numpy/lift.js'
import * as P from '../prim/activation.js'
import { geluErf } from '../prim/normal.js'
import { softSign as softSignOf } from '../prim/shrink.js'

const rectified = (x: Tensor): Tensor => where(lessEqual(x, 0), 0, x)
const rectified6 = (x: Tensor): Tensor => where(lessEqual(x, 0), 0, where(greaterEqual(x, 6), 6, x))

/**
 * `max(x, 0)`; its derivative at 0 is 0.
 *
 * @example
 * nn.relu(np.array([-1, 0, 2]))   // [0, 0, 2]
 */
export const relu = called('relu', (x: TensorLike): Tensor => rectified(lift(x, 'relu')))

/** `min(max(x, 0), 6)`. */
export const relu6 = called('relu6', (x: TensorLike): Tensor => rectified6(lift(x, 'relu6')))

/** `1 / (1 + exp(-x))`. */
export const sigmoid = called('sigmoid', (x: TensorLike): Tensor => P.sigmoid(toFloat(x, 'sigmoid')))

/** `log(1 + exp(x))`, without overflow. */
export const softplus = called('softplus', (x: TensorLike): Tensor => P.softplus(toFloat(x, 'softplus')))

/** `log(sigmoid(x))`, exact where the sigmoid underflows. */
export const logSigmoid = called('logSigmoid', (x: TensorLike): Tensor => neg(softplus(neg(x))))

/** `x * sigmoid(x)`, also called swish. */
export const silu = called('silu', (x: TensorLike): Tensor => P.silu(toFloat(x, 'silu')))

/** Options of `elu` and `celu`. */
export interface AlphaOption {
  /** Minus the value at minus infinity; 1 by default. */
  readonly alpha?: number
}

const eluOptions = optionsOf<AlphaOption>({ alpha: finite })
const celuOf = optionsOf<AlphaOption>({ alpha: positive })
const leakyOf = optionsOf<{ readonly negativeSlope?: number }>({ negativeSlope: finite })
const geluOptions = optionsOf<{ readonly approximate?: boolean }>({ approximate: flag })

/** `negative(x)` below 0 and `x` above; the side that is not chosen sees 0, so that it cannot overflow into the derivative. */
const belowZero = (x: Tensor, negative: (x: Tensor) => Tensor): Tensor => {
  const positive = greater(x, 0)
  return where(positive, x, negative(where(positive, 0, x)))
}

/** `x` above 0, `alpha * (exp(x) - 1)` below. @see https://arxiv.org/abs/1511.07289 */
export const elu = called('elu', (x: TensorLike, options: AlphaOption = {}): Tensor => {
  const { alpha = 1 } = eluOptions('elu', options)
  return belowZero(toFloat(x, 'elu'), (z) => mul(alpha, expm1(z)))
})

/** `x` above 0, `alpha * (exp(x / alpha) - 1)` below: smooth for every alpha. @see https://arxiv.org/abs/1704.07483 */
export const celu = called('celu', (x: TensorLike, options: AlphaOption = {}): Tensor => {
  const { alpha = 1 } = celuOf('celu', options)
  return belowZero(toFloat(x, 'celu'), (z) => mul(alpha, expm1(div(z, alpha))))
})

const selu_ = { alpha: 1.6732632423543772, scale: 1.0507009873554805 }

/** `elu` scaled so that activations keep mean 0 and variance 1 from layer to layer. @see https://arxiv.org/abs/1706.02515 */
export const selu = called('selu', (x: TensorLike): Tensor => mul(selu_.scale, elu(x, { alpha: selu_.alpha })))

/** `x` above 0, `negativeSlope * x` below; 0.01 by default. Its derivative at 0 is the slope below, as that of `relu`. */
export const leakyRelu = called('leakyRelu', (x: TensorLike, options: { readonly negativeSlope?: number } = {}): Tensor => {
  const { negativeSlope = 0.01 } = leakyOf('leakyRelu', options)
  return negativeSlope === 0 ? relu(x) : where(greater(x, 0), x, mul(x, negativeSlope))
})

/** `x / (1 + |x|)`. */
export const softSign = called('softSign', (x: TensorLike): Tensor => softSignOf(toFloat(x, 'softSign')))

/** `x` bounded to `[-1, 1]`. */
export const hardTanh = called('hardTanh', (x: TensorLike): Tensor => where(greaterEqual(x, 1), 1, where(lessEqual(x, -1), -1, x)))

/** `relu6(x + 3) / 6`: a sigmoid of three straight lines. */
export const hardSigmoid = called('hardSigmoid', (x: TensorLike): Tensor => div(relu6(add(lift(x, 'hardSigmoid'), 3)), 6))

/** `x * hardSigmoid(x)`. @see https://arxiv.org/abs/1905.02244 */
export const hardSwish = called('hardSwish', (x: TensorLike): Tensor => {
  const [low, high] = [lessEqual(x, -3), greaterEqual(x, 3)]
  // the curve sees 0 where a line is chosen, so that infinities do not meet its slope
  const bent = where(logicalOr(low, high), 0, x)
  return where(low, 0, where(high, x, mul(bent, div(add(bent, 3), 6))))
})

/**
 * `x * Phi(x)`, Phi being the normal distribution function; by default, as in JAX, with its approximation by tanh.
 *
 * @see https://arxiv.org/abs/1606.08415
 */
export const gelu = called('gelu', (x: TensorLike, options: { readonly approximate?: boolean } = {}): Tensor => {
  const { approximate = true } = geluOptions('gelu', options)
  return (approximate ? P.geluTanh : geluErf)(toFloat(x, 'gelu'))
})
