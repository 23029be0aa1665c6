/** Constants: equations of literals are computed now. */
import type { Tensor } from '../../core/tensor.js'
import { peek } from '../../core/tensor.js'
import { bindConstants } from '../bind.js'
import { literalTensor } from '../interpret.js'
import type { Atom, Equation, Program, Var } from '../program.js'
import { subprograms } from '../program.js'
import type { Pass } from './pass.js'
import { draft, throughout } from './pass.js'

/** A function of the host is called when the Program runs, and only then. */
const isConstant = (e: Equation): boolean =>
  e.prim.lower.kind !== 'host' &&
  e.inputs.length > 0 &&
  e.inputs.every((a) => a.kind === 'literal') &&
  e.outputs.every((v) => v.aval.shape.length === 0) &&
  subprograms(e.params).length === 0

const literal = (v: Var, t: Tensor): Atom => ({ kind: 'literal', value: peek(t)[0]!, aval: v.aval })

const evaluate = (e: Equation): readonly Atom[] => {
  const inputs = e.inputs.flatMap((a) => (a.kind === 'literal' ? [literalTensor(a)] : []))
  const values = bindConstants(e.prim, inputs, e.params)
  return e.outputs.map((v, k) => literal(v, values[k]!))
}

const foldOne = (program: Program): Program => {
  const d = draft(program)
  for (const old of program.equations) {
    const e = d.current(old)
    if (isConstant(e)) {
      const values = evaluate(e)
      e.outputs.forEach((v, k) => {
        d.replace(v, values[k]!)
      })
    } else d.emit(e)
  }
  return d.finish()
}

/**
 * Computes the equations whose inputs are all literals and whose outputs are scalars, in a Program and in those it
 * holds. They are evaluated on the host whatever the device (by `bindConstants`), so folding waits for nothing and dispatches nothing. Exact
 * operations give what running them on the device would give; the others differ by what the device's own accuracy allows.
 */
export const fold: Pass = throughout(foldOne)
