/** Convolution of images, sequences and volumes. */
import type { Tensor } from '../core/tensor.js'
import type { TensorLike } from '../numpy/lift.js'
import { toFloat } from '../numpy/lift.js'
import { conv } from '../prim/conv.js'
import type { Padding, PerAxis } from './padding.js'
import { dilated, paddings, perAxis } from './padding.js'

/** How a kernel moves over its input. */
export interface ConvOptions {
  /** Steps between neighbouring outputs; 1. */
  readonly strides?: PerAxis
  /** What surrounds the input, after `lhsDilation` has spread it; `'VALID'`. */
  readonly padding?: Padding
  /** Spreads the input: `d - 1` zeros between neighbours, as a transposed convolution needs; 1. */
  readonly lhsDilation?: PerAxis
  /** Spreads the kernel (atrous convolution); 1. */
  readonly rhsDilation?: PerAxis
  /** Cuts the channels into groups that do not see each other; as many groups as channels is depthwise; 1. */
  readonly groups?: number
}

/**
 * Convolution in any number of spatial dimensions (cross-correlation, as every learning library calls it):
 * batch and channels lead, in the input, the kernel `[out, in / groups, window...]` and the result.
 *
 * shapes: x[N, C, spatial...] w[O, C/groups, window...] -> [N, O, out...]
 *
 * @throws ShapeError when channels do not fit or no window does; DTypeError when dtypes differ
 * @example
 * nn.convGeneralDilated(np.ones([1, 3, 8, 8]), np.ones([4, 3, 3, 3]), { padding: 'SAME', strides: 2 }).shape   // [1, 4, 4, 4]
 */
export const convGeneralDilated = (x: TensorLike, w: TensorLike, options: ConvOptions = {}): Tensor => {
  const name = 'convGeneralDilated'
  const [input, kernel] = [toFloat(x, name), toFloat(w, name)]
  const n = Math.max(0, input.ndim - 2)
  const strides = perAxis(name, 'strides', options.strides ?? 1, n)
  const lhsDilation = perAxis(name, 'lhsDilation', options.lhsDilation ?? 1, n)
  const rhsDilation = perAxis(name, 'rhsDilation', options.rhsDilation ?? 1, n)
  const sizes = input.shape.slice(2).map((size, k) => dilated(size, lhsDilation[k]!))
  const windows = kernel.shape.slice(2).map((size, k) => dilated(size, rhsDilation[k] ?? 1))
  const padding = paddings(name, options.padding ?? 'VALID', sizes, windows, strides)
  return conv(input, kernel, { strides, padding, lhsDilation, rhsDilation, groups: options.groups ?? 1 })
}
