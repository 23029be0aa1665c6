/** Several primitives in a row evaluated as one: one pass over memory where each on its own would write what the next one reads. */
import type { Tensor } from '../core/tensor.js'
import { bindAll, isEvaluating } from '../ir/bind.js'
import type { Params, Primitive } from '../ir/primitive.js'
import { trace } from '../ir/trace.js'

/** What is evaluated; one function for all calls, because compiled forms are found by its identity, with its parameters as plain data. */
export type Steps<P extends Params> = (inputs: readonly Tensor[], params: P) => readonly Tensor[]

type FusedParams = { readonly steps: Steps<Params>; readonly params: Params }

/** Met by evaluation alone: where anything is traced, the steps are. */
const fusedP: Primitive<FusedParams> = {
  name: 'fused',
  shape: (inputs, { steps, params }) => trace('fused', (xs) => steps(xs, params), inputs).program.outputs.map((a) => a.aval),
  linear: { kind: 'zero' },
  batch: (inputs, _, { steps, params }) => steps(inputs, params),
  lower: { kind: 'inline', fused: true, run: (inputs, { steps, params }) => steps(inputs, params) },
}

/** Elements from which on it pays. */
const many = 1 << 14

/** `steps` of concrete inputs, evaluated as one Program where an input is large; else step by step. */
export const fused = <P extends Params>(steps: Steps<P>, inputs: readonly Tensor[], params: P): readonly Tensor[] =>
  isEvaluating() && inputs.some((x) => x.size >= many)
    ? bindAll(fusedP, inputs, { steps: steps as Steps<Params>, params })
    : steps(inputs, params)
