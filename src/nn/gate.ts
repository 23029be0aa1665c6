/** Activations that gate, that shrink, and one that is learned. */
import { normaliseAxis } from '../core/axis.js'
import { called } from '../core/called.js'
import { axis as axisMeaning, check, finite, nonNegative, positiveWhole, traceable } from '../core/check.js'
import { alongAxis, optionsOf } from '../core/options.js'
import { fail, ShapeError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, sub } from '../numpy/arithmetic.js'
import { greater, greaterEqual, lessEqual, logicalAnd, where } from '../numpy/comparison.js'
import { split } from '../numpy/join.js'
import type { TensorLike } from '../numpy/lift.js'
import { toFloat } from '../numpy/lift.js'
import { reshape } from '../numpy/shape.js'
import { mish as mishOf } from '../prim/activation.js'
import { squareplus as squareplusOf, tanhShrink as tanhShrinkOf } from '../prim/shrink.js'
import { struct } from '../random/gen.js'
import { sigmoid } from './activation.js'
import { checkSizes } from './fit.js'
import { constant, gen } from './initializer.js'
import type { Layer } from './layer.js'
import { layer } from './layer.js'

/** `x * tanh(softplus(x))`. @see https://arxiv.org/abs/1908.08681 */
export const mish = called('mish', (x: TensorLike): Tensor => mishOf(toFloat(x, 'mish')))

const squareplusOptions = optionsOf<{ readonly b?: number }>({ b: nonNegative })

/** `(x + sqrt(x^2 + b)) / 2`: softplus by algebra; `b` is 4 by default. @see https://arxiv.org/abs/2112.11687 */
export const squareplus = called('squareplus', (x: TensorLike, options: { readonly b?: number } = {}): Tensor => {
  const { b = 4 } = squareplusOptions('squareplus', options)
  return squareplusOf(toFloat(x, 'squareplus'), b)
})

/** Options of `glu`. */
export interface GluOptions {
  /** The axis that is cut in two; the last by default. */
  readonly axis?: number
  /** What becomes of the second half; `sigmoid` by default, `silu` for SwiGLU, `gelu` for GEGLU. */
  readonly gate?: (x: Tensor) => Tensor
}

/**
 * The first half of an axis times `gate` of the second.
 *
 * shapes: x[..., 2 n, ...] -> [..., n, ...]
 *
 * @throws ShapeError when the axis has no halves.
 * @see https://arxiv.org/abs/1612.08083
 * @example
 * nn.glu(np.array([6, 0]))   // [3]
 */
export const glu = alongAxis<TensorLike, GluOptions, Tensor>(
  'glu',
  { axis: axisMeaning, gate: traceable },
  (x, { axis = -1, gate = sigmoid }) => {
    const halves = toFloat(x, 'glu')
    const [a, b] = split(halves, 2, { axis: normaliseAxis('glu', axis, halves) }) as [Tensor, Tensor]
    return mul(a, gate(b))
  },
)

/** Options of `hardShrink` and `softShrink`. */
export interface ShrinkOptions {
  /** What is smaller becomes 0; 0.5 by default. */
  readonly lambda?: number
}

const shrink = optionsOf<ShrinkOptions>({ lambda: nonNegative })

/** `x` where `|x| > lambda`, 0 elsewhere. */
export const hardShrink = called('hardShrink', (x: TensorLike, options: ShrinkOptions = {}): Tensor => {
  const { lambda = 0.5 } = shrink('hardShrink', options)
  return where(logicalAnd(lessEqual(x, lambda), greaterEqual(x, -lambda)), 0, x)
})

/** `x` moved towards 0 by `lambda`, and 0 where it would cross. */
export const softShrink = called('softShrink', (x: TensorLike, options: ShrinkOptions = {}): Tensor => {
  const { lambda = 0.5 } = shrink('softShrink', options)
  return where(greater(x, lambda), sub(x, lambda), where(greaterEqual(x, -lambda), 0, add(x, lambda)))
})

/** `x - tanh(x)`. */
export const tanhShrink = called('tanhShrink', (x: TensorLike): Tensor => tanhShrinkOf(toFloat(x, 'tanhShrink')))

const preluOf = optionsOf<{ readonly initial?: number }>({ initial: finite })

/**
 * `x` above 0, a learned slope times `x` below: one slope, or one per channel (axis 1).
 *
 * shapes: x[N, channels, ...] -> the same
 *
 * @throws ShapeError when channels do not fit.
 * @see https://arxiv.org/abs/1502.01852
 * @example
 * const layer = nn.prelu()
 * layer.apply(layer.init(random.key(0)))(np.array([-4, 2]))   // [-1, 2]
 */
export const prelu = (channels = 1, options: { readonly initial?: number } = {}): Layer<{ readonly slope: Tensor }> => {
  const { initial = 0.25 } = preluOf('prelu', options)
  const n = check('prelu', 'channels', positiveWhole, channels)
  return layer(
    'prelu',
    () => struct({ slope: gen(constant(initial), [n]) }),
    (params) => {
      const { slope } = checkSizes('prelu', params, { slope: [n] })
      return (x) => {
        if (n > 1 && x.shape[1] !== n) fail(ShapeError, `prelu: axis 1 does not have ${n} channels`, { args: { x } })
        const perChannel = n === 1 ? reshape(slope, []) : reshape(slope, [1, n, ...range(x.ndim - 2).map(() => 1)])
        return where(greater(x, 0), x, mul(x, perChannel))
      }
    },
  )
}
