/** What passes share: the walk through nested Programs and the draft that rewriting passes fill. */
import type { Aval } from '../../core/aval.js'
import type { Params } from '../primitive.js'
import type { Atom, Equation, Program, Var } from '../program.js'
import { isProgram, subprograms } from '../program.js'

/** A map of Programs that keeps their meaning; returns its argument itself when there is nothing to do. */
export type Pass = (program: Program) => Program

const mapValue = (v: unknown, f: Pass): unknown => {
  if (isProgram(v)) return f(v)
  if (!Array.isArray(v) || !v.some(isProgram)) return v
  const mapped: unknown[] = v.map((w) => (isProgram(w) ? f(w) : w))
  return mapped.every((w, i) => w === v[i]) ? v : mapped
}

/** The parameters with every Program in them replaced; the same object when none changes. */
export const mapPrograms = (params: Params, f: Pass): Params => {
  const entries = Object.entries(params)
  const mapped = entries.map(([k, v]): [string, unknown] => [k, mapValue(v, f)])
  return mapped.every(([, v], i) => v === entries[i]![1]) ? params : Object.fromEntries(mapped)
}

const inside = (program: Program, f: Pass): Program => {
  let changed = false
  const equations = program.equations.map((e) => {
    if (subprograms(e.params).length === 0) return e
    const params = mapPrograms(e.params, f)
    if (params === e.params) return e
    changed = true
    return { ...e, params }
  })
  return changed ? { ...program, equations } : program
}

/** Applies `pass` to a Program and, innermost first, to all Programs held in its equations; a Program held twice is mapped once. */
export const throughout =
  (pass: Pass): Pass =>
  (program) => {
    const done = new Map<Program, Program>()
    const visit = (p: Program): Program => {
      let out = done.get(p)
      if (out === undefined) done.set(p, (out = pass(inside(p, visit))))
      return out
    }
    return visit(program)
  }

/** Calls `f` for a Program and all Programs held in it, each once. */
export const everyProgram = (program: Program, f: (program: Program) => void): void => {
  const seen = new Set<Program>([program])
  for (const p of seen) {
    f(p)
    for (const e of p.equations) for (const q of subprograms(e.params)) seen.add(q)
  }
}

/** The least number from which on no variable of `program` has one. */
export const firstFree = (program: Program): number => {
  let id = 0
  for (const v of program.inputs) if (v.id >= id) id = v.id + 1
  for (const e of program.equations) for (const v of e.outputs) if (v.id >= id) id = v.id + 1
  return id
}

/** A source of variables that `program` does not have. */
export const freshFor = (program: Program): ((aval: Aval) => Var) => {
  let id = firstFree(program)
  return (aval) => ({ kind: 'var', id: id++, aval })
}

/** A Program being rewritten: equations in their new form, and what replaced the variables that are gone. */
export interface Draft {
  /** The atom that stands for `a` now. */
  readonly read: (a: Atom) => Atom
  /** `e` with its inputs as they are now; `e` itself when they did not change. */
  readonly current: (e: Equation) => Equation
  /** Appends an equation. */
  readonly emit: (e: Equation) => void
  /** Lets `by` stand for `v`, whose equation is dropped. */
  readonly replace: (v: Var, by: Atom) => void
  /** The equation that defines `a`; undefined for inputs and literals. */
  readonly definition: (a: Atom) => Equation | undefined
  /** The rewritten Program; the original when nothing was replaced and no equation differs. */
  readonly finish: () => Program
}

/** An empty draft of a new form of `program`. */
export const draft = (program: Program): Draft => {
  const replaced = new Map<number, Atom>()
  const definitions = new Map<number, Equation>()
  const equations: Equation[] = []
  const read = (a: Atom): Atom => (a.kind === 'var' ? (replaced.get(a.id) ?? a) : a)
  return {
    read,
    current: (e) => (e.inputs.some((a) => read(a) !== a) ? { ...e, inputs: e.inputs.map(read) } : e),
    emit: (e) => {
      equations.push(e)
      for (const v of e.outputs) definitions.set(v.id, e)
    },
    replace: (v, by) => {
      replaced.set(v.id, read(by))
    },
    definition: (a) => (a.kind === 'var' ? definitions.get(a.id) : undefined),
    finish: () => {
      const outputs = program.outputs.map(read)
      const same =
        equations.length === program.equations.length &&
        equations.every((e, i) => e === program.equations[i]) &&
        outputs.every((a, i) => a === program.outputs[i])
      return same ? program : { inputs: program.inputs, equations, outputs }
    },
  }
}
