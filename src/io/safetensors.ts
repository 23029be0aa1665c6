/** Safetensors: named tensors and a few strings, in a form that can be checked before anything is read. */
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import { bytes as bytesMeaning, check, flag, oneOf, record } from '../core/check.js'
import { textEncoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Tensor } from '../core/tensor.js'
import { fail, ValueError } from '../core/errors.js'
import { isReal } from '../core/dtype.js'
import { peek } from '../core/tensor.js'
import { unmasked } from '../data/disguise.js'
import type { DataFault } from '../data/fault.js'
import { fault, inPlace } from '../data/fault.js'
import { crc32 } from './crc32.js'
import type { Stored } from './elements.js'
import { bytesOf, stored, storedAs, tensorOfBytes } from './elements.js'
import { toBfloat16, toFloat16 } from './halves.js'
import type { SafetensorsHeader, TensorInfo } from './safetensorsHeader.js'
import { headerLength, names, parseHeader, withChecksums } from './safetensorsHeader.js'
import type { Skipped } from './skipped.js'
import { readable } from './skipped.js'
import type { Weights } from './weights.js'
import { toWeights } from './weights.js'

/** Options of `encodeSafetensors`. */
export interface EncodeSafetensorsOptions {
  /** Strings that travel with the tensors. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Stores float32 and float64 in 16 bits, rounded to the nearest, ties to even. Bit for bit by default. */
  readonly floats?: 'float16' | 'bfloat16'
  /** Notes the CRC-32 of every tensor in the metadata, so that damage is found when the file is read; true by default. */
  readonly checksums?: boolean
}

/** How safetensors files are read. */
export interface SafetensorsReading {
  /**
   * Compares tensors with the checksums that the file notes; true by default. False for a file whose tensors another tool has changed
   * while it kept the metadata.
   */
  readonly verify?: boolean
}

/** What a file holds. */
export interface Safetensors {
  readonly tensors: Weights
  readonly metadata: Readonly<Record<string, string>>
  /** Why those that no tensor can hold (F4, F6, F8_E8M0, C64, integers beyond 32 bits) are not in `tensors`, by name. */
  readonly skipped: Skipped
}

const halves = { float16: ['f16', toFloat16], bfloat16: ['bf16', toBfloat16] } as const

interface Piece {
  readonly name: string
  readonly type: Stored
  readonly x: Tensor
  readonly length: number
}

const pieceOf = (name: string, x: Tensor, floats: EncodeSafetensorsOptions['floats']): Piece => {
  const type = floats !== undefined && isReal(x.dtype) ? halves[floats][0] : storedAs[x.dtype]
  return { name, type, x, length: x.size * stored[type].bytes }
}

/** Large elements first, so that every tensor is aligned; then by name. */
const before = (a: Piece, b: Piece): number => stored[b.type].bytes - stored[a.type].bytes || (a.name < b.name ? -1 : 1)

/** The bytes of a tensor in the file; not copied where they are those of its elements. */
const contentsOf = ({ type, x, length }: Piece): Uint8Array => {
  const data = peek(x)
  if (type !== 'f16' && type !== 'bf16') return bytesOf(data)
  const out = new Uint8Array(length)
  const round = type === 'f16' ? toFloat16 : toBfloat16
  for (let i = 0; i < data.length; i++) {
    const bits = round(data[i]!)
    out[2 * i] = bits & 255
    out[2 * i + 1] = bits >> 8
  }
  return out
}

/** What the options of safetensors files mean. */
export const safetensorsMeanings: Meanings<EncodeSafetensorsOptions> = {
  metadata: record,
  floats: oneOf('float16', 'bfloat16'),
  checksums: flag,
}
/** The options of safetensors files, checked. */
export const safetensorsOptions = optionsOf(safetensorsMeanings)
const safetensorsReading = optionsOf<SafetensorsReading>({ verify: flag })

/**
 * The tensors of a tree as a safetensors file, each under its path. The same tree gives the same bytes.
 *
 * @throws TreeError when two leaves have one path; ValueError for a tensor called `__metadata__`; TraceError for a traced tensor.
 * @example
 * encodeSafetensors({ l0: { w: x } }, { metadata: { format: 'pt' } })   // bytes
 */
export const encodeSafetensors = (params: unknown, options: EncodeSafetensorsOptions = {}): Uint8Array => {
  const { metadata, floats, checksums = true } = safetensorsOptions('encodeSafetensors', options)
  const weights = toWeights(params)
  if (Object.hasOwn(weights, '__metadata__')) fail(ValueError, 'encodeSafetensors: no tensor can be called __metadata__')
  const pieces = Object.entries(weights)
    .map(([name, x]) => pieceOf(name, x, floats))
    .sort(before)
  const contents = pieces.map(contentsOf)
  const noted =
    checksums && pieces.length > 0
      ? withChecksums(
          metadata,
          contents.map((c) => crc32(c)),
        )
      : metadata
  let at = 0
  const entries = pieces.map(({ name, type, x, length }): [string, unknown] => {
    at += length
    return [name, { dtype: names[type], shape: x.shape, data_offsets: [at - length, at] }]
  })
  const head = Object.fromEntries([...(noted === undefined ? [] : [['__metadata__', noted] as [string, unknown]]), ...entries])
  const text = textEncoder().encode(JSON.stringify(head))
  const length = Math.ceil(text.length / 8) * 8
  const out = new Uint8Array(8 + length + at)
  new DataView(out.buffer).setUint32(0, length, true)
  out.set(text, 8)
  out.fill(0x20, 8 + text.length, 8 + length)
  contents.reduce((to, bytes) => {
    out.set(bytes, to)
    return to + bytes.length
  }, 8 + length)
  return out
}

/** The tensor that `info` describes, from its bytes. */
export const tensorOf = (name: string, info: TensorInfo, bytes: Uint8Array, verify: boolean): E.Either<DataFault, Tensor> =>
  verify && info.crc !== undefined && crc32(bytes) !== info.crc
    ? E.left(
        fault(
          'Corrupt',
          `safetensors: ${name}: its checksum is wrong`,
          'fetch or write the file again; { verify: false } where a tool has changed tensors and kept the metadata',
        ),
      )
    : pipe(tensorOfBytes(info.type, info.shape, bytes), E.mapLeft(inPlace(`safetensors: ${name}`)))

const headerOf = (bytes: Uint8Array): E.Either<DataFault, SafetensorsHeader> =>
  pipe(
    headerLength(bytes.subarray(0, 8), bytes.length),
    E.chain((length) => parseHeader(bytes.subarray(8, 8 + length), bytes.length)),
    E.mapLeft(unmasked(bytes)),
  )

/**
 * The tensors and strings of a safetensors file. BOOL, I32, U32, F32 and F64 are kept bit for bit; F16, BF16, F8_E4M3 and F8_E5M2 become
 * float32, I8, U8, I16 and U16 int32, and I64 and U64 int32 and uint32 when every element fits. What can become no tensor is named in
 * `skipped`, and the others are read; where there are no others, it is the fault of the whole.
 *
 * @example
 * decodeSafetensors(encodeSafetensors({ l0: { w: x } }))   // a Right of { tensors: { 'l0/w': x }, metadata: {}, skipped: {} }
 */
export const decodeSafetensors = (bytes: Uint8Array, options: SafetensorsReading = {}): E.Either<DataFault, Safetensors> => {
  const { verify = true } = safetensorsReading('decodeSafetensors', options)
  check('decodeSafetensors', 'bytes', bytesMeaning, bytes)
  return pipe(
    headerOf(bytes),
    E.chain(({ tensors, metadata, start, skipped }) => {
      const found = Object.entries(tensors).map(
        ([name, info]) => [name, tensorOf(name, info, bytes.subarray(start + info.begin, start + info.end), verify)] as const,
      )
      return pipe(
        readable(found, skipped),
        E.map(([read, left]) => ({ tensors: read, metadata, skipped: left })),
      )
    }),
  )
}
