/**
 * DeZero: `plot_dot_graph` draws the graph of a result: 38 functions and 57 variables for the function of Goldstein and Price.
 * Here the picture is of a function: the Program that it traces to, before and after common parts are computed once.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Program } from 'adjoint'
import { trace, viz } from 'adjoint'
import { optimizeProgram } from 'adjoint/extend'
import * as E from 'fp-ts/lib/Either.js'
import { goldstein } from './step24.js'
import type { Options, Step } from './step.js'
import { float64 } from './step.js'

/** Numbers of operations (boxes) and of values and constants (ellipses and plain text) in a drawing. */
export const counted = (source: Program | viz.Tape): string => {
  const dot = viz.toDot(source)
  const count = (pattern: RegExp): number => [...dot.matchAll(pattern)].length
  return `${count(/shape=box/g)} operations, ${count(/shape=(ellipse|plaintext)/g)} values`
}

/** Writes the drawing where one is wanted; the lines that say so. */
export const drawn = async (source: Program | viz.Tape, name: string, { out }: Options): Promise<readonly string[]> => {
  if (out === undefined) return []
  const svg = await viz.toSvg(source)()
  if (E.isLeft(svg)) return [svg.left.message]
  await mkdir(out, { recursive: true })
  await writeFile(join(out, name), svg.right)
  return [`wrote ${join(out, name)}`]
}

export const step26: Step = {
  title: 'Graphs as pictures',
  run: async (options) => {
    const { program } = trace(goldstein, float64(1), float64(1))
    const optimized = optimizeProgram(program)
    return [`as written: ${counted(program)}`, `optimized: ${counted(optimized)}`, ...(await drawn(optimized, 'goldstein.svg', options))]
  },
}
