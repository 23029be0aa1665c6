/** Programs as plain data (serialisation), for members that run elsewhere: primitives by name, avals by what they say. */
import { aval } from '../core/aval.js'
import { fail, ValueError } from '../core/errors.js'
import { controlPrimitives } from '../control/primitives.js'
import type { AnyPrimitive, Atom, Equation, Params, Program, Var } from '../ir/primitive.js'
import { isProgram } from '../ir/program.js'
import { primitives } from '../prim/all.js'
import type { DType } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'

/** An aval, plain. */
type PlainAval = readonly [shape: Shape, dtype: DType, weak: boolean]
/** A variable by its number, or a constant. */
type PlainAtom = { readonly id: number } | { readonly value: number; readonly aval: PlainAval }
type PlainVar = { readonly id: number; readonly aval: PlainAval }

interface PlainEquation {
  readonly prim: string
  readonly inputs: readonly PlainAtom[]
  readonly params: Readonly<Record<string, unknown>>
  readonly outputs: readonly PlainVar[]
  readonly scope: string
}

/** A Program without functions: what structured cloning copies. */
export interface PlainProgram {
  readonly plain: 'program'
  readonly inputs: readonly PlainVar[]
  readonly equations: readonly PlainEquation[]
  readonly outputs: readonly PlainAtom[]
}

const registry: ReadonlyMap<string, AnyPrimitive> = new Map(
  Object.values<AnyPrimitive>({ ...primitives, ...controlPrimitives }).map((prim) => [prim.name, prim]),
)

const plainAval = ({ shape, dtype, weak }: Var['aval']): PlainAval => [shape, dtype, weak]
const plainVar = ({ id, aval: a }: Var): PlainVar => ({ id, aval: plainAval(a) })
const plainAtom = (a: Atom): PlainAtom => (a.kind === 'var' ? { id: a.id } : { value: a.value, aval: plainAval(a.aval) })

/** A parameter, plain. Numbers, texts and lists stay what they are. */
const plainValue = (name: string, prim: string, v: unknown): unknown => {
  if (typeof v === 'function')
    return fail(ValueError, `${name}: ${prim} calls a function of this thread, which no member has`, {
      fix: 'call it on the results, outside of the function that members run',
    })
  if (isProgram(v)) return encode(name, v)
  if (Array.isArray(v)) return v.map((w) => plainValue(name, prim, w))
  if (typeof v !== 'object' || v === null || ArrayBuffer.isView(v)) return v
  return Object.fromEntries(Object.entries(v).map(([k, w]): [string, unknown] => [k, plainValue(name, prim, w)]))
}

const plainEquation = (name: string, e: Equation): PlainEquation => {
  const prim = e.prim.name
  if (registry.get(prim) !== e.prim)
    fail(ValueError, `${name}: members do not know the primitive ${prim}`, {
      fix: prim === name ? `one ${name} over all members, and vmap inside of it` : 'primitives of the library, or a lowering by them',
    })
  return {
    prim,
    inputs: e.inputs.map(plainAtom),
    params: plainValue(name, prim, e.params) as PlainEquation['params'],
    outputs: e.outputs.map(plainVar),
    scope: e.scope,
  }
}

/**
 * A Program as plain data; `name` is the function that sends it.
 *
 * @throws ValueError for functions among the parameters, and for primitives that are not the library's
 */
export const encode = (name: string, program: Program): PlainProgram => ({
  plain: 'program',
  inputs: program.inputs.map(plainVar),
  equations: program.equations.map((e) => plainEquation(name, e)),
  outputs: program.outputs.map(plainAtom),
})

const avalOf = ([shape, dtype, weak]: PlainAval): Var['aval'] => aval(shape, dtype, weak)

const isPlain = (v: unknown): v is PlainProgram => typeof v === 'object' && v !== null && 'plain' in v && v.plain === 'program'

const valueOf = (v: unknown): unknown => {
  if (isPlain(v)) return decode(v)
  if (Array.isArray(v)) return v.map(valueOf)
  if (typeof v !== 'object' || v === null || ArrayBuffer.isView(v)) return v
  return Object.fromEntries(Object.entries(v).map(([k, w]): [string, unknown] => [k, valueOf(w)]))
}

/** The Program that plain data stand for, with this thread's primitives and avals. */
export const decode = (program: PlainProgram): Program => {
  const vars = new Map<number, Var>()
  const define = ({ id, aval: a }: PlainVar): Var => {
    const v: Var = { kind: 'var', id, aval: avalOf(a) }
    vars.set(id, v)
    return v
  }
  const atom = (a: PlainAtom): Atom => ('id' in a ? vars.get(a.id)! : { kind: 'literal', value: a.value, aval: avalOf(a.aval) })
  const inputs = program.inputs.map(define)
  const equations = program.equations.map((e): Equation => ({
    prim: registry.get(e.prim)!,
    inputs: e.inputs.map(atom),
    params: valueOf(e.params) as Params,
    outputs: e.outputs.map(define),
    scope: e.scope,
  }))
  return { inputs, equations, outputs: program.outputs.map(atom) }
}
