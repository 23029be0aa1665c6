/** The arguments of the matrix kernels: words of a block, one block for all of them. */
import type { Body, Ex, Local } from '../code.js'
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

/** Bytes of a block. */
export const jobBytes = words.length * 4

/** The values of a job. */
export type Job = Record<Word, number>

/** Writes a block at `address`. */
export const writeJob = (memory: Int32Array, address: number, job: Job): void => {
  const at = address >>> 2
  for (let i = 0; i < words.length; i++) memory[at + i] = job[words[i]!]
}

const offsetOf = Object.fromEntries(words.map((w, i) => [w, i * 4])) as Readonly<Record<Word, number>>

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
