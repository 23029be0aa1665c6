/** A reader of the wire format, and of as much of onnx.proto as models here have. */

type Field = { readonly number: number; readonly value: number | Uint8Array }

/** The fields of a message in order. Numbers are exact up to 2^53; 32-bit floats are read as such. */
const fields = (bytes: Uint8Array): readonly Field[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const number = tag >> 3
    if ((tag & 7) === 0) found.push({ number, value: Number(BigInt.asIntN(64, varint())) })
    else if ((tag & 7) === 2) {
      const length = Number(varint())
      if (at + length > bytes.length) throw new Error(`field ${number} is longer than its message`)
      found.push({ number, value: bytes.subarray(at, (at += length)) })
    } else if ((tag & 7) === 5) {
      found.push({ number, value: view.getFloat32(at, true) })
      at += 4
    } else throw new Error(`field ${number} has wire type ${tag & 7}`)
  }
  return found
}

const all = (bytes: Uint8Array, number: number): readonly Uint8Array[] =>
  fields(bytes).flatMap((f) => (f.number === number && typeof f.value !== 'number' ? [f.value] : []))
const numbers = (bytes: Uint8Array, number: number): readonly number[] =>
  fields(bytes).flatMap((f) => (f.number === number && typeof f.value === 'number' ? [f.value] : []))
const one = (bytes: Uint8Array, number: number): Uint8Array => all(bytes, number)[0] ?? new Uint8Array(0)
const words = (bytes: Uint8Array, number: number): readonly string[] => all(bytes, number).map((b) => new TextDecoder().decode(b))
const word = (bytes: Uint8Array, number: number): string => words(bytes, number)[0] ?? ''

const types: Readonly<Record<number, string>> = { 1: 'float32', 6: 'int32', 7: 'int64', 9: 'bool', 11: 'float64', 12: 'uint32' }

/** `name: float32[2,batch]`. */
const port = (bytes: Uint8Array): string => {
  const tensor = one(one(bytes, 2), 1)
  const dims = all(one(tensor, 2), 1).map((d) => numbers(d, 1)[0] ?? word(d, 2))
  return `${word(bytes, 1)}: ${types[numbers(tensor, 1)[0]!]!}[${dims.join()}]`
}

const elements = (type: string, raw: Uint8Array): readonly number[] => {
  const own = raw.slice().buffer
  if (type === 'float32') return [...new Float32Array(own)]
  if (type === 'float64') return [...new Float64Array(own)]
  if (type === 'int32') return [...new Int32Array(own)]
  if (type === 'uint32') return [...new Uint32Array(own)]
  if (type === 'int64') return [...new BigInt64Array(own)].map(Number)
  return [...raw]
}

export interface DecodedNode {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, number | string | readonly number[] | DecodedGraph>>
}
export interface DecodedGraph {
  readonly name: string
  readonly nodes: readonly DecodedNode[]
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly initializers: Readonly<
    Record<string, { readonly type: string; readonly shape: readonly number[]; readonly data: readonly number[] }>
  >
}

const attribute = (bytes: Uint8Array): DecodedNode['attributes'][string] => {
  switch (numbers(bytes, 20)[0]) {
    case 1:
      return numbers(bytes, 2)[0]!
    case 2:
      return numbers(bytes, 3)[0]!
    case 3:
      return word(bytes, 4)
    case 5:
      return graph(one(bytes, 6))
    case 7:
      return numbers(bytes, 8)
    default:
      throw new Error(`attribute ${word(bytes, 1)} of another type`)
  }
}

const node = (bytes: Uint8Array): DecodedNode => ({
  op: word(bytes, 4),
  name: word(bytes, 3),
  inputs: words(bytes, 1),
  outputs: words(bytes, 2),
  attributes: Object.fromEntries(all(bytes, 5).map((a) => [word(a, 1), attribute(a)])),
})

const graph = (bytes: Uint8Array): DecodedGraph => ({
  name: word(bytes, 2),
  nodes: all(bytes, 1).map(node),
  inputs: all(bytes, 11).map(port),
  outputs: all(bytes, 12).map(port),
  initializers: Object.fromEntries(
    all(bytes, 5).map((t) => {
      const type = types[numbers(t, 2)[0]!]!
      return [word(t, 8), { type, shape: numbers(t, 1), data: elements(type, one(t, 9)) }]
    }),
  ),
})

/** A model as plain data. */
export const decodeModel = (bytes: Uint8Array) => ({
  format: numbers(bytes, 1)[0]!,
  producer: word(bytes, 2),
  opset: numbers(one(bytes, 8), 2)[0]!,
  metadata: Object.fromEntries(all(bytes, 14).map((e) => [word(e, 1), word(e, 2)])),
  graph: graph(one(bytes, 7)),
})

/** Every node of a graph and of the graphs in it. */
export const everyNode = (g: DecodedGraph): readonly DecodedNode[] =>
  g.nodes.flatMap((n) => [n, ...Object.values(n.attributes).flatMap((a) => (typeof a === 'object' && 'nodes' in a ? everyNode(a) : []))])

/** The operators of a graph in order, those of bodies in brackets. */
export const operators = (g: DecodedGraph): string =>
  g.nodes
    .map((n) => {
      const bodies = Object.values(n.attributes).flatMap((a) => (typeof a === 'object' && 'nodes' in a ? [operators(a)] : []))
      return bodies.length === 0 ? n.op : `${n.op}(${bodies.join(' | ')})`
    })
    .join(' ')
