/** A Program as the graph of a model. */
import type { Program } from '../../ir/program.js'
import { draft } from './builder.js'
import { lower } from './lower.js'
import type { GraphProto, StoredTensor } from './model.js'

/** What a graph is called, and its ends: for every input of the Program the name of a port or elements that are stored; the names of its outputs. */
export interface GraphEnds {
  readonly name: string
  readonly inputs: readonly (string | StoredTensor)[]
  readonly outputs: readonly string[]
}

/** The graph that computes `program`, in operators of set `opset`. Elements that several inputs name are stored once. */
export const graphOf = (program: Program, { name, inputs, outputs }: GraphEnds, opset: number): GraphProto => {
  const stored = [...new Set(inputs.filter((i) => typeof i === 'object'))]
  const entering = inputs.filter((i) => typeof i === 'string')
  const d = draft(opset, new Set([...entering, ...stored.map((i) => i.name), ...outputs]))
  const initializers = new Map(stored.map((i) => [i, d.initializer(i)]))
  const values = inputs.map((i, k) => {
    const { dtype, shape } = program.inputs[k]!.aval
    return typeof i === 'object' ? initializers.get(i)! : d.input(i, { type: dtype, shape })
  })
  const results = lower(d.builder, program, values)
  return d.finish(
    name,
    outputs.map((n, k) => ({ name: n, value: d.builder.whole(results[k]!, program.outputs[k]!.aval.shape) })),
  )
}
