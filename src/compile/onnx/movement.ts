/** Movements of data: broadcast, reshape, transpose, reverse, slice, pad, concat, split, iota. */
import type { DType } from '../../core/dtype.js'
import type { Shape } from '../../core/shape.js'
import { range } from '../../core/shape.js'
import type { Builder, GraphValue } from './builder.js'
import type { LoweringRule } from './rule.js'
import { padded, reshaped, sliced, squeezed, transposed, unsqueezed } from './rule.js'
import { castTo } from './scalars.js'

/** True for one number repeated: the same whatever is done to its place. */
const splat = (x: GraphValue): boolean => x.shape.length === 0

/** Placed among axes of size 1, from its first own one on; spread only when something needs it whole. */
export const broadcast: LoweringRule<{ readonly shape: Shape; readonly axes: readonly number[] }> = ({
  b,
  values: [x],
  params: { shape, axes },
}) => {
  if (splat(x!)) return [x!]
  // what is held has the last axes of what it stands for
  const own = axes.slice(axes.length - x!.shape.length)
  const first = own[0]!
  const added = range(shape.length - first).filter((k) => !own.includes(first + k))
  return [unsqueezed(b, x!, added)]
}

/** The axes of size 1 by which `long` has more than `short`; undefined when it differs in other ways. */
const extra = (long: Shape, short: Shape): readonly number[] | undefined => {
  const added: number[] = []
  let at = 0
  for (const [k, n] of long.entries())
    if (at < short.length && n === short[at]) at++
    else if (n === 1) added.push(k)
    else return undefined
  return at === short.length ? added : undefined
}

/** The elements under another shape; axes of size 1 that come or go are named. */
export const reshape: LoweringRule<{ readonly shape: Shape }> = ({ b, values, whole, params: { shape } }) => {
  if (splat(values[0]!)) return [values[0]!]
  const x = whole(0)
  const added = extra(shape, x.shape)
  if (added !== undefined) return [unsqueezed(b, x, added)]
  const gone = extra(x.shape, shape)
  return [gone === undefined ? reshaped(b, x, shape) : squeezed(b, x, gone)]
}

/** Axes in another order. */
export const transpose: LoweringRule<{ readonly perm: readonly number[] }> = ({ b, values, whole, params: { perm } }) => [
  splat(values[0]!) ? values[0]! : transposed(b, whole(0), perm),
]

/** Backwards along some axes. */
export const reversed = (b: Builder, x: GraphValue, axes: readonly number[]): GraphValue =>
  axes.length === 0 || axes.some((a) => x.shape[a] === 0)
    ? x
    : b.node('Slice', [x, b.ints(axes.map(() => -1)), b.ints(axes.map(() => -(2 ** 63))), b.ints(axes), b.ints(axes.map(() => -1))], {
        type: x.type,
        shape: x.shape,
      })

export const reverse: LoweringRule<{ readonly axes: readonly number[] }> = ({ b, values, whole, params: { axes } }) => [
  splat(values[0]!) ? values[0]! : reversed(b, whole(0), axes),
]

export const slice: LoweringRule<{
  readonly start: readonly number[]
  readonly limit: readonly number[]
  readonly step: readonly number[]
}> = ({ b, values, ins, whole, params: { start, limit, step } }) => {
  if (splat(values[0]!)) return [values[0]!]
  const cut = range(start.length).filter((k) => start[k] !== 0 || limit[k] !== ins[0]!.shape[k] || step[k] !== 1)
  const pick = (xs: readonly number[]): number[] => cut.map((k) => xs[k]!)
  return [sliced(b, whole(0), cut, pick(start), pick(limit), pick(step))]
}

/** Elements along `axis` with `gap` times `value` between them. */
const spaced = (b: Builder, x: GraphValue, axis: number, gap: number, value: GraphValue): GraphValue => {
  const n = x.shape[axis]!
  if (gap === 0 || n <= 1) return x
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)]
  const apart = reshaped(b, x, [...before, n, 1, ...after])
  const none = apart.shape.map(() => 0)
  const filled = padded(
    b,
    apart,
    none,
    none.map((_, k) => (k === axis + 1 ? gap : 0)),
    value,
  )
  const joined = reshaped(b, filled, [...before, n * (gap + 1), ...after])
  return sliced(b, joined, [axis], [0], [n * (gap + 1) - gap], [1])
}

/** Padding between, before and after; negative widths cut off. */
export const paddedBy = (
  b: Builder,
  x: GraphValue,
  value: GraphValue,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
): GraphValue => {
  const wide = interior.reduce((y, gap, axis) => spaced(b, y, axis, gap, value), x)
  const grown = padded(
    b,
    wide,
    low.map((n) => Math.max(n, 0)),
    high.map((n) => Math.max(n, 0)),
    value,
  )
  const cut = range(low.length).filter((k) => low[k]! < 0 || high[k]! < 0)
  const starts = cut.map((k) => Math.max(-low[k]!, 0))
  const ends = cut.map((k) => grown.shape[k]! + Math.min(high[k]!, 0))
  return sliced(
    b,
    grown,
    cut,
    starts,
    ends,
    cut.map(() => 1),
  )
}

export const pad: LoweringRule<{
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly interior: readonly number[]
}> = ({ b, whole, params: { low, high, interior } }) => [paddedBy(b, whole(0), whole(1), low, high, interior)]

/** Parts along an axis, each a slice: graphs name what is read, and exporters drop the others. */
export const split: LoweringRule<{ readonly axis: number; readonly sizes: readonly number[] }> = ({
  b,
  whole,
  params: { axis, sizes },
}) => {
  const x = whole(0)
  let end = 0
  return sizes.map((size) => {
    end += size
    return sliced(b, x, [axis], [end - size], [end], [1])
  })
}

export const concat: LoweringRule<{ readonly axis: number }> = ({ b, ins, outs, whole, params: { axis } }) => [
  b.node('Concat', range(ins.length).map(whole), { type: outs[0]!.dtype, shape: outs[0]!.shape }, { axis }),
]

/** `0 .. n - 1`. */
export const counted = (b: Builder, n: number, type: 'int32' | 'int64' | 'float32' | 'float64'): GraphValue =>
  b.node('Range', [b.scalar(0, type), b.scalar(n, type), b.scalar(1, type)], { type, shape: [n] })

/** The types in which Range counts for a dtype. */
const counting: Readonly<Record<DType, Parameters<typeof counted>[2]>> = {
  bool: 'int64',
  uint32: 'int64',
  int32: 'int32',
  float32: 'float32',
  float64: 'float64',
}

/** Positions along one axis; the others are repetition. */
export const iota: LoweringRule<{ readonly shape: Shape; readonly dtype: DType; readonly axis: number }> = ({
  b,
  params: { shape, dtype, axis },
}) => {
  const row = castTo(b, counted(b, shape[axis]!, counting[dtype]), dtype)
  const after = range(shape.length - axis - 1).map((k) => k + 1)
  return [unsqueezed(b, row, after)]
}
