/** Program to values, under the current interpreter. */
import { hostTensor, type Tensor } from '../core/tensor.js'
import { dtypes } from '../core/dtype.js'
import { bindAll } from './bind.js'
import type { Literal, Program } from './program.js'

/** A literal as a tensor in host memory. */
export const literalTensor = (l: Literal): Tensor => {
  const data = dtypes[l.aval.dtype].make(1)
  data[0] = l.value
  return hostTensor(l.aval, data)
}

/** Applies `program` to `inputs`, one equation after the other. */
export const interpret = (program: Program, inputs: readonly Tensor[]): readonly Tensor[] => {
  const values = new Map<number, Tensor>()
  program.inputs.forEach((v, i) => values.set(v.id, inputs[i]!))
  const read = (a: Program['outputs'][number]): Tensor => (a.kind === 'literal' ? literalTensor(a) : values.get(a.id)!)
  for (const e of program.equations) {
    const outputs = bindAll(e.prim, e.inputs.map(read), e.params)
    e.outputs.forEach((v, i) => values.set(v.id, outputs[i]!))
  }
  return program.outputs.map(read)
}
