/** Large products in two sweeps: all panels are packed, then blocks of the result are multiplied. */
import { i32, invoke } from '../instructions.js'
import type { Ex } from '../code.js'
import type { ModuleBuilder } from '../module.js'
import { entry, least } from '../addressing.js'
import { blockAt, readFields } from './fields.js'
import { times, writeMultiply } from './kernels.js'
import type { Lanes } from './lanes.js'
import { writePack, writeTablePack } from './pack.js'
import { columnsOf, type Tile } from './tile.js'

/** Panels that one index packs: side by side in memory, so that lines of it are read whole. */
export const panelsPerIndex = 8

/** The words that say where the rows and depths of a side lie; columns are the rows of b. */
const sides = {
  a: {
    size: 'm',
    rowStride: 'aRow',
    depthStride: 'aDepth',
    rows: 'aRows',
    depths: 'aDepths',
    batch: 'aBatch',
    packed: 'packedA',
    panels: 'panelsA',
  },
  b: {
    size: 'n',
    rowStride: 'bColumn',
    depthStride: 'bDepth',
    rows: 'bColumns',
    depths: 'bDepths',
    batch: 'bBatch',
    packed: 'packedB',
    panels: 'panelsB',
  },
} as const

/** Writes `pack`, whose index runs over the batch, and in it over groups of panels of a, then of b. */
const writePacking = (m: ModuleBuilder, l: Lanes, tile: Tile, tables: boolean): void => {
  const columns = columnsOf(tile, l)
  const packer = (width: number) => ({
    width,
    strided: writePack(m, l, width),
    tabled: tables ? writeTablePack(m, l, width) : null,
  })
  const packers = { a: packer(tile.rows), b: packer(columns) }

  m.func('pack', ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { word, table } = readFields(b, args)
    b.loop(begin, end, 1, (index) => {
      const batch = b.let(i32.divu(index, word('per')))
      const group = b.let(i32.sub(index, i32.mul(batch, word('per'))))
      const side = (x: 'a' | 'b', g: Ex<'i32'>): void => {
        const { width, strided, tabled } = packers[x]
        const names = sides[x]
        const [rowStride, depthStride] = [word(names.rowStride), word(names.depthStride)]
        const k = word('k')
        const panel = b.let(times(k, width * l.bytes))
        const first = b.let(times(g, panelsPerIndex * width))
        const source = b.let(i32.add(word(x), entry(table(names.batch), batch)))
        const out = b.let(
          i32.add(word(names.packed), i32.add(i32.mul(batch, word(names.panels)), i32.mul(times(g, panelsPerIndex), panel))),
        )
        const left = least(b, i32.sub(word(names.size), first), i32.const(panelsPerIndex * width))
        const straight = (): void =>
          b.run(invoke(strided, [i32.add(source, i32.mul(first, rowStride)), out, left, k, rowStride, depthStride, panel]))
        if (tabled === null) straight()
        else
          b.if(
            word(names.rows),
            () => {
              const rows = i32.add(table(names.rows), i32.shl(first, i32.const(2)))
              b.run(invoke(tabled, [source, out, left, k, rows, table(names.depths), panel]))
            },
            straight,
          )
      }
      b.if(
        i32.lt(group, word('packsA')),
        () => side('a', group),
        () => side('b', i32.sub(group, word('packsA'))),
      )
    })
  })
}

/** Writes `blocks`, whose index runs over the batch, and in it over blocks of c. */
const writeBlocks = (m: ModuleBuilder, l: Lanes, tile: Tile): void => {
  const columns = columnsOf(tile, l)
  const multiply = writeMultiply(m, l, tile)
  m.func('blocks', ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const job = readFields(b, args)
    const { word, table } = job
    const k = word('k')
    b.loop(begin, end, 1, (index) => {
      const { batch, row, firstColumn: column, rows, columns: cols } = blockAt(b, job, index)
      // Blocks are whole panels: `row * k` elements lie before the panel of `row`.
      const pa = b.let(i32.add(word('packedA'), i32.add(i32.mul(batch, word('panelsA')), times(i32.mul(row, k), l.bytes))))
      const pb = b.let(i32.add(word('packedB'), i32.add(i32.mul(batch, word('panelsB')), times(i32.mul(column, k), l.bytes))))
      const c = b.let(
        i32.add(word('c'), i32.add(entry(table('cBatch'), batch), i32.add(i32.mul(row, word('cRow')), times(column, l.bytes)))),
      )
      b.loop(i32.const(0), k, 1, (p) => {
        const deep = least(b, i32.sub(k, p), word('slice'))
        b.run(
          invoke(multiply, [
            i32.add(pa, times(p, tile.rows * l.bytes)),
            times(k, tile.rows * l.bytes),
            i32.add(pb, times(p, columns * l.bytes)),
            times(k, columns * l.bytes),
            deep,
            c,
            word('cRow'),
            rows,
            cols,
            i32.or(word('onto'), i32.gt(p, i32.const(0))),
          ]),
        )
        b.set(p, i32.add(p, i32.sub(deep, i32.const(1))))
      })
    })
  })
}

/** Writes `pack` and `blocks`. Elements may be found by tables where `tables` says so. */
export const writePanels = (m: ModuleBuilder, l: Lanes, tile: Tile, tables: boolean): void => {
  writePacking(m, l, tile, tables)
  writeBlocks(m, l, tile)
}
