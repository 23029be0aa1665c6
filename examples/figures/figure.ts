/** A figure: what it shows, and the numbers of its lines. */
import { viz } from '../../src/index.js'

/** Lines over the same steps, computed when they are drawn. */
export interface Figure {
  readonly title: string
  readonly xLabel: string
  /** The first number of the axis, and the distance from one to the next. */
  readonly start?: number
  readonly step?: number
  /** A name per line, and its values. */
  readonly lines: () => Readonly<Record<string, readonly number[]>>
}

/** The figure as an SVG. */
export const draw = ({ title, xLabel, start = 0, step = 1, lines }: Figure): string =>
  viz.curve(
    Object.entries(lines()).map(([name, values]) => ({ name, values })),
    { title, xLabel, start, step, width: 480, height: 280 },
  )
