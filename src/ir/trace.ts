/** Function to Program. */
import type { Aval } from '../core/aval.js'
import { scopePath } from '../core/errors.js'
import { buffer, peek, Tensor } from '../core/tensor.js'
import type { Interpreter } from './bind.js'
import { bindUnder, current, within } from './bind.js'
import type { Atom, Equation, Program, Var } from './program.js'
import { variables } from './program.js'

/** A traced function: its Program, whose first inputs are the tensors that the function closed over. */
export interface Traced {
  readonly program: Program
  readonly captures: readonly Tensor[]
}

/**
 * Runs `f` on abstract values of `avals` and keeps what it did. Nothing is computed or allocated;
 * `staged: false` computes at once every equation that reads no abstract value (partial evaluation).
 */
export const trace = (
  name: string,
  f: (args: readonly Tensor[]) => readonly Tensor[],
  avals: readonly Aval[],
  { staged = true }: { readonly staged?: boolean } = {},
): Traced => {
  const outer = current()
  const fresh = variables()
  const equations: Equation[] = []
  const captured = new Map<Tensor, Var>()

  const atom = (t: Tensor): Atom => {
    if (t.owner === interpreter) return t[buffer] as Var
    if (t.owner === null && t.memory === null && t.size === 1 && t.ndim === 0 && t[buffer] !== null)
      return { kind: 'literal', value: peek(t)[0]!, aval: t.aval }
    let v = captured.get(t)
    if (v === undefined) captured.set(t, (v = fresh(t.aval)))
    return v
  }
  const interpreter: Interpreter = {
    name,
    outer,
    staging: true,
    process: (prim, inputs, params) => {
      if (!staged && !inputs.some((t) => t.owner === interpreter)) return bindUnder(outer, prim, inputs, params)
      const outputs = prim
        .shape(
          inputs.map((t) => t.aval),
          params,
        )
        .map(fresh)
      equations.push({ prim, inputs: inputs.map(atom), params, outputs, scope: scopePath() })
      return outputs.map((v) => new Tensor(v.aval, interpreter, v, null))
    },
  }

  const inputs = avals.map(fresh)
  const results = within(interpreter, () => f(inputs.map((v) => new Tensor(v.aval, interpreter, v, null))))
  const outputs = results.map(atom)
  return {
    program: { inputs: [...captured.values(), ...inputs], equations, outputs },
    captures: [...captured.keys()],
  }
}

/** The avals of what `f` gives for abstract values of `avals`, whether it computes them or closes over them. Nothing is kept of what it did. */
export const shapesOf = (name: string, f: (args: readonly Tensor[]) => readonly Tensor[], avals: readonly Aval[]): readonly Aval[] => {
  const interpreter: Interpreter = {
    name,
    outer: current(),
    staging: true,
    process: (prim, inputs, params) =>
      prim
        .shape(
          inputs.map((t) => t.aval),
          params,
        )
        .map((a) => new Tensor(a, interpreter, a, null)),
  }
  return within(interpreter, () => f(avals.map((a) => new Tensor(a, interpreter, a, null)))).map((t) => t.aval)
}
