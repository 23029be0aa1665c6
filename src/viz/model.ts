/** Models as drawings: what is in what, what comes out of it, and where the parameters are. */
import { check, text } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { Summary, SummaryRow } from '../nn/summary.js'
import { element, frameLine, label, muted, picture, short } from './markup.js'

/** A part with its parts. */
interface Part {
  readonly row: SummaryRow
  readonly parts: readonly Part[]
}

const depth = (path: string): number => (path === '' ? 0 : path.split('/').length)

/** Rows from the outside inwards as a tree: what follows a row and is deeper belongs to it. */
const treeOf = (rows: readonly SummaryRow[]): readonly Part[] => {
  const [row, ...rest] = rows
  if (row === undefined) return []
  const after = rest.findIndex((r) => depth(r.path) <= depth(row.path))
  const own = after < 0 ? rest : rest.slice(0, after)
  return [{ row, parts: treeOf(own) }, ...treeOf(rest.slice(own.length))]
}

/** `1234567` as `1 234 567`. */
export const spaced = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ')

/** Options of `model`. */
export interface ModelOptions {
  readonly title?: string
}

const [boxWidth, boxHeight, gap, inset, heading] = [340, 34, 14, 12, 24]

const heightOf = ({ parts }: Part): number =>
  parts.length === 0 ? boxHeight : heading + parts.reduce((sum, p) => sum + heightOf(p) + gap, 0)

const modelOf = optionsOf<ModelOptions>({ title: text })

const summaries = {
  says: 'a summary',
  fix: 'nn.summary(model, inputShape)',
  accepts: (x: unknown): boolean => typeof x === 'object' && x !== null && 'rows' in x && Array.isArray(x.rows),
}

/**
 * A model as an SVG: a box for each layer with the shape it puts out and its parameters, a frame for each container, arrows from one to
 * the next. The bar in a box is its share of all parameters.
 *
 * @example
 * const net = nn.sequential(nn.dense(784, 100), nn.relu, nn.dense(100, 10))
 * viz.model(nn.summary(net, [1, 784]), { title: 'MLP' })
 */
export const model = (summary: Summary, options: ModelOptions = {}): string => {
  const { title = 'model' } = modelOf('model', options)
  const { rows, parameters } = check('model', 'summary', summaries, summary)
  const roots = treeOf(rows)
  const deepest = Math.max(0, ...rows.map((r) => depth(r.path)))
  const width = boxWidth + 2 * inset * deepest + 32
  const arrow = (x: number, y: number): string =>
    element('path', { d: `M${short(x)} ${short(y - gap + 2)}v${short(gap - 6)}m-3 -3l3 4l3 -4`, ...frameLine })
  const facts = ({ outputShape, parameters: n }: SummaryRow): string => `${outputShape.join(' × ')}${n === 0 ? '' : ` · ${spaced(n)}`}`
  const nameOf = ({ path, name }: SummaryRow): string => (path === '' ? name : `${path.slice(path.lastIndexOf('/') + 1)}  ${name}`)
  const draw = (part: Part, x: number, y: number, w: number): string => {
    const { row, parts } = part
    const h = heightOf(part)
    const box = { x, y, width: w, height: h, rx: 6 }
    if (parts.length === 0) {
      const share = parameters === 0 ? 0 : row.parameters / parameters
      return (
        element('rect', { ...box, fill: '#0072b2', 'fill-opacity': row.parameters === 0 ? 0.04 : 0.1 }) +
        element('rect', { x, y: y + h - 3, width: w * share, height: 3, fill: '#0072b2' }) +
        element('rect', { ...box, ...frameLine }) +
        label(x + 10, y + 21, nameOf(row)) +
        label(x + w - 10, y + 21, facts(row), { 'text-anchor': 'end', 'font-size': 11, ...muted })
      )
    }
    let at = y + heading
    const inner = parts.map((p, k) => {
      const drawn = (k === 0 ? '' : arrow(x + w / 2, at)) + draw(p, x + inset, at, w - 2 * inset)
      at += heightOf(p) + gap
      return drawn
    })
    return (
      element('rect', { ...box, ...frameLine, 'stroke-dasharray': '4 3' }) +
      label(x + 10, y + 16, nameOf(row), { 'font-size': 11, ...muted }) +
      label(x + w - 10, y + 16, facts(row), { 'text-anchor': 'end', 'font-size': 11, ...muted }) +
      inner.join('')
    )
  }
  const total = roots.reduce((sum, p) => sum + heightOf(p) + gap, 0)
  return picture(
    width,
    total + 52,
    title,
    label(16, 22, `${title}: ${spaced(parameters)} parameters`, { 'font-weight': 'bold' }),
    ...roots.map((p) => draw(p, 16, 36, width - 32)),
  )
}
