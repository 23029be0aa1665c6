/** Depthwise convolutions: every channel has windows of its own. */
import { check, positiveWhole } from '../core/check.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { struct } from '../random/gen.js'
import type { ConvGeometry, ConvOptions } from './conv.js'
import { addPerChannel, channelsOf, checkSteps, conv, drawnMeanings, windowMeanings } from './conv.js'
import type { Affine } from './dense.js'
import { gen, lecunNormal, zeros } from './initializer.js'
import type { Layer } from './layer.js'
import { layer } from './layer.js'
import type { PerAxis } from './spatial.js'
import { perAxis } from './spatial.js'
import { checkSizes } from './fit.js'

/** Options of depthwise convolution layers. */
export interface DepthwiseOptions extends Omit<ConvOptions, 'groups' | 'bias'> {
  /** Outputs per channel; 1 by default. */
  readonly multiplier?: number
}

const depthwiseOf = optionsOf<DepthwiseOptions>(meaningsOf(meaningsOf(windowMeanings, drawnMeanings), { multiplier: positiveWhole }))

/** The constructors of depthwise layers: with the number of channels, or without, taken from the input shape at `init`. */
export interface DepthwiseConstructor {
  (channels: number, window: PerAxis, options?: DepthwiseOptions): Layer<Affine>
  (window: PerAxis, options?: DepthwiseOptions): Layer<Affine>
}

const depthwise =
  (n: number): DepthwiseConstructor =>
  (first: PerAxis, second?: PerAxis | DepthwiseOptions, third?: DepthwiseOptions): Layer<Affine> => {
    const name = `depthwiseConv${n}d`
    const explicit = typeof second === 'number' || Array.isArray(second)
    const channels = explicit ? check(name, 'channels', positiveWhole, first as number) : null
    const window = perAxis(name, 'window', explicit ? (second as PerAxis) : first, n)
    const options = depthwiseOf(name, explicit ? third : (second as DepthwiseOptions | undefined))
    const { multiplier = 1, wInit = lecunNormal({ inAxis: 1, outAxis: 0 }), bInit = zeros, dtype = 'float32', ...geometry } = options
    checkSteps(name, geometry, n)
    const total = channels === null ? null : channels * multiplier
    return layer<Affine>(
      name,
      (inputShape) => {
        const outputs = (channels ?? channelsOf(name, inputShape, n, `${name}(channels, window), or init(key, inputShape)`)) * multiplier
        return struct({ w: gen(wInit, [outputs, 1, ...window], dtype), b: gen(bInit, [outputs], dtype) })
      },
      (params) => {
        const { w, b } = checkSizes(name, params, { w: [total, 1, ...window], b: [total] })
        return (x: Tensor) => addPerChannel(conv(x, w, { ...(geometry satisfies ConvGeometry), groups: w.shape[0]! / multiplier }), b)
      },
    )
  }

/** Depthwise convolution of sequences. shapes: x[N, C, length] -> [N, C * multiplier, length'] */
export const depthwiseConv1d: DepthwiseConstructor = /* @__PURE__ */ depthwise(1)

/**
 * Depthwise convolution of images: `depthwiseConv2d(channels, window)`, or `depthwiseConv2d(window)` with the channels taken
 * from the input shape.
 *
 * shapes: x[N, C, height, width] -> [N, C * multiplier, height', width']
 *
 * @throws ShapeError when channels do not fit, or no window does.
 * @see https://arxiv.org/abs/1704.04861
 * @example
 * nn.depthwiseConv2d(8, 3, { padding: 'same' }).init(random.key(0))   // { w: float32[8,1,3,3], b: float32[8] }
 */
export const depthwiseConv2d: DepthwiseConstructor = /* @__PURE__ */ depthwise(2)

/** Depthwise convolution of volumes. shapes: x[N, C, d, h, w] -> [N, C * multiplier, d', h', w'] */
export const depthwiseConv3d: DepthwiseConstructor = /* @__PURE__ */ depthwise(3)
