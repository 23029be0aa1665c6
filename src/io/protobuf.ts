/** The wire format of Protocol Buffers: fields with a number and one of four forms. What the fields mean is the caller's. */
import { textEncoder } from '../core/text.js'
import { joinBytes } from '../data/joinBytes.js'

/** A message under construction: pieces of bytes in order, and their total length. Large pieces are kept, not copied. */
export interface Message {
  readonly parts: readonly Uint8Array[]
  readonly length: number
}

/** The longest message that readers accept. */
export const longest = 2 ** 31 - 1

const of = (part: Uint8Array): Message => ({ parts: [part], length: part.length })

/** Messages one after the other; fields in any order are a message. */
export const join = (pieces: readonly Message[]): Message => ({
  parts: pieces.flatMap((p) => p.parts),
  length: pieces.reduce((n, p) => n + p.length, 0),
})

/** The message as one array. */
export const toBytes = ({ parts }: Message): Uint8Array => joinBytes(parts)

/** A number in groups of seven bits, lowest first; negative ones as 64-bit two's complement. */
const varint = (value: number): readonly number[] => {
  const out: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128)
  return [...out, Number(rest)]
}

const forms = { integer: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const
type Form = keyof typeof forms

const tag = (field: number, form: Form): readonly number[] => varint(field * 8 + forms[form])

/** An integer (int32, int64, enum, bool). */
export const integer = (field: number, value: number): Message => of(Uint8Array.from([...tag(field, 'integer'), ...varint(value)]))

/** The bytes of doubles. */
export const doubles = (values: readonly number[]): Uint8Array => {
  const out = new Uint8Array(8 * values.length)
  const view = new DataView(out.buffer)
  values.forEach((v, i) => {
    view.setFloat64(8 * i, v, true)
  })
  return out
}

/** A 64-bit float. */
export const double = (field: number, value: number): Message => join([of(Uint8Array.from(tag(field, 'fixed64'))), of(doubles([value]))])

/** A 32-bit float. */
export const float = (field: number, value: number): Message => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return join([of(Uint8Array.from(tag(field, 'fixed32'))), of(bytes)])
}

/** A nested message, or bytes. */
export const message = (field: number, body: Message | Uint8Array): Message =>
  join([of(Uint8Array.from([...tag(field, 'bytes'), ...varint(body.length)])), body instanceof Uint8Array ? of(body) : body])

/** Text in UTF-8. */
export const text = (field: number, value: string): Message => message(field, textEncoder().encode(value))

/** A field that was read. Numbers of the first form are integers of 64 bits, kept whole. */
export type WireField =
  | { readonly number: number; readonly form: 'integer'; readonly value: bigint }
  | { readonly number: number; readonly form: 'fixed64' | 'fixed32' | 'bytes'; readonly value: Uint8Array }

/** An integer at `at` and where it ends; null when it does not end within 10 bytes or the message. */
const readVarint = (bytes: Uint8Array, at: number): readonly [value: bigint, end: number] | null => {
  let value = 0n
  for (let k = 0; k < 10 && at + k < bytes.length; k++) {
    const byte = bytes[at + k]!
    value |= BigInt(byte & 127) << BigInt(7 * k)
    if (byte < 128) return [BigInt.asUintN(64, value), at + k + 1]
  }
  return null
}

/** The fields of a message, whose bytes are views; null for what is none. */
export const fieldsOf = (bytes: Uint8Array): readonly WireField[] | null => {
  const out: WireField[] = []
  for (let at = 0; at < bytes.length;) {
    const key = readVarint(bytes, at)
    if (key === null || key[0] < 8n || key[0] >= 1n << 32n) return null
    const [number, form] = [Number(key[0] >> 3n), Number(key[0] & 7n)]
    at = key[1]
    if (form === 1 || form === 5) {
      const end = at + (form === 1 ? 8 : 4)
      if (end > bytes.length) return null
      out.push({ number, form: form === 1 ? 'fixed64' : 'fixed32', value: bytes.subarray(at, end) })
      at = end
      continue
    }
    const read = form === 0 || form === 2 ? readVarint(bytes, at) : null
    if (read === null) return null
    if (form === 0) out.push({ number, form: 'integer', value: read[0] })
    else if (read[0] > BigInt(bytes.length - read[1])) return null
    else out.push({ number, form: 'bytes', value: bytes.subarray(read[1], read[1] + Number(read[0])) })
    at = form === 0 ? read[1] : read[1] + Number(read[0])
  }
  return out
}

const last = (fields: readonly WireField[], number: number, form: Form): WireField | undefined =>
  fields.filter((f) => f.number === number && f.form === form).pop()

/** The bytes of a field, the last one of its number; undefined when there is none. */
export const bytesOf = (fields: readonly WireField[], number: number): Uint8Array | undefined => {
  const field = last(fields, number, 'bytes')
  return field?.form === 'bytes' ? field.value : undefined
}

/** An integer field as a number; 0 when there is none, as the format has it. */
export const integerOf = (fields: readonly WireField[], number: number): number => {
  const field = last(fields, number, 'integer')
  return field?.form === 'integer' ? Number(BigInt.asIntN(64, field.value)) : 0
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** A double field; 0 when there is none. */
export const doubleOf = (fields: readonly WireField[], number: number): number => {
  const field = last(fields, number, 'fixed64')
  return field?.form === 'fixed64' ? viewOf(field.value).getFloat64(0, true) : 0
}

/** The float of four bytes. */
export const floatFrom = (bytes: Uint8Array): number => viewOf(bytes).getFloat32(0, true)

/** A float field; undefined when there is none. */
export const floatOf = (fields: readonly WireField[], number: number): number | undefined => {
  const field = last(fields, number, 'fixed32')
  return field?.form === 'fixed32' ? floatFrom(field.value) : undefined
}

/** A field of doubles in one piece; null when their bytes do not come out even. */
export const doublesOf = (fields: readonly WireField[], number: number): readonly number[] | null => {
  const bytes = bytesOf(fields, number) ?? new Uint8Array()
  if (bytes.length % 8 !== 0) return null
  const view = viewOf(bytes)
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true))
}
