/** TFRecord: pieces of bytes in a file, each with its length and checksums of both. */
import { bytes as bytesMeaning, check, listOf } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import { crc32c } from './crc32.js'

/** A checksum as it is stored: turned and shifted, so that the checksum of a record within a record is none of its own. */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/**
 * Records one after the other: the length in 8 bytes, its checksum in 4, the bytes, their checksum.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord
 * @example
 * decodeRecords(encodeRecords([Uint8Array.of(1, 2)]))   // a Right of [Uint8Array [1, 2]]
 */
export const encodeRecords = (records: readonly Uint8Array[]): Uint8Array => {
  check('encodeRecords', 'records', listOf(bytesMeaning), records)
  const out = new Uint8Array(records.reduce((n, r) => n + r.length + 16, 0))
  const view = new DataView(out.buffer)
  let at = 0
  for (const record of records) {
    view.setUint32(at, record.length, true)
    view.setUint32(at + 8, masked(out.subarray(at, at + 8)), true)
    out.set(record, at + 12)
    view.setUint32(at + 12 + record.length, masked(record), true)
    at += record.length + 16
  }
  return out
}

/**
 * The records of a file: views of its bytes. A file that ends within a record, and one with a wrong checksum, is `Corrupt`.
 */
export const decodeRecords = (bytes: Uint8Array): E.Either<DataFault, readonly Uint8Array[]> => {
  check('decodeRecords', 'bytes', bytesMeaning, bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const out: Uint8Array[] = []
  const corrupt = (what: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `records: record ${out.length}: ${what}`))
  for (let at = 0; at < bytes.length;) {
    if (at + 12 > bytes.length) return corrupt('the file ends within its length')
    if (view.getUint32(at + 8, true) !== masked(bytes.subarray(at, at + 8))) return corrupt('the checksum of its length is wrong')
    const length = view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true)
    const end = at + 12 + length
    if (end + 4 > bytes.length) return corrupt(`the file ends ${end + 4 - bytes.length} bytes too early`)
    const record = bytes.subarray(at + 12, end)
    if (view.getUint32(end, true) !== masked(record)) return corrupt('its checksum is wrong')
    out.push(record)
    at = end + 4
  }
  return E.right(out)
}
