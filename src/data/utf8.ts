/**
 * Any JavaScript string as bytes and back: UTF-8, and halves of surrogate pairs, which are no Unicode text but do occur in strings,
 * in the three bytes that UTF-8's scheme gives them (WTF-8).
 */
import { textDecoder, textEncoder } from '../core/text.js'

let coders: { readonly encoder: TextEncoder; readonly decoder: TextDecoder } | undefined
const known = (): NonNullable<typeof coders> => (coders ??= { encoder: textEncoder(), decoder: textDecoder('utf-8', { ignoreBOM: true }) })

/** True for half of a surrogate pair. */
const isHalf = (symbol: string): boolean => symbol.length === 1 && symbol >= '\ud800' && symbol <= '\udfff'

const halves = /[\ud800-\udfff]/u

/** The bytes of `text`. */
export const toBytes = (text: string): Uint8Array => {
  const { encoder } = known()
  if (!halves.test(text)) return encoder.encode(text)
  const out: number[] = []
  for (const symbol of text) {
    const code = symbol.charCodeAt(0)
    if (isHalf(symbol)) out.push(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else out.push(...encoder.encode(symbol))
  }
  return Uint8Array.from(out)
}

/** The first place from `start` where half of a surrogate pair is stored, or the end. */
const nextHalf = (bytes: Uint8Array, start: number): number => {
  for (let at = bytes.indexOf(0xed, start); at !== -1; at = bytes.indexOf(0xed, at + 1))
    if ((bytes[at + 1] ?? 0) >= 0xa0 && bytes[at + 1]! <= 0xbf && (bytes[at + 2] ?? 0) >> 6 === 2) return at
  return bytes.length
}

/** The text of bytes; what no text has becomes U+FFFD. */
export const fromBytes = (bytes: Uint8Array): string => {
  const { decoder } = known()
  const parts: string[] = []
  for (let at = 0; at < bytes.length;) {
    const half = nextHalf(bytes, at)
    if (half > at) parts.push(decoder.decode(bytes.subarray(at, half)))
    if (half < bytes.length) parts.push(String.fromCharCode(0xd000 | ((bytes[half + 1]! & 0x3f) << 6) | (bytes[half + 2]! & 0x3f)))
    at = half + 3
  }
  return parts.join('')
}
