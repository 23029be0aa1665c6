/** Large products in two sweeps: all panels are packed, then blocks of the result are multiplied. */
import { i32, invoke } from '../instructions.js'
import type { Ex } from '../code.js'
import type { ModuleBuilder } from '../module.js'
import { blockAt, entry, least, readJob } from './job.js'
import { times, writeMultiply } from './kernels.js'
import type { Lanes } from './lanes.js'
import { writePack, writeTablePack } from './pack.js'
import { columnsOf, type Tile } from './tile.js'

/** Panels that one index packs: side by side in memory, so that lines of it are read whole. */
export const panelsPerIndex = 8

/**
 * Writes `pack`, whose index runs over the batch, and in it over groups of panels of a, then of b; and `blocks`, over blocks of c.
 * Elements may be found by tables where `tables` says so.
 */
export const writePanels = (m: ModuleBuilder, l: Lanes, tile: Tile, tables: boolean): void => {
  const columns = columnsOf(tile, l)
  const packer = (width: number) => ({
    width,
    strided: writePack(m, l, width),
    table: tables ? writeTablePack(m, l, width) : null,
  })
  const packers = { a: packer(tile.rows), b: packer(columns) }

  m.func('pack', ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const job = readJob(b, args)
    b.loop(begin, end, 1, (index) => {
      const batch = b.let(i32.divu(index, job('per')))
      const group = b.let(i32.sub(index, i32.mul(batch, job('per'))))
      const side = (x: 'a' | 'b', g: Ex<'i32'>): void => {
        const { width, strided, table } = packers[x]
        const [size, rowStride, depthStride, rows, depths, from, batches, to, panels] =
          x === 'a'
            ? ([
                job('m'),
                job('aRow'),
                job('aDepth'),
                job('aRows'),
                job('aDepths'),
                job('a'),
                job('aBatch'),
                job('packedA'),
                job('panelsA'),
              ] as const)
            : ([
                job('n'),
                job('bColumn'),
                job('bDepth'),
                job('bColumns'),
                job('bDepths'),
                job('b'),
                job('bBatch'),
                job('packedB'),
                job('panelsB'),
              ] as const)
        const k = job('k')
        const panel = b.let(times(k, width * l.bytes))
        const first = b.let(times(g, panelsPerIndex * width))
        const source = b.let(i32.add(from, entry(batches, batch)))
        const out = b.let(i32.add(to, i32.add(i32.mul(batch, panels), i32.mul(times(g, panelsPerIndex), panel))))
        const left = least(b, i32.sub(size, first), i32.const(panelsPerIndex * width))
        const straight = (): void =>
          b.run(invoke(strided, [i32.add(source, i32.mul(first, rowStride)), out, left, k, rowStride, depthStride, panel]))
        if (table === null) straight()
        else
          b.if(
            rows,
            () => b.run(invoke(table, [source, out, left, k, i32.add(rows, i32.shl(first, i32.const(2))), depths, panel])),
            straight,
          )
      }
      b.if(
        i32.lt(group, job('packsA')),
        () => side('a', group),
        () => side('b', i32.sub(group, job('packsA'))),
      )
    })
  })

  const multiply = writeMultiply(m, l, tile)
  m.func('blocks', ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const job = readJob(b, args)
    const k = job('k')
    b.loop(begin, end, 1, (index) => {
      const { batch, row, firstColumn: column, rows, columns: cols } = blockAt(b, job, index)
      // Blocks are whole panels: `row * k` elements lie before the panel of `row`.
      const pa = b.let(i32.add(job('packedA'), i32.add(i32.mul(batch, job('panelsA')), times(i32.mul(row, k), l.bytes))))
      const pb = b.let(i32.add(job('packedB'), i32.add(i32.mul(batch, job('panelsB')), times(i32.mul(column, k), l.bytes))))
      const c = b.let(i32.add(job('c'), i32.add(entry(job('cBatch'), batch), i32.add(i32.mul(row, job('cRow')), times(column, l.bytes)))))
      b.loop(i32.const(0), k, 1, (p) => {
        const deep = least(b, i32.sub(k, p), job('slice'))
        b.run(
          invoke(multiply, [
            i32.add(pa, times(p, tile.rows * l.bytes)),
            times(k, tile.rows * l.bytes),
            i32.add(pb, times(p, columns * l.bytes)),
            times(k, columns * l.bytes),
            deep,
            c,
            job('cRow'),
            rows,
            cols,
            i32.or(job('onto'), i32.gt(p, i32.const(0))),
          ]),
        )
        b.set(p, i32.add(p, i32.sub(deep, i32.const(1))))
      })
    })
  })
}
