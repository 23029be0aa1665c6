/** Pictures side by side. */
import { check, text } from '../core/check.js'
import { element, short } from './markup.js'

const sizeOf = (svg: string): readonly [number, number] => {
  const [, width = '0', height = '0'] = /<svg[^>]* width="([\d.]+)"[^>]* height="([\d.]+)"/.exec(svg) ?? []
  return [Number(width), Number(height)]
}

/**
 * SVG pictures (with `width` and `height`) in one row as one SVG.
 *
 * @example
 * viz.beside(viz.curve([{ name: 'loss', values: [3, 2, 1] }]), viz.curve([{ name: 'accuracy', values: [0.5, 0.8, 0.9] }]))
 */
export const beside = (...pictures: readonly string[]): string => {
  const sizes = pictures.map((svg, k) => sizeOf(check('beside', `pictures[${k}]`, text, svg)))
  const starts = sizes.map((_, k) => sizes.slice(0, k).reduce((sum, [w]) => sum + w, 0))
  const width = sizes.reduce((sum, [w]) => sum + w, 0)
  const height = Math.max(0, ...sizes.map(([, h]) => h))
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${short(width)} ${short(height)}` },
    ...pictures.map((svg, k) => element('g', { transform: `translate(${short(starts[k]!)} 0)` }, svg.replace(/^<\?xml[^>]*\?>\s*/, ''))),
  )
}
