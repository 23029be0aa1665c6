/**
 * A size that is known only when the model runs. The function is lowered for several sizes; where the models differ they must do so in
 * numbers that are linear in the size, or in floats that are a multiple of its inverse, as in the derivative of a mean. These are then
 * computed from the shape of an input. Anything else is refused.
 */
import { isDouble, isReal } from '../../core/dtype.js'
import { fail, ValueError } from '../../core/errors.js'
import type { Attribute, Dimension, ElementType, GraphProto, StoredTensor, NodeProto, Port } from './model.js'
import { elementTypes, isOf } from './model.js'

/** A model for one size. */
export interface SizedGraph {
  readonly size: number
  readonly graph: GraphProto
}

const refuse = (what: string): never =>
  fail(ValueError, `toOnnx: ${what} depends on the size of the batch, and not by a multiple of it or of its inverse`, {
    fix: 'leave `batch` out and export for one size; or vmap a function of one example',
  })

/** Equal numbers; NaN is NaN, 0 is not -0. */
const same = (xs: ArrayLike<number>, ys: ArrayLike<number>): boolean =>
  xs.length === ys.length && Array.prototype.every.call(xs, (x: number, i) => Object.is(x, ys[i]))

/** `[base, slope]` of a line through points; undefined when they are on none of whole numbers. */
const line = (sizes: readonly number[], values: readonly number[]): readonly [number, number] | undefined => {
  if (values.every((v) => Object.is(v, values[0]))) return [values[0]!, 0]
  const slope = (values[1]! - values[0]!) / (sizes[1]! - sizes[0]!)
  const base = values[0]! - slope * sizes[0]!
  return Number.isInteger(slope) && values.every((v, k) => v === base + slope * sizes[k]!) ? [base, slope] : undefined
}

/** The multiple of `1 / size` that floats are, to the precision of their type. */
const inverse = (sizes: readonly number[], values: readonly number[], type: ElementType): number | undefined => {
  if (!isOf(isReal, type)) return undefined
  const precision = isDouble(type) ? 2 ** -51 : 2 ** -22
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= precision * Math.abs(b)
  const multiple = values[0]! * sizes[0]!
  const factor = near(multiple, Math.round(multiple)) ? Math.round(multiple) : multiple
  return values.every((v, k) => near(v * sizes[k]!, factor)) ? factor : undefined
}

/** The k-th entries of several lists, which have one length. */
const columns = <T>(lists: readonly (readonly T[])[], what: string): readonly (readonly T[])[] =>
  lists.every((l) => l.length === lists[0]!.length) ? lists[0]!.map((_, k) => lists.map((l) => l[k]!)) : refuse(what)

const int = (value: number): Attribute => ({ kind: 'int', value })
const plain = (op: string, inputs: readonly string[], output: string, attributes: NodeProto['attributes'] = {}): NodeProto => ({
  op,
  name: output,
  inputs,
  outputs: [output],
  attributes,
})

/** What models share: everything but the constants of which they have their own. */
const mergedGraphs = (graphs: readonly GraphProto[], sizes: readonly number[], symbol: string): GraphProto => {
  const dimension = (values: readonly Dimension[], what: string): Dimension => {
    const [base, slope] = line(sizes, values as readonly number[]) ?? refuse(what)
    if (slope === 0) return base
    return `${slope === 1 ? '' : `${slope}*`}${symbol}${base === 0 ? '' : base > 0 ? ` + ${base}` : ` - ${-base}`}`
  }
  const port = (ports: readonly Port[]): Port => {
    const what = `the shape of ${ports[0]!.name}`
    const shapes = columns(
      ports.map((p) => p.shape),
      what,
    )
    return { ...ports[0]!, shape: shapes.map((d) => dimension(d, what)) }
  }
  const attribute = (values: readonly Attribute[], what: string): Attribute => {
    const inner = values.flatMap((a) => (a.kind === 'graph' ? [a.value] : []))
    if (inner.length > 0) return { kind: 'graph', value: mergedGraphs(inner, sizes, symbol) }
    return values.every((a) => JSON.stringify(a) === JSON.stringify(values[0])) ? values[0]! : refuse(what)
  }
  const node = (nodes: readonly NodeProto[]): NodeProto => {
    const first = nodes[0]!
    const key = (n: NodeProto): string => [n.op, ...n.inputs, ...n.outputs, ...Object.keys(n.attributes)].join()
    if (nodes.some((n) => key(n) !== key(first))) refuse(`what is computed at ${first.name}`)
    const attributes = Object.keys(first.attributes).map((k): [string, Attribute] => [
      k,
      attribute(
        nodes.map((n) => n.attributes[k]!),
        `${k} of ${first.name}`,
      ),
    ])
    return { ...first, attributes: Object.fromEntries(attributes) }
  }
  const all = <T, R>(pick: (g: GraphProto) => readonly T[], what: string, merge: (ts: readonly T[]) => R): readonly R[] =>
    columns(graphs.map(pick), what).map(merge)
  return {
    ...graphs[0]!,
    nodes: all((g) => g.nodes, 'the number of operations', node),
    inputs: all((g) => g.inputs, 'the number of inputs', port),
    outputs: all((g) => g.outputs, 'the number of outputs', port),
  }
}

/** The one model that all are instances of; `input` has the batch as its first axis, `symbol` names its size. */
export const overSizes = (models: readonly SizedGraph[], input: string, symbol: string): GraphProto => {
  const sizes = models.map((m) => m.size)
  const graphs = models.map((m) => m.graph)
  const initializers: StoredTensor[] = []
  const first: NodeProto[] = []

  /** The batch's size as a number of a type. */
  const sizeAs = (type: ElementType): string => {
    const name = `${symbol}_size_${type}`
    if (!first.some((n) => n.name === name)) first.push(plain('Cast', [`${symbol}_size`], name, { to: int(elementTypes[type]) }))
    return name
  }
  const constant = (of: readonly StoredTensor[]): void => {
    const a = of[0]!
    if (of.some((i) => i.name !== a.name || !same(i.shape, a.shape))) refuse(`the shape of ${a.name}`)
    const data = of.every((i) => i.data === a.data) ? [] : of.map((i) => Array.from(i.data()))
    if (data.every((d) => same(d, data[0]!))) return void initializers.push(a)
    /** A constant of what was found for every element; undefined when it was not found for all. */
    const part = (what: string, values: readonly (number | undefined)[]): string | undefined => {
      const known = values.filter((v) => v !== undefined)
      if (known.length < values.length) return undefined
      initializers.push({ name: `${a.name}_${what}`, type: a.type, shape: a.shape, data: () => known })
      return `${a.name}_${what}`
    }
    const points = columns(data, a.name)
    const lines = points.map((p) => line(sizes, p))
    const [slopes, bases] = [lines.map((l) => l?.[1]), lines.map((l) => l?.[0])]
    const slope = part('slope', slopes)
    const base = part('base', bases)
    if (slope !== undefined && base !== undefined) {
      first.push(plain('Mul', [slope, sizeAs(a.type)], `${a.name}_share`), plain('Add', [`${a.name}_share`, base], a.name))
      return
    }
    const factors = points.map((p) => inverse(sizes, p, a.type))
    first.push(plain('Div', [part('factor', factors) ?? refuse(a.name), sizeAs(a.type)], a.name))
  }
  columns(
    graphs.map((g) => g.initializers),
    'the number of constants',
  ).forEach(constant)

  const graph = mergedGraphs(graphs, sizes, symbol)
  if (first.length === 0) return { ...graph, initializers }
  initializers.push({ name: `${symbol}_axis`, type: 'int64', shape: [1], data: () => [0] })
  const size = [
    plain('Shape', [input], `${symbol}_shape`, { start: int(0), end: int(1) }),
    plain('Squeeze', [`${symbol}_shape`, `${symbol}_axis`], `${symbol}_size`),
  ]
  return { ...graph, nodes: [...size, ...first, ...graph.nodes], initializers }
}
