/** Dense layers: every output sees every input. */
import { callable, check, dtype as dtypeMeaning, flag, positiveWhole } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import { matmul } from '../numpy/matmul.js'
import { struct } from '../random/gen.js'
import type { Initializer } from './initializer.js'
import { gen, lecunNormal, zeros } from './initializer.js'
import type { Layer } from './layer.js'
import { layer } from './layer.js'
import type { AnyLayer } from './part.js'
import { checkNames, checkSizes } from './fit.js'

/** Weight `[in, out]` and bias `[out]`. */
export interface Affine {
  readonly w: Tensor
  readonly b: Tensor
}

/** Options of `dense`. */
export interface DenseOptions<B extends boolean = boolean> {
  /** `false` leaves the bias out. */
  readonly bias?: B
  /** How the weight is drawn; `lecunNormal()` by default. */
  readonly wInit?: Initializer
  /** How the bias is drawn; zeros by default. */
  readonly bInit?: Initializer
  readonly dtype?: DType
}

/** `x @ w + b`. shapes: x[..., in], w[in, out], b[out] -> [..., out] */
export const linear = (params: { readonly w: Tensor; readonly b?: Tensor | null }, x: Tensor): Tensor => {
  const { w, b } = checkNames('linear', params, ['w'])
  const y = matmul(x, w)
  return b === undefined || b === null ? y : add(y, b)
}

const denseOf = optionsOf<DenseOptions>({ bias: flag, wInit: callable, bInit: callable, dtype: dtypeMeaning })

const checkSize = (what: string, n: unknown): number => check('dense', what, positiveWhole, n as number)

/** The size of an input's last axis. */
const lastOf = (shape: Shape | undefined): number =>
  shape === undefined || shape.length === 0
    ? fail(ShapeError, 'dense: the input size is unknown', { fix: 'dense(in, out), or init(key, inputShape)' })
    : shape[shape.length - 1]!

/**
 * A dense layer: `dense(in, out)`, or `dense(out)` with the input size taken from the input shape at `init`.
 *
 * shapes: x[..., in] -> [..., out]
 *
 * @throws ShapeError when the input size is neither given nor known.
 * @example
 * nn.dense(784, 256).init(random.key(0))   // { w: float32[784,256], b: float32[256] }
 */
export const dense: {
  (inputs: number, outputs: number, options: DenseOptions<false> & { readonly bias: false }): Layer<{ readonly w: Tensor }>
  (outputs: number, options: DenseOptions<false> & { readonly bias: false }): Layer<{ readonly w: Tensor }>
  (inputs: number, outputs: number, options?: DenseOptions): Layer<Affine>
  (outputs: number, options?: DenseOptions): Layer<Affine>
} = (first: number, second?: number | DenseOptions, third?: DenseOptions): AnyLayer => {
  const explicit = typeof second === 'number'
  const inputs = explicit ? checkSize('inputs', first) : null
  const outputs = checkSize('outputs', explicit ? second : first)
  const { bias = true, wInit = lecunNormal(), bInit = zeros, dtype = 'float32' } = denseOf('dense', explicit ? third : second)
  const sizes = { w: [inputs, outputs], ...(bias ? { b: [outputs] } : {}) }
  return layer<{ readonly w: Tensor; readonly b?: Tensor }>(
    'dense',
    (inputShape) => {
      const w = gen(wInit, [inputs ?? lastOf(inputShape), outputs], dtype)
      return bias ? struct({ w, b: gen(bInit, [outputs], dtype) }) : struct({ w })
    },
    (params) => {
      checkSizes('dense', params, sizes)
      return (x) => linear(params, x)
    },
  )
}
