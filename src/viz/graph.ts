/** Programs and tapes as graphs of values and operations: what the drawings have in common. */
import { showAval } from '../core/showAval.js'
import { namesOf, nameOf, showNumber, showParam } from '../ir/print.js'
import type { Params } from '../ir/primitive.js'
import type { Atom, Program } from '../ir/program.js'
import { isProgram, subprograms } from '../ir/program.js'
import type { Tape } from '../transforms/application.js'

/** A value: an input, an output, or what lies between two operations. */
export interface ValueNode {
  readonly id: string
  readonly name: string
  readonly aval: string
  readonly role: 'input' | 'value' | 'output' | 'literal'
}

/** One application of a primitive. */
export interface OperationNode {
  readonly id: string
  readonly name: string
  /** Parameters and other remarks, a line each. */
  readonly notes: readonly string[]
  readonly scope: string
  /** The graphs of the Programs it holds. */
  readonly holds: readonly Drawing[]
}

/** Values and operations in the order in which they are defined, and the arrows between them. */
export interface Drawing {
  readonly id: string
  readonly title: string
  readonly values: readonly ValueNode[]
  readonly operations: readonly OperationNode[]
  readonly edges: readonly (readonly [from: string, to: string])[]
}

const paramNotes = (params: Params): readonly string[] => {
  const plain = Object.entries(params).filter(([, v]) => v !== undefined && !isProgram(v) && !(Array.isArray(v) && v.some(isProgram)))
  return plain.map(([k, v]) => `${k}=${showParam(v)}`)
}

/** The name under which an equation holds its `k`-th Program: its key, with a number when there are several. */
const titles = (params: Params): readonly string[] =>
  Object.entries(params).flatMap(([key, v]) =>
    isProgram(v) ? [key] : Array.isArray(v) ? v.filter(isProgram).map((_, k) => `${key}[${k}]`) : [],
  )

/** The graph of a Program; `known` gives every Program one graph, however often it is held. */
const build = (program: Program, title: string, known: Map<Program, Drawing>): Drawing => {
  const id = `p${known.size}`
  const values: ValueNode[] = []
  const operations: OperationNode[] = []
  const edges: (readonly [string, string])[] = []
  const graph: Drawing = { id, title, values, operations, edges }
  known.set(program, graph)

  const names = namesOf(program)
  const results = new Set(program.outputs.flatMap((a) => (a.kind === 'var' ? [a.id] : [])))
  const valueId = (v: number): string => `${id}_v${v}`
  /** The node of an atom; every use of a literal is a node of its own. */
  const node = (a: Atom): string => {
    if (a.kind === 'var') return valueId(a.id)
    const literal = `${id}_l${values.length}`
    values.push({ id: literal, name: showNumber(a.value), aval: showAval(a.aval), role: 'literal' })
    return literal
  }
  for (const v of program.inputs) values.push({ id: valueId(v.id), name: names.get(v.id)!, aval: showAval(v.aval), role: 'input' })
  program.equations.forEach((e, i) => {
    const here = `${id}_e${i}`
    const heading = titles(e.params)
    const holds = subprograms(e.params).map((p, k) => known.get(p) ?? build(p, `${e.prim.name} ${heading[k] ?? ''}`.trim(), known))
    operations.push({ id: here, name: e.prim.name, notes: paramNotes(e.params), scope: e.scope, holds })
    for (const a of e.inputs) edges.push([node(a), here])
    for (const v of e.outputs) {
      values.push({ id: valueId(v.id), name: names.get(v.id)!, aval: showAval(v.aval), role: results.has(v.id) ? 'output' : 'value' })
      edges.push([here, valueId(v.id)])
    }
  })
  return graph
}

/** The graph of a Program, with those of the Programs in it. */
export const graphOfProgram = (program: Program, title: string): Drawing => build(program, title, new Map())

/** The graph of a tape: the values that carry derivatives, and for every operation how much it keeps. */
export const graphOfTape = (tape: Tape, title: string): Drawing => {
  const id = 't'
  const results = new Set(tape.outputs)
  const value = (slot: number, aval: string, role: ValueNode['role']): ValueNode => ({
    id: `${id}_v${slot}`,
    name: nameOf(slot),
    aval,
    role,
  })
  const values = tape.inputs.map((a, slot) => value(slot, showAval(a), 'input'))
  const edges: (readonly [string, string])[] = []
  const operations = tape.nodes.map((n, i): OperationNode => {
    const here = `${id}_e${i}`
    const saved = n.saved.filter((t) => t !== null)
    for (const slot of n.parents) if (slot >= 0) edges.push([`${id}_v${slot}`, here])
    n.outs.forEach((a, k) => {
      values.push(value(n.out + k, showAval(a), results.has(n.out + k) ? 'output' : 'value'))
      edges.push([here, `${id}_v${n.out + k}`])
    })
    const keeps = saved.length === 0 ? [] : [`keeps ${saved.map((t) => showAval(t.aval)).join(' ')}`]
    return { id: here, name: n.prim.name, notes: [...paramNotes(n.params), ...keeps], scope: '', holds: [] }
  })
  return { id, title, values, operations, edges }
}
