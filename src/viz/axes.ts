/** Axes: from numbers to places, and the numbers worth printing. */
import { element, frameLine, gridLine, label, muted, short } from './markup.js'

/** The smallest and the largest number shown. */
export type DataInterval = readonly [number, number]

/** The finite numbers' range; `[0, 1]` when there are none, widened when there is only one, or when they can hardly be told apart. */
export const extent = (values: Iterable<number>): DataInterval => {
  let low = Infinity
  let high = -Infinity
  for (const v of values)
    if (Number.isFinite(v)) {
      low = Math.min(low, v)
      high = Math.max(high, v)
    }
  if (low > high) return [0, 1]
  const size = Math.max(Math.abs(low), Math.abs(high))
  const margin = low === high ? Math.max(0.5, size * 1e-3) : Math.max(0, size * 1e-12 + 1e-300 - (high - low))
  return [Math.max(-Number.MAX_VALUE, low - margin), Math.min(Number.MAX_VALUE, high + margin)]
}

/** How far `v` is on the way from `low` to `high`; halved, because the difference of two numbers may not be finite. */
const fraction = (v: number, [low, high]: DataInterval): number => (v / 2 - low / 2) / (high / 2 - low / 2)

/** About `count` multiples of 1, 2 or 5 times a power of ten within an interval. */
export const ticks = ([low, high]: DataInterval, count: number): readonly number[] => {
  const rough = high / Math.max(2, count) - low / Math.max(2, count)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? 10 * power
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** A tick's number as text. */
export const show = (x: number): string => (x !== 0 && (Math.abs(x) >= 1e5 || Math.abs(x) < 1e-4) ? x.toExponential() : String(x))

/** The rectangle of a plot within its picture, in pixels. */
export interface PlotFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** The frame of a picture with a title above, numbers on the left and below, and a label below these. */
export const frameOf = (width: number, height: number): PlotFrame => ({ left: 56, top: 36, width: width - 72, height: height - 80 })

/** Where numbers lie in a frame; y grows upwards. */
export interface Scales {
  readonly x: (v: number) => number
  readonly y: (v: number) => number
}

/** The scales of a frame that shows `x` and `y`. */
export const scales = ({ left, top, width, height }: PlotFrame, x: DataInterval, y: DataInterval): Scales => ({
  x: (v) => left + fraction(v, x) * width,
  y: (v) => top + height - fraction(v, y) * height,
})

/** Ticks, grid and border of a frame. */
export const axes = (frame: PlotFrame, x: DataInterval, y: DataInterval): string => {
  const at = scales(frame, x, y)
  const { left, top, width, height } = frame
  const bottom = top + height
  const grid = (d: string): string => element('path', { d, ...gridLine })
  const across = ticks(y, 5).map(
    (v) =>
      grid(`M${short(left)} ${short(at.y(v))}h${short(width)}`) + label(left - 6, at.y(v) + 4, show(v), { 'text-anchor': 'end', ...muted }),
  )
  const up = ticks(x, 6).map(
    (v) =>
      grid(`M${short(at.x(v))} ${short(top)}v${short(height)}`) +
      label(at.x(v), bottom + 16, show(v), { 'text-anchor': 'middle', ...muted }),
  )
  return [...across, ...up, element('rect', { x: left, y: top, width, height, ...frameLine })].join('')
}
