/** Programs and tapes as pictures. */
import type { instance as Instance } from '@viz-js/viz'
import { peer } from '../core/builtin.js'
import { callable, check, either, record, text } from '../core/check.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Program } from '../ir/program.js'
import type { Tape } from '../transforms/application.js'
import type { DotOptions } from './dot.js'
import { dotMeanings, toDot } from './dot.js'

/** Why there is no picture. */
export interface VizFault {
  readonly _tag: 'MissingPackage' | 'NotDrawn'
  /** What happened and what to do. */
  readonly message: string
}

/** Draws DOT text as SVG. */
export type Draw = (dot: string) => string

/** Where the drawing comes from. */
export interface SvgOptions extends DotOptions {
  /** Loads what draws; `@viz-js/viz` by default, which is not installed with this package. */
  readonly load?: () => Promise<Draw>
}

const graphviz = async (): Promise<Draw> => {
  const { instance } = (await peer('viz')) as { readonly instance: typeof Instance }
  const viz = await instance()
  return (dot) => viz.renderString(dot, { format: 'svg' })
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const svgOf = optionsOf<SvgOptions>(meaningsOf(dotMeanings, { load: callable }))

/**
 * An SVG drawing of a Program or a tape, or of DOT text, made by Graphviz compiled to WebAssembly.
 * `Left` when the package `@viz-js/viz` is not installed or the text cannot be drawn.
 *
 * @example
 * const { program } = trace(np.tanh, np.array(1))
 * const svg = await pipe(viz.toSvg(program), TE.match((fault) => fault.message, (text) => text))()
 */
export const toSvg = (source: Program | Tape | string, options: SvgOptions = {}): TE.TaskEither<VizFault, string> => {
  const { load: _, ...drawing } = svgOf('toSvg', options)
  check('toSvg', 'source', either(text, record), source)
  const load = TE.tryCatch(options.load ?? graphviz, (error): VizFault => ({
    _tag: 'MissingPackage',
    message: `toSvg: the package @viz-js/viz could not be loaded: ${reason(error)}\n  try: npm install @viz-js/viz; or toDot and any Graphviz`,
  }))
  return TE.chain((draw: Draw) =>
    TE.tryCatch(
      () => Promise.resolve().then(() => draw(typeof source === 'string' ? source : toDot(source, drawing))),
      (error): VizFault => ({ _tag: 'NotDrawn', message: `toSvg: Graphviz refuses the graph: ${reason(error)}` }),
    ),
  )(load)
}
