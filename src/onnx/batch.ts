/**
 * A size that is known only when the model runs. The function is lowered for three sizes; where the models differ they must do so in
 * numbers that are linear in the size, and these are then computed from the shape of an input. Anything else is refused.
 */
import { fail, ValueError } from '../core/errors.js'
import type { Attribute, Dimension, Graph, Initializer, Node, Port } from './model.js'
import { elementTypes } from './model.js'

/** A model for one size. */
export interface Sized {
  readonly size: number
  readonly graph: Graph
}

type Three<T> = readonly [T, T, T]

const refuse = (what: string): never =>
  fail(ValueError, `toOnnx: ${what} depends on the size of the batch otherwise than linearly, so one model cannot stand for all sizes`, {
    fix: 'leave `batch` out and export for one size; or vmap a function of one example',
  })

/** `[base, slope]` of a line through three points. */
const line = (sizes: Three<number>, values: Three<number>): readonly [number, number] | undefined => {
  const [a, b, c] = values
  if (Object.is(a, b) && Object.is(b, c)) return [a, 0]
  const slope = (b - a) / (sizes[1] - sizes[0])
  const base = a - slope * sizes[0]
  return Number.isInteger(slope) && base + slope * sizes[2] === c ? [base, slope] : undefined
}

const same = (xs: ArrayLike<number>, ys: ArrayLike<number>): boolean => {
  if (xs.length !== ys.length) return false
  for (let i = 0; i < xs.length; i++) if (!Object.is(xs[i], ys[i])) return false
  return true
}

const int = (value: number): Attribute => ({ kind: 'int', value })
const plain = (op: string, inputs: readonly string[], output: string, attributes: Node['attributes'] = {}): Node => ({
  op,
  name: output,
  inputs,
  outputs: [output],
  attributes,
})

/** The one model that the three are instances of; `input` has the batch as its first axis, `symbol` names its size. */
export const overSizes = (models: Three<Sized>, input: string, symbol: string): Graph => {
  const sizes = models.map((m) => m.size) as unknown as Three<number>
  const each = <T, R>(pick: (m: T) => R, [a, b, c]: Three<T>): Three<R> => [pick(a), pick(b), pick(c)]

  const dimension = (d: Three<Dimension>, what: string): Dimension => {
    const numbers = d as Three<number>
    const [base, slope] = line(sizes, numbers) ?? refuse(what)
    if (slope === 0) return base
    return `${slope === 1 ? '' : `${slope}*`}${symbol}${base === 0 ? '' : base > 0 ? ` + ${base}` : ` - ${-base}`}`
  }
  const port = (ports: Three<Port>): Port => ({
    ...ports[0],
    shape: ports[0].shape.map((_, k) =>
      dimension(
        each((p: Port) => p.shape[k]!, ports),
        `the shape of ${ports[0].name}`,
      ),
    ),
  })
  const zip = <T>(lists: Three<readonly T[]>, what: string): readonly Three<T>[] => {
    if (lists.some((l) => l.length !== lists[0].length)) refuse(what)
    return lists[0].map((_, k) => each((l: readonly T[]) => l[k]!, lists))
  }
  const attribute = (as: Three<Attribute | undefined>, what: string): Attribute => {
    const [a, b, c] = as
    if (a?.kind === 'graph' && b?.kind === 'graph' && c?.kind === 'graph')
      return { kind: 'graph', value: merged([a.value, b.value, c.value]) }
    return JSON.stringify(a) === JSON.stringify(b) && JSON.stringify(b) === JSON.stringify(c) ? a! : refuse(what)
  }
  const node = (nodes: Three<Node>): Node => {
    const [a] = nodes
    const key = (n: Node): string => [n.op, ...n.inputs, ...n.outputs, ...Object.keys(n.attributes)].join()
    if (nodes.some((n) => key(n) !== key(a))) refuse(`what follows ${a.name}`)
    const attributes = Object.keys(a.attributes).map((k): [string, Attribute] => [
      k,
      attribute(
        each((n: Node) => n.attributes[k], nodes),
        `${k} of ${a.name}`,
      ),
    ])
    return { ...a, attributes: Object.fromEntries(attributes) }
  }
  const merged = (graphs: Three<Graph>): Graph => ({
    ...graphs[0],
    nodes: zip(
      each((g: Graph) => g.nodes, graphs),
      'the number of operations',
    ).map(node),
    inputs: zip(
      each((g: Graph) => g.inputs, graphs),
      'the number of inputs',
    ).map(port),
    outputs: zip(
      each((g: Graph) => g.outputs, graphs),
      'the number of outputs',
    ).map(port),
  })

  const initializers: Initializer[] = []
  const first: Node[] = []
  const counted = new Set<Initializer['type']>()
  /** The batch's size as a number of a type. */
  const sizeAs = (type: Initializer['type']): string => {
    const name = `${symbol}_size_${type}`
    if (!counted.has(type)) {
      counted.add(type)
      first.push(plain('Cast', [`${symbol}_size`], name, { to: int(elementTypes[type]) }))
    }
    return name
  }
  const constant = (is: Three<Initializer>): void => {
    const [a, b, c] = is
    if (is.some((i) => i.name !== a.name || i.shape.join() !== a.shape.join())) refuse(`the shape of ${a.name}`)
    if (a.data === b.data && b.data === c.data) return void initializers.push(a)
    const data = each((i: Initializer) => i.data(), is)
    if (same(data[0], data[1]) && same(data[1], data[2])) return void initializers.push(a)
    const lines = Array.from(
      data[0],
      (_, k) =>
        line(
          sizes,
          each((d: ArrayLike<number>) => d[k]!, data),
        ) ?? refuse(a.name),
    )
    const part = (what: string, k: 0 | 1): string => {
      const values = lines.map((l) => l[k])
      initializers.push({ name: `${a.name}_${what}`, type: a.type, shape: a.shape, data: () => values })
      return `${a.name}_${what}`
    }
    first.push(
      plain('Mul', [part('slope', 1), sizeAs(a.type)], `${a.name}_share`),
      plain('Add', [`${a.name}_share`, part('base', 0)], a.name),
    )
  }
  zip(
    each((m: Sized) => m.graph.initializers, models),
    'the number of constants',
  ).forEach(constant)
  const graph = merged(each((m: Sized) => m.graph, models))
  if (first.length === 0) return { ...graph, initializers }
  initializers.push({ name: `${symbol}_axis`, type: 'int64', shape: [1], data: () => [0] })
  const size = [
    plain('Shape', [input], `${symbol}_shape`, { start: int(0), end: int(1) }),
    plain('Squeeze', [`${symbol}_shape`, `${symbol}_axis`], `${symbol}_size`),
  ]
  return { ...graph, nodes: [...size, ...first, ...graph.nodes], initializers }
}
