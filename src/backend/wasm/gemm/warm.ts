/**
 * V8 runs code that its first compiler made until it has been busy for a while, and then has the second one compile it in the
 * background: a quarter of the speed until that is done. A little work on nothing as soon as the code is there makes the
 * better code ready by the time of the first product, while the rest of a program is still being compiled.
 */
import type { Heap } from '../heap.js'
import { dropJob, jobOf, placeJob, setWord } from './job.js'
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
  const block = heap.alloc(bytesA + 2 * bytesB)
  const zeros = new Array<number>(times).fill(0)
  const job = jobOf(
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
  const args = placeJob(heap, job, block + bytesB, block + bytesB, block)
  setWord(heap, args, 'packedA', block)
  setWord(heap, args, 'packedB', block)
  kernels('pack').call(args, 0, 2 * packed)
  setWord(heap, args, 'm', tile.rows)
  setWord(heap, args, 'n', columnsOf(tile, l))
  setWord(heap, args, 'per', 1)
  kernels('blocks').call(args, 0, times)
  dropJob(heap, job, args)
  heap.free(block, bytesA + 2 * bytesB)
}
