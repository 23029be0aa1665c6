/** Programs: immutable, single-assignment lists of equations. */
import type { Aval } from '../core/aval.js'
import type { AnyPrimitive, Params } from './primitive.js'

/** A value defined once: an input, or an output of one equation. */
export interface Var {
  readonly kind: 'var'
  readonly id: number
  readonly aval: Aval
}

/** A scalar constant. */
export interface Literal {
  readonly kind: 'literal'
  readonly value: number
  readonly aval: Aval
}

/** What an equation reads. */
export type Atom = Var | Literal

/** `outputs = prim[params](inputs)`. */
export interface Equation {
  readonly prim: AnyPrimitive
  readonly inputs: readonly Atom[]
  readonly params: Params
  readonly outputs: readonly Var[]
  /** The path of scopes in force when it was traced. */
  readonly scope: string
}

/** A closed function of tensors: every variable is an input or the output of an earlier equation. */
export interface Program {
  readonly inputs: readonly Var[]
  readonly equations: readonly Equation[]
  readonly outputs: readonly Atom[]
}

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
