/** Models run as the ONNX standard says, in plain code: what shows that they compute what they are exported from, where no runtime is installed. */
import { aval } from '../../../src/core/aval.js'
import type { DType } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import { hostTensor, type Tensor } from '../../../src/core/tensor.js'
import { decodeModel, type DecodedGraph, type DecodedNode } from './decode.js'
import { elementwise } from './elementwise.js'
import { movements } from './movement.js'
import { reductions } from './reductions.js'
import { make, places, read, size, type Value } from './values.js'

/** Values by name; those of the graphs around are found too. */
type Scope = Record<string, Value>

const nameOf = (port: string): string => port.split(': ')[0]!

/** The type and the sizes of `float32[2,batch]`. */
const kindOf = (kind: string): readonly [string, readonly string[]] => {
  const [, type, dims] = /(\w+)\[(.*)\]$/.exec(kind)!
  return [type!, dims === '' ? [] : dims!.split(',')]
}

/** The outputs of a graph inside another. */
const runBody = (graph: unknown, inputs: readonly Value[], outer: Scope): readonly Value[] => {
  const g = graph as DecodedGraph
  if (g.inputs.length !== inputs.length) throw new Error(`${inputs.length} inputs of a body that has ${g.inputs.length}`)
  const scope = Object.create(outer) as Scope
  g.inputs.forEach((p, k) => {
    const [name, kind] = p.split(': ')
    const { type, shape } = inputs[k]!
    const [declared, dims] = kindOf(kind!)
    // Sizes that are known only when the model runs have a name.
    if (declared !== type || dims.length !== shape.length || dims.some((d, a) => /^\d+$/.test(d) && Number(d) !== shape[a]))
      throw new Error(`${p} is given ${type}[${shape.join()}]`)
    scope[name!] = inputs[k]!
  })
  return runGraph(g, scope)
}

const scalar = (type: string, x: number): Value => make(type, [], [x])

const stacked = (parts: readonly Value[], like: string): Value => {
  const [type, dims] = kindOf(like)
  const shape = parts[0]?.shape ?? dims.map(Number)
  return make(type, [parts.length, ...shape], parts.flatMap((p) => p.data)) // prettier-ignore
}

const scan = ({ attributes }: DecodedNode, inputs: readonly Value[], outer: Scope): readonly Value[] => {
  const many = attributes['num_scan_inputs'] as number
  let state = inputs.slice(0, inputs.length - many)
  const xs = inputs.slice(state.length)
  const length = xs[0]!.shape[0]!
  const backwards = (name: string, k: number): boolean => (attributes[name] as readonly number[] | undefined)?.[k] === 1
  const ys: Value[][] = []
  for (let step = 0; step < length; step++) {
    const slices = xs.map((x, k) => {
      const t = backwards('scan_input_directions', k) ? length - 1 - step : step
      const shape = x.shape.slice(1)
      return make(x.type, shape, places(shape).map((at) => read(x, [t, ...at]))) // prettier-ignore
    })
    const out = runBody(attributes['body'], [...state, ...slices], outer)
    state = out.slice(0, state.length)
    ys.push(out.slice(state.length))
  }
  const ports = (attributes['body'] as DecodedGraph).outputs.slice(state.length)
  return [
    ...state,
    ...ports.map((p, k) => {
      const parts = ys.map((y) => y[k]!)
      return stacked(backwards('scan_output_directions', k) ? parts.reverse() : parts, p)
    }),
  ]
}

const loop = ({ attributes }: DecodedNode, [most, first, ...start]: readonly (Value | undefined)[], outer: Scope): readonly Value[] => {
  let state = start as readonly Value[]
  let go = first === undefined || first.data[0] !== 0
  const ys: Value[][] = []
  for (let i = 0; go && (most === undefined || i < most.data[0]!); i++) {
    const [next, ...out] = runBody(attributes['body'], [scalar('int64', i), scalar('bool', Number(go)), ...state], outer)
    go = next!.data[0] !== 0
    state = out.slice(0, state.length)
    ys.push(out.slice(state.length))
  }
  const ports = (attributes['body'] as DecodedGraph).outputs.slice(1 + state.length)
  return [...state, ...ports.map((p, k) => stacked(ys.map((y) => y[k]!), p))] // prettier-ignore
}

const runNode = (n: DecodedNode, scope: Scope): readonly Value[] => {
  const inputs = n.inputs.map((name) => (name === '' ? undefined : scope[name]))
  n.inputs.forEach((name, k) => {
    if (name !== '' && inputs[k] === undefined) throw new Error(`${n.name} reads ${name}, which is not there`)
  })
  const given = inputs as readonly Value[]
  if (n.op === 'If') return runBody(n.attributes[given[0]!.data[0] !== 0 ? 'then_branch' : 'else_branch'], [], scope)
  if (n.op === 'Scan') return scan(n, given, scope)
  if (n.op === 'Loop') return loop(n, inputs, scope)
  if (Object.hasOwn(movements, n.op)) return [movements[n.op]!(inputs, n.attributes)]
  if (Object.hasOwn(reductions, n.op)) return reductions[n.op]!(inputs, n.attributes)
  const made = elementwise(n.op, given, n.attributes)
  if (made === undefined) throw new Error(`no operator ${n.op}`)
  return [made]
}

const runGraph = (g: DecodedGraph, scope: Scope): readonly Value[] => {
  for (const [name, { type, shape, data }] of Object.entries(g.initializers)) {
    if (data.length !== size(shape)) throw new Error(`${name} has ${data.length} elements`)
    scope[name] = { type, shape, data }
  }
  for (const n of g.nodes) {
    try {
      const made = runNode(n, scope)
      n.outputs.forEach((name, k) => (scope[name] = made[k]!))
    } catch (error) {
      throw new Error(`${n.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  return g.outputs.map((p) => scope[nameOf(p)]!)
}

/** A model's outputs by name, for inputs in the model's order. */
export const evaluateModel = (bytes: Uint8Array, inputs: readonly Tensor[]): ReadonlyMap<string, Tensor> => {
  const { graph } = decodeModel(bytes)
  const scope = Object.create(null) as Scope
  graph.inputs.forEach((p, k) => {
    const x = inputs[k]!
    scope[nameOf(p)] = { type: x.dtype, shape: x.shape, data: Array.from(x.toTypedArray()) }
  })
  const results = runGraph(graph, scope)
  return new Map(
    graph.outputs.map((p, k) => {
      const { type, shape, data } = results[k]!
      return [nameOf(p), hostTensor(aval(shape, type as DType), dtypes[type as DType].from(data))]
    }),
  )
}
