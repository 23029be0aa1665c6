/** Programs and tapes as DOT, the language of Graphviz. */
import { check, flag, oneOf, text } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import type { Program } from '../ir/program.js'
import { isProgram } from '../ir/program.js'
import type { Tape } from '../transforms/application.js'
import type { Drawing, OperationNode, ValueNode } from './graph.js'
import { graphOfProgram, graphOfTape } from './graph.js'

/** How to draw. */
export interface DotOptions {
  /** Title of the graph; `program` or `tape` by default. */
  readonly name?: string
  /** Direction in which values flow: top to bottom (default) or left to right. */
  readonly direction?: 'TB' | 'LR'
  /** Print the parameters of operations; true by default. */
  readonly params?: boolean
  /** Print the scope in which an operation was traced; true by default. */
  readonly scopes?: boolean
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** What XML cannot hold, however it is written: control characters, halves of surrogate pairs, two that are no characters. */
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu

/** Text that may stand in HTML and XML. */
export const escapeHtml = (text: string): string => text.replace(unprintable, '\ufffd').replace(/[&<>"']/g, (c) => entities[c]!)

const small = (text: string, color: string): string => `<br/><font point-size="9" color="${color}">${escapeHtml(text)}</font>`

const fills: Readonly<Record<ValueNode['role'], string>> = { input: '#cfe8ff', value: '#f4f4f4', output: '#ffe0b8', literal: '#ffffff' }

const drawValue = (v: ValueNode): string => {
  const shape = v.role === 'literal' ? 'plaintext' : 'ellipse'
  return `${v.id} [shape=${shape}, fillcolor="${fills[v.role]}", label=<${escapeHtml(v.name)}${small(v.aval, '#606060')}>]`
}

const drawOperation = (o: OperationNode, { params = true, scopes = true }: DotOptions): string => {
  const notes = params ? o.notes.map((n) => small(n, '#404040')).join('') : ''
  const scope = scopes && o.scope !== '' ? small(o.scope, '#2060a0') : ''
  return `${o.id} [shape=box, fillcolor="#d8f0d0", label=<<b>${escapeHtml(o.name)}</b>${notes}${scope}>]`
}

/** Appends the lines of a graph, then those of the graphs it holds as clusters of their own. */
const draw = (graph: Drawing, options: DotOptions, indent: string, lines: string[], drawn: Set<string>): void => {
  for (const v of graph.values) lines.push(`${indent}${drawValue(v)}`)
  for (const o of graph.operations) lines.push(`${indent}${drawOperation(o, options)}`)
  for (const [from, to] of graph.edges) lines.push(`${indent}${from} -> ${to}`)
  for (const o of graph.operations) {
    for (const held of o.holds) {
      const first = held.values[0] ?? held.operations[0]
      if (!drawn.has(held.id)) {
        drawn.add(held.id)
        lines.push(`${indent}subgraph cluster_${held.id} {`)
        lines.push(`${indent}  label=<${escapeHtml(held.title)}>; style="rounded,dashed"; color="#808080"; fontname="Helvetica"`)
        draw(held, options, `${indent}  `, lines, drawn)
        lines.push(`${indent}}`)
      }
      if (first !== undefined) lines.push(`${indent}${o.id} -> ${first.id} [style=dashed, arrowhead=none, lhead=cluster_${held.id}]`)
    }
  }
}

/** What the options of a drawing mean. */
export const dotMeanings: Meanings<DotOptions> = { name: text, direction: oneOf('TB', 'LR'), params: flag, scopes: flag }
const dotOf = optionsOf<DotOptions>(dotMeanings)
const drawable = {
  says: 'a Program or a tape',
  fix: 'trace(f, x).program, or viz.tapeOf(...)',
  accepts: (x: unknown): boolean => typeof x === 'object' && x !== null && (isProgram(x) || 'nodes' in x),
}

/**
 * DOT text of a Program or a tape. Values are ellipses with their avals (inputs blue, outputs orange), operations boxes
 * with parameters and scopes; the Programs that an operation holds are clusters joined to it by a dashed line.
 *
 * @example
 * viz.toDot(trace(np.tanh, np.array(1)).program, { direction: 'LR' }).split('\n')[0]   // 'digraph "program" {'
 */
export const toDot = (source: Program | Tape, options: DotOptions = {}): string => {
  dotOf('toDot', options)
  check('toDot', 'source', drawable, source)
  const program = isProgram(source)
  const name = options.name ?? (program ? 'program' : 'tape')
  const graph = program ? graphOfProgram(source, name) : graphOfTape(source, name)
  const lines = [
    `digraph "${name.replace(/["\\]/g, '\\$&')}" {`,
    `  rankdir=${options.direction ?? 'TB'}; compound=true; bgcolor="transparent"`,
    '  node [style="filled,rounded", color="#808080", fontname="Helvetica", fontsize=11, margin="0.08,0.04", height=0.3]',
    '  edge [color="#606060", arrowsize=0.6]',
  ]
  draw(graph, options, '  ', lines, new Set([graph.id]))
  return `${lines.join('\n')}\n}\n`
}
