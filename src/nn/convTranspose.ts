/** Transposed convolutions of `[N, C, spatial...]`. */
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { convGeneralDilated } from '../numpy/lax.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift } from '../numpy/lift.js'
import { flip } from '../numpy/rearrange.js'
import { reshape, swapaxes } from '../numpy/shape.js'
import type { ConvConstructor, ConvGeometry, ConvOptions } from './conv.js'
import { convLayer, convMeanings, geometryMeanings } from './conv.js'
import { lecunNormal } from './initializer.js'
import type { PerAxis } from './spatial.js'
import { extras, paddingPairs, perAxis } from './spatial.js'

/** How a transposed convolution spreads its input. */
export interface ConvTransposeGeometry extends ConvGeometry {
  /** Added to the output size at the end, for one of the sizes that the same convolution maps to this input; 0 by default. */
  readonly outputPadding?: PerAxis
}

const geometryOf = optionsOf<ConvTransposeGeometry>(meaningsOf(geometryMeanings, { outputPadding: extras }))

/**
 * The transpose of `conv` with the same options: what its pull does to a cotangent. Output sizes are
 * `strides * (size - 1) + dilation * (window - 1) + 1 - padding before and after + outputPadding`; `'same'` gives `strides * size`.
 *
 * shapes: x[N, I, spatial...], w[I, O / groups, window...] -> [N, O, out...]
 *
 * @throws ShapeError when channels do not fit, or nothing is left; ValueError for `outputPadding` of a stride and more.
 * @example
 * nn.convTranspose(np.ones([1, 3, 8, 8]), np.ones([3, 2, 4, 4]), { strides: 2, padding: 1 }).shape   // [1, 2, 16, 16]
 */
export const convTranspose = (x: TensorLike, w: TensorLike, options: ConvTransposeGeometry = {}): Tensor =>
  transposed(x, w, geometryOf('convTranspose', options))

/** `convTranspose` of options that are checked already. */
const transposed = (
  x: TensorLike,
  w: TensorLike,
  { strides = 1, padding = 'valid', dilation = 1, groups = 1, outputPadding = 0 }: ConvTransposeGeometry,
): Tensor => {
  const [a, b] = [lift(x, 'convTranspose'), lift(w, 'convTranspose', 'w')]
  const n = a.ndim - 2
  if (n < 0 || b.ndim !== a.ndim)
    fail(ShapeError, `convTranspose: x has ${a.ndim} axes and w has ${b.ndim}`, {
      args: { x: a, w: b },
      fix: 'x of shape [N, I, spatial...], w of shape [I, O / groups, window...]',
    })
  const inputs = b.shape[0]!
  if (inputs % groups !== 0 || a.shape[1] !== inputs)
    fail(ShapeError, `convTranspose: channels differ: ${a.shape[1]!} (x axis 1) and ${inputs} (w axis 0), in ${groups} groups`, {
      args: { x: a, w: b },
    })
  const [s, d] = [perAxis('convTranspose', 'strides', strides, n), perAxis('convTranspose', 'dilation', dilation, n)]
  const extra = perAxis('convTranspose', 'outputPadding', outputPadding, n, 0)
  extra.forEach((m, k) => {
    if (m >= Math.max(s[k]!, d[k]!))
      fail(ValueError, `convTranspose: outputPadding ${m} is not below the stride ${s[k]!} or the dilation ${d[k]!}`, {
        fix: 'outputPadding tells apart the sizes that one convolution maps to the same: from 0 to stride - 1',
      })
  })
  const window = b.shape.slice(2)
  const span = window.map((k, i) => (k - 1) * d[i]!)
  const pairs =
    padding === 'same'
      ? span.map((m, i): readonly [number, number] => {
          const total = m + 1 - s[i]!
          // a window shorter than the stride begins where the input does, and what it does not reach lies behind
          const before = Math.max(0, Math.floor(total / 2))
          return [before, total - before]
        })
      : paddingPairs('convTranspose', padding, a.shape.slice(2), window, s, d)
  // [I, O/g, window] -> [O, I/g, window], the window turned round
  const grouped = swapaxes(reshape(b, [groups, inputs / groups, b.shape[1]!, ...window]), 1, 2)
  const kernel = reshape(grouped, [groups * b.shape[1]!, inputs / groups, ...window])
  return convGeneralDilated(a, flip(kernel, { axis: range(n).map((k) => k + 2) }), {
    padding: span.map((m, i) => [m - pairs[i]![0], m - pairs[i]![1] + extra[i]!] as const),
    lhsDilation: s,
    rhsDilation: d,
    groups,
  })
}

/** Options of transposed convolution layers. */
export interface ConvTransposeOptions<B extends boolean = boolean> extends ConvOptions<B> {
  /** Added to the output size at the end; 0 by default. */
  readonly outputPadding?: PerAxis
}

const backward = {
  name: 'convTranspose',
  wInit: /* @__PURE__ */ lecunNormal({ inAxis: 0, outAxis: 1 }),
  weights: (inputs: number, outputs: number, groups: number) => [inputs, outputs / groups] as const,
  apply: transposed,
  meanings: /* @__PURE__ */ meaningsOf(convMeanings, { outputPadding: extras }),
}

/** `convTranspose` of sequences as a layer; arguments as of `conv1d`. shapes: x[N, in, length] -> [N, out, length'] */
export const convTranspose1d: ConvConstructor<ConvTransposeOptions> = /* @__PURE__ */ convLayer(1, backward)
/** `convTranspose` of images as a layer; arguments as of `conv2d`. shapes: x[N, in, height, width] -> [N, out, height', width'] */
export const convTranspose2d: ConvConstructor<ConvTransposeOptions> = /* @__PURE__ */ convLayer(2, backward)
/** `convTranspose` of volumes as a layer; arguments as of `conv3d`. shapes: x[N, in, d, h, w] -> [N, out, d', h', w'] */
export const convTranspose3d: ConvConstructor<ConvTransposeOptions> = /* @__PURE__ */ convLayer(3, backward)
