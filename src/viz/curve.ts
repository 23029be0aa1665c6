/** Curves over steps or epochs: losses, accuracies, schedules. */
import { isRecord } from '../core/describe.js'
import { check, finite, positive, text } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { axes, extent, frameOf, scales } from './axes.js'
import { colour, element, label, muted, picture, short } from './markup.js'

/** One line of a plot. */
export interface Series {
  readonly name: string
  /** A value per step; what is not finite leaves a gap. */
  readonly values: ArrayLike<number>
}

/** Options of `curve`. */
export interface CurveOptions {
  readonly title?: string
  readonly xLabel?: string
  readonly width?: number
  readonly height?: number
  /** The number of the first step; 1 by default. */
  readonly start?: number
  /** From one value to the next along the axis; 1 by default. */
  readonly step?: number
}

/** The path through the finite values, interrupted at the others. */
const path = (values: readonly number[], x: (i: number) => number, y: (v: number) => number): string => {
  const draw = (v: number, i: number): string =>
    Number.isFinite(v) ? `${i > 0 && Number.isFinite(values[i - 1]!) ? 'L' : 'M'}${short(x(i))} ${short(y(v))}` : ''
  const d = values.map(draw).join('')
  return d
}

/** The space that a name takes in a legend, with its line. */
const legendWidth = (name: string): number => 38 + 6.5 * name.length

/** A line of text. */
const lineHeight = 20

const curveOf = optionsOf<CurveOptions>({ title: text, xLabel: text, width: positive, height: positive, start: finite, step: finite })

const seriesMeaning = {
  says: 'a list of { name, values }',
  fix: "[{ name: 'train', values: [1, 0.5] }]",
  accepts: (x: unknown): boolean =>
    Array.isArray(x) &&
    x.every((s) => isRecord(s) && typeof s['name'] === 'string' && (Array.isArray(s['values']) || ArrayBuffer.isView(s['values']))),
}

/**
 * Lines over the same steps as an SVG.
 *
 * @example
 * viz.curve([{ name: 'train', values: [1.1, 0.6, 0.3] }, { name: 'test', values: [1.1, 0.7, 0.5] }], { title: 'loss' })
 */
export const curve = (series: readonly Series[], options: CurveOptions = {}): string => {
  const { title = 'loss', xLabel = 'epoch', width = 480, height = 400, start = 1, step = 1 } = curveOf('curve', options)
  check('curve', 'series', seriesMeaning, series)
  const names = series.reduce((sum, { name }) => sum + legendWidth(name), 0)
  const whole = frameOf(width, height)
  // Names stand beside the title where there is room, else in a line of their own.
  const shift = 7.5 * title.length + names > whole.width ? lineHeight : 0
  const frame = { ...whole, top: whole.top + shift, height: whole.height - shift }
  const lines = series.map(({ name, values }) => ({ name, values: Array.from(values) }))
  const steps = Math.max(1, ...lines.map((l) => l.values.length))
  const x = [start, start + step * Math.max(1, steps - 1)] as const
  const all = extent(lines.flatMap((l) => l.values))
  const y = all[0] >= 0 && all[0] < all[1] / 2 ? ([0, all[1]] as const) : all
  const at = scales(frame, x, y)
  const drawn = lines.map((l, k) =>
    element('path', {
      d: path(l.values, (i) => at.x(start + step * i), at.y),
      fill: 'none',
      stroke: colour(k),
      'stroke-width': 2,
      'stroke-linejoin': 'round',
    }),
  )
  // From the right, above the frame, so that no line runs through them.
  const ends = lines.map((_, k) => frame.left + frame.width - lines.slice(k + 1).reduce((sum, l) => sum + legendWidth(l.name), 0))
  const legend = lines.map((l, k) => {
    const from = ends[k]! - legendWidth(l.name) + 12
    return (
      element('path', { d: `M${short(from)} ${18 + shift}h18`, stroke: colour(k), 'stroke-width': 2 }) +
      label(from + 23, 22 + shift, l.name)
    )
  })
  return picture(
    width,
    height,
    title,
    label(frame.left, 22, title, { 'font-weight': 'bold' }),
    axes(frame, x, y),
    ...drawn,
    ...legend,
    label(frame.left + frame.width / 2, height - 10, xLabel, { 'text-anchor': 'middle', ...muted }),
  )
}
