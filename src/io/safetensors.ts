/** Safetensors: named tensors and a few strings, in a form that can be checked before anything is read. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Tensor } from '../core/tensor.js'
import { fail, ValueError } from '../core/errors.js'
import { isFloat } from '../core/dtype.js'
import { peek } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { inPlace } from '../data/fault.js'
import type { Stored } from './elements.js'
import { bytesOf, stored, storedAs, tensorOfBytes } from './elements.js'
import { toBfloat16, toFloat16 } from './halves.js'
import type { SafetensorsHeader, TensorInfo } from './safetensorsHeader.js'
import { headerLength, names, parseHeader } from './safetensorsHeader.js'
import type { Weights } from './weights.js'
import { toWeights } from './weights.js'

/** Options of `encodeSafetensors`. */
export interface EncodeSafetensorsOptions {
  /** Strings that travel with the tensors. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Stores float32 and float64 in 16 bits, rounded to the nearest, ties to even. Bit for bit by default. */
  readonly floats?: 'float16' | 'bfloat16'
}

/** What a file holds. */
export interface Safetensors {
  readonly tensors: Weights
  readonly metadata: Readonly<Record<string, string>>
}

const halves = { float16: ['f16', toFloat16], bfloat16: ['bf16', toBfloat16] } as const

interface Piece {
  readonly name: string
  readonly type: Stored
  readonly x: Tensor
  readonly length: number
}

const pieceOf = (name: string, x: Tensor, floats: EncodeSafetensorsOptions['floats']): Piece => {
  const type = floats !== undefined && isFloat(x.dtype) ? halves[floats][0] : storedAs[x.dtype]
  return { name, type, x, length: x.size * stored[type].bytes }
}

/** Large elements first, so that every tensor is aligned; then by name. */
const before = (a: Piece, b: Piece): number => stored[b.type].bytes - stored[a.type].bytes || (a.name < b.name ? -1 : 1)

const write = (out: Uint8Array, at: number, { type, x }: Piece): void => {
  const data = peek(x)
  if (type !== 'f16' && type !== 'bf16') return out.set(bytesOf(data), at)
  const round = type === 'f16' ? toFloat16 : toBfloat16
  for (let i = 0; i < data.length; i++) {
    const bits = round(data[i]!)
    out[at + 2 * i] = bits & 255
    out[at + 2 * i + 1] = bits >> 8
  }
}

/**
 * The tensors of a tree as a safetensors file, each under its path. The same tree gives the same bytes.
 *
 * @throws TreeError when two leaves have one path; ValueError for a tensor called `__metadata__`; TraceError for a traced tensor.
 * @example
 * encodeSafetensors({ l0: { w: x } }, { metadata: { format: 'pt' } })   // bytes
 */
export const encodeSafetensors = (params: unknown, { metadata, floats }: EncodeSafetensorsOptions = {}): Uint8Array => {
  const weights = toWeights(params)
  if (Object.hasOwn(weights, '__metadata__')) fail(ValueError, 'encodeSafetensors: no tensor can be called __metadata__')
  const pieces = Object.entries(weights)
    .map(([name, x]) => pieceOf(name, x, floats))
    .sort(before)
  let at = 0
  const entries = pieces.map(({ name, type, x, length }): [string, unknown] => {
    at += length
    return [name, { dtype: names[type], shape: x.shape, data_offsets: [at - length, at] }]
  })
  const head = Object.fromEntries([...(metadata === undefined ? [] : [['__metadata__', metadata] as [string, unknown]]), ...entries])
  const text = new TextEncoder().encode(JSON.stringify(head))
  const length = Math.ceil(text.length / 8) * 8
  const out = new Uint8Array(8 + length + at)
  new DataView(out.buffer).setUint32(0, length, true)
  out.set(text, 8)
  out.fill(0x20, 8 + text.length, 8 + length)
  pieces.reduce((to, piece) => {
    write(out, to, piece)
    return to + piece.length
  }, 8 + length)
  return out
}

/** The tensor that `info` describes, from its bytes. */
export const tensorOf = (name: string, { type, shape }: TensorInfo, bytes: Uint8Array): E.Either<DataFault, Tensor> =>
  pipe(tensorOfBytes(type, shape, bytes), E.mapLeft(inPlace(`safetensors: ${name}`)))

const headerOf = (bytes: Uint8Array): E.Either<DataFault, SafetensorsHeader> =>
  pipe(
    headerLength(bytes.subarray(0, 8), bytes.length),
    E.chain((length) => parseHeader(bytes.subarray(8, 8 + length), bytes.length)),
  )

/**
 * The tensors and strings of a safetensors file. BOOL, I32, U32, F32 and F64 are kept bit for bit; F16, BF16, F8_E4M3 and F8_E5M2 become
 * float32, I8, U8, I16 and U16 int32, and I64 and U64 int32 and uint32 when every element fits.
 *
 * @example
 * decodeSafetensors(encodeSafetensors({ l0: { w: x } }))   // a Right of { tensors: { 'l0/w': x }, metadata: {} }
 */
export const decodeSafetensors = (bytes: Uint8Array): E.Either<DataFault, Safetensors> =>
  pipe(
    headerOf(bytes),
    E.chain(({ tensors, metadata, start }) =>
      pipe(
        Object.entries(tensors),
        E.traverseArray(([name, info]) =>
          pipe(
            tensorOf(name, info, bytes.subarray(start + info.begin, start + info.end)),
            E.map((x) => [name, x] as const),
          ),
        ),
        E.map((entries) => ({ tensors: Object.fromEntries(entries), metadata })),
      ),
    ),
  )
