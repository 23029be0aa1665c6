/** Protocol buffers on the wire: fields with a number and one of four forms. What the fields mean is the caller's. */
import { joinBytes } from '../data/joinBytes.js'

/** A field of a message. Numbers of form 0 are integers of 64 bits, kept whole. */
export type Field =
  | { readonly number: number; readonly form: 'integer'; readonly value: bigint }
  | { readonly number: number; readonly form: 'fixed64' | 'fixed32' | 'bytes'; readonly value: Uint8Array }

const varint = (value: bigint): readonly number[] => {
  const out: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128)
  return [...out, Number(rest)]
}

const forms = { integer: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** A message of fields. */
export const message = (fields: readonly Field[]): Uint8Array =>
  joinBytes(
    fields.flatMap((f) => {
      const key = varint(BigInt(f.number * 8 + forms[f.form]))
      if (f.form === 'integer') return [Uint8Array.from([...key, ...varint(f.value)])]
      return f.form === 'bytes' ? [Uint8Array.from([...key, ...varint(BigInt(f.value.length))]), f.value] : [Uint8Array.from(key), f.value]
    }),
  )

/** A field that is an integer. */
export const integer = (number: number, value: number): Field => ({ number, form: 'integer', value: BigInt(value) })

/** A field that is bytes, text or a message. */
export const chunk = (number: number, value: Uint8Array | string): Field => ({
  number,
  form: 'bytes',
  value: typeof value === 'string' ? new TextEncoder().encode(value) : value,
})

/** The bytes of doubles. */
export const doubles = (values: readonly number[]): Uint8Array => {
  const out = new Uint8Array(8 * values.length)
  const view = new DataView(out.buffer)
  values.forEach((v, i) => {
    view.setFloat64(8 * i, v, true)
  })
  return out
}

/** A field that is a double. */
export const double = (number: number, value: number): Field => ({ number, form: 'fixed64', value: doubles([value]) })

/** A field that is a float of 32 bits. */
export const float = (number: number, value: number): Field => {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setFloat32(0, value, true)
  return { number, form: 'fixed32', value: out }
}

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
export const fieldsOf = (bytes: Uint8Array): readonly Field[] | null => {
  const out: Field[] = []
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

const last = (fields: readonly Field[], number: number, form: Field['form']): Field | undefined =>
  fields.filter((f) => f.number === number && f.form === form).pop()

/** The bytes of a field, the last one of its number; undefined when there is none. */
export const bytesOf = (fields: readonly Field[], number: number): Uint8Array | undefined => {
  const field = last(fields, number, 'bytes')
  return field?.form === 'bytes' ? field.value : undefined
}

/** An integer field as a number; 0 when there is none, as the format has it. */
export const integerOf = (fields: readonly Field[], number: number): number => {
  const field = last(fields, number, 'integer')
  return field?.form === 'integer' ? Number(BigInt.asIntN(64, field.value)) : 0
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** A double field; 0 when there is none. */
export const doubleOf = (fields: readonly Field[], number: number): number => {
  const field = last(fields, number, 'fixed64')
  return field?.form === 'fixed64' ? viewOf(field.value).getFloat64(0, true) : 0
}

/** A float field; undefined when there is none. */
export const floatOf = (fields: readonly Field[], number: number): number | undefined => {
  const field = last(fields, number, 'fixed32')
  return field?.form === 'fixed32' ? viewOf(field.value).getFloat32(0, true) : undefined
}

/** A field of doubles in one piece; null when their bytes do not come out even. */
export const doublesOf = (fields: readonly Field[], number: number): readonly number[] | null => {
  const bytes = bytesOf(fields, number) ?? new Uint8Array()
  if (bytes.length % 8 !== 0) return null
  const view = viewOf(bytes)
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true))
}
