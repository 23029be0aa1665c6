/** A run as one page: what was trained, how, on what, and what came of it. */
import { check, record, text } from '../core/check.js'
import { isTensor } from '../core/tensor.js'
import type { Tensor } from '../core/tensor.js'
import type { Summary } from '../nn/summary.js'
import type { CurveOptions, Series } from './curve.js'
import { curve } from './curve.js'
import { escapeHtml as escape } from './dot.js'
import type { ConfusionOptions } from './confusion.js'
import { confusion } from './confusion.js'
import type { ImageGridOptions } from './imageGrid.js'
import { imageGrid } from './imageGrid.js'
import { spaced } from './model.js'
import type { Matrix } from './numbers.js'
import { style } from './reportStyle.js'

/** Rows below a head, for `Section`. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** A part of a report with contents of one's own. */
export interface Section {
  readonly title: string
  /** Paragraphs, an empty line between two. */
  readonly text?: string
  /** SVG text, as the functions of `viz` give it. */
  readonly pictures?: readonly string[]
  readonly table?: Table
  /** Text as it is, in a typewriter's letters: samples, printed Programs. */
  readonly code?: string
}

/** What a report may hold; what is left out does not appear. */
export interface Report {
  readonly title: string
  readonly subtitle?: string
  /** What came of it, large and first: `{ 'test accuracy': 0.981 }`. */
  readonly results?: Readonly<Record<string, number | string>>
  readonly curves?: readonly (CurveOptions & { readonly series: readonly Series[] })[]
  readonly confusion?: ConfusionOptions & { readonly matrix: Matrix }
  readonly images?: readonly (ImageGridOptions & { readonly images: Tensor })[]
  readonly model?: Summary
  /** Settings, trees of them too: a row for each leaf. */
  readonly configuration?: Readonly<Record<string, unknown>>
  /** Where it ran: versions, machine, device, date. */
  readonly environment?: Readonly<Record<string, unknown>>
  /** Further parts, in their order, after the pictures and before the model. */
  readonly sections?: readonly Section[]
}

const tag = (name: string, attributes: string, ...children: readonly string[]): string =>
  `<${name}${attributes === '' ? '' : ` ${attributes}`}>${children.join('')}</${name}>`

/** A number with up to six digits; anything else as text. */
const shown = (x: unknown): string => {
  if (typeof x === 'number') return Number.isFinite(x) && !Number.isInteger(x) ? String(Number(x.toPrecision(6))) : String(x)
  if (typeof x === 'string') return x
  if (typeof x === 'function') return x.name === '' ? 'function' : x.name
  return typeof x === 'object' && x !== null ? (JSON.stringify(x) ?? '') : String(x)
}

const isPlain = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && !isTensor(x) && Object.values(x).length > 0

/** Leaves of a tree of settings with their paths. Beyond eight levels, or where a tree holds itself, it is a leaf. */
const settings = (
  x: Readonly<Record<string, unknown>>,
  path = '',
  above: readonly unknown[] = [],
): readonly (readonly [string, string])[] =>
  Object.entries(x).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`
    const nested = isPlain(value) && above.length < 8 && value !== x && !above.includes(value)
    return nested ? settings(value, at, [...above, x]) : [[at, isPlain(value) ? '…' : isTensor(value) ? value.toString() : shown(value)]]
  })

const section = (title: string, ...children: readonly string[]): string =>
  tag('section', '', tag('h2', '', escape(title)), ...children.filter((c) => c !== ''))

const pictures = (all: readonly string[]): string =>
  all.length === 0
    ? ''
    : tag('div', 'class="pictures"', ...all.map((svg) => tag('figure', '', svg.replace(/^<\?xml[^>]*\?>\s*(<!DOCTYPE[^>]*>)?/, ''))))

const cell = (name: 'td' | 'th', text: string | number, number: boolean): string =>
  tag(name, number ? 'class="number"' : '', escape(shown(text)))

/** Columns of numbers stand on the right, their heads too. */
const table = ({ columns, rows }: Table): string => {
  const head = columns.map((name, k) => cell('th', name, rows.length > 0 && rows.every((row) => typeof row[k] === 'number')))
  const body = rows.map((row) => tag('tr', '', ...row.map((x) => cell('td', x, typeof x === 'number'))))
  return tag('div', 'class="wide"', tag('table', '', tag('thead', '', tag('tr', '', ...head)), tag('tbody', '', ...body)))
}

const facts = (title: string, values: Readonly<Record<string, unknown>> | undefined): string =>
  values === undefined
    ? ''
    : section(
        title,
        tag('dl', '', ...settings(values).map(([key, value]) => tag('div', '', tag('dt', '', escape(key)), tag('dd', '', escape(value))))),
      )

const modelSection = ({ rows, parameters, state, bytes }: Summary): string => {
  const depth = (path: string): number => (path === '' ? 0 : path.split('/').length)
  const body = rows.map(({ path, name, outputShape, parameters: n }) => {
    const share = parameters === 0 ? 0 : (100 * n) / parameters
    return tag(
      'tr',
      '',
      tag(
        'td',
        `style="padding-left:${(12 + 18 * depth(path)).toFixed(0)}px"`,
        path === '' ? '' : tag('span', 'class="path"', escape(path.slice(path.lastIndexOf('/') + 1))),
        escape(name),
      ),
      tag('td', '', outputShape.join(' × ')),
      tag('td', 'class="number"', n === 0 ? '' : spaced(n)),
      tag('td', 'class="share"', tag('i', `style="width:${share.toFixed(1)}%"`)),
    )
  })
  const head = tag('tr', '', tag('th', '', 'layer'), tag('th', '', 'output'), tag('th', 'class="number"', 'parameters'), tag('th', '', ''))
  const total = `${spaced(parameters)} parameters (${(bytes / 1e6).toFixed(1)} MB)${state === 0 ? '' : `, ${spaced(state)} numbers of state`}`
  return section(
    'Model',
    tag('div', 'class="wide"', tag('table', 'class="model"', tag('thead', '', head), tag('tbody', '', ...body))),
    tag('p', 'class="note"', total),
  )
}

const freeSection = ({ title, text, pictures: drawn = [], table: rows, code }: Section): string =>
  section(
    title,
    ...(text === undefined ? [] : text.split(/\n\s*\n/).map((p) => tag('p', '', escape(p)))),
    pictures(drawn),
    rows === undefined ? '' : table(rows),
    code === undefined ? '' : tag('pre', '', escape(code)),
  )

const mixedUp = ({ matrix, ...options }: ConfusionOptions & { readonly matrix: Matrix }): string => confusion(matrix, options)

/**
 * A training run as one HTML page that needs nothing else: no scripts (they are forbidden to it), no fonts, no network. It follows the
 * reader's choice of light or dark, and prints.
 *
 * @throws ShapeError as `confusion` and `imageGrid` do.
 * @example
 * const page = viz.report({
 *   title: 'MNIST',
 *   results: { 'test accuracy': 0.981 },
 *   curves: [{ title: 'loss', series: [{ name: 'train', values: [1, 0.5, 0.3] }] }],
 *   configuration: { optimizer: { name: 'adam', rate: 0.001 }, batch: 100 },
 * })
 * page.startsWith('<!doctype html>')   // true
 */
export const report = (contents: Report): string => {
  const {
    title,
    subtitle,
    results = {},
    curves = [],
    confusion: mixed,
    images = [],
    model,
    sections = [],
  } = check('report', 'contents', record, contents)
  check('report', 'title', text, title)
  const tiles = Object.entries(results).map(([name, value]) =>
    tag('div', 'class="tile"', tag('b', '', escape(shown(value))), tag('span', '', escape(name))),
  )
  const body = [
    tag(
      'header',
      '',
      tag('h1', '', escape(title)),
      subtitle === undefined ? '' : tag('p', '', escape(subtitle)),
      tiles.length === 0 ? '' : tag('div', 'class="tiles"', ...tiles),
    ),
    curves.length === 0 ? '' : section('Curves', pictures(curves.map(({ series, ...options }) => curve(series, options)))),
    mixed === undefined ? '' : section('Confusion', pictures([mixedUp(mixed)])),
    images.length === 0 ? '' : section('Images', pictures(images.map(({ images: batch, ...options }) => imageGrid(batch, options)))),
    ...sections.map(freeSection),
    model === undefined ? '' : modelSection(model),
    facts('Configuration', contents.configuration),
    facts('Environment', contents.environment),
  ]
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    tag('title', '', escape(title)),
    tag('style', '', style),
    '</head>',
    tag('body', '', tag('main', '', ...body)),
    '</html>',
    '',
  ].join('\n')
}
