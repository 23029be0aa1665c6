/** The format of one NumPy array: a magic number, a header that is a Python dictionary, the elements. */
import { optionsOf } from '../core/options.js'
import { bytes as bytesMeaning, check, oneOf, tensor } from '../core/check.js'
import { textDecoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { aval } from '../core/aval.js'
import type { DType, TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import { sizeOf, stridesOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, peek } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { unmasked } from '../data/disguise.js'
import { fault, inPlace } from '../data/fault.js'
import type { Stored } from './elements.js'
import { bytesOf, stored, tensorOfBytes } from './elements.js'
import type { PyLiteral } from './pyliteral.js'
import { parseLiteral } from './pyliteral.js'

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const prefix = String.fromCharCode(...magic)

/** True for bytes that start as an npy file does. */
export const isNpy = (bytes: Uint8Array): boolean => magic.every((b, i) => bytes[i] === b)

/** More axes than NumPy has. */
const maxAxes = 64
/** Longer than any header of a plain array; NumPy makes room in it for axes that grow. */
const maxHeader = 2 ** 20

const descriptors: Readonly<Record<DType, string>> = { bool: '|b1', int32: '<i4', uint32: '<u4', float32: '<f4', float64: '<f8' }

const types: Readonly<Record<string, Stored>> = {
  b1: 'bool',
  i1: 'i8',
  u1: 'u8',
  i2: 'i16',
  u2: 'u16',
  i4: 'i32',
  u4: 'u32',
  i8: 'i64',
  u8: 'u64',
  f2: 'f16',
  f4: 'f32',
  f8: 'f64',
}

/** Options of `encodeNpy`. */
export interface NpyOptions {
  /** The order of elements in the file: rows first (`C`, the default) or columns first (`F`). */
  readonly order?: 'C' | 'F'
}

/** Options of `decodeNpy`. */
export interface DecodeNpyOptions {
  /** What elements of 2 raw bytes are (`V2`): NumPy has no name for bfloat16. A fault without it. */
  readonly raw?: 'bfloat16'
}

/** Elements of `shape`, row-major, with the axes in the opposite order. */
const reversed = (data: TypedArray, dtype: DType, shape: Shape): TypedArray => {
  if (shape.length < 2 || data.length < 2) return data
  const out = dtypes[dtype].make(data.length)
  const sizes = [...shape].reverse()
  const strides = stridesOf(shape).reverse()
  const index = new Array<number>(sizes.length).fill(0)
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = data[from]!
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += strides[axis]!
      if (++index[axis]! < sizes[axis]!) break
      from -= strides[axis]! * sizes[axis]!
      index[axis] = 0
    }
  }
  return out
}

/** The options of arrays in npy files, checked. */
export const npyOptions = optionsOf<NpyOptions>({ order: oneOf('C', 'F') })
const decoding = optionsOf<DecodeNpyOptions>({ raw: oneOf('bfloat16') })

/**
 * A tensor as the bytes of an `.npy` file, as `numpy.save` writes it: version 1.0, header padded to 64 bytes.
 *
 * @throws TraceError for a traced tensor; ValueError for an unknown order.
 * @example
 * encodeNpy(np.array([1, 2, 3])).length   // 140
 */
export const encodeNpy = (x: Tensor, options: NpyOptions = {}): Uint8Array => {
  const { order = 'C' } = npyOptions('encodeNpy', options)
  check('encodeNpy', 'x', tensor, x)
  const tuple = x.ndim === 1 ? `(${x.shape[0]!},)` : `(${x.shape.join(', ')})`
  const header = `{'descr': '${descriptors[x.dtype]}', 'fortran_order': ${order === 'F' ? 'True' : 'False'}, 'shape': ${tuple}, }`
  const length = Math.ceil((10 + header.length + 1) / 64) * 64
  const text = `${header.padEnd(length - 11)}\n`
  const body = bytesOf(order === 'F' ? reversed(peek(x), x.dtype, x.shape) : peek(x))
  const out = new Uint8Array(length + body.length)
  out.set([...magic, 1, 0, text.length & 255, text.length >> 8])
  for (let i = 0; i < text.length; i++) out[10 + i] = text.charCodeAt(i)
  out.set(body, length)
  return out
}

interface Header {
  readonly type: Stored
  readonly little: boolean
  readonly fortran: boolean
  readonly shape: Shape
  /** Where elements start. */
  readonly start: number
}

const corrupt = (what: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `npy: ${what}`))
const unsupported = (what: string, fix: string): E.Either<DataFault, never> => E.left(fault('Unsupported', `npy: ${what}`, fix))

const show = (x: PyLiteral | undefined): string =>
  typeof x === 'string' ? `'${x.slice(0, 40)}'` : typeof x === 'object' ? 'a structure' : String(x)

const typeOf = (descr: PyLiteral | undefined, raw: 'bfloat16' | undefined): E.Either<DataFault, Pick<Header, 'type' | 'little'>> => {
  if (typeof descr !== 'string') return unsupported('elements are records (a structured dtype)', 'save each field as an array of its own')
  const found = /^([<>=|]?)(?:(\?)|([a-zA-Z])(\d*))$/.exec(descr)
  const name = found?.[2] === '?' ? 'b1' : `${found?.[3] ?? ''}${found?.[4] ?? ''}`
  const type = Object.hasOwn(types, name) ? types[name] : undefined
  if (found?.[3] === 'O') return unsupported("elements are pickled Python objects ('O'), which are never run", 'save a numeric array')
  if (name === 'V2' && raw === undefined)
    return unsupported(
      `elements are 2 raw bytes (${show(descr)}): NumPy has no name for bfloat16, and ml_dtypes stores it so`,
      "{ raw: 'bfloat16' }, if that is what they are; or x.astype('float32') before it is saved",
    )
  if (name === 'V2') return E.right({ type: 'bf16', little: found?.[1] !== '>' })
  if (found === null || type === undefined)
    return unsupported(`no tensor has elements of type ${show(descr)}`, `one of ${Object.keys(types).join(', ')}`)
  return E.right({ type, little: found[1] !== '>' })
}

const shapeOf = (shape: PyLiteral | undefined): E.Either<DataFault, Shape> => {
  if (!Array.isArray(shape)) return corrupt(`the shape is ${show(shape)}`)
  const sizes = shape as readonly PyLiteral[]
  const isSize = (n: PyLiteral): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0
  if (sizes.length > maxAxes) return corrupt(`${sizes.length} axes`)
  return sizes.every(isSize) ? E.right(sizes) : corrupt(`the shape is [${sizes.map(show).join(', ')}]`)
}

const headerOf = (bytes: Uint8Array, raw: 'bfloat16' | undefined): E.Either<DataFault, Header> => {
  if (bytes.length < 10) return corrupt(`${bytes.length} bytes are too few for a header`)
  if (!isNpy(bytes)) return corrupt(`it does not start with ${JSON.stringify(prefix)}`)
  const [major, minor] = [bytes[6]!, bytes[7]!]
  if (major < 1 || major > 3 || minor !== 0) return unsupported(`version ${major}.${minor}`, 'numpy.save writes 1.0, 2.0 or 3.0')
  const head = major === 1 ? 10 : 12
  if (bytes.length < head) return corrupt(`${bytes.length} bytes are too few for a header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  const start = head + length
  if (length > maxHeader) return corrupt(`a header of ${length} bytes; plain arrays need less than ${maxHeader}`)
  if (start > bytes.length) return corrupt(`a header of ${length} bytes in a file of ${bytes.length}`)
  const header = parseLiteral(textDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(head, start)))
  if (!(header instanceof Map)) return corrupt('the header is no dictionary')
  const fields = header as ReadonlyMap<string, PyLiteral>
  const fortran = fields.get('fortran_order')
  if (typeof fortran !== 'boolean' || fields.size !== 3 || !fields.has('descr') || !fields.has('shape'))
    return corrupt(
      `the header must have descr, fortran_order (True or False) and shape; it has ${[...fields.keys()].slice(0, 8).join(', ')}`,
    )
  return pipe(
    typeOf(fields.get('descr'), raw),
    E.chain((type) =>
      pipe(
        shapeOf(fields.get('shape')),
        E.map((shape) => ({ ...type, fortran, shape, start })),
      ),
    ),
  )
}

/** A fault that says what is in the place of an npy file. */
const explained = (bytes: Uint8Array): ((f: DataFault) => DataFault) => (isNpy(bytes) ? (f) => f : unmasked(bytes))

/** A tensor, and where it ends. */
type Found = readonly [x: Tensor, end: number]

const arrayOf = (bytes: Uint8Array, { raw }: DecodeNpyOptions): E.Either<DataFault, Found> =>
  pipe(
    headerOf(bytes, raw),
    E.chain(({ type, little, fortran, shape, start }) => {
      const need = sizeOf(shape) * stored[type].bytes
      const have = bytes.length - start
      if (need > have) return corrupt(`shape [${shape.join(', ')}] of ${type} needs ${need} bytes of elements, the file has ${have}`)
      const end = start + need
      return pipe(
        tensorOfBytes(type, fortran ? [...shape].reverse() : shape, bytes.subarray(start, end), little),
        E.bimap(inPlace('npy'), (x): Found => [fortran ? hostTensor(aval(shape, x.dtype), reversed(peek(x), x.dtype, x.shape)) : x, end]),
      )
    }),
  )

/**
 * The tensor in the bytes of an `.npy` file of version 1, 2 or 3, in either order of bytes and of elements. bool, int32, uint32,
 * float32 and float64 are kept bit for bit; float16 becomes float32, 8- and 16-bit integers int32, and 64-bit integers int32 or
 * uint32 when all of them fit. Records, strings, complex numbers and pickled objects are `Unsupported`; a file that is shorter than its
 * header says is `Corrupt`. What follows the array is left alone, as `numpy.load` does: `decodeNpys` reads several arrays.
 *
 * @example
 * decodeNpy(encodeNpy(np.array([[1, 2], [3, 4]])))   // a Right of float32[2,2]
 */
export const decodeNpy = (bytes: Uint8Array, options: DecodeNpyOptions = {}): E.Either<DataFault, Tensor> =>
  pipe(
    arrayOf(check('decodeNpy', 'bytes', bytesMeaning, bytes), decoding('decodeNpy', options)),
    E.bimap(explained(bytes), ([x]) => x),
  )

/**
 * All arrays of an `.npy` file, one after the other, as several calls of `numpy.save` on one open file write them. Anything else between
 * or after them is `Corrupt`, with the number of the array.
 *
 * @example
 * const two = [np.zeros([2]), np.ones([3])].flatMap((a) => [...encodeNpy(a)])
 * decodeNpys(Uint8Array.from(two))   // a Right of [float32[2], float32[3]]
 */
export const decodeNpys = (bytes: Uint8Array, options: DecodeNpyOptions = {}): E.Either<DataFault, readonly Tensor[]> => {
  check('decodeNpys', 'bytes', bytesMeaning, bytes)
  decoding('decodeNpys', options)
  const out: Tensor[] = []
  for (let at = 0; at < bytes.length || out.length === 0;) {
    const found = arrayOf(bytes.subarray(at), options)
    if (E.isLeft(found)) return out.length === 0 ? E.left(explained(bytes)(found.left)) : E.left(inPlace(`array ${out.length}`)(found.left))
    out.push(found.right[0])
    at += found.right[1]
  }
  return E.right(out)
}
