/** Programs: immutable, single-assignment lists of equations. */
import type { Aval } from '../core/aval.js'
import type { Params, Program, Var } from './primitive.js'

export type { Atom, Equation, Literal, Program, Var } from './primitive.js'

/** True for a Program held in an equation's parameters. */
export const isProgram = (x: unknown): x is Program =>
  typeof x === 'object' && x !== null && 'equations' in x && 'inputs' in x && 'outputs' in x

/** The Programs among an equation's parameters, directly or in arrays. */
export const subprograms = (params: Params): readonly Program[] =>
  Object.values(params).flatMap((v): Program[] => (isProgram(v) ? [v] : Array.isArray(v) ? v.filter(isProgram) : []))

/** A source of fresh variables. */
export const variables = (): ((aval: Aval) => Var) => {
  let id = 0
  return (aval) => ({ kind: 'var', id: id++, aval })
}
