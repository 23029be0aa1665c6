/** Constants: equations of literals are computed now. */
import type { TypedArray } from '../../core/dtype.js'
import type { Tensor } from '../../core/tensor.js'
import { buffer } from '../../core/tensor.js'
import type { Interpreter } from '../bind.js'
import { bindAll, current, within } from '../bind.js'
import { literalTensor } from '../interpret.js'
import type { Atom, Equation, Program, Var } from '../program.js'
import { subprograms } from '../program.js'
import type { Pass } from './pass.js'
import { draft, throughout } from './pass.js'

/** The interpreter below all transforms: evaluation on the current device. */
const evaluation = (): Interpreter => {
  let i = current()
  while (i.outer !== null) i = i.outer
  return i
}

/** The element of a scalar; undefined on devices whose memory is read asynchronously. */
const elementOf = (t: Tensor): number | undefined => {
  if (t.memory === null) return (t[buffer] as TypedArray)[0]
  const got = t.memory.get(t[buffer], t.aval)
  if (!(got instanceof Promise)) return got[0]
  got.catch(() => undefined)
  return undefined
}

/** A function of the host is called when the Program runs, and only then. */
const isConstant = (e: Equation): boolean =>
  e.prim.lower.kind !== 'host' &&
  e.inputs.length > 0 &&
  e.inputs.every((a) => a.kind === 'literal') &&
  e.outputs.every((v) => v.aval.shape.length === 0) &&
  subprograms(e.params).length === 0

const literal = (v: Var, t: Tensor): Atom | undefined => {
  const value = elementOf(t)
  return value === undefined ? undefined : { kind: 'literal', value, aval: v.aval }
}

const evaluate = (e: Equation, base: Interpreter): readonly (Atom | undefined)[] => {
  const inputs = e.inputs.flatMap((a) => (a.kind === 'literal' ? [literalTensor(a)] : []))
  const values = within(base, () => bindAll(e.prim, inputs, e.params))
  return e.outputs.map((v, k) => literal(v, values[k]!))
}

const foldOne = (program: Program): Program => {
  const d = draft(program)
  const base = evaluation()
  for (const old of program.equations) {
    const e = d.current(old)
    const values = isConstant(e) ? evaluate(e, base) : []
    if (values.length > 0 && values.every((v) => v !== undefined))
      e.outputs.forEach((v, k) => {
        d.replace(v, values[k]!)
      })
    else d.emit(e)
  }
  return d.finish()
}

/**
 * Computes the equations whose inputs are all literals and whose outputs are scalars, in a Program and in those it
 * holds. They are evaluated by the current device, so the result is what running them there would give.
 */
export const fold: Pass = throughout(foldOne)
