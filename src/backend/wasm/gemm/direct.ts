/** Small products by one thread each: a and b are read where they lie, but for panels of b that are not rows of vectors. */
import { i32, invoke, v128 } from '../instructions.js'
import type { Callee, Local } from '../code.js'
import type { ModuleBuilder } from '../module.js'
import { own } from '../module.js'
import { entry } from '../addressing.js'
import { blockAt, readFields } from './fields.js'
import { accumulate, byCount, finishTile, ownBytes, times, widths, writeEdge } from './kernels.js'
import type { Lanes } from './lanes.js'
import { writePack } from './pack.js'
import { columnsOf, type Tile } from './tile.js'

/** The largest depth, so that a panel fits a thread's own scratch. */
export const directDepth = 2048

/** A b whose columns together take this many bytes stays in the first cache as it lies. */
const near = 16384

/** `(a, aRow, aDepth, b, bDepth, depth, c, stride)`: one tile. */
const writeTile = (m: ModuleBuilder, l: Lanes, fma: boolean, rows: number, vectors: number): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, a, aRow, aDepth, bp, bDepth, depth, c, stride) => {
    const starts: Local<'i32'>[] = []
    for (let r = 0; r < rows; r++) starts.push(b.let(r === 0 ? a : i32.add(starts[r - 1]!, aRow)))
    const pb = b.let(bp)
    const acc = accumulate(b, l, fma, rows, vectors, depth, {
      a: (r) => l.splat(starts[r]!),
      b: (v) => v128.load(pb, v * 16),
      next: () => {
        for (const s of starts) b.set(s, i32.add(s, aDepth))
        b.set(pb, i32.add(pb, bDepth))
      },
    })
    finishTile(b, l, acc, vectors, c, stride, i32.const(0))
  })

/** Its tile: its rows are read where they lie, which takes a register each. */
export const directTile = (tile: Tile): Tile => ({ ...tile, rows: 4 })

/**
 * One panel of b of at most `v` vectors of columns, for all rows of a:
 * `(a, aRow, aDepth, b, bDepth, depth, c, stride, rows, columns)`.
 */
const writeStrip = (m: ModuleBuilder, l: Lanes, tile: Tile, v: number, edge: Callee): Callee => {
  const kernels = Array.from({ length: tile.rows }, (_, r) => writeTile(m, l, tile.fma, r + 1, v))
  return m.func(
    null,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    null,
    (b, a, aRow, aDepth, bp, bDepth, depth, c, stride, rows, cols) => {
      const pa = b.let(a)
      const at = b.let(c)
      const spare = b.let(i32.add(own, i32.const(ownBytes)))
      const whole = b.let(i32.ge(cols, i32.const(v * l.lanes)))
      b.loop(i32.const(0), rows, tile.rows, (i) => {
        const high = b.let(i32.sub(rows, i))
        b.if(
          whole,
          () => byCount(b, high, tile.rows, (r) => b.run(invoke(kernels[r - 1]!, [pa, aRow, aDepth, bp, bDepth, depth, at, stride]))),
          () =>
            byCount(b, high, tile.rows, (r) => {
              b.run(invoke(kernels[r - 1]!, [pa, aRow, aDepth, bp, bDepth, depth, spare, i32.const(v * 16)]))
              b.run(invoke(edge, [spare, i32.const(v * 16), at, stride, i32.const(r), cols, i32.const(0)]))
            }),
        )
        b.set(pa, i32.add(pa, times(aRow, tile.rows)))
        b.set(at, i32.add(at, times(stride, tile.rows)))
      })
    },
  )
}

/** Writes `direct`, whose index runs over the batch, and in it over blocks of c. */
export const writeDirect = (m: ModuleBuilder, l: Lanes, widest: Tile): void => {
  const tile = directTile(widest)
  const columns = columnsOf(tile, l)
  const pack = writePack(m, l, columns)
  const edge = writeEdge(m, l)
  const strips = widths(tile).map((v) => ({ v, strip: writeStrip(m, l, tile, v, edge) }))

  m.func('direct', ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const job = readFields(b, args)
    const { word, table } = job
    const k = word('k')
    const [column, bDepth] = [word('bColumn'), word('bDepth')]
    // Packing pays where a panel is read often, or its rows lie so far apart that they push each other out of the cache.
    const aside = b.let(
      i32.or(
        i32.ne(column, i32.const(l.bytes)),
        i32.and(i32.gt(i32.mul(k, bDepth), i32.const(near)), i32.gt(word('blockRows'), i32.const(2 * tile.rows))),
      ),
    )
    b.loop(begin, end, 1, (index) => {
      const { batch, row, firstColumn, rows, columns: n } = blockAt(b, job, index)
      const a = b.let(i32.add(word('a'), i32.add(entry(table('aBatch'), batch), i32.mul(row, word('aRow')))))
      const from = b.let(i32.add(word('b'), i32.add(entry(table('bBatch'), batch), i32.mul(firstColumn, column))))
      const at = b.let(
        i32.add(word('c'), i32.add(entry(table('cBatch'), batch), i32.add(i32.mul(row, word('cRow')), times(firstColumn, l.bytes)))),
      )
      const panel = b.local('i32')
      const step = b.local('i32')
      b.loop(i32.const(0), n, columns, (j) => {
        const left = b.let(i32.sub(n, j))
        // Vectors must not reach past the last row of b.
        const partial = b.let(i32.ne(i32.and(left, i32.const(l.lanes - 1)), i32.const(0)))
        b.if(
          i32.or(aside, i32.and(i32.lt(left, i32.const(columns)), partial)),
          () => {
            b.set(panel, own)
            b.set(step, i32.const(columns * l.bytes))
            b.if(i32.gt(left, i32.const(columns)), () => b.set(left, i32.const(columns)))
            b.run(invoke(pack, [from, own, left, k, column, bDepth, i32.const(0)]))
          },
          () => {
            b.set(panel, from)
            b.set(step, bDepth)
          },
        )
        const choose = (s: number): void => {
          const run = (): void =>
            b.run(invoke(strips[s]!.strip, [a, word('aRow'), word('aDepth'), panel, step, k, at, word('cRow'), rows, left]))
          if (s + 1 === strips.length) return run()
          b.if(i32.gt(left, i32.const(strips[s + 1]!.v * l.lanes)), run, () => choose(s + 1))
        }
        choose(0)
        b.set(from, i32.add(from, times(column, columns)))
        b.set(at, i32.add(at, i32.const(columns * l.bytes)))
      })
    })
  })
}
