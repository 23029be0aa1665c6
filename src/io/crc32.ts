/** CRC-32: the checksum of zip files, PNG and checkpoints, and with another polynomial that of records. */
import { bytes as bytesMeaning, check, count } from '../core/check.js'

/** Remainders of a byte followed by 0 to 7 zero bytes; the polynomial has its bits reversed. */
const tables = (polynomial: number): readonly Uint32Array[] => {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte
    for (let k = 0; k < 8; k++) rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1
    return rest
  })
  const all = [first]
  for (let k = 1; k < 8; k++) all.push(Uint32Array.from(all[k - 1]!, (rest) => (rest >>> 8) ^ first[rest & 255]!))
  return all
}

/** The checksum with a polynomial, whose tables are made when it is first asked for. */
const checksum = (polynomial: number): ((bytes: Uint8Array, before?: number) => number) => {
  let made: readonly Uint32Array[] | undefined
  return (bytes, before = 0) => {
    check('crc32', 'bytes', bytesMeaning, bytes)
    check('crc32', 'before', count, before)
    const [t0, t1, t2, t3, t4, t5, t6, t7] = (made ??= tables(polynomial)) as [
      Uint32Array,
      Uint32Array,
      Uint32Array,
      Uint32Array,
      Uint32Array,
      Uint32Array,
      Uint32Array,
      Uint32Array,
    ]
    let c = ~before
    let i = 0
    for (const end = bytes.length - 7; i < end; i += 8) {
      c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
      c =
        t7[c & 255]! ^
        t6[(c >>> 8) & 255]! ^
        t5[(c >>> 16) & 255]! ^
        t4[c >>> 24]! ^
        t3[bytes[i + 4]!]! ^
        t2[bytes[i + 5]!]! ^
        t1[bytes[i + 6]!]! ^
        t0[bytes[i + 7]!]!
    }
    for (; i < bytes.length; i++) c = (c >>> 8) ^ t0[(c ^ bytes[i]!) & 255]!
    return ~c >>> 0
  }
}

/**
 * The checksum of bytes; of several pieces one after the other when `before` is the checksum of those that precede.
 *
 * @example
 * crc32(new TextEncoder().encode('123456789')).toString(16)   // 'cbf43926'
 */
export const crc32: (bytes: Uint8Array, before?: number) => number = /* @__PURE__ */ checksum(0xedb88320)

/**
 * The checksum of bytes by Castagnoli's polynomial, as `crc32` otherwise.
 *
 * @example
 * crc32c(new TextEncoder().encode('123456789')).toString(16)   // 'e3069283'
 */
export const crc32c: (bytes: Uint8Array, before?: number) => number = /* @__PURE__ */ checksum(0x82f63b78)
