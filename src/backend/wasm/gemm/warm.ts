/**
 * V8 runs code that its first compiler made until it has been busy for a while, and then has the second one compile it in the
 * background: a quarter of the speed until that is done. A little work on nothing as soon as the code is there makes the
 * better code ready by the time of the first product, while the rest of a program is still being compiled.
 */
import type { Heap } from '../heap.js'
import { inLines } from '../../../compile/arena.js'
import { placeBlock } from '../block.js'
import { blockOf, type Field, fields } from './fields.js'
import type { Lanes } from './lanes.js'
import { panelsPerIndex } from './panels.js'
import type { Kernels } from './site.js'
import { columnsOf, type Tile } from './tile.js'

/** Depth of the work, and how often it is done: a tenth of a millisecond. */
const depth = 256
const times = 96
/** Times that panels are packed. */
const packed = 8

/** Runs the kernels that pack and multiply for a moment. */
export const warm = (heap: Heap, kernels: Kernels, l: Lanes, tile: Tile): void => {
  const [m, n] = [tile.rows * panelsPerIndex, columnsOf(tile, l) * panelsPerIndex]
  const [bytesA, bytesB] = [m * depth * l.bytes, n * depth * l.bytes]
  const zeros = new Array<number>(times).fill(0)
  const block = blockOf(
    {
      m,
      n,
      k: depth,
      aRow: l.bytes,
      aDepth: m * l.bytes,
      bDepth: n * l.bytes,
      bColumn: l.bytes,
      cRow: n * l.bytes,
      per: 2,
      packsA: 1,
      blockRows: tile.rows,
      blockColumns: columnsOf(tile, l),
      slice: depth,
    },
    { aBatch: zeros, bBatch: zeros, cBatch: zeros },
  )
  const room = inLines(bytesA + 2 * bytesB)
  const at = heap.alloc(room + block.byteLength)
  const [args, operand] = [at + room, at + bytesB]
  const run = (name: string, indices: number, values: Partial<Record<Field, number>>): void => {
    placeBlock(heap.words(), args, fields, block, { a: operand, b: operand, c: at, packedA: at, packedB: at, ...values })
    kernels(name).call(args, 0, indices)
  }
  run('pack', 2 * packed, {})
  run('blocks', times, { m: tile.rows, n: columnsOf(tile, l), per: 1 })
  heap.free(at, room + block.byteLength)
}
