/** The words of the argument block of a matrix product. */
import type { Body, Ex, Local } from '../code.js'
import { type Arguments, argumentsOnce, type BlockDraft, draftOf, layoutOf } from '../block.js'
import { least } from '../addressing.js'
import { i32 } from '../instructions.js'

/** Strides are in bytes; `a`, `b` and `c` are written for every run. */
export const fields = layoutOf([
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
])

/** A word of the block. */
export type GemmField = keyof typeof fields.position

/** A block with these words (divisors that are left out are 1) and tables. */
export const blockOf = (
  values: Readonly<Partial<Record<GemmField, number>>>,
  tables: Readonly<Partial<Record<GemmField, ArrayLike<number>>>>,
): Int32Array => {
  const { set, table, done }: BlockDraft<GemmField> = draftOf(fields)
  set({ per: 1, blocksDown: 1, ...values })
  for (const name of Object.keys(tables) as GemmField[]) set({ [name]: table(tables[name]!) })
  return done()
}

/** What kernels read of the block at `args`. */
export const readFields = (b: Body, args: Ex<'i32'>): Arguments<GemmField> => argumentsOnce(b, fields, args)

/** The block of c that an index over the batch and its blocks stands for: the first column of blocks from top to bottom, then the next. */
export const blockAt = (
  b: Body,
  { word }: Arguments<GemmField>,
  index: Ex<'i32'>,
): Record<'batch' | 'row' | 'firstColumn' | 'rows' | 'columns', Local<'i32'>> => {
  const batch = b.let(i32.divu(index, word('per')))
  const block = b.let(i32.sub(index, i32.mul(batch, word('per'))))
  const across = b.let(i32.divu(block, word('blocksDown')))
  const row = b.let(i32.mul(i32.sub(block, i32.mul(across, word('blocksDown'))), word('blockRows')))
  const firstColumn = b.let(i32.mul(across, word('blockColumns')))
  const rows = least(b, i32.sub(word('m'), row), word('blockRows'))
  const columns = least(b, i32.sub(word('n'), firstColumn), word('blockColumns'))
  return { batch, row, firstColumn, rows, columns }
}
