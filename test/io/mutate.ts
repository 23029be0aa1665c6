/** Files of every format, and damage to them: what fuzzing reads. */
import fc from 'fast-check'
import { data, io } from '../../src/index.js'
import { anyEvents } from './summaries.js'
import { anyTensor, anyTrees, weightTrees } from './trees.js'
import { right } from './either.js'
import { fixtures } from './fixtures.js'

/** A reader under attack. */
export interface Target {
  readonly name: string
  /** Whole files. */
  readonly seeds: () => Promise<readonly Uint8Array[]>
  /** Reads bytes; anything thrown is a failure. Says whether it was a Right. */
  readonly read: (bytes: Uint8Array) => Promise<boolean>
  /** Bytes that reading a file of `length` bytes may take. */
  readonly bound: (length: number) => number
}

/** Every element widens to at most eight bytes, and may be copied once more. */
const elements = (length: number): number => 2 ** 16 + 32 * length
/** A deflate stream makes at most 1032 bytes of one. */
const inflated = (length: number): number => elements(length) + 1032 * 32 * length

const joined = (pieces: readonly Uint8Array[]): Uint8Array => Uint8Array.from(pieces.flatMap((p) => [...p]))

/** An archive of two files, the first with a pax header for its name. */
const tarOf = (name: string): Uint8Array => {
  const entry = (type: string, contents: string): Uint8Array => {
    const header = new Uint8Array(512)
    const put = (text: string, at: number): void => header.set(new TextEncoder().encode(text), at)
    put(name, 0)
    put(contents.length.toString(8).padStart(11, '0'), 124)
    put('        ', 148)
    put(type, 156)
    put('ustar', 257)
    put(
      `${header
        .reduce((a, b) => a + b, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    )
    const body = new Uint8Array(Math.ceil(contents.length / 512) * 512)
    body.set(new TextEncoder().encode(contents))
    return joined([header, body])
  }
  return joined([entry('x', '17 path=deep/a.b\n'), entry('0', 'abc'), entry('L', 'long/name\0'), entry('0', 'd'), new Uint8Array(1024)])
}

const is = (tag: 'Left' | 'Right'): boolean => tag === 'Right'
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): readonly T[] => fc.sample(arbitrary, { numRuns, seed: 1 })
const weights = sample(weightTrees, 20)

/** All formats. */
export const targets: readonly Target[] = [
  {
    name: 'npy',
    seeds: () =>
      Promise.resolve([
        ...sample(anyTensor, 40).map((x, i) => io.encodeNpy(x, { order: i % 2 === 0 ? 'C' : 'F' })),
        fixtures.half,
        fixtures.long,
        fixtures.bigEndian,
        fixtures.version2,
        fixtures.version3,
      ]),
    read: (bytes) => Promise.resolve(is(io.decodeNpy(bytes)._tag)),
    bound: elements,
  },
  {
    name: 'several npy',
    seeds: () =>
      Promise.resolve(
        sample(fc.array(anyTensor, { minLength: 2, maxLength: 4 }), 20).map((all) => joined(all.map((x) => io.encodeNpy(x)))),
      ),
    read: (bytes) => Promise.resolve(is(io.decodeNpys(bytes)._tag)),
    bound: elements,
  },
  {
    name: 'tar',
    seeds: () => Promise.resolve([tarOf('short'), tarOf('x'.repeat(99))]),
    read: (bytes) => Promise.resolve(is(data.untar(bytes)._tag)),
    bound: elements,
  },
  {
    name: 'npz',
    seeds: async () => [
      ...(await Promise.all(weights.map(async (t, i) => right(await io.encodeNpz(t, { compress: i % 2 === 0, zip64: i % 3 === 0 })())))),
      fixtures.stored,
      fixtures.packed,
    ],
    read: async (bytes) => is((await io.decodeNpz(bytes)())._tag),
    bound: inflated,
  },
  {
    name: 'safetensors',
    seeds: () =>
      Promise.resolve([
        ...weights.map((t, i) => io.encodeSafetensors(t, { metadata: { a: 'b' }, checksums: i % 2 === 0 })),
        fixtures.safetensors,
      ]),
    read: (bytes) => Promise.resolve(is(io.decodeSafetensors(bytes)._tag)),
    bound: elements,
  },
  {
    name: 'safetensors in ranges',
    seeds: () => Promise.resolve(weights.map((t, i) => io.encodeSafetensors(t, { checksums: i % 2 === 0 }))),
    read: async (bytes) => {
      const opened = await io.openSafetensors('f', { files: io.memoryFiles({ f: bytes }) })()
      return opened._tag === 'Right' && is((await opened.right.readAll()())._tag)
    },
    bound: elements,
  },
  {
    name: 'safetensors index',
    seeds: () =>
      Promise.resolve([new TextEncoder().encode('{"metadata":{"total_size":4},"weight_map":{"a":"x.safetensors","b":"y.safetensors"}}')]),
    read: async (bytes) => {
      const shard = (name: string): Uint8Array => io.encodeSafetensors({ [name]: 1 })
      const files = io.memoryFiles({ i: bytes, 'x.safetensors': shard('a'), 'y.safetensors': shard('b') })
      return is((await io.openSharded('i', { files })())._tag)
    },
    bound: elements,
  },
  {
    name: 'checkpoint',
    seeds: () => Promise.resolve(sample(anyTrees, 40).map((value, step) => io.encodeCheckpoint({ step, value }))),
    read: (bytes) => Promise.resolve(is(io.decodeCheckpoint(repaired(bytes))._tag)),
    bound: elements,
  },
  {
    name: 'events',
    seeds: () => Promise.resolve(sample(anyEvents, 40).map(io.encodeEvents)),
    read: (bytes) => Promise.resolve(is(io.decodeEvents(resealed(bytes))._tag)),
    bound: elements,
  },
]

/** The records with right checksums as far as their lengths lead, so that damage reaches what is in them; every fourth file as it is. */
const resealed = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length > 0 && bytes[bytes.length - 1]! % 4 === 3) return bytes
  const out = bytes.slice()
  const view = new DataView(out.buffer)
  for (let at = 0; at + 16 <= out.length;) {
    const end = at + 12 + view.getUint32(at, true)
    if (end + 4 > out.length || view.getUint32(at + 4, true) !== 0) break
    out.set(io.encodeRecords([out.slice(at + 12, end)]), at)
    at = end + 4
  }
  return out
}

/** The checkpoint with a right checksum, so that damage reaches what lies behind it; every fourth one as it is. */
const repaired = (bytes: Uint8Array): Uint8Array => {
  const field = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('"checksum":"')
  const at = field + 12
  if (field < 0 || at + 8 > bytes.length || bytes[bytes.length - 1]! % 4 === 3) return bytes
  const out = bytes.slice()
  out.set(new TextEncoder().encode('00000000'), at)
  out.set(new TextEncoder().encode(io.crc32(out).toString(16).padStart(8, '0')), at)
  return out
}

/** Numbers from 0 up to `n`, the same for the same seed. */
export type Draw = (n: number) => number

/** Mulberry32. */
export const drawing = (seed: number): Draw => {
  let state = seed >>> 0
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
const words = [
  '0',
  '-1',
  '9',
  '99999999999999999999',
  '1e308',
  'null',
  '[]',
  '{',
  '}',
  '"',
  "'",
  '(',
  ')',
  ',',
  'F64',
  'I64',
  'O',
  '<f2',
  'True',
  '..',
  '\0',
]

const overwrite = (bytes: Uint8Array, at: number, piece: ArrayLike<number>): Uint8Array => {
  const out = bytes.slice()
  for (let i = 0; i < piece.length && at + i < out.length; i++) out[at + i] = piece[i]!
  return out
}
const splice = (bytes: Uint8Array, at: number, removed: number, piece: Uint8Array): Uint8Array =>
  Uint8Array.from([...bytes.subarray(0, at), ...piece, ...bytes.subarray(at + removed)])
const littleEndian = (value: number): readonly number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]

/** `bytes` damaged once: bits, bytes, numbers at their limits, words of the format, pieces cut, doubled or taken from `other`. */
const damaged = (bytes: Uint8Array, other: Uint8Array, draw: Draw): Uint8Array => {
  const at = draw(bytes.length + 1)
  // Structure is at the ends: half of the damage goes there.
  const end =
    draw(2) === 0
      ? at
      : draw(2) === 0
        ? draw(Math.min(bytes.length, 160))
        : Math.max(0, bytes.length - 1 - draw(Math.min(bytes.length, 120)))
  switch (draw(9)) {
    case 0:
      return overwrite(bytes, end, [(bytes[end] ?? 0) ^ (1 << draw(8))])
    case 1:
      return overwrite(bytes, end, [draw(256)])
    case 2:
      return overwrite(bytes, end, littleEndian(extremes[draw(extremes.length)]!).slice(0, [1, 2, 4][draw(3)]))
    case 3:
      return bytes.slice(0, at)
    case 4:
      return splice(bytes, end, draw(8), new Uint8Array())
    case 5:
      return splice(bytes, end, draw(8), new TextEncoder().encode(words[draw(words.length)]))
    case 6:
      return splice(bytes, at, 0, bytes.slice(end, end + draw(64)))
    case 7:
      return splice(bytes, at, draw(64), other.subarray(draw(other.length + 1)).slice(0, draw(256)))
    default:
      return overwrite(
        bytes,
        end,
        Array.from(`${draw(100)}`, (c) => c.charCodeAt(0)),
      )
  }
}

/** A file of `seeds` damaged, half of them once, the others up to four times. */
export const mutated = (seeds: readonly Uint8Array[], draw: Draw): Uint8Array => {
  let bytes = seeds[draw(seeds.length)]!
  for (let k = draw(2) * draw(4); k >= 0; k--) bytes = damaged(bytes, seeds[draw(seeds.length)]!, draw)
  return bytes
}

/** What came of reading damaged files. */
export interface Outcome {
  readonly files: number
  /** How many could still be read. */
  readonly read: number
  /** Those that broke a promise, as base64, and how. */
  readonly failures: readonly (readonly [why: string, file: string])[]
  /** The most that reading took beyond the file itself, as a multiple of its length (files of 256 bytes at least). */
  readonly most: number
}

/** Reads `count` damaged files: nothing may be thrown, and no more than the bound be allocated. */
export const attack = async ({ seeds, read, bound }: Target, count: number, seed: number): Promise<Outcome> => {
  const files = await seeds()
  const draw = drawing(seed)
  const failures: [string, string][] = []
  let good = 0
  let most = 0
  for (let i = 0; i < count; i++) {
    const bytes = mutated(files, draw)
    const before = process.memoryUsage().arrayBuffers
    try {
      if (await read(bytes)) good++
    } catch (error) {
      failures.push([String(error), Buffer.from(bytes).toString('base64')])
    }
    const taken = process.memoryUsage().arrayBuffers - before
    most = Math.max(most, taken / Math.max(256, bytes.length))
    if (taken > bound(bytes.length))
      failures.push([`${taken} bytes were allocated for a file of ${bytes.length}`, Buffer.from(bytes).toString('base64')])
  }
  return { files: count, read: good, failures, most }
}
