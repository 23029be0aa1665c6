/** Pooling: the maximum, mean or sum of every window over the spatial axes of `[N, C, spatial...]`. */
import { flag } from '../core/check.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { div } from '../numpy/arithmetic.js'
import { ones } from '../numpy/create.js'
import { reduceWindow } from '../numpy/lax.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift, toFloat } from '../numpy/lift.js'
import * as reduce from '../numpy/reduce.js'
import type { Layer, None } from './layer.js'
import { lift as liftLayer } from './layer.js'
import type { Padding, PerAxis } from './spatial.js'
import { paddingPairs, perAxis } from './spatial.js'
import { checkSteps, windowMeanings } from './conv.js'

/** How windows lie. */
export interface PoolGeometry {
  /** Distance between windows; the window itself by default, so that windows do not overlap. */
  readonly strides?: PerAxis
  /** `'valid'`, none, by default. Padding never wins a maximum and adds nothing to a sum. */
  readonly padding?: Padding
  /** Distance between the elements of a window; 1 by default. */
  readonly dilation?: PerAxis
}

/** Options of mean pooling. */
export interface AvgPoolOptions extends PoolGeometry {
  /** Whether padding counts as zeros in the mean, as in PyTorch and flax; true by default. */
  readonly countIncludePad?: boolean
}

const poolMeanings: Meanings<PoolGeometry> = windowMeanings
const avgMeanings: Meanings<AvgPoolOptions> = meaningsOf(windowMeanings, { countIncludePad: flag })
const poolOf = optionsOf<PoolGeometry>(poolMeanings)
const avgOf = optionsOf<AvgPoolOptions>(avgMeanings)

/** The windows over all axes, examples and channels standing still. */
const windows = (name: string, x: Tensor, window: PerAxis, { strides = window, padding = 'valid', dilation = 1 }: PoolGeometry) => {
  if (x.ndim < 2) fail(ShapeError, `${name}: an input of ${x.ndim} axes is not [N, C, spatial...]`, { args: { x } })
  const n = x.ndim - 2
  const [w, s, d] = [perAxis(name, 'window', window, n), perAxis(name, 'strides', strides, n), perAxis(name, 'dilation', dilation, n)]
  const still = [1, 1]
  const pairs = paddingPairs(name, padding, x.shape.slice(2), w, s, d)
  pairs.forEach((pair, k) => {
    const span = (w[k]! - 1) * d[k]! + 1
    if (Math.max(...pair) >= span)
      fail(
        ValueError,
        `${name}: padding [${pair.join(', ')}] is not below the window's ${span} on spatial axis ${k}: a window would hold no element`,
        {
          args: { x },
          fix: 'padding below the window; np.pad adds elements',
        },
      )
  })
  return {
    window: [...still, ...w],
    strides: [...still, ...s],
    padding: [[0, 0], [0, 0], ...pairs] as const,
    windowDilation: [...still, ...d],
  }
}

/**
 * The largest element of every window; among ties the derivative is shared evenly.
 *
 * shapes: x[N, C, spatial...] -> [N, C, out...]
 *
 * @throws ShapeError when no window fits; ValueError for padding of a window and more.
 * @example
 * nn.maxPool(np.reshape(np.arange(4), [1, 1, 4]), 2)   // [[[1, 3]]]
 */
export const maxPool = (x: TensorLike, window: PerAxis, geometry: PoolGeometry = {}): Tensor => {
  const t = lift(x, 'maxPool')
  return reduceWindow(t, 'max', windows('maxPool', t, window, poolOf('maxPool', geometry)))
}

/**
 * The sum of every window.
 *
 * shapes: x[N, C, spatial...] -> [N, C, out...]
 *
 * @throws ShapeError when no window fits.
 * @example
 * nn.sumPool(np.reshape(np.arange(4), [1, 1, 4]), 2)   // [[[1, 5]]]
 */
export const sumPool = (x: TensorLike, window: PerAxis, geometry: PoolGeometry = {}): Tensor => {
  const t = lift(x, 'sumPool')
  return reduceWindow(t, 'sum', windows('sumPool', t, window, poolOf('sumPool', geometry)))
}

/**
 * The mean of every window.
 *
 * shapes: x[N, C, spatial...] -> [N, C, out...]
 *
 * @throws ShapeError when no window fits.
 * @example
 * nn.avgPool(np.reshape(np.arange(4), [1, 1, 4]), 2)   // [[[0.5, 2.5]]]
 */
export const avgPool = (x: TensorLike, window: PerAxis, options: AvgPoolOptions = {}): Tensor => {
  const { countIncludePad = true, ...geometry } = avgOf('avgPool', options)
  const t = toFloat(x, 'avgPool')
  const w = windows('avgPool', t, window, geometry)
  const total = reduceWindow(t, 'sum', w)
  const count = countIncludePad
    ? w.window.reduce((a, b) => a * b, 1)
    : reduceWindow(ones([1, 1, ...t.shape.slice(2)], { dtype: t.dtype }), 'sum', w)
  return div(total, count)
}

/** Options of pooling over everything. */
export interface GlobalPoolOptions {
  /** Keeps the spatial axes, with size 1. */
  readonly keepdims?: boolean
}

const globalOf = optionsOf<GlobalPoolOptions>({ keepdims: flag })

/** The spatial axes of `[N, C, spatial...]`. */
const spatial = (name: string, x: Tensor): readonly number[] =>
  x.ndim < 2
    ? fail(ShapeError, `${name}: an input of ${x.ndim} axes is not [N, C, spatial...]`, { args: { x } })
    : range(x.ndim - 2).map((k) => k + 2)

/**
 * The mean over all positions.
 *
 * shapes: x[N, C, spatial...] -> [N, C]
 *
 * @example
 * nn.globalAvgPool(np.ones([2, 3, 7, 7])).shape   // [2, 3]
 */
export const globalAvgPool = (x: TensorLike, options: GlobalPoolOptions = {}): Tensor => {
  const { keepdims = false } = globalOf('globalAvgPool', options)
  const t = toFloat(x, 'globalAvgPool')
  return reduce.mean(t, { axis: spatial('globalAvgPool', t), keepdims })
}

/**
 * The maximum over all positions.
 *
 * shapes: x[N, C, spatial...] -> [N, C]
 *
 * @example
 * nn.globalMaxPool(np.ones([2, 3, 7])).shape   // [2, 3]
 */
export const globalMaxPool = (x: TensorLike, options: GlobalPoolOptions = {}): Tensor => {
  const { keepdims = false } = globalOf('globalMaxPool', options)
  const t = lift(x, 'globalMaxPool')
  return reduce.max(t, { axis: spatial('globalMaxPool', t), keepdims })
}

/** A pooling layer over `n` spatial axes. */
const poolLayer =
  <O extends PoolGeometry>(
    name: string,
    n: number,
    pool: (x: Tensor, window: PerAxis, options: O) => Tensor,
    meant: (name: string, given: O | undefined) => O,
  ) =>
  (window: PerAxis, given?: O): Layer<None> => {
    const full = `${name}${n}d`
    const options = meant(full, given)
    checkSteps(full, options, n)
    const sizes = perAxis(full, 'window', window, n)
    return liftLayer(
      (x) =>
        x.ndim === n + 2
          ? pool(x, sizes, options)
          : fail(ShapeError, `${full}: an input of ${x.ndim} axes is not [N, C${', spatial'.repeat(n)}]`, { args: { x } }),
      full,
    )
  }

/** The constructor of a pooling layer: a window, and where it goes. */
export type PoolConstructor<O = PoolGeometry> = (window: PerAxis, options?: O) => Layer<None>

/** `maxPool` of sequences as a layer. shapes: x[N, C, length] -> [N, C, length'] */
export const maxPool1d: PoolConstructor = /* @__PURE__ */ poolLayer('maxPool', 1, maxPool, poolOf)
/** `maxPool` of images as a layer. shapes: x[N, C, height, width] -> [N, C, height', width'] */
export const maxPool2d: PoolConstructor = /* @__PURE__ */ poolLayer('maxPool', 2, maxPool, poolOf)
/** `maxPool` of volumes as a layer. shapes: x[N, C, depth, height, width] -> [N, C, depth', height', width'] */
export const maxPool3d: PoolConstructor = /* @__PURE__ */ poolLayer('maxPool', 3, maxPool, poolOf)
/** `avgPool` of sequences as a layer. shapes: x[N, C, length] -> [N, C, length'] */
export const avgPool1d: PoolConstructor<AvgPoolOptions> = /* @__PURE__ */ poolLayer('avgPool', 1, avgPool, avgOf)
/** `avgPool` of images as a layer. shapes: x[N, C, height, width] -> [N, C, height', width'] */
export const avgPool2d: PoolConstructor<AvgPoolOptions> = /* @__PURE__ */ poolLayer('avgPool', 2, avgPool, avgOf)
/** `avgPool` of volumes as a layer. shapes: x[N, C, depth, height, width] -> [N, C, depth', height', width'] */
export const avgPool3d: PoolConstructor<AvgPoolOptions> = /* @__PURE__ */ poolLayer('avgPool', 3, avgPool, avgOf)
/** `sumPool` of sequences as a layer. shapes: x[N, C, length] -> [N, C, length'] */
export const sumPool1d: PoolConstructor = /* @__PURE__ */ poolLayer('sumPool', 1, sumPool, poolOf)
/** `sumPool` of images as a layer. shapes: x[N, C, height, width] -> [N, C, height', width'] */
export const sumPool2d: PoolConstructor = /* @__PURE__ */ poolLayer('sumPool', 2, sumPool, poolOf)
/** `sumPool` of volumes as a layer. shapes: x[N, C, depth, height, width] -> [N, C, depth', height', width'] */
export const sumPool3d: PoolConstructor = /* @__PURE__ */ poolLayer('sumPool', 3, sumPool, poolOf)
