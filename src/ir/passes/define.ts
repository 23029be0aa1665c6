/** Definitions in place of routines, for backends that do not have them (lowering). */
import type { AnyPrimitive } from '../primitive.js'
import type { Equation, Program } from '../program.js'
import { inline } from './inline.js'
import type { Pass } from './pass.js'

const definitions = new WeakMap<AnyPrimitive, AnyPrimitive>()

/** The primitive with its definition in the place of the routine; one object, so that what is compiled for it is found again. */
const definitionOf = (prim: AnyPrimitive): AnyPrimitive => {
  const { lower } = prim
  if (lower.kind !== 'routine') return prim
  let defined = definitions.get(prim)
  if (defined === undefined) definitions.set(prim, (defined = { ...prim, lower: lower.define }))
  return defined
}

const lacks = (has: (e: Equation) => boolean, e: Equation): boolean => e.prim.lower.kind === 'routine' && !has(e)

const defineOne =
  (has: (e: Equation) => boolean): Pass =>
  (program) => {
    if (!program.equations.some((e) => lacks(has, e))) return program
    return { ...program, equations: program.equations.map((e) => (lacks(has, e) ? { ...e, prim: definitionOf(e.prim) } : e)) }
  }

/**
 * A Program whose routines are all among those for which `has` holds; the others are replaced by their definitions, until none is left.
 * Programs that it holds are left to those who compile them.
 */
export const define = (program: Program, has: (e: Equation) => boolean): Program => {
  const once = defineOne(has)
  for (let before = program; ;) {
    const now = once(before)
    if (now === before) return before
    before = inline(now)
  }
}
