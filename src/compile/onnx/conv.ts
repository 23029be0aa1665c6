/** Convolution: Conv, ConvTranspose for spread inputs, and the product of cells and kernels for types and shapes that neither has. */
import { range, sizeOf } from '../../core/shape.js'
import type { ConvParams } from '../../prim/conv.js'
import type { Builder, GraphValue } from './builder.js'
import { matmul } from './dot.js'
import { networks } from './model.js'
import { paddedBy, reversed } from './movement.js'
import type { LoweringRule } from './rule.js'
import { reshaped, transposed } from './rule.js'
import { cellsOf } from './windows.js'

const ends = (padding: ConvParams['padding']): number[] => [...padding.map((p) => p[0]), ...padding.map((p) => p[1])]

/**
 * A convolution of an input whose elements are spread `t` apart, windows moving by 1, is the transpose of one with stride `t`: the kernel
 * turned round with its channels exchanged, the padding counted from the other side.
 */
const transposedConv = (b: Builder, x: GraphValue, w: GraphValue, p: ConvParams, shape: readonly number[]): GraphValue | undefined => {
  const reach = p.rhsDilation.map((d, k) => (w.shape[k + 2]! - 1) * d)
  const padding = p.padding.map(([low, high], k): readonly [number, number] => [reach[k]! - low, reach[k]! - high])
  if (p.strides.some((t) => t !== 1) || ends(padding).some((n) => n < 0)) return undefined
  const [g, spatial] = [p.groups, range(w.shape.length - 2)]
  const [o, c] = [w.shape[0]! / g, w.shape[1]!]
  const axes = spatial.map((k) => k + 3)
  const split = reshaped(
    b,
    reversed(
      b,
      w,
      spatial.map((k) => k + 2),
    ),
    [g, o, c, ...w.shape.slice(2)],
  )
  const turned = reshaped(b, transposed(b, split, [0, 2, 1, ...axes]), [g * c, o, ...w.shape.slice(2)])
  const attributes = { strides: p.lhsDilation, dilations: p.rhsDilation, group: g, kernel_shape: w.shape.slice(2), pads: ends(padding) }
  return b.node('ConvTranspose', [x, turned], { type: x.type, shape }, attributes)
}

/** Cells of the windows times kernels, group by group. */
const byCells = (b: Builder, x: GraphValue, w: GraphValue, p: ConvParams, shape: readonly number[]): GraphValue => {
  const n = w.shape.length - 2
  const [g, c, window] = [p.groups, w.shape[1]!, w.shape.slice(2)]
  const counts = shape.slice(2)
  const sliding = { window, strides: p.strides, padding: p.padding, windowDilation: p.rhsDilation }
  const cells = n === 0 ? x : cellsOf(b, x, sliding, counts, b.scalar(0, x.type))
  const parted = reshaped(b, cells, [shape[0]!, g, c, sizeOf(counts), sizeOf(window)])
  const columns = reshaped(b, transposed(b, parted, [0, 1, 2, 4, 3]), [shape[0]!, g, c * sizeOf(window), sizeOf(counts)])
  const kernels = b.whole(reshaped(b, w, [1, g, shape[1]! / g, c * sizeOf(window)]), [shape[0]!, g, shape[1]! / g, c * sizeOf(window)])
  return reshaped(b, matmul(b, kernels, columns), shape)
}

export const conv: LoweringRule<ConvParams> = ({ b, outs: [y], whole, params: p }) => {
  const [x, w] = [whole(0), whole(1)]
  const n = w.shape.length - 2
  const native = networks[x.type] && n >= 1 && n <= 3 && ![...x.shape, ...w.shape, ...y!.shape].includes(0)
  if (native && p.lhsDilation.some((d) => d !== 1)) {
    const direct = transposedConv(b, x, w, p, y!.shape)
    if (direct !== undefined) return [direct]
  }
  // spread the input, and cut off or add what the operator's own padding cannot be
  const own = native && ends(p.padding).every((v) => v >= 0)
  const [none, zero] = [range(n + 2).map(() => 0), b.scalar(0, x.type)]
  const widths = (side: 0 | 1): number[] => (own ? none : [0, 0, ...p.padding.map((q) => q[side])])
  const wide = paddedBy(b, x, zero, widths(0), widths(1), [0, 0, ...p.lhsDilation.map((d) => d - 1)])
  const rest: ConvParams = { ...p, padding: own ? p.padding : p.padding.map(() => [0, 0]), lhsDilation: p.lhsDilation.map(() => 1) }
  if (!native) return [byCells(b, wide, w, rest, y!.shape)]
  const attributes = {
    kernel_shape: w.shape.slice(2),
    strides: p.strides,
    dilations: p.rhsDilation,
    group: p.groups,
    pads: ends(rest.padding),
  }
  return [b.node('Conv', [wide, w], { type: x.type, shape: y!.shape }, attributes)]
}
