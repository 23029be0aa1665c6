/** SVG as text: elements with escaped attributes and contents. */
import { escapeHtml as escape } from './dot.js'

/** Attributes by name; numbers are printed with at most two decimals. */
export type MarkupAttributes = Readonly<Record<string, string | number>>

/** A number for a picture: two decimals are a hundredth of a pixel. */
export const short = (x: number): string => String(Math.round(x * 100) / 100)

/** `<tag attributes>children</tag>`; children are markup, not text. */
export const element = (tag: string, attributes: MarkupAttributes, ...children: readonly string[]): string => {
  const text = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? short(value) : escape(value)}"`)
    .join('')
  return children.length === 0 ? `<${tag}${text}/>` : `<${tag}${text}>${children.join('')}</${tag}>`
}

/**
 * Classes of what a page may give other colours, as `report` does in the dark; the attributes hold what is drawn without one.
 * Text on coloured ground has its colour as a style, which stays.
 */
export const paper: MarkupAttributes = { class: 'viz-paper', fill: '#ffffff' }
export const muted: MarkupAttributes = { class: 'viz-muted', fill: '#555555' }
export const gridLine: MarkupAttributes = { class: 'viz-grid', stroke: '#dddddd', fill: 'none' }
export const frameLine: MarkupAttributes = { class: 'viz-frame', stroke: '#888888', fill: 'none' }

/** A line of text at a point. */
export const label = (x: number, y: number, text: string, attributes: MarkupAttributes = {}): string =>
  element('text', { x, y, ...attributes }, escape(text))

/** A whole picture with a title for those who do not see it. */
export const picture = (width: number, height: number, title: string, ...children: readonly string[]): string =>
  element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${short(width)} ${short(height)}`,
      class: 'viz',
      role: 'img',
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
    },
    element('title', {}, escape(title)),
    element('rect', { width, height, ...paper }),
    ...children,
  )

/** Colours that stay apart for most eyes, by number. */
export const colour = (k: number): string => palette[Math.abs(Math.trunc(k) || 0) % palette.length]!

const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#5d3a9b', '#8c8c00', '#a83232', '#444444']
