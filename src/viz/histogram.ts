/** Distributions. */
import { positive, positiveWhole, text } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { countBins } from '../io/bins.js'
import { axes, extent, frameOf, scales } from './axes.js'
import { colour, element, label, muted, picture, short } from './markup.js'
import type { Numbers } from './numbers.js'
import { numbersOf } from './numbers.js'

/** Options of `histogram`. */
export interface HistogramOptions {
  readonly title?: string
  readonly xLabel?: string
  /** Bins of equal width; 30. */
  readonly bins?: number
  readonly width?: number
  readonly height?: number
}

const histogramOf = optionsOf<HistogramOptions>({ title: text, xLabel: text, bins: positiveWhole, width: positive, height: positive })

/**
 * How often numbers fall into bins of equal width, as an SVG; the title says how many are not finite, which are in none.
 *
 * @throws ValueError unless `bins` is a positive integer.
 * @example
 * viz.histogram(random.normal(random.key(0), [1000]), { title: 'weights', bins: 20 })
 */
export const histogram = (values: Numbers, options: HistogramOptions = {}): string => {
  const { title = 'histogram', xLabel = 'value', bins = 30, width = 480, height = 300 } = histogramOf('histogram', options)
  const { edges, counts, skipped } = countBins(numbersOf(values, 'histogram'), bins)
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
