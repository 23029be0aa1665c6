/** Tar archives (POSIX ustar and pax, GNU), as far as data sets use them: regular files by name. Links are not followed. */
import { bytes as bytesMeaning, check } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import { textDecoder } from '../core/text.js'
import { unmasked } from './disguise.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

const block = 512

/** The text of a field, up to the first zero byte: UTF-8, and one byte for a character where it is not. */
const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  const text = end === -1 ? bytes : bytes.subarray(0, end)
  try {
    return textDecoder('utf-8', { fatal: true }).decode(text)
  } catch {
    return textDecoder('latin1').decode(text)
  }
}

/** The sum of a header's bytes, its own field read as spaces; old writers took bytes for signed. */
const sumOf = (header: Uint8Array, signed: boolean): number =>
  header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : signed ? (byte << 24) >> 24 : byte), 0)

/** A number in a field: octal digits, or (GNU, for sizes from 8 GiB on) binary. NaN for anything else. */
const numberOf = (field: Uint8Array): number => {
  if (field[0] === 0x80) return field.subarray(1).reduce((n, byte) => n * 256 + byte, 0)
  const digits = textOf(field).trim()
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN
}

/** The records of a pax header, `LENGTH KEY=VALUE` and a line end; null when they are none. */
const paxOf = (bytes: Uint8Array): Readonly<Record<string, string>> | null => {
  const records: [string, string][] = []
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at)
    const length = space < 0 || space - at > 10 ? NaN : Number(textDecoder('latin1').decode(bytes.subarray(at, space)))
    const equals = bytes.indexOf(0x3d, space)
    if (!(length > 0) || at + length > bytes.length || equals < 0 || equals >= at + length) return null
    records.push([textOf(bytes.subarray(space + 1, equals)), textOf(bytes.subarray(equals + 1, at + length - 1))])
    at += length
  }
  return Object.fromEntries(records)
}

/** What headers before a file's own say of it. */
interface Said {
  /** By a pax header: of this file, or of all that follow. */
  readonly pax: Readonly<Record<string, string>>
  /** GNU's long name. */
  readonly name: string | null
}

/**
 * The regular files of a tar archive by name; long names of pax and GNU headers are read, links and devices left out. `Corrupt` for a
 * header whose checksum is wrong, and for an archive that is cut: every whole one ends with a block of zeros. `Unsupported` for a file
 * that is stored with holes.
 *
 * @example
 * data.untar(new Uint8Array(1024))          // Right: {}, the empty archive
 * data.untar(new Uint8Array(512).fill(1))   // Left: the checksum of a header is wrong
 */
export const untar = (bytes: Uint8Array): E.Either<DataFault, Readonly<Record<string, Uint8Array>>> => {
  check('untar', 'bytes', bytesMeaning, bytes)
  const files: [string, Uint8Array][] = []
  const corrupt = (at: number, what: string): E.Either<DataFault, never> =>
    E.left(unmasked(bytes)(fault('Corrupt', `tar: byte ${at}: ${what}`)))
  let all: Said['pax'] = {}
  let said: Said = { pax: {}, name: null }
  for (let at = 0; at + block <= bytes.length;) {
    const header = bytes.subarray(at, at + block)
    if (header.every((byte) => byte === 0)) return E.right(Object.fromEntries(files))
    const sum = numberOf(header.subarray(148, 156))
    if (sum !== sumOf(header, false) && sum !== sumOf(header, true)) return corrupt(at, 'the checksum of a header is wrong')
    const type = textOf(header.subarray(156, 157))
    const records = { ...all, ...said.pax }
    const size =
      type !== 'x' && type !== 'g' && /^\d+$/.test(records.size ?? '') ? Number(records.size) : numberOf(header.subarray(124, 136))
    const start = at + block
    if (!(size <= bytes.length - start)) return corrupt(at, 'a file goes on after the end of the archive')
    const contents = bytes.subarray(start, start + size)
    at = start + Math.ceil(size / block) * block
    if (type === 'x' || type === 'g') {
      const pax = paxOf(contents)
      if (pax === null) return corrupt(start, 'a pax header is damaged')
      if (type === 'g') all = { ...all, ...pax }
      else said = { ...said, pax }
    } else if (type === 'L') said = { ...said, name: textOf(contents) }
    else if (type !== 'K') {
      const prefix = textOf(header.subarray(257, 262)) === 'ustar' && header[262] === 0 ? textOf(header.subarray(345, 500)) : ''
      const short = textOf(header.subarray(0, 100))
      const name = records.path ?? said.name ?? (prefix === '' ? short : `${prefix}/${short}`)
      if (type === 'S' || Object.keys(records).some((key) => key.startsWith('GNU.sparse.')))
        return E.left(fault('Unsupported', `tar: ${name} is stored with holes (GNU sparse)`, 'an archive made without --sparse'))
      if ((type === '' || type === '0' || type === '7') && !name.endsWith('/')) files.push([name, contents])
      said = { pax: {}, name: null }
    }
  }
  return corrupt(bytes.length, 'the archive is cut: it does not end with a block of zeros')
}
