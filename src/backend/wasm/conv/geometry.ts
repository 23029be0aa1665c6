/**
 * Where a convolution reads and writes. Along one axis, output `p` and tap `k` meet at element
 * `(p * stride + k * spread - low) / dilation` of the input, when that is whole. Outputs whose remainders agree make a class: they use
 * the same taps, and their elements lie at a fixed step, so that the zeros between dilated elements are never multiplied.
 */
import { range } from '../../../core/shape.js'
import type { Offsets } from './offsets.js'

/** One spatial axis. */
export interface SpatialAxis {
  readonly size: number
  readonly out: number
  readonly taps: number
  readonly stride: number
  /** Padding before; it may be negative. */
  readonly low: number
  /** Distance of the elements of the input. */
  readonly dilation: number
  /** Distance of the taps. */
  readonly spread: number
}

/** Outputs `first, first + period, ...` of an axis: output number `q` meets `taps[t]` at element `q * step + shifts[t]`. */
export interface AxisClass {
  readonly first: number
  readonly period: number
  readonly count: number
  readonly step: number
  readonly taps: readonly number[]
  readonly shifts: readonly number[]
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** The classes of an axis, those without outputs left out. */
export const axisClasses = ({ out, taps, stride, low, dilation, spread }: SpatialAxis): readonly AxisClass[] => {
  const common = gcd(stride, dilation)
  const period = dilation / common
  return range(Math.min(period, out)).map((first) => {
    const at = (k: number): number => first * stride + k * spread - low
    const met = range(taps).filter((k) => at(k) % dilation === 0)
    return {
      first,
      period,
      count: Math.ceil((out - first) / period),
      step: stride / common,
      taps: met,
      shifts: met.map((k) => at(k) / dilation),
    }
  })
}

/** An axis as it is when the zeros between its elements are written out. */
export const undilated = (a: SpatialAxis): SpatialAxis => ({ ...a, size: a.size === 0 ? 0 : (a.size - 1) * a.dilation + 1, dilation: 1 })

/** How far the elements that are met reach beyond both ends of an axis. */
export const margins = ({ size }: SpatialAxis, classes: readonly AxisClass[]): readonly [number, number] => {
  let low = 0
  let high = 0
  for (const { count, step, shifts } of classes)
    if (shifts.length > 0) {
      low = Math.max(low, -shifts[0]!)
      high = Math.max(high, (count - 1) * step + shifts[shifts.length - 1]! - size + 1)
    }
  return [low, high]
}

/** A class of outputs in all axes: its taps with their positions in the window, and its outputs. */
export interface Class {
  /** Position of every tap in the window, row-major. */
  readonly taps: Offsets
  /** Element of the image that every tap meets, less the one of the output. */
  readonly shifts: Offsets
  /** Element of the image at which every output begins. */
  readonly sources: Offsets
  /** Position of every output in the result, row-major. */
  readonly places: Offsets
}

/** All `sum(lists[a][i_a] * strides[a])`, row-major. */
const sums = (lists: readonly (readonly number[])[], strides: readonly number[]): Offsets => {
  let all: Offsets = new Int32Array(1)
  lists.forEach((list, a) => {
    const next = new Int32Array(all.length * list.length)
    let at = 0
    for (const o of all) for (const x of list) next[at++] = o + x * strides[a]!
    all = next
  })
  return all
}

const rowMajor = (sizes: readonly number[]): readonly number[] => {
  const strides = new Array<number>(sizes.length).fill(1)
  for (let k = sizes.length - 2; k >= 0; k--) strides[k] = strides[k + 1]! * sizes[k + 1]!
  return strides
}

/** An image in memory: elements `lows` further in each axis than the input has them. */
export interface Image {
  readonly sizes: readonly number[]
  readonly lows: readonly number[]
}

/** The image that all axes together need. */
export const imageOf = (axes: readonly SpatialAxis[]): Image => {
  const reach = axes.map((a) => margins(a, axisClasses(a)))
  return { sizes: axes.map((a, k) => a.size + reach[k]![0] + reach[k]![1]), lows: reach.map(([low]) => low) }
}

/** The classes of all axes together, in an image. */
export const classesOf = (axes: readonly SpatialAxis[], { sizes, lows }: Image): readonly Class[] => {
  const inImage = rowMajor(sizes)
  const inWindow = rowMajor(axes.map((a) => a.taps))
  const inResult = rowMajor(axes.map((a) => a.out))
  const choices = axes.reduce<readonly (readonly AxisClass[])[]>(
    (all, a) => all.flatMap((head) => axisClasses(a).map((c) => [...head, c])),
    [[]],
  )
  return choices.map((cs) => ({
    taps: sums(
      cs.map((c) => c.taps),
      inWindow,
    ),
    shifts: sums(
      cs.map((c, k) => c.shifts.map((s) => s + lows[k]!)),
      inImage,
    ),
    sources: sums(
      cs.map((c) => range(c.count).map((q) => q * c.step)),
      inImage,
    ),
    places: sums(
      cs.map((c) => range(c.count).map((q) => c.first + q * c.period)),
      inResult,
    ),
  }))
}
