/** The arguments of the matrix kernels: words of a block, one block for all of them. */
import type { Body, Ex, Local } from '../code.js'
import type { Heap } from '../heap.js'
import { i32 } from '../instructions.js'

/** Names of the words, in order. Strides are in bytes. */
const words = [
  'a',
  'b',
  'c',
  'm',
  'n',
  'k',
  'aRow',
  'aDepth',
  'bDepth',
  'bColumn',
  'cRow',
  'cColumn',
  /** Tables of byte offsets, one entry per element of the batch. */
  'aBatch',
  'bBatch',
  'cBatch',
  /** Indices per element of the batch. */
  'per',
  /** Rows and columns of a block, and blocks that lie below each other. */
  'blockRows',
  'blockColumns',
  'blocksDown',
  /** Depth of one pass over a block. */
  'slice',
  /** 1 to add to c, 0 to set it. */
  'onto',
  'packedA',
  'packedB',
  /** Bytes of the panels of one element of the batch. */
  'panelsA',
  'panelsB',
  /** Indices that pack a; the others pack b. */
  'packsA',
  /** Tables of byte offsets of axes that do not merge, or 0. */
  'aRows',
  'aDepths',
  'bDepths',
  'bColumns',
] as const

/** A word of the block. */
export type Word = (typeof words)[number]

const offsetOf = Object.fromEntries(words.map((w, i) => [w, i * 4])) as Readonly<Record<Word, number>>

/** A job but for the addresses of its operands: its words, then its tables. */
export interface Job {
  readonly words: Int32Array
  /** Words that hold addresses of tables, and where in the block those lie. */
  readonly tables: readonly (readonly [word: number, offset: number])[]
}

/** Values of words (0 for those left out, 1 for divisors), and tables for words that hold the address of one. */
export const jobOf = (values: Partial<Record<Word, number>>, tables: Partial<Record<Word, readonly number[]>>): Job => {
  const all = words.map((w) => values[w] ?? (w === 'per' || w === 'blocksDown' ? 1 : 0))
  const places = words.flatMap((w, i): [number, number][] => {
    const table = tables[w]
    if (table === undefined) return []
    const offset = all.length * 4
    for (const x of table) all.push(x)
    return [[i, offset]]
  })
  return { words: Int32Array.from(all), tables: places }
}

/** Writes a job into a block of the heap; the caller frees it with `drop`. */
export const placeJob = (heap: Heap, { words, tables }: Job, a: number, b: number, c: number): number => {
  const args = heap.alloc(words.length * 4)
  const memory = heap.words()
  const at = args >>> 2
  for (let i = 3; i < words.length; i++) memory[at + i] = words[i]!
  memory[at] = a
  memory[at + 1] = b
  memory[at + 2] = c
  for (let t = 0; t < tables.length; t++) memory[at + tables[t]![0]] = args + tables[t]![1]
  return args
}

/** Frees what `placeJob` took. */
export const dropJob = (heap: Heap, { words }: Job, args: number): void => {
  heap.free(args, words.length * 4)
}

/** Sets a word of a job in the heap. */
export const setWord = (heap: Heap, args: number, word: Word, value: number): void => {
  heap.words()[(args + offsetOf[word]) >>> 2] = value
}

/** Reads words of the block at `args`, each once. */
export const readJob = (b: Body, args: Ex<'i32'>): ((word: Word) => Local<'i32'>) => {
  const read = new Map<Word, Local<'i32'>>()
  return (word) => {
    let x = read.get(word)
    if (x === undefined) read.set(word, (x = b.first(i32.load(args, offsetOf[word]))))
    return x
  }
}

/** Entry `i` of a table of words. */
export const entry = (table: Ex<'i32'>, i: Ex<'i32'>): Ex<'i32'> => i32.load(i32.add(table, i32.shl(i, i32.const(2))))

/** The smaller of two. */
export const least = (b: Body, x: Ex<'i32'>, most: Ex<'i32'>): Local<'i32'> => {
  const y = b.let(x)
  b.if(i32.gt(y, most), () => b.set(y, most))
  return y
}

/** The block of c that an index over the batch and its blocks stands for: the first column of blocks from top to bottom, then the next. */
export const blockAt = (
  b: Body,
  job: (word: Word) => Local<'i32'>,
  index: Ex<'i32'>,
): Record<'batch' | 'row' | 'firstColumn' | 'rows' | 'columns', Local<'i32'>> => {
  const batch = b.let(i32.divu(index, job('per')))
  const block = b.let(i32.sub(index, i32.mul(batch, job('per'))))
  const across = b.let(i32.divu(block, job('blocksDown')))
  const row = b.let(i32.mul(i32.sub(block, i32.mul(across, job('blocksDown'))), job('blockRows')))
  const firstColumn = b.let(i32.mul(across, job('blockColumns')))
  const rows = least(b, i32.sub(job('m'), row), job('blockRows'))
  const columns = least(b, i32.sub(job('n'), firstColumn), job('blockColumns'))
  return { batch, row, firstColumn, rows, columns }
}
