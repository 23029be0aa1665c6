/** Windows as rows of a matrix: how a convolution becomes a matrix product. */
import { check, count, listOf } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import { range, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { patches } from '../numpy/lax.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift } from '../numpy/lift.js'
import { reshape, transpose } from '../numpy/shape.js'
import { evalShape, shapeDtype } from '../transforms/evalShape.js'
import { linearTranspose } from '../transforms/linearize.js'
import type { ConvGeometry } from './conv.js'
import { windowMeanings } from './conv.js'
import type { PerAxis } from './spatial.js'
import { paddingPairs, perAxis } from './spatial.js'

/** How windows lie. */
export type WindowGeometry = Omit<ConvGeometry, 'groups'>

const windowsOf = optionsOf<WindowGeometry>(windowMeanings)

/**
 * Every window as a row: rows in the order `(n, position...)`, columns `(channel, place in the window...)`, so that
 * `im2col(x, window) @ transpose(reshape(w, [O, -1]))` is the convolution.
 *
 * shapes: x[N, C, spatial...] -> [N * positions, C * window]
 *
 * @throws ShapeError when no window fits.
 * @example
 * nn.im2col(np.reshape(np.arange(9), [1, 1, 3, 3]), 2)
 * // [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
 */
export const im2col = (x: TensorLike, window: PerAxis, options: WindowGeometry = {}): Tensor => {
  const { strides = 1, padding = 'valid', dilation = 1 } = windowsOf('im2col', options)
  const t = lift(x, 'im2col')
  if (t.ndim < 2) fail(ShapeError, `im2col: an input of ${t.ndim} axes is not [N, C, spatial...]`, { args: { x: t } })
  const n = t.ndim - 2
  const [w, s, d] = [
    perAxis('im2col', 'window', window, n),
    perAxis('im2col', 'strides', strides, n),
    perAxis('im2col', 'dilation', dilation, n),
  ]
  const pairs = paddingPairs('im2col', padding, t.shape.slice(2), w, s, d)
  const cells = patches(t, { window: w, strides: s, padding: pairs, windowDilation: d })
  const positions = range(n).map((k) => k + 2)
  const rows = transpose(cells, [0, ...positions, 1, ...positions.map((k) => k + n)])
  return reshape(rows, [t.shape[0]! * sizeOf(cells.shape.slice(2, n + 2)), t.shape[1]! * sizeOf(w)])
}

/**
 * The adjoint of `im2col`: rows laid back where they came from, what overlaps summed.
 *
 * shapes: columns[N * positions, C * window] -> shape `[N, C, spatial...]`
 *
 * @throws ShapeError when the columns are not those of an input of this shape.
 * @example
 * nn.col2im(np.ones([4, 4]), [1, 1, 3, 3], 2)   // [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]
 */
export const col2im = (columns: TensorLike, shape: Shape, window: PerAxis, geometry: WindowGeometry = {}): Tensor => {
  windowsOf('col2im', geometry)
  check('col2im', 'shape', listOf(count), shape)
  const t = lift(columns, 'col2im', 'columns')
  const f = (x: Tensor): Tensor => im2col(x, window, geometry)
  const images = shapeDtype(shape, t.dtype)
  const right = evalShape(f, images).shape
  if (String(right) !== String(t.shape))
    fail(ShapeError, `col2im: columns of an input [${shape.join(',')}] have the shape [${right.join(',')}], not [${t.shape.join(',')}]`, {
      args: { columns: t },
    })
  return linearTranspose(f, images)(t)[0]
}
