/** Sliding windows: pooling operators where they fit, and otherwise the windows of one axis after the other, read at known places. */
import { range } from '../../core/shape.js'
import type { Shape } from '../../core/shape.js'
import type { Sliding } from '../../prim/sliding.js'
import type { Builder, GraphValue } from './builder.js'
import { networks } from './model.js'
import { paddedBy } from './movement.js'
import { combined, extremeUnit, reduced } from './reduce.js'
import type { LoweringRule } from './rule.js'
import { padded, reshaped, transposed, unsqueezed } from './rule.js'

/** The windows of axis `axis`, which becomes two: which window, which cell. */
const windowsAlong = (
  b: Builder,
  x: GraphValue,
  axis: number,
  count: number,
  window: number,
  stride: number,
  dilation: number,
): GraphValue => {
  if (window === 1 && stride === 1 && count === x.shape[axis]) return unsqueezed(b, x, [axis + 1])
  const places = range(count).flatMap((o) => range(window).map((w) => o * stride + w * dilation))
  const shape = [...x.shape.slice(0, axis), count, window, ...x.shape.slice(axis + 1)]
  return b.node('Gather', [x, b.constant('int64', [count, window], places)], { type: x.type, shape }, { axis })
}

const zeros = (n: number): number[] => range(n).map(() => 0)

/** The cells of all windows over the last axes of `x`, padded by `value`: `[lead..., windows..., cells...]`. */
export const cellsOf = (b: Builder, x: GraphValue, p: Sliding, counts: Shape, value: GraphValue): GraphValue => {
  const lead = x.shape.length - p.window.length
  const widths = (side: 0 | 1): number[] => [...zeros(lead), ...p.padding.map((q) => q[side])]
  let y = paddedBy(b, x, value, widths(0), widths(1), zeros(x.shape.length))
  // from the last axis on, so that the numbers of those before stay
  for (let k = p.window.length - 1; k >= 0; k--)
    y = windowsAlong(b, y, lead + k, counts[k]!, p.window[k]!, p.strides[k]!, p.windowDilation[k]!)
  const at = range(p.window.length).map((k) => lead + 2 * k)
  return transposed(b, y, [...range(lead), ...at, ...at.map((k) => k + 1)])
}

/** True for an axis whose windows are its elements. */
const still = (p: Sliding, k: number): boolean => p.window[k] === 1 && p.strides[k] === 1 && p.padding[k]!.every((w) => w === 0)

/** Windows over the axes from the third on, of at most three, with padding that pooling operators take. */
const poolable = (x: GraphValue, p: Sliding, dilations: boolean): boolean => {
  const n = x.shape.length
  const fits = range(n).every((k) => p.padding[k]!.every((w) => w >= 0 && w < p.window[k]!) && (dilations || p.windowDilation[k] === 1))
  return networks[x.type] && n >= 3 && n <= 5 && still(p, 0) && still(p, 1) && fits && !x.shape.includes(0)
}

const pooling = (p: Sliding) => ({
  kernel_shape: p.window.slice(2),
  strides: p.strides.slice(2),
  dilations: p.windowDilation.slice(2),
  pads: [...p.padding.slice(2).map((q) => q[0]), ...p.padding.slice(2).map((q) => q[1])],
})

/** Sums or extremes of the windows, along one axis after the other. */
const separately = (b: Builder, op: 'Sum' | 'Max' | 'Min', x: GraphValue, p: Sliding, shape: Shape): GraphValue =>
  shape.reduce((y, count, k) => {
    const [low, high] = p.padding[k]!
    if (still(p, k)) return y
    const at = (w: number): number[] => y.shape.map((_, j) => (j === k ? w : 0))
    const unit = op === 'Sum' ? b.scalar(0, y.type) : extremeUnit(b, op, y.type)
    const wide = paddedBy(b, y, unit, at(low), at(high), at(0))
    return reduced(b, op, windowsAlong(b, wide, k, count, p.window[k]!, p.strides[k]!, p.windowDilation[k]!), [k + 1])
  }, x)

/** A sum is an average times the number of cells, padding counted. */
export const windowSum: LoweringRule<Sliding> = ({ b, outs: [y], whole, params: p }) => {
  const x = whole(0)
  if (!poolable(x, p, b.opset >= 19)) return [separately(b, 'Sum', x, p, y!.shape)]
  const { dilations, ...rest } = pooling(p)
  const attributes = { ...rest, count_include_pad: 1, ...(dilations.some((d) => d !== 1) ? { dilations } : {}) }
  const mean = b.node('AveragePool', [x], { type: x.type, shape: y!.shape }, attributes)
  return [
    combined(
      b,
      'mul',
      mean,
      b.scalar(
        p.window.reduce((n, w) => n * w, 1),
        x.type,
      ),
    ),
  ]
}

export const windowMax: LoweringRule<Sliding> = ({ b, outs: [y], whole, params: p }) => {
  const x = whole(0)
  if (!poolable(x, p, true)) return [separately(b, 'Max', x, p, y!.shape)]
  return [b.node('MaxPool', [x], { type: x.type, shape: y!.shape }, pooling(p))]
}

export const windowMin: LoweringRule<Sliding> = ({ b, outs: [y], whole, params: p }) => [separately(b, 'Min', whole(0), p, y!.shape)]

export const patches: LoweringRule<Sliding> = ({ b, outs: [y], whole, params: p }) => {
  const lead = y!.shape.length - 2 * p.window.length
  return [cellsOf(b, whole(0), p, y!.shape.slice(lead, lead + p.window.length), b.scalar(0, y!.dtype))]
}

/**
 * The adjoint, along one axis after the other: windows and cells side by side in one axis, with a zero at its end; every element then
 * sums the cells that cover it, reading the zero where there is none.
 */
export const unpatches: LoweringRule<Sliding & { readonly shape: Shape }> = ({ b, whole, params: p }) => {
  const n = p.shape.length
  const x = whole(0)
  const lead = x.shape.length - 2 * n
  const pairs = range(n).flatMap((k) => [lead + k, lead + n + k])
  return [
    p.shape.reduce(
      (y, size, k) => {
        const [count, window] = [y.shape[lead + k]!, p.window[k]!]
        const flat = reshaped(b, y, [...y.shape.slice(0, lead + k), count * window, ...y.shape.slice(lead + k + 2)])
        if (still(p, k)) return flat
        const at = (w: number): number[] => flat.shape.map((_, j) => (j === lead + k ? w : 0))
        const ended = padded(b, flat, at(0), at(1), b.scalar(0, y.type))
        const places = range(size).flatMap((i) =>
          range(window).map((w) => {
            const from = i + p.padding[k]![0] - w * p.windowDilation[k]!
            const o = from / p.strides[k]!
            return from >= 0 && Number.isInteger(o) && o < count ? o * window + w : count * window
          }),
        )
        const shape = [...flat.shape.slice(0, lead + k), size, window, ...flat.shape.slice(lead + k + 1)]
        const cells = b.node('Gather', [ended, b.constant('int64', [size, window], places)], { type: y.type, shape }, { axis: lead + k })
        return reduced(b, 'Sum', cells, [lead + k + 1])
      },
      transposed(b, x, [...range(lead), ...pairs]),
    ),
  ]
}
