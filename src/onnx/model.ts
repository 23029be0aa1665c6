/** An ONNX model as plain data, and its bytes: the few messages of onnx.proto that models need. */
import type { DType, TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import { fail, ValueError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { sizeOf } from '../core/shape.js'
import type { Bytes } from '../io/protobuf.js'
import { float, integer, join, longest, message, text, toBytes } from '../io/protobuf.js'

/** Element types inside a model: ours, and the one in which ONNX writes shapes and places. */
export type ElementType = DType | 'int64'

/** TensorProto.DataType. */
export const elementTypes: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11, uint32: 12 }

/** Whether a type is one of ours that has a property. */
export const isOf = (has: (d: DType) => boolean, type: ElementType): type is DType => type !== 'int64' && has(type)

/** Whether runtimes have the operators of neural networks for a type: convolution, pooling, activations. */
export const networks: Readonly<Record<ElementType, boolean>> = {
  float32: true,
  float64: false,
  int32: false,
  uint32: false,
  bool: false,
  int64: false,
}

/** The types to go by for operators that rank elements, which lack some. */
export const ranked: Readonly<Partial<Record<ElementType, ElementType>>> = { bool: 'int32', uint32: 'float64' }

/** Elements known when the model is made. int64 is held as numbers, which are exact. */
export interface Initializer {
  readonly name: string
  readonly type: ElementType
  readonly shape: Shape
  /** The elements, row-major; read when the bytes are made. */
  readonly data: () => TypedArray | readonly number[]
}

/** An attribute; the kind says how it is written. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'graph'; readonly value: Graph }

/** One operation of the default operator set. */
export interface Node {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A size that is known, or the name of one that is not. */
export type Dimension = number | string

/** A value that enters or leaves a graph. */
export interface Port {
  readonly name: string
  readonly type: ElementType
  readonly shape: readonly Dimension[]
}

/** Nodes in an order in which they can run. The body of a loop or a branch reads values of the graph around it by name. */
export interface Graph {
  readonly name: string
  readonly nodes: readonly Node[]
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly initializers: readonly Initializer[]
}

/** A graph and what it is written for. */
export interface Model {
  readonly graph: Graph
  readonly opset: number
  readonly producer: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Which version of the format came with which operator set. */
const formats: Readonly<Record<number, number>> = { 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11 }

/** The operator sets that can be written. */
export const opsets: readonly number[] = Object.keys(formats).map(Number)

const dimension = (d: Dimension): Bytes => message(1, typeof d === 'number' ? integer(1, d) : text(2, d))

const port = ({ name, type, shape }: Port): Bytes =>
  join([text(1, name), message(2, message(1, join([integer(1, elementTypes[type]), message(2, join(shape.map(dimension)))])))])

const little = (type: ElementType, data: TypedArray | readonly number[]): Uint8Array => {
  if (type !== 'int64') {
    const own = Array.isArray(data) ? dtypes[type].from(data) : (data as TypedArray)
    return new Uint8Array(own.buffer, own.byteOffset, own.byteLength)
  }
  return new Uint8Array(BigInt64Array.from(data as readonly number[], BigInt).buffer)
}

const initializer = ({ name, type, shape, data }: Initializer): Bytes =>
  join([...shape.map((d) => integer(1, d)), integer(2, elementTypes[type]), text(8, name), message(9, little(type, data()))])

const attribute = (name: string, a: Attribute): Bytes => {
  const head = text(1, name)
  switch (a.kind) {
    case 'float':
      return join([head, float(2, a.value), integer(20, 1)])
    case 'int':
      return join([head, integer(3, a.value), integer(20, 2)])
    case 'text':
      return join([head, text(4, a.value), integer(20, 3)])
    case 'graph':
      return join([head, message(6, graph(a.value)), integer(20, 5)])
    case 'ints':
      return join([head, ...a.value.map((v) => integer(8, v)), integer(20, 7)])
  }
}

const node = ({ op, name, inputs, outputs, attributes }: Node): Bytes =>
  join([
    ...inputs.map((i) => text(1, i)),
    ...outputs.map((o) => text(2, o)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, a]) => message(5, attribute(key, a))),
  ])

const graph = ({ name, nodes, inputs, outputs, initializers }: Graph): Bytes =>
  join([
    ...nodes.map((n) => message(1, node(n))),
    text(2, name),
    ...initializers.map((i) => message(5, initializer(i))),
    ...inputs.map((p) => message(11, port(p))),
    ...outputs.map((p) => message(12, port(p))),
  ])

const bytesOf = ({ type, shape }: Initializer): number => sizeOf(shape) * (type === 'int64' ? 8 : dtypes[type].bytes)

/**
 * A model as the bytes of a `.onnx` file.
 *
 * @throws ValueError when it would be longer than 2^31 - 1 bytes, which no reader of the format accepts.
 */
export const encodeModel = ({ graph: g, opset, producer, metadata }: Model): Uint8Array => {
  const constants = g.initializers.reduce((n, i) => n + bytesOf(i), 0)
  const check = (length: number): void => {
    if (length > longest)
      fail(ValueError, `toOnnx: the model is ${(length / 2 ** 30).toFixed(2)} GiB, and a file holds less than 2`, {
        fix: 'pass the weights as inputs (leave `weights` out), or export parts of the model on their own',
      })
  }
  // before the elements are read
  check(constants)
  const bytes = join([
    integer(1, formats[opset]!),
    text(2, producer),
    message(7, graph(g)),
    message(8, integer(2, opset)),
    ...Object.entries(metadata).map(([key, value]) => message(14, join([text(1, key), text(2, value)]))),
  ])
  check(bytes.length)
  return toBytes(bytes)
}
