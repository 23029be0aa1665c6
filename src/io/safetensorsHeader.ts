/** The header of a safetensors file: JSON that says of every tensor its type, shape and place. Nothing in it is believed before it is checked. */
import { textDecoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import type { Shape } from '../core/shape.js'
import { sizeOf } from '../core/shape.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import type { Stored } from './elements.js'
import { stored } from './elements.js'
import type { Skipped } from './skipped.js'

/** Where a tensor lies, in bytes after the header, and what it is. */
export interface TensorInfo {
  readonly type: Stored
  readonly shape: Shape
  readonly begin: number
  readonly end: number
  /** CRC-32 of its bytes, when the file says it. */
  readonly crc?: number
}

/** What a file says of itself. */
export interface SafetensorsHeader {
  /** By name, in the order of their places. */
  readonly tensors: Readonly<Record<string, TensorInfo>>
  readonly metadata: Readonly<Record<string, string>>
  /** Byte of the file where tensors start. */
  readonly start: number
  /** Why those that no tensor can hold are left out, by name. */
  readonly skipped: Skipped
}

/** The format's own names of element types. */
export const names: Readonly<Record<Stored, string>> = {
  bool: 'BOOL',
  i8: 'I8',
  u8: 'U8',
  i16: 'I16',
  u16: 'U16',
  i32: 'I32',
  u32: 'U32',
  i64: 'I64',
  u64: 'U64',
  f8e4m3: 'F8_E4M3',
  f8e5m2: 'F8_E5M2',
  f16: 'F16',
  bf16: 'BF16',
  f32: 'F32',
  f64: 'F64',
}

const types: Readonly<Record<string, Stored>> = Object.fromEntries(Object.entries(names).map(([type, name]) => [name, type as Stored]))

/** The format allows no longer header. */
const maxHeader = 100_000_000
const maxAxes = 64

const corrupt = (what: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `safetensors: ${what}`))

/** The length of the header that starts a file of `total` bytes, from its first eight. */
export const headerLength = (first: Uint8Array, total: number): E.Either<DataFault, number> => {
  if (first.length < 8) return corrupt(`${total} bytes are too few for a header`)
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength)
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32
  if (length > maxHeader) return corrupt(`a header of ${length} bytes; the format allows ${maxHeader}`)
  return length + 8 > total ? corrupt(`a header of ${length} bytes in a file of ${total}`) : E.right(length)
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x)
const isSize = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0

/** A place in the file, and what lies there: a tensor, or the reason why it can be none. */
interface Entry {
  readonly name: string
  readonly begin: number
  readonly end: number
  readonly held: E.Either<DataFault, TensorInfo>
}

const entryOf = (name: string, x: unknown): E.Either<DataFault, Entry> => {
  if (!isRecord(x)) return corrupt(`${name} is not described by an object`)
  const { dtype, shape, data_offsets: offsets } = x
  const type = typeof dtype === 'string' && Object.hasOwn(types, dtype) ? types[dtype] : undefined
  if (!Array.isArray(shape) || shape.length > maxAxes || !shape.every(isSize))
    return corrupt(`the shape of ${name} is ${JSON.stringify(shape)?.slice(0, 80)}`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
    return corrupt(`the offsets of ${name} are ${JSON.stringify(offsets)?.slice(0, 80)}`)
  const [begin, end] = offsets as [number, number]
  if (type === undefined) {
    const what = `safetensors: ${name} has elements of type ${String(dtype).slice(0, 40)}`
    return E.right({ name, begin, end, held: E.left(fault('Unsupported', what, `one of ${Object.keys(types).join(', ')}`)) })
  }
  const need = sizeOf(shape) * stored[type].bytes
  return need === end - begin
    ? E.right({ name, begin, end, held: E.right({ type, shape, begin, end }) })
    : corrupt(`${name}, ${names[type]}[${shape.join(', ')}], needs ${need} bytes and has ${end - begin}`)
}

/** Where a writer of this library notes the checksums of tensors in the metadata: 8 digits for each, in the order of their places. */
const checksumKey = 'adjoint.crc32'

/** Metadata that notes checksums. */
export const withChecksums = (
  metadata: Readonly<Record<string, string>> | undefined,
  checksums: readonly number[],
): Readonly<Record<string, string>> => ({
  ...metadata,
  [checksumKey]: checksums.map((crc) => crc.toString(16).padStart(8, '0')).join(''),
})

/** The checksums in `text`, when there is one for each of `count` tensors: another tool may have taken some out and kept the note. */
const checksumsIn = (text: string | undefined, count: number): readonly number[] | null =>
  text?.length === 8 * count && /^[0-9a-f]*$/.test(text)
    ? Array.from({ length: count }, (_, i) => parseInt(text.slice(8 * i, 8 * i + 8), 16))
    : null

const metadataOf = (x: unknown): E.Either<DataFault, Readonly<Record<string, string>>> =>
  x === undefined
    ? E.right({})
    : isRecord(x) && Object.values(x).every((v) => typeof v === 'string')
      ? E.right(x as Readonly<Record<string, string>>)
      : corrupt('__metadata__ is not an object of strings')

const jsonOf = (text: Uint8Array): unknown => {
  try {
    return JSON.parse(textDecoder('utf-8', { fatal: true }).decode(text)) as unknown
  } catch {
    return undefined
  }
}

/**
 * The header whose text is `text`, of a file of `total` bytes. Tensors must fill the rest of the file without holes or overlaps, as the
 * format demands.
 */
export const parseHeader = (text: Uint8Array, total: number): E.Either<DataFault, SafetensorsHeader> => {
  const json = jsonOf(text)
  if (!isRecord(json) || text[0] !== 0x7b) return corrupt('the header is no JSON object')
  const metadata = metadataOf(Object.hasOwn(json, '__metadata__') ? json.__metadata__ : undefined)
  if (E.isLeft(metadata)) return metadata
  const found: Entry[] = []
  for (const [name, described] of Object.entries(json)) {
    if (name === '__metadata__') continue
    const entry = entryOf(name, described)
    if (E.isLeft(entry)) return entry
    found.push(entry.right)
  }
  // Where nothing can be read, the reason comes before any doubt about places.
  const first = found.find(({ held }) => E.isLeft(held))
  if (first !== undefined && found.every(({ held }) => E.isLeft(held))) return first.held as E.Left<DataFault>
  found.sort((a, b) => a.begin - b.begin || a.end - b.end || (a.name < b.name ? -1 : 1))
  const start = 8 + text.length
  let at = 0
  for (const { name, begin, end } of found) {
    if (begin !== at) return corrupt(`${name} starts at byte ${begin}, what precedes it ends at ${at}`)
    at = end
  }
  if (start + at !== total) return corrupt(`tensors take ${at} bytes, the file has ${total - start} for them`)
  const { [checksumKey]: noted, ...rest } = metadata.right
  const checksums = checksumsIn(noted, found.length)
  const tensors: [string, TensorInfo][] = []
  const skipped: [string, DataFault][] = []
  found.forEach(({ name, held }, i) => {
    if (E.isLeft(held)) skipped.push([name, held.left])
    else tensors.push([name, checksums === null ? held.right : { ...held.right, crc: checksums[i]! }])
  })
  return E.right({ tensors: Object.fromEntries(tensors), metadata: rest, start, skipped: Object.fromEntries(skipped) })
}
