/** Distributions and clouds of points. */
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { countBins } from '../io/bins.js'
import { axes, extent, scales } from './axes.js'
import { colour, element, label, muted, picture, short } from './markup.js'
import type { Matrix, Numbers } from './numbers.js'
import { checkNames, numbersOf, rowsOf } from './numbers.js'

/** Options of `histogram`. */
export interface HistogramOptions {
  readonly title?: string
  readonly xLabel?: string
  /** Bins of equal width; 30. */
  readonly bins?: number
  readonly width?: number
  readonly height?: number
}

const frameOf = (width: number, height: number) => ({ left: 56, top: 36, width: width - 72, height: height - 80 })

/**
 * How often numbers fall into bins of equal width, as an SVG; the title says how many are not finite, which are in none.
 *
 * @throws ValueError unless `bins` is a positive integer.
 * @example
 * viz.histogram(random.normal(random.key(0), [1000]), { title: 'weights', bins: 20 })
 */
export const histogram = (
  values: Numbers,
  { title = 'histogram', xLabel = 'value', bins = 30, width = 480, height = 300 }: HistogramOptions = {},
): string => {
  if (!Number.isInteger(bins) || bins < 1) fail(ValueError, `histogram: bins must be a positive integer, got ${bins}`)
  const { edges, counts, skipped } = countBins(numbersOf(values), bins)
  const frame = frameOf(width, height)
  const x = edges.length === 0 ? ([0, 1] as const) : extent(edges)
  const y = [0, Math.max(1, ...counts)] as const
  const at = scales(frame, x, y)
  const bars = counts.map((count, i) => {
    const [from, to] = [at.x(edges[i]!), at.x(edges[i + 1]!)]
    return `M${short(from)} ${short(at.y(0))}V${short(at.y(count))}H${short(to)}V${short(at.y(0))}z`
  })
  const heading = skipped === 0 ? title : `${title} (${skipped} not finite)`
  return picture(
    width,
    height,
    heading,
    label(frame.left, 22, heading, { 'font-weight': 'bold' }),
    axes(frame, x, y),
    element('path', { d: bars.join(''), fill: colour(0), 'fill-opacity': 0.75, stroke: colour(0), 'stroke-width': 0.5 }),
    label(frame.left + frame.width / 2, height - 10, xLabel, { 'text-anchor': 'middle', ...muted }),
  )
}

/** Options of `scatter`. */
export interface ScatterOptions {
  readonly title?: string
  readonly xLabel?: string
  readonly yLabel?: string
  /** The class of each point, which is its colour; one for all by default. */
  readonly classes?: Numbers
  /** Names of the classes, for a legend. */
  readonly names?: readonly string[]
  readonly width?: number
  readonly height?: number
}

/**
 * Points of the plane as an SVG, coloured by class; those that are not finite are left out.
 *
 * shapes: points[n, 2], classes[n]
 *
 * @throws ShapeError unless points have two coordinates and there is one class for each.
 * @example
 * viz.scatter(random.normal(random.key(0), [50, 2]), { title: 'embedding' })
 */
export const scatter = (points: Matrix, options: ScatterOptions = {}): string => {
  const { title = 'points', xLabel, yLabel, names = [], width = 480, height = 400 } = options
  const rows = rowsOf('scatter', points)
  if (rows.some((row) => row.length !== 2)) fail(ShapeError, `scatter: points have two coordinates, got ${rows[0]!.length}`)
  const classes = Array.from(options.classes === undefined ? rows.map(() => 0) : numbersOf(options.classes))
  checkNames('scatter', 'classes', classes.map(String), rows.length)
  const finite = rows.map(([x, y], i) => [x!, y!, classes[i]!] as const).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
  const frame = frameOf(width, height)
  const [xs, ys] = [extent(finite.map((p) => p[0])), extent(finite.map((p) => p[1]))]
  const at = scales(frame, xs, ys)
  const hue = (k: number): string => colour(Number.isInteger(k) && k >= 0 ? k : 9)
  return picture(
    width,
    height,
    title,
    label(frame.left, 22, title, { 'font-weight': 'bold' }),
    axes(frame, xs, ys),
    ...finite.map(([x, y, k]) => element('circle', { cx: at.x(x), cy: at.y(y), r: 3, fill: hue(k), 'fill-opacity': 0.75 })),
    ...names.map((name, k) => {
      const [x, y] = [frame.left + frame.width - 90, frame.top + 16 + 16 * k]
      return element('circle', { cx: x, cy: y - 4, r: 4, fill: hue(k) }) + label(x + 10, y, name)
    }),
    ...(xLabel === undefined ? [] : [label(frame.left + frame.width / 2, height - 10, xLabel, { 'text-anchor': 'middle', ...muted })]),
    ...(yLabel === undefined
      ? []
      : [
          label(14, frame.top + frame.height / 2, yLabel, {
            'text-anchor': 'middle',
            transform: `rotate(-90 14 ${short(frame.top + frame.height / 2)})`,
            ...muted,
          }),
        ]),
  )
}
