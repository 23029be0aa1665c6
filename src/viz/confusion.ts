/** Confusion matrices. */
import { listOf, positive, text } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { brief, heatMap } from './heatMap.js'
import type { Matrix } from './numbers.js'
import { checkNames, rowsOf } from './numbers.js'

/** Options of `confusion`. */
export interface ConfusionOptions {
  readonly title?: string
  /** Names of the classes, in their order; their numbers by default. */
  readonly classes?: readonly string[]
  /** The side of the matrix in pixels; as much as its numbers need, up to 640. */
  readonly size?: number
}

const confusionOf = optionsOf<ConfusionOptions>({ title: text, classes: listOf(text), size: positive })

/**
 * A confusion matrix as an SVG: true classes in rows, predicted ones in columns; a cell has its count and which share of its row that
 * is, and that share is its colour.
 *
 * @throws ShapeError for what is no square matrix, and when the names are not as many as classes.
 * @example
 * viz.confusion(np.array([[50, 2], [5, 43]]), { classes: ['cat', 'dog'] })
 */
export const confusion = (matrix: Matrix, options: ConfusionOptions = {}): string => {
  const { title = 'confusion', classes, size: asked } = confusionOf('confusion', options)
  const rows = rowsOf('confusion', matrix)
  const size = asked ?? Math.min(640, Math.max(240, 46 * rows.length))
  const columns = rows[0]?.length ?? 0
  const names = classes ?? rows.map((_, i) => String(i))
  checkNames('confusion', 'columns', Array.from({ length: columns }, String), rows.length)
  checkNames('confusion', 'names of classes', names, rows.length)
  const sums = rows.map((row) => row.reduce((s, v) => s + v, 0))
  const shares = rows.map((row, i) => row.map((v) => (sums[i] === 0 ? 0 : v / sums[i]!)))
  const cell = size / Math.max(1, rows.length)
  const count = (i: number, j: number): string => brief(rows[i]![j]!)
  return heatMap(shares, {
    title,
    rows: names,
    columns: names,
    xLabel: 'predicted',
    yLabel: 'true',
    scale: 'sequential',
    range: [0, 1],
    size,
    format:
      cell < 22
        ? false
        : (share, i, j) =>
            cell < 44 || !Number.isFinite(share) || rows[i]![j] === 0 ? count(i, j) : `${count(i, j)}\n${(100 * share).toFixed(1)} %`,
  })
}
