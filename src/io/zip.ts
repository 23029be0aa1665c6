/** Zip archives in memory: members stored or deflated, with or without the 64-bit records of zip64. */
import { textEncoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from '../data/fault.js'
import { fault, inPlace } from '../data/fault.js'
import { joinBytes } from '../data/joinBytes.js'
import { crc32 } from './crc32.js'
import type { Deflater } from './deflate.js'
import type { Member } from './zipDirectory.js'
import { contentsOf, readDirectory } from './zipDirectory.js'

/** A file in an archive. */
export interface ZipFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** What is written of a member before its bytes, and again in the directory. */
interface Packed {
  readonly name: Uint8Array
  readonly method: number
  readonly crc: number
  readonly size: number
  readonly packed: Uint8Array
}

const most32 = 0xffffffff

/** Little-endian numbers one after the other: `[width in bytes, value]`. */
const record = (fields: readonly (readonly [width: 2 | 4 | 8, value: number])[]): Uint8Array => {
  const out = new Uint8Array(fields.reduce((n, [width]) => n + width, 0))
  const view = new DataView(out.buffer)
  let at = 0
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value % 2 ** 32, true)
    if (width === 8) view.setUint32(at + 4, Math.floor(value / 2 ** 32), true)
    at += width
  }
  return out
}

/** Version needed, flags (names in UTF-8), method, time and date (1980-01-01, so that the same contents give the same bytes), checksum. */
const common = ({ method, crc }: Packed, wide: boolean): readonly (readonly [2 | 4, number])[] => [
  [2, wide ? 45 : 20],
  [2, 0x800],
  [2, method],
  [2, 0],
  [2, 0x21],
  [4, crc],
]

const localHeader = (m: Packed, wide: boolean): Uint8Array => {
  const extra = wide
    ? record([
        [2, 1],
        [2, 16],
        [8, m.size],
        [8, m.packed.length],
      ])
    : new Uint8Array()
  const sizes = wide ? [most32, most32] : [m.packed.length, m.size]
  return joinBytes([
    record([[4, 0x04034b50], ...common(m, wide), [4, sizes[0]!], [4, sizes[1]!], [2, m.name.length], [2, extra.length]]),
    m.name,
    extra,
  ])
}

const centralHeader = (m: Packed, offset: number, wide: boolean): Uint8Array => {
  const extra = wide
    ? record([
        [2, 1],
        [2, 24],
        [8, m.size],
        [8, m.packed.length],
        [8, offset],
      ])
    : new Uint8Array()
  const sizes = wide ? [most32, most32] : [m.packed.length, m.size]
  return joinBytes([
    record([
      [4, 0x02014b50],
      [2, 45],
      ...common(m, wide),
      [4, sizes[0]!],
      [4, sizes[1]!],
      [2, m.name.length],
      [2, extra.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, wide ? most32 : offset],
    ]),
    m.name,
    extra,
  ])
}

const ending = (count: number, size: number, offset: number, wide: boolean): Uint8Array => {
  const last = record([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, wide ? 0xffff : count],
    [2, wide ? 0xffff : count],
    [4, wide ? most32 : size],
    [4, wide ? most32 : offset],
    [2, 0],
  ])
  if (!wide) return last
  const end = record([
    [4, 0x06064b50],
    [8, 44],
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, offset],
  ])
  const locator = record([
    [4, 0x07064b50],
    [4, 0],
    [8, offset + size],
    [4, 1],
  ])
  return joinBytes([end, locator, last])
}

const archive = (members: readonly Packed[], zip64: boolean): Uint8Array => {
  const wideMember = (m: Packed, offset: number): boolean => zip64 || m.size >= most32 || m.packed.length >= most32 || offset >= most32
  const pieces: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  for (const m of members) {
    const wide = wideMember(m, at)
    const head = localHeader(m, wide)
    pieces.push(head, m.packed)
    directory.push(centralHeader(m, at, wide))
    at += head.length + m.packed.length
  }
  const size = directory.reduce((n, d) => n + d.length, 0)
  // An archive of nothing is known by the record it starts with, the last one.
  const wide = (zip64 && members.length > 0) || members.length >= 0xffff || at >= most32 || size >= most32
  return joinBytes([...pieces, ...directory, ending(members.length, size, at, wide)])
}

/** Options of `writeZip`. */
export interface ZipOptions {
  /** Deflate members; they are stored as they are by default. */
  readonly deflate?: Deflater
  /** Write 64-bit records even where 32 bits are enough. */
  readonly zip64?: boolean
}

/** An archive of files, in their order. The same files give the same bytes. */
export const writeZip = (files: readonly ZipFile[], { deflate, zip64 = false }: ZipOptions = {}): TE.TaskEither<DataFault, Uint8Array> =>
  pipe(
    files,
    TE.traverseSeqArray(({ name, bytes }) =>
      pipe(
        deflate === undefined ? TE.right(bytes) : deflate.deflate(bytes),
        TE.map((packed): Packed => {
          const shrunk = deflate !== undefined && packed.length < bytes.length
          const encoded = textEncoder().encode(name)
          return { name: encoded, method: shrunk ? 8 : 0, crc: crc32(bytes), size: bytes.length, packed: shrunk ? packed : bytes }
        }),
      ),
    ),
    TE.map((members) => archive(members, zip64)),
  )

/** Options of `readZip`. */
export interface UnzipOptions {
  readonly inflate: Deflater
  /** Bytes that all members that are read together may have. */
  readonly limit: number
  /** Members that are read, by name: all of them by default. */
  readonly keep?: (name: string) => boolean
}

const unpack = (bytes: Uint8Array, member: Member, inflate: Deflater): TE.TaskEither<DataFault, ZipFile> =>
  pipe(
    TE.fromEither(contentsOf(bytes, member)),
    TE.chain((packed) => (member.method === 0 ? TE.right(packed) : inflate.inflate(packed, member.size))),
    TE.chainEitherK((contents) =>
      contents.length !== member.size
        ? E.left(fault('Corrupt', `${contents.length} bytes came out, the directory says ${member.size}`))
        : crc32(contents) !== member.crc
          ? E.left(fault('Corrupt', 'its checksum is wrong', 'fetch or write the file again'))
          : E.right({ name: member.name, bytes: contents }),
    ),
    TE.mapLeft(inPlace(`zip: ${member.name}`)),
  )

/**
 * The files of an archive. Members that overlap, sizes that no deflate stream can reach, wrong checksums and anything beyond the end
 * of the file are `Corrupt`; more than `limit` bytes in all are `TooLarge`, and that is known before any member is unpacked.
 */
export const readZip = (
  bytes: Uint8Array,
  { inflate, limit, keep = () => true }: UnzipOptions,
): TE.TaskEither<DataFault, readonly ZipFile[]> =>
  pipe(
    TE.fromEither(readDirectory(bytes)),
    TE.chain((all) => {
      const members = all.filter(({ name }) => keep(name))
      const total = members.reduce((n, m) => n + m.size, 0)
      return total > limit
        ? TE.left(fault('TooLarge', `zip: ${total} bytes unpacked, more than ${limit}`, 'a larger limit, if the file is to be trusted'))
        : pipe(
            members,
            TE.traverseSeqArray((member) => unpack(bytes, member, inflate)),
          )
    }),
  )
