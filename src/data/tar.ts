/** Tar archives (POSIX ustar), as far as data sets use them: regular files by name. */
import { textDecoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

const block = 512

/** The text of a field, up to the first zero byte. */
const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return textDecoder('latin1').decode(end === -1 ? bytes : bytes.subarray(0, end))
}

/** The sum of a header's bytes, its own field read as spaces. */
const sumOf = (header: Uint8Array): number => header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0)

/**
 * The regular files of a tar archive by name. `Corrupt` for a header whose checksum is wrong, or a file that goes on after the end.
 *
 * @example
 * data.untar(new Uint8Array(1024))          // Right: {}, the empty archive
 * data.untar(new Uint8Array(512).fill(1))   // Left: the checksum of a header is wrong
 */
export const untar = (bytes: Uint8Array): E.Either<DataFault, Readonly<Record<string, Uint8Array>>> => {
  const files: [string, Uint8Array][] = []
  for (let at = 0; at + block <= bytes.length;) {
    const header = bytes.subarray(at, at + block)
    if (header.every((byte) => byte === 0)) break
    const octal = (from: number, to: number): number => {
      const digits = textOf(header.subarray(from, to)).trim()
      return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN
    }
    if (octal(148, 156) !== sumOf(header)) return E.left(fault('Corrupt', `tar: byte ${at}: the checksum of a header is wrong`))
    const size = octal(124, 136)
    const start = at + block
    if (!(size <= bytes.length - start)) return E.left(fault('Corrupt', `tar: byte ${at}: a file goes on after the end of the archive`))
    const type = textOf(header.subarray(156, 157))
    const prefix = textOf(header.subarray(257, 262)) === 'ustar' ? textOf(header.subarray(345, 500)) : ''
    const name = textOf(header.subarray(0, 100))
    if (type === '' || type === '0') files.push([prefix === '' ? name : `${prefix}/${name}`, bytes.subarray(start, start + size)])
    at = start + Math.ceil(size / block) * block
  }
  return E.right(Object.fromEntries(files))
}
