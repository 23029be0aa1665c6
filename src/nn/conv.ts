/** Convolutions of images, sequences and volumes `[N, C, spatial...]`. */
import { callable, check, dtype as dtypeMeaning, flag, positiveWhole } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import { convGeneralDilated } from '../numpy/lax.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift } from '../numpy/lift.js'
import { reshape } from '../numpy/shape.js'
import { struct } from '../random/gen.js'
import type { Affine } from './dense.js'
import type { Initializer } from './initializer.js'
import { gen, lecunNormal, zeros } from './initializer.js'
import type { Layer } from './layer.js'
import { layer } from './layer.js'
import type { AnyLayer } from './part.js'
import type { Padding, PerAxis } from './spatial.js'
import { paddingPairs, paddings, perAxis, steps } from './spatial.js'
import { checkSizes } from './fit.js'

/** How a window moves over its input. */
export interface ConvGeometry {
  /** Distance between windows; 1 by default. */
  readonly strides?: PerAxis
  /** `'valid'`, none, by default. */
  readonly padding?: Padding
  /** Distance between the elements of a window; 1 by default. */
  readonly dilation?: PerAxis
  /** Channels are cut into this many groups that do not mix; 1 by default. */
  readonly groups?: number
}

/** Options of convolution layers. */
export interface ConvOptions<B extends boolean = boolean> extends ConvGeometry {
  /** `false` leaves the bias out. */
  readonly bias?: B
  /** How the weight is drawn; `lecunNormal()` by default. */
  readonly wInit?: Initializer
  /** How the bias is drawn; zeros by default. */
  readonly bInit?: Initializer
  readonly dtype?: DType
}

/** What the options of windows mean. */
export const windowMeanings: Meanings<Omit<ConvGeometry, 'groups'>> = { strides: steps, padding: paddings, dilation: steps }
/** What the options of a convolution mean. */
export const geometryMeanings: Meanings<ConvGeometry> = meaningsOf(windowMeanings, { groups: positiveWhole })
/** What the options of drawing a weight and a bias mean. */
export const drawnMeanings: Meanings<Pick<ConvOptions, 'wInit' | 'bInit' | 'dtype'>> = {
  wInit: callable,
  bInit: callable,
  dtype: dtypeMeaning,
}
/** What the options of a convolution layer mean. */
export const convMeanings: Meanings<ConvOptions> = meaningsOf(meaningsOf(geometryMeanings, drawnMeanings), { bias: flag })

const geometryOf = optionsOf<ConvGeometry>(geometryMeanings)

/**
 * Cross-correlation, as every learning library calls convolution: the window is not turned round.
 *
 * shapes: x[N, C, spatial...], w[O, C / groups, window...] -> [N, O, out...]
 *
 * @throws ShapeError when channels do not fit, or no window does: the message shows the sum.
 * @example
 * nn.conv(np.ones([1, 3, 32, 32]), np.ones([8, 3, 3, 3]), { strides: 2, padding: 'same' }).shape   // [1, 8, 16, 16]
 */
export const conv = (x: TensorLike, w: TensorLike, options: ConvGeometry = {}): Tensor => convolve(x, w, geometryOf('conv', options))

/** `conv` of options that are checked already. */
const convolve = (x: TensorLike, w: TensorLike, { strides = 1, padding = 'valid', dilation = 1, groups = 1 }: ConvGeometry): Tensor => {
  const [a, b] = [lift(x, 'conv'), lift(w, 'conv', 'w')]
  const n = Math.max(0, a.ndim - 2)
  const [s, d] = [perAxis('conv', 'strides', strides, n), perAxis('conv', 'dilation', dilation, n)]
  const pairs = paddingPairs('conv', padding, a.shape.slice(2), b.shape.slice(2), s, d)
  return convGeneralDilated(a, b, { strides: s, padding: pairs, rhsDilation: d, groups })
}

/** `y [N, C, spatial...]` plus one number per channel. */
export const addPerChannel = (y: Tensor, b: Tensor | undefined | null): Tensor =>
  b === undefined || b === null ? y : add(y, reshape(b, [1, b.size, ...range(y.ndim - 2).map(() => 1)]))

/** The number of channels of an input `[N, C, spatial...]` with `n` spatial axes. */
export const channelsOf = (name: string, shape: Shape | undefined, n: number, fix: string): number => {
  if (shape === undefined) return fail(ShapeError, `${name}: the number of input channels is unknown`, { fix })
  return shape.length === n + 2
    ? shape[1]!
    : fail(ShapeError, `${name}: an input of shape [${shape.join(',')}] is not [N, C${', spatial'.repeat(n)}]`)
}

/** The constructors of convolution layers: with the number of input channels, or without, taken from the input shape at `init`. */
export interface ConvConstructor<O = ConvOptions> {
  (inputs: number, outputs: number, window: PerAxis, options: O & { readonly bias: false }): Layer<{ readonly w: Tensor }>
  (outputs: number, window: PerAxis, options: O & { readonly bias: false }): Layer<{ readonly w: Tensor }>
  (inputs: number, outputs: number, window: PerAxis, options?: O): Layer<Affine>
  (outputs: number, window: PerAxis, options?: O): Layer<Affine>
}

/** @throws ShapeError for strides or dilation of another number of axes. */
export const checkSteps = (
  name: string,
  { strides, dilation }: { readonly strides?: PerAxis | undefined; readonly dilation?: PerAxis | undefined },
  n: number,
): void =>
  Object.entries({ strides, dilation }).forEach(([option, given]) => {
    if (given !== undefined) perAxis(name, option, given, n)
  })

/** The arguments of a constructor told apart: the third is a window when the first counts input channels. */
export const constructorArguments = <O>(
  name: string,
  n: number,
  [a, b, c, d]: readonly [number, PerAxis, PerAxis | O | undefined, O | undefined],
): { readonly inputs: number | null; readonly outputs: number; readonly window: readonly number[]; readonly options: O | undefined } => {
  const explicit = typeof c === 'number' || Array.isArray(c)
  const sized = (what: string, size: unknown): number => check(name, what, positiveWhole, size as number)
  const sizes = explicit
    ? { inputs: sized('inputs', a), outputs: sized('outputs', b), options: d }
    : { inputs: null, outputs: sized('outputs', a), options: c as O | undefined }
  if (!explicit && d !== undefined) check(name, 'window', steps, c)
  return { ...sizes, window: perAxis(name, 'window', explicit ? (c as PerAxis) : b, n) }
}

/** What tells convolutions with weights of their own apart. */
interface Kind<O extends ConvOptions> {
  readonly name: string
  readonly wInit: Initializer
  /** The shape of the weights without the window, from the channels in and out. */
  readonly weights: (inputs: number, outputs: number, groups: number) => readonly [number, number]
  readonly apply: (x: Tensor, w: Tensor, options: Geometry<O>) => Tensor
  /** What its options mean. */
  readonly meanings: Meanings<O>
}
type Geometry<O extends ConvOptions> = Omit<O, 'bias' | 'wInit' | 'bInit' | 'dtype'>

/** Layers of one kind of convolution over `n` spatial axes. */
export const convLayer = <O extends ConvOptions>(n: number, kind: Kind<O>): ConvConstructor<O> => {
  const optionsOfKind = optionsOf<O>(kind.meanings)
  return (...args: readonly unknown[]): AnyLayer => {
    const name = `${kind.name}${n}d`
    const { inputs, outputs, window, options } = constructorArguments<O>(name, n, args as never)
    const { bias = true, wInit = kind.wInit, bInit = zeros, dtype = 'float32', ...geometry } = optionsOfKind(name, options)
    checkSteps(name, geometry, n)
    const groups = geometry.groups ?? 1
    const [first, second] = kind.weights(inputs ?? NaN, outputs, groups)
    const sizes = {
      w: [Number.isNaN(first) ? null : first, Number.isNaN(second) ? null : second, ...window],
      ...(bias ? { b: [outputs] } : {}),
    }
    return layer<{ readonly w: Tensor; readonly b?: Tensor }>(
      name,
      (inputShape) => {
        const channels = inputs ?? channelsOf(name, inputShape, n, `${name}(in, out, window), or init(key, inputShape)`)
        if (channels % groups !== 0 || outputs % groups !== 0)
          fail(ShapeError, `${name}: ${channels} channels in and ${outputs} out do not divide into ${groups} groups`)
        const w = gen(wInit, [...kind.weights(channels, outputs, groups), ...window], dtype)
        return bias ? struct({ w, b: gen(bInit, [outputs], dtype) }) : struct({ w })
      },
      (params) => {
        const { w, b } = checkSizes(name, params, sizes)
        return (x) => addPerChannel(kind.apply(x, w, geometry), b)
      },
    )
  }
}

const forward: Kind<ConvOptions> = {
  name: 'conv',
  wInit: /* @__PURE__ */ lecunNormal({ inAxis: 1, outAxis: 0 }),
  weights: (inputs, outputs, groups) => [outputs, inputs / groups],
  apply: convolve,
  meanings: convMeanings,
}

/**
 * Convolution of sequences: `conv1d(in, out, window)`, or `conv1d(out, window)` with the channels taken from the input shape.
 *
 * shapes: x[N, in, length] -> [N, out, length']
 *
 * @throws ShapeError when channels do not fit, or no window does.
 * @example
 * nn.conv1d(4, 8, 3).init(random.key(0))   // { w: float32[8,4,3], b: float32[8] }
 */
export const conv1d: ConvConstructor = /* @__PURE__ */ convLayer(1, forward)

/**
 * Convolution of images: `conv2d(in, out, window)`, or `conv2d(out, window)` with the channels taken from the input shape.
 *
 * shapes: x[N, in, height, width] -> [N, out, height', width']
 *
 * @throws ShapeError when channels do not fit, or no window does.
 * @example
 * nn.conv2d(3, 64, 3, { padding: 'same' }).init(random.key(0))   // { w: float32[64,3,3,3], b: float32[64] }
 */
export const conv2d: ConvConstructor = /* @__PURE__ */ convLayer(2, forward)

/**
 * Convolution of volumes: `conv3d(in, out, window)`, or `conv3d(out, window)` with the channels taken from the input shape.
 *
 * shapes: x[N, in, depth, height, width] -> [N, out, depth', height', width']
 *
 * @throws ShapeError when channels do not fit, or no window does.
 * @example
 * nn.conv3d(1, 4, [3, 3, 3]).init(random.key(0))   // { w: float32[4,1,3,3,3], b: float32[4] }
 */
export const conv3d: ConvConstructor = /* @__PURE__ */ convLayer(3, forward)
