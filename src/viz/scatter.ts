/** Clouds of points. */
import { anything, listOf, positive, text } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { fail, ShapeError } from '../core/errors.js'
import { axes, extent, frameOf, scales } from './axes.js'
import { colour, element, label, muted, picture, short } from './markup.js'
import type { Matrix, Numbers } from './numbers.js'
import { checkNames, numbersOf, rowsOf } from './numbers.js'

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

const scatterOf = optionsOf<ScatterOptions>({
  title: text,
  xLabel: text,
  yLabel: text,
  classes: anything,
  names: listOf(text),
  width: positive,
  height: positive,
})

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
  const { title = 'points', xLabel, yLabel, names = [], width = 480, height = 400 } = scatterOf('scatter', options)
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
