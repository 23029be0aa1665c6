/** A graph under construction: values, the nodes that make them, and what is known of both. */
import { fail, ValueError } from '../../core/errors.js'
import type { Shape } from '../../core/shape.js'
import { sameShape } from '../../core/shape.js'
import { showNumber } from '../../ir/print.js'
import type { Attribute, ElementType, GraphProto, StoredTensor, NodeProto, Port } from './model.js'

/**
 * A value of the graph. Its shape may be smaller than that of the value it stands for, where the rest is repetition: operations
 * element by element broadcast, so what is spread is spread only where something needs it whole.
 */
export interface GraphValue {
  readonly name: string
  readonly type: ElementType
  readonly shape: Shape
  /** The value of a scalar known now. */
  readonly constant?: number
}

/** Type and shape of a value that a node makes. */
export type TensorType = Pick<GraphValue, 'type' | 'shape'>

/** Attributes as they are written: integers, lists of integers, text, graphs. */
export type NodeAttributes = Readonly<Record<string, number | readonly number[] | string | GraphProto>>

/** The operation that made a value. */
export interface Maker {
  readonly op: string
  readonly inputs: readonly (GraphValue | null)[]
  readonly attributes: NodeAttributes
}

/** What lowering rules build with. */
export interface Builder {
  /** The operator set that is written for. */
  readonly opset: number
  /** Elements known now, row-major. */
  readonly constant: (type: ElementType, shape: Shape, data: readonly number[]) => GraphValue
  /** One known number. */
  readonly scalar: (value: number, type: ElementType) => GraphValue
  /** A list of integers, as ONNX takes shapes, axes and places. */
  readonly ints: (values: readonly number[]) => GraphValue
  /** An operation of one output. Equal operations are one. */
  readonly node: (op: string, inputs: readonly (GraphValue | null)[], kind: TensorType, attributes?: NodeAttributes) => GraphValue
  /** An operation of several outputs. */
  readonly nodes: (
    op: string,
    inputs: readonly (GraphValue | null)[],
    kinds: readonly TensorType[],
    attributes?: NodeAttributes,
  ) => readonly GraphValue[]
  /** The operation that made `x`; undefined for inputs and constants, and when it is not `op`. */
  readonly made: (x: GraphValue | null | undefined, op: string) => Maker | undefined
  /** The elements of a short constant. */
  readonly listed: (x: GraphValue | null | undefined) => readonly number[] | undefined
  /** A graph to be run by a node of this one: its inputs, and the outputs that `build` makes of them. */
  readonly body: (inputs: readonly TensorType[], build: (inputs: readonly GraphValue[]) => readonly GraphValue[]) => GraphProto
  /** `x` in its whole shape. */
  readonly whole: (x: GraphValue, shape: Shape) => GraphValue
  /** Runs `f`; the nodes it makes carry the path of scopes in their names. */
  readonly scoped: <T>(path: string, f: () => T) => T
}

/** The finished parts of a graph, whose inputs and outputs are named by whom the builder was made. */
export interface GraphDraft {
  readonly builder: Builder
  /** A value that enters the graph. */
  readonly input: (name: string, kind: TensorType) => GraphValue
  /** Elements that are part of the model under a name of their own. */
  readonly initializer: (initializer: StoredTensor) => GraphValue
  readonly finish: (name: string, outputs: readonly { readonly name: string; readonly value: GraphValue }[]) => GraphProto
}

const attribute = (value: number | readonly number[] | string | GraphProto): Attribute =>
  typeof value === 'number'
    ? { kind: 'int', value }
    : typeof value === 'string'
      ? { kind: 'text', value }
      : 'nodes' in value
        ? { kind: 'graph', value }
        : { kind: 'ints', value }

const port = (x: GraphValue): Port => ({ name: x.name, type: x.type, shape: x.shape })

/** Nodes in the graph at hand or in those around it, by what they do. */
interface Level {
  readonly nodes: NodeProto[]
  readonly known: Map<string, GraphValue>
  readonly outer: Level | null
}

const graphsOf = (n: NodeProto): readonly GraphProto[] => Object.values(n.attributes).flatMap((a) => (a.kind === 'graph' ? [a.value] : []))

/** The nodes that something reads, in graphs inside too; adds the names that they read to `needed`. */
const pruned = (nodes: readonly NodeProto[], needed: Set<string>): readonly NodeProto[] => {
  const kept: NodeProto[] = []
  for (let i = nodes.length - 1; i >= 0; i--) {
    const n = nodes[i]!
    if (!n.outputs.some((o) => needed.has(o))) continue
    const attributes = Object.entries(n.attributes).map(([key, a]): [string, Attribute] => {
      if (a.kind !== 'graph') return [key, a]
      for (const o of a.value.outputs) needed.add(o.name)
      return [key, { kind: 'graph', value: { ...a.value, nodes: pruned(a.value.nodes, needed) } }]
    })
    for (const x of n.inputs) needed.add(x)
    kept.push(graphsOf(n).length === 0 ? n : { ...n, attributes: Object.fromEntries(attributes) })
  }
  return kept.reverse()
}

/** Nodes with some values called otherwise. */
const renamed = (nodes: readonly NodeProto[], names: ReadonlyMap<string, string>): readonly NodeProto[] => {
  const to = (name: string): string => names.get(name) ?? name
  const graph = (g: GraphProto): GraphProto => ({
    ...g,
    nodes: renamed(g.nodes, names),
    outputs: g.outputs.map((p) => ({ ...p, name: to(p.name) })),
  })
  return nodes.map((n) => ({
    ...n,
    inputs: n.inputs.map(to),
    outputs: n.outputs.map(to),
    attributes: Object.fromEntries(
      Object.entries(n.attributes).map(([k, a]): [string, Attribute] => [
        k,
        a.kind === 'graph' ? { kind: 'graph', value: graph(a.value) } : a,
      ]),
    ),
  }))
}

/** Lists up to this long are looked up before they are made again. */
const short = 64

/** An empty graph for operator set `opset`. `taken` are names that nodes must not use. */
export const draft = (opset: number, taken: ReadonlySet<string>): GraphDraft => {
  const initializers: StoredTensor[] = []
  const inputs: GraphValue[] = []
  const constants = new Map<string, GraphValue>()
  const lists = new Map<string, readonly number[]>()
  const makers = new Map<string, Maker>()
  let level: Level = { nodes: [], known: new Map(), outer: null }
  let count = 0
  let path = ''

  const fresh = (what: string): string => {
    const name = `${what}_${count++}`
    return taken.has(name) ? fresh(what) : name
  }
  const known = (key: string): GraphValue | undefined => {
    for (let l: Level | null = level; l !== null; l = l.outer) {
      const value = l.known.get(key)
      if (value !== undefined) return value
    }
    return undefined
  }
  const constant = (type: ElementType, shape: Shape, data: readonly number[]): GraphValue => {
    const key = data.length > short ? undefined : `${type}[${shape.join(',')}]${data.map(showNumber).join(',')}`
    const before = key === undefined ? undefined : constants.get(key)
    if (before !== undefined) return before
    const value: GraphValue = { name: fresh('constant'), type, shape, ...(shape.length === 0 ? { constant: data[0]! } : {}) }
    initializers.push({ name: value.name, type, shape, data: () => data })
    if (key !== undefined) {
      constants.set(key, value)
      lists.set(value.name, data)
    }
    return value
  }
  const nodes: Builder['nodes'] = (op, ins, kinds, attributes = {}) => {
    const outputs = kinds.map((k): GraphValue => ({ name: fresh(op), type: k.type, shape: k.shape }))
    for (const o of outputs) makers.set(o.name, { op, inputs: ins, attributes })
    level.nodes.push({
      op,
      name: path === '' ? outputs[0]!.name : `${path}/${outputs[0]!.name}`,
      inputs: ins.map((x) => x?.name ?? ''),
      outputs: outputs.map((o) => o.name),
      attributes: Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, attribute(v)])),
    })
    return outputs
  }
  const node: Builder['node'] = (op, ins, kind, attributes = {}) => {
    const key = `${op}(${ins.map((x) => x?.name ?? '').join()})${JSON.stringify(attributes)}`
    const before = known(key)
    if (before !== undefined) return before
    const [value] = nodes(op, ins, [kind], attributes)
    level.known.set(key, value!)
    return value!
  }
  const ints = (values: readonly number[]): GraphValue => constant('int64', [values.length], values)
  const body: Builder['body'] = (kinds, build) => {
    const outer = level
    level = { nodes: [], known: new Map(), outer }
    try {
      const ports = kinds.map((k): GraphValue => ({ name: fresh('in'), type: k.type, shape: k.shape }))
      const results = build(ports)
      const made = new Set(level.nodes.flatMap((n) => n.outputs))
      const outputs = results.map((r) => {
        const own = made.delete(r.name) ? r : nodes('Identity', [r], [r])[0]!
        return port(own)
      })
      return { name: fresh('body'), nodes: level.nodes, inputs: ports.map(port), outputs, initializers: [] }
    } finally {
      level = outer
    }
  }
  const whole: Builder['whole'] = (x, shape) => (sameShape(x.shape, shape) ? x : node('Expand', [x, ints(shape)], { type: x.type, shape }))

  const builder: Builder = {
    opset,
    constant,
    scalar: (value, type) => constant(type, [], [value]),
    ints,
    node,
    nodes,
    made: (x, op) => {
      const maker = makers.get(x?.name ?? '')
      return maker?.op === op ? maker : undefined
    },
    listed: (x) => lists.get(x?.name ?? ''),
    body,
    whole,
    scoped: (inner, f) => {
      const before = path
      path = inner.replaceAll(' / ', '/')
      try {
        return f()
      } finally {
        path = before
      }
    },
  }
  return {
    builder,
    input: (name, kind) => {
      const value: GraphValue = { name, ...kind }
      inputs.push(value)
      return value
    },
    initializer: (i) => {
      initializers.push(i)
      return { name: i.name, type: i.type, shape: i.shape }
    },
    finish: (name, outputs) => {
      const made = new Set(level.nodes.flatMap((n) => n.outputs))
      const names = new Map<string, string>()
      const ends = outputs.map((o): NodeProto | null => {
        if (made.has(o.value.name) && !names.has(o.value.name)) {
          names.set(o.value.name, o.name)
          return null
        }
        return { op: 'Identity', name: o.name, inputs: [o.value.name], outputs: [o.name], attributes: {} }
      })
      const all = renamed([...level.nodes, ...ends.filter((n) => n !== null)], names)
      const needed = new Set(outputs.map((o) => o.name))
      if (needed.size !== outputs.length) fail(ValueError, 'toOnnx: two outputs have one name')
      const kept = pruned(all, needed)
      return {
        name,
        nodes: kept,
        inputs: inputs.map(port),
        outputs: outputs.map(({ name: n, value }) => ({ name: n, type: value.type, shape: value.shape })),
        initializers: initializers.filter((i) => needed.has(i.name)),
      }
    },
  }
}
