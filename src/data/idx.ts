/** IDX, the format of MNIST: a magic number, big-endian sizes, big-endian elements. */
import { bytes as bytesMeaning, check } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import type { Shape } from '../core/shape.js'
import { sizeOf } from '../core/shape.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

/** The elements of an IDX file as they are stored. */
export interface Idx {
  readonly shape: Shape
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array
}

type Elements = Idx['data']

/** By type code: bytes of one element, an empty array, and how to read element `at`. */
const types: Readonly<Record<number, readonly [bytes: number, make: (n: number) => Elements, read: (v: DataView, at: number) => number]>> =
  {
    0x08: [1, (n) => new Uint8Array(n), (v, at) => v.getUint8(at)],
    0x09: [1, (n) => new Int8Array(n), (v, at) => v.getInt8(at)],
    0x0b: [2, (n) => new Int16Array(n), (v, at) => v.getInt16(at)],
    0x0c: [4, (n) => new Int32Array(n), (v, at) => v.getInt32(at)],
    0x0d: [4, (n) => new Float32Array(n), (v, at) => v.getFloat32(at)],
    0x0e: [8, (n) => new Float64Array(n), (v, at) => v.getFloat64(at)],
  }

const maxAxes = 32

/** Sizes and elements of an IDX file; `Corrupt` unless the length is exactly what the header says. */
export const parseIdx = (bytes: Uint8Array): E.Either<DataFault, Idx> => {
  check('parseIdx', 'bytes', bytesMeaning, bytes)
  const corrupt = (what: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `IDX: ${what}`))
  if (bytes.length < 4) return corrupt(`${bytes.length} bytes are too few for a header`)
  if (bytes[0] !== 0 || bytes[1] !== 0) return corrupt('the magic number does not start with two zero bytes')
  const type = types[bytes[2]!]
  if (type === undefined) return E.left(fault('Unsupported', `IDX: unknown element type 0x${bytes[2]!.toString(16)}`))
  const ndim = bytes[3]!
  if (ndim > maxAxes) return corrupt(`${ndim} axes`)
  const start = 4 + 4 * ndim
  if (bytes.length < start) return corrupt(`${bytes.length} bytes are too few for the sizes of ${ndim} axes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: ndim }, (_, i) => view.getUint32(4 + 4 * i))
  const [width, make, read] = type
  const count = sizeOf(shape)
  if (count * width !== bytes.length - start)
    return corrupt(`sizes [${shape.join(', ')}] need ${count * width} bytes of elements, the file has ${bytes.length - start}`)
  if (width === 1 && bytes[2] === 0x08) return E.right({ shape, data: bytes.slice(start) })
  const data = make(count)
  for (let i = 0; i < count; i++) data[i] = read(view, start + i * width)
  return E.right({ shape, data })
}
