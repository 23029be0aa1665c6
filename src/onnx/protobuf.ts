/** The wire format of Protocol Buffers, writing only: fields of four kinds, nested messages, and one copy at the end. */

/** A message under construction: pieces of bytes in order, and their total length. Large pieces are kept, not copied. */
export interface Bytes {
  readonly parts: readonly Uint8Array[]
  readonly length: number
}

/** The longest message that readers accept. */
export const longest = 2 ** 31 - 1

const of = (part: Uint8Array): Bytes => ({ parts: [part], length: part.length })

/** Messages one after the other; fields in any order are a message. */
export const join = (pieces: readonly Bytes[]): Bytes => ({
  parts: pieces.flatMap((p) => p.parts),
  length: pieces.reduce((n, p) => n + p.length, 0),
})

/** A number in groups of seven bits, lowest first; negative ones as 64-bit two's complement. */
const digits = (value: number): number[] => {
  let rest = BigInt.asUintN(64, BigInt(value))
  const out: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80)
  return [...out, Number(rest)]
}

const tag = (field: number, type: 0 | 2 | 5): number[] => digits(field * 8 + type)

/** An integer (int32, int64, enum, bool). */
export const integer = (field: number, value: number): Bytes => of(Uint8Array.from([...tag(field, 0), ...digits(value)]))

/** A 32-bit float. */
export const float = (field: number, value: number): Bytes => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return join([of(Uint8Array.from(tag(field, 5))), of(bytes)])
}

/** A nested message, or bytes. */
export const message = (field: number, body: Bytes | Uint8Array): Bytes =>
  join([of(Uint8Array.from([...tag(field, 2), ...digits(body.length)])), body instanceof Uint8Array ? of(body) : body])

/** Text in UTF-8. */
export const text = (field: number, value: string): Bytes => message(field, new TextEncoder().encode(value))

/** The message as one array. */
export const toBytes = ({ parts, length }: Bytes): Uint8Array => {
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
