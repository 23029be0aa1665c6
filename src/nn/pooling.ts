/** Pooling: one number for every window of an image; and the windows themselves. */
import type { Tensor } from '../core/tensor.js'
import { div } from '../numpy/arithmetic.js'
import { onesLike } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { toFloat } from '../numpy/lift.js'
import { patches as patchesOf } from '../prim/patches.js'
import type { Sliding } from '../prim/sliding.js'
import { windowMax, windowMin, windowSum } from '../prim/window.js'
import type { Padding, PerAxis } from './padding.js'
import { dilated, paddings, perAxis } from './padding.js'

/** A window and how it moves. The last axes are spatial, as many as the window has sizes. */
export interface PoolOptions {
  /** Sizes of the window. */
  readonly window: readonly number[]
  /** Steps between neighbouring windows; the window itself, so that windows tile the input. */
  readonly strides?: PerAxis
  /** What surrounds the input; `'VALID'`. */
  readonly padding?: Padding
  /** Steps between the cells of a window; 1. */
  readonly dilation?: PerAxis
}

/** Options of `avgPool`. */
export interface AvgPoolOptions extends PoolOptions {
  /** Divide by the size of the window (default), or by how much of it lies on the input. */
  readonly countPadding?: boolean
}

const slidingOf = (name: string, x: Tensor, { window, dilation = 1, ...options }: PoolOptions): Sliding => {
  const n = window.length
  const strides = perAxis(name, 'strides', options.strides ?? window, n)
  const windowDilation = perAxis(name, 'dilation', dilation, n)
  const extents = window.map((size, k) => dilated(size, windowDilation[k]!))
  const padding = paddings(name, options.padding ?? 'VALID', x.shape.slice(x.ndim - n), extents, strides)
  return { window, strides, padding, windowDilation }
}

/** The window over all axes: 1 on those that lead. */
const overAll = ({ window, strides, padding, windowDilation }: Sliding, ndim: number): Sliding => {
  const ones = new Array<number>(Math.max(0, ndim - window.length)).fill(1)
  return {
    window: [...ones, ...window],
    strides: [...ones, ...strides],
    padding: [...ones.map((): readonly [number, number] => [0, 0]), ...padding],
    windowDilation: [...ones, ...windowDilation],
  }
}

const pool =
  (name: string, reduce: (x: Tensor, p: Sliding) => Tensor) =>
  (x: TensorLike, options: PoolOptions): Tensor => {
    const input = toFloat(x, name)
    return reduce(input, overAll(slidingOf(name, input, options), input.ndim))
  }

/**
 * The largest element of every window. Padding never wins; ties share the derivative evenly; exact to every order.
 *
 * shapes: x[..., spatial...] -> [..., windows...]
 *
 * @throws ShapeError when no window fits
 * @example
 * nn.maxPool(np.reshape(np.arange(16), [1, 1, 4, 4]), { window: [2, 2] })   // [[[[5, 7], [13, 15]]]]
 */
export const maxPool: (x: TensorLike, options: PoolOptions) => Tensor = /* @__PURE__ */ pool('maxPool', windowMax)

/** The smallest element of every window; as `maxPool`. */
export const minPool: (x: TensorLike, options: PoolOptions) => Tensor = /* @__PURE__ */ pool('minPool', windowMin)

/** The sum of every window; padding counts as 0. */
export const sumPool: (x: TensorLike, options: PoolOptions) => Tensor = /* @__PURE__ */ pool('sumPool', windowSum)

/**
 * The mean of every window.
 *
 * @example
 * nn.avgPool(np.reshape(np.arange(16), [1, 1, 4, 4]), { window: [2, 2] })   // [[[[2.5, 4.5], [10.5, 12.5]]]]
 */
export const avgPool = (x: TensorLike, { countPadding = true, ...options }: AvgPoolOptions): Tensor => {
  const input = toFloat(x, 'avgPool')
  const sums = sumPool(input, options)
  const count = countPadding ? options.window.reduce((n, size) => n * size, 1) : sumPool(onesLike(input), options)
  return div(sums, count)
}

/**
 * The cells that every window covers, 0 where it covers padding: what im2col arranges in a matrix.
 *
 * shapes: x[..., spatial...] -> [..., windows..., cells...]
 *
 * @example
 * nn.patches(np.ones([1, 3, 5, 5]), { window: [2, 2], strides: 1 }).shape   // [1, 3, 4, 4, 2, 2]
 */
export const patches = (x: TensorLike, options: PoolOptions): Tensor => {
  const input = toFloat(x, 'patches')
  return patchesOf(input, slidingOf('patches', input, options))
}
