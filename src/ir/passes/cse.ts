/** Common subexpressions: equal equations become one. */
import { hasEffect } from '../host.js'
import { showNumber } from '../print.js'
import type { Params } from '../primitive.js'
import type { Atom, Equation, Program } from '../program.js'
import type { Pass } from './pass.js'
import { draft, throughout } from './pass.js'

/** Operations whose value does not depend on the order of their two operands, to the last bit. */
const commutative: ReadonlySet<string> = new Set(['add', 'mul', 'and', 'or', 'xor', 'eq', 'ne'])

/** Equations that stand for something done again on purpose. */
const again = (e: Equation): boolean => e.prim.name === 'checkpoint' || hasEffect(e)

/** Numbers for objects compared by identity. */
const identities = (): ((x: object) => number) => {
  const ids = new Map<object, number>()
  return (x) => {
    let id = ids.get(x)
    if (id === undefined) ids.set(x, (id = ids.size))
    return id
  }
}

const showAtom = (a: Atom): string => (a.kind === 'var' ? String(a.id) : `${showNumber(a.value)}:${a.aval.id}`)

/** Structure of plain data as text; functions, Programs and other objects with a prototype by identity. */
const structure = (v: unknown, identity: (x: object) => number): string => {
  if (typeof v === 'number') return showNumber(v)
  if (typeof v === 'string') return JSON.stringify(v)
  if (Array.isArray(v)) return `[${v.map((w) => structure(w, identity)).join(',')}]`
  if (typeof v === 'function') return `@${identity(v)}`
  if (typeof v === 'object' && v !== null) return `@${identity(v)}`
  return String(v)
}

const merge = (program: Program): Program => {
  const d = draft(program)
  const identity = identities()
  const known = new Map<string, Equation>()
  const texts = new Map<Params, string>()
  const paramsOf = (params: Params): string => {
    let text = texts.get(params)
    if (text === undefined) {
      text = Object.keys(params)
        .sort()
        .map((k) => `${k}=${structure(params[k], identity)}`)
        .join(';')
      texts.set(params, text)
    }
    return text
  }
  for (const old of program.equations) {
    const e = d.current(old)
    if (again(e)) {
      d.emit(e)
      continue
    }
    const atoms = e.inputs.map(showAtom)
    if (commutative.has(e.prim.name)) atoms.sort()
    const key = `${identity(e.prim)}|${paramsOf(e.params)}|${atoms.join(' ')}`
    const twin = known.get(key)
    if (twin !== undefined && twin.outputs.every((v, k) => v.aval === e.outputs[k]!.aval)) {
      e.outputs.forEach((v, k) => {
        d.replace(v, twin.outputs[k]!)
      })
    } else {
      known.set(key, e)
      d.emit(e)
    }
  }
  return d.finish()
}

/**
 * Merges equations of one primitive with the same parameters and inputs, in a Program and in those it holds.
 * `checkpoint` equations and those with effects are never merged: each stands for something that is to be done again.
 */
export const cse: Pass = throughout(merge)
