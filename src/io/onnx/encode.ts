/** An ONNX model as bytes: the few messages of onnx.proto that models need. */
import type { Attribute, Dimension, ElementType, GraphProto, StoredTensor, NodeProto, Port } from '../../compile/onnx/model.js'
import { elementTypes } from '../../compile/onnx/model.js'
import type { TypedArray } from '../../core/dtype.js'
import { dtypes } from '../../core/dtype.js'
import { fail, ValueError } from '../../core/errors.js'
import { sizeOf } from '../../core/shape.js'
import type { Message } from '../protobuf.js'
import { float, integer, join, longest, message, text, toBytes } from '../protobuf.js'

/** A graph and what it is written for. */
export interface Model {
  readonly graph: GraphProto
  readonly opset: number
  readonly producer: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Which version of the format came with which operator set. */
const formats: Readonly<Record<number, number>> = { 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11 }

/** The operator sets that can be written. */
export const opsets: readonly number[] = Object.keys(formats).map(Number)

const dimension = (d: Dimension): Message => message(1, typeof d === 'number' ? integer(1, d) : text(2, d))

const port = ({ name, type, shape }: Port): Message =>
  join([text(1, name), message(2, message(1, join([integer(1, elementTypes[type]), message(2, join(shape.map(dimension)))])))])

const little = (type: ElementType, data: TypedArray | readonly number[]): Uint8Array => {
  if (type !== 'int64') {
    const own = Array.isArray(data) ? dtypes[type].from(data) : (data as TypedArray)
    return new Uint8Array(own.buffer, own.byteOffset, own.byteLength)
  }
  return new Uint8Array(BigInt64Array.from(data as readonly number[], BigInt).buffer)
}

const initializer = ({ name, type, shape, data }: StoredTensor): Message =>
  join([...shape.map((d) => integer(1, d)), integer(2, elementTypes[type]), text(8, name), message(9, little(type, data()))])

const attribute = (name: string, a: Attribute): Message => {
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

const node = ({ op, name, inputs, outputs, attributes }: NodeProto): Message =>
  join([
    ...inputs.map((i) => text(1, i)),
    ...outputs.map((o) => text(2, o)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, a]) => message(5, attribute(key, a))),
  ])

const graph = ({ name, nodes, inputs, outputs, initializers }: GraphProto): Message =>
  join([
    ...nodes.map((n) => message(1, node(n))),
    text(2, name),
    ...initializers.map((i) => message(5, initializer(i))),
    ...inputs.map((p) => message(11, port(p))),
    ...outputs.map((p) => message(12, port(p))),
  ])

const bytesOf = ({ type, shape }: StoredTensor): number => sizeOf(shape) * (type === 'int64' ? 8 : dtypes[type].bytes)

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
