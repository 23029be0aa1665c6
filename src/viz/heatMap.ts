/** Matrices as colours: attention, weights, correlations. */
import { callable, either, finite, listOf, oneOf, positive, text } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { aval } from '../core/aval.js'
import { hostTensor } from '../core/tensor.js'
import { show } from './axes.js'
import { embedded } from './embed.js'
import { element, frameLine, label, muted, picture, short } from './markup.js'
import type { Matrix } from './numbers.js'
import { checkNames, rowsOf } from './numbers.js'
import type { Scale } from './shades.js'
import { hex, inkOn, shade } from './shades.js'

/** Options of `heatMap`. */
export interface HeatMapOptions {
  readonly title?: string
  /** Names of the rows, and of the columns. */
  readonly rows?: readonly string[]
  readonly columns?: readonly string[]
  /** What the columns are, below; and what the rows are, on the left. */
  readonly xLabel?: string
  readonly yLabel?: string
  /** `sequential`, from white to blue, unless there are negative numbers: then `diverging`, red below 0 and blue above. */
  readonly scale?: Scale
  /** The numbers at the ends of the scale: the smallest and the largest by default, for `diverging` equally far from 0. */
  readonly range?: readonly [number, number]
  /** The text of each cell: by default the number where the cells are large enough, or false for none. */
  readonly format?: ((value: number, row: number, column: number) => string) | false
  /** The longer side of the matrix in pixels; 360. */
  readonly size?: number
}

/** More cells than this are drawn as one image. */
const mostCells = 1600
const approximateWidth = (text: string): number => 6.4 * text.length
const cut = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text)

const rangeFor = (values: readonly number[], scale: Scale): readonly [number, number] => {
  let [low, high] = [Infinity, -Infinity]
  for (const v of values)
    if (Number.isFinite(v)) {
      low = Math.min(low, v)
      high = Math.max(high, v)
    }
  if (low > high) return [0, 1]
  if (scale === 'diverging') {
    const most = Math.max(-low, high, Number.MIN_VALUE)
    return [-most, most]
  }
  return low === high ? [Math.min(0, low), Math.max(low, Math.min(0, low) + 1)] : [low, high]
}

/** Few digits, enough to compare. */
export const brief = (v: number): string => (Number.isInteger(v) && Math.abs(v) < 1e5 ? String(v) : show(Number(v.toPrecision(2))))

const heatMapOf = optionsOf<HeatMapOptions>({
  title: text,
  rows: listOf(text),
  columns: listOf(text),
  xLabel: text,
  yLabel: text,
  scale: oneOf('sequential', 'diverging'),
  range: listOf(finite, 2),
  format: either(callable, oneOf(false)),
  size: positive,
})

/**
 * A matrix as an SVG of coloured cells, row 0 on top, with a bar that explains the colours; what is not finite is gray (NaN) or at the
 * end of the scale. A large matrix becomes an image within the SVG.
 *
 * @throws ShapeError for what is no matrix, and when the names are not as many as rows or columns.
 * @example
 * const attention = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.5]])
 * viz.heatMap(attention, { title: 'head 0', rows: ['the', 'cat', 'sat'], columns: ['the', 'cat', 'sat'] })
 */
export const heatMap = (matrix: Matrix, given: HeatMapOptions = {}): string => {
  const options = heatMapOf('heatMap', given)
  const rows = rowsOf('heatMap', matrix)
  const [height, width] = [rows.length, rows[0]?.length ?? 0]
  const { title = 'heat map', rows: rowNames, columns: columnNames, xLabel, yLabel, size = 360 } = options
  checkNames('heatMap', 'names of rows', rowNames, height)
  checkNames('heatMap', 'names of columns', columnNames, width)
  const values = rows.flat()
  const scale = options.scale ?? (values.some((v) => v < 0) ? 'diverging' : 'sequential')
  const [low, high] = options.range ?? rangeFor(values, scale)
  const at = (v: number): number => (v === Infinity ? 1 : v === -Infinity ? 0 : (v / 2 - low / 2) / (high / 2 - low / 2))

  const cell = Math.max(size / Math.max(1, height, width), 2 ** -8)
  const cellWidth = width > 0 && height > width * 4 ? Math.min(4 * cell, size / width) : cell
  const cellHeight = height > 0 && width > height * 4 ? Math.min(4 * cell, size / height) : cell
  const [w, h] = [width * cellWidth, height * cellHeight]
  const named = (names: readonly string[] | undefined, step: number): readonly (readonly [string, number])[] =>
    names === undefined || step < 9 ? [] : names.map((name, i) => [cut(name), i])
  const [down, across] = [named(rowNames, cellHeight), named(columnNames, cellWidth)]
  const longest = (names: readonly (readonly [string, number])[]): number => Math.max(0, ...names.map(([n]) => approximateWidth(n)))
  const slanted = longest(across) > cellWidth - 4
  const left = 16 + longest(down) + (down.length > 0 ? 8 : 0) + (yLabel === undefined ? 0 : 20)
  const top = 40
  const below = across.length === 0 ? 0 : slanted ? 14 + 0.72 * longest(across) : 20
  const bottom = top + h
  const barX = left + w + 18

  const place = (i: number, j: number) => ({ x: left + j * cellWidth, y: top + i * cellHeight, width: cellWidth, height: cellHeight })
  const text = options.format === undefined ? (v: number): string => brief(v) : options.format
  const roomy = options.format !== undefined || Math.min(cellWidth, 2 * cellHeight) >= 28
  const drawCell = (v: number, i: number, j: number): string => {
    const box = place(i, j)
    const colour = shade(scale, at(v))
    const rectangle = element('rect', { ...box, fill: hex(colour), stroke: hex(colour), 'stroke-width': 0.5 })
    if (text === false || !roomy) return rectangle
    const lines = text(v, i, j).split('\n')
    return (
      rectangle +
      lines
        .map((line, k) =>
          label(box.x + cellWidth / 2, box.y + cellHeight / 2 + 4 + 13 * (k - (lines.length - 1) / 2), line, {
            'text-anchor': 'middle',
            'font-size': k === 0 ? 12 : 10,
            style: `fill:${inkOn(colour)}`,
          }),
        )
        .join('')
    )
  }
  const pixels = (): string => {
    const data = new Int32Array(3 * height * width)
    values.forEach((v, i) => {
      shade(scale, at(v)).forEach((c, k) => {
        data[k * height * width + i] = c
      })
    })
    return embedded(hostTensor(aval([3, height, width], 'int32'), data), { x: left, y: top, width: w, height: h })
  }
  const cells =
    values.length === 0
      ? label(left, top + 16, 'no numbers', muted)
      : values.length > mostCells
        ? pixels()
        : rows.map((row, i) => row.map((v, j) => drawCell(v, i, j)).join('')).join('')
  const bar = Array.from({ length: 32 }, (_, k) =>
    element('rect', { x: barX, y: top + (k * 128) / 32, width: 12, height: 4.5, fill: hex(shade(scale, 1 - (k + 0.5) / 32)) }),
  )
  return picture(
    Math.max(barX + 70, left + approximateWidth(title) + 8),
    Math.max(bottom, top + 136) + below + (xLabel === undefined ? 12 : 34),
    title,
    label(left, 22, title, { 'font-weight': 'bold' }),
    cells,
    element('rect', { x: left, y: top, width: w, height: h, ...frameLine }),
    ...down.map(([name, i]) => label(left - 8, top + (i + 0.5) * cellHeight + 4, name, { 'text-anchor': 'end', ...muted })),
    ...across.map(([name, j]) => {
      const [x, y] = [left + (j + 0.5) * cellWidth, bottom + 15]
      return label(
        x,
        y,
        name,
        slanted
          ? { 'text-anchor': 'end', transform: `rotate(-45 ${short(x)} ${short(y)})`, ...muted }
          : { 'text-anchor': 'middle', ...muted },
      )
    }),
    ...(xLabel === undefined ? [] : [label(left + w / 2, bottom + below + 20, xLabel, { 'text-anchor': 'middle', ...muted })]),
    ...(yLabel === undefined
      ? []
      : [label(18, top + h / 2, yLabel, { 'text-anchor': 'middle', transform: `rotate(-90 18 ${short(top + h / 2)})`, ...muted })]),
    ...bar,
    label(barX + 17, top + 9, brief(high), muted),
    label(barX + 17, top + 128, brief(low), muted),
  )
}
