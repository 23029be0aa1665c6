/** The directory at the end of a zip archive: what is in it and where. Nothing in it is believed before it is checked. */
import { textDecoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'

/** A member as the directory has it. */
export interface Member {
  readonly name: string
  /** 0 is stored, 8 deflated. */
  readonly method: number
  readonly crc: number
  /** Bytes unpacked. */
  readonly size: number
  /** Bytes in the archive. */
  readonly packed: number
  /** Where its local header starts. */
  readonly offset: number
}

const corrupt = (what: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `zip: ${what}`))
const unsupported = (what: string): E.Either<DataFault, never> => E.left(fault('Unsupported', `zip: ${what}`))

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** 64 bits as a number; beyond 2^53 it is too large for any file, exact or not. */
const wide = (view: DataView, at: number): number => view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32

/** A deflate stream makes at most 1032 bytes of one. */
const mostRatio = 1032
const most16 = 0xffff
const most32 = 0xffffffff
const endLength = 22
const longestComment = 0xffff

interface Ending {
  readonly count: number
  readonly size: number
  readonly offset: number
  /** Where the records that end the archive start. */
  readonly at: number
}

/** The last record: found from the end, since a comment may follow it. */
const findEnd = (view: DataView): number => {
  for (let at = view.byteLength - endLength; at >= Math.max(0, view.byteLength - endLength - longestComment); at--)
    if (view.getUint32(at, true) === 0x06054b50 && at + endLength + view.getUint16(at + 20, true) === view.byteLength) return at
  return -1
}

const ending = (view: DataView): E.Either<DataFault, Ending> => {
  const at = findEnd(view)
  if (at < 0) return corrupt('no directory at the end: not a zip archive, or one cut short')
  const disks = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)]
  const counts = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
  const [size, offset] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)]
  const isWide = counts[1] === most16 || size === most32 || offset === most32
  const locator = at - 20
  if (!isWide || locator < 0 || view.getUint32(locator, true) !== 0x07064b50) {
    if (disks[0] !== 0 || disks[1] !== 0 || counts[0] !== counts[1]) return unsupported('an archive in several parts')
    return E.right({ count: counts[1]!, size, offset, at })
  }
  const start = wide(view, locator + 8)
  if (start + 56 > locator || view.getUint32(start, true) !== 0x06064b50) return corrupt('the zip64 directory is not where it should be')
  if (view.getUint32(start + 16, true) !== 0 || view.getUint32(start + 20, true) !== 0) return unsupported('an archive in several parts')
  return E.right({ count: wide(view, start + 32), size: wide(view, start + 40), offset: wide(view, start + 48), at: start })
}

/** Values of 64 bits that stand for those that 32 bits could not hold, in their order; null when one is missing. */
const widened = (view: DataView, from: number, to: number, values: readonly number[]): readonly number[] | null => {
  if (!values.includes(most32)) return values
  for (let at = from; at + 4 <= to;) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
    const [start, end] = [at + 4, at + 4 + length]
    if (end > to) return null
    if (id === 1) {
      let next = start
      const out = values.map((value) => {
        if (value !== most32) return value
        next += 8
        return next <= end ? wide(view, next - 8) : NaN
      })
      return out.some(Number.isNaN) ? null : out
    }
    at = end
  }
  return null
}

const nameOf = (bytes: Uint8Array): string | null => {
  try {
    return textDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

const head = 46

/** One entry of the directory and where the next one starts. */
const entryAt = (bytes: Uint8Array, view: DataView, at: number, end: number): E.Either<DataFault, readonly [Member, number]> => {
  if (at + head > end || view.getUint32(at, true) !== 0x02014b50) return corrupt(`no entry at byte ${at} of the directory`)
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((k) => view.getUint16(at + k, true)) as [number, number, number]
  const extra = at + head + nameLength
  const next = extra + extraLength + commentLength
  if (next > end) return corrupt(`the entry at byte ${at} does not end in the directory`)
  const name = nameOf(bytes.subarray(at + head, extra))
  if (name === null) return unsupported(`the name at byte ${at} is not UTF-8`)
  const values = widened(
    view,
    extra,
    extra + extraLength,
    [24, 20, 42].map((k) => view.getUint32(at + k, true)),
  )
  if (values === null) return corrupt(`${name}: its zip64 record is damaged`)
  const [size, packed, offset] = values as [number, number, number]
  if (flags & 1) return unsupported(`${name}: it is encrypted`)
  if (method !== 0 && method !== 8) return unsupported(`${name}: compression method ${method}; stored (0) and deflated (8) can be read`)
  if (method === 0 ? size !== packed : size > mostRatio * packed) return corrupt(`${name}: ${packed} bytes cannot hold ${size}`)
  return E.right([{ name, method, crc: view.getUint32(at + 16, true), size, packed, offset }, next])
}

const distinct = (members: readonly Member[], end: number): E.Either<DataFault, readonly Member[]> => {
  if (new Set(members.map((m) => m.name)).size !== members.length) return corrupt('two members have one name')
  const ordered = [...members].sort((a, b) => a.offset - b.offset)
  // The fixed part of a local header takes 30 bytes.
  const overlap = ordered.find((m, i) => m.offset + 30 + m.packed > (ordered[i + 1]?.offset ?? end))
  return overlap === undefined ? E.right(members) : corrupt(`${overlap.name}: it reaches into what follows it`)
}

/** The members of an archive: names that differ, sizes that fit, places that do not overlap. */
export const readDirectory = (bytes: Uint8Array): E.Either<DataFault, readonly Member[]> => {
  const view = viewOf(bytes)
  return pipe(
    bytes.length < endLength ? corrupt(`${bytes.length} bytes are too few for an archive`) : ending(view),
    E.chain(({ count, size, offset, at }) => {
      if (offset + size !== at) return corrupt(`a directory of ${size} bytes at ${offset} does not end at ${at}`)
      if (count * head > size) return corrupt(`a directory of ${size} bytes cannot hold ${count} entries`)
      const members: Member[] = []
      let next = offset
      for (let i = 0; i < count; i++) {
        const entry = entryAt(bytes, view, next, at)
        if (E.isLeft(entry)) return entry
        members.push(entry.right[0])
        next = entry.right[1]
      }
      return next === at ? distinct(members, offset) : corrupt(`${at - next} bytes of the directory are no entries`)
    }),
  )
}

/** The bytes of a member as they are in the archive; not copied. */
export const contentsOf = (bytes: Uint8Array, { offset, packed }: Member): E.Either<DataFault, Uint8Array> => {
  const view = viewOf(bytes)
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== 0x04034b50)
    return E.left(fault('Corrupt', 'its header is not where the directory says'))
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  return start + packed > bytes.length
    ? E.left(fault('Corrupt', 'it reaches beyond the end of the file'))
    : E.right(bytes.subarray(start, start + packed))
}
