/**
 * Convolutions whose windows are as large as their images - the gradients of weights - as inner products: weights and image both lie along
 * the depth, so that neither is gathered. Where a row does not divide into vectors, its last vector overlaps the one before, and what that
 * had is masked out of the products.
 */
import type { Body, Ex, Local } from '../code.js'
import { i32, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import { own } from '../module.js'
import { digits } from '../addressing.js'
import type { Lanes } from '../gemm/lanes.js'
import { block, blockWords, fieldsAt } from './fields.js'
import { everySecond } from './panels.js'

type V = Ex<'v128'>

/** Tiles of filters by outputs: one filter, or several. */
export const dotTiles: readonly { readonly rows: number; readonly columns: number }[] = [
  { rows: 1, columns: 5 },
  { rows: 2, columns: 4 },
]

/** Writes `dots<rows>(args, begin, end)` over groups, tiles of columns and tiles of rows. */
export const writeDots = (m: ModuleBuilder, l: Lanes, fma: boolean): void => {
  for (const tile of dotTiles)
    m.func(`dots${tile.rows}_${l.dtype}`, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
      const { word } = fieldsAt(args)
      b.if(
        i32.eq(word('sourceStep'), i32.const(1)),
        () => eachTile(b, l, fma, tile, { args, begin, end }, (at) => v128.load(at)),
        () => eachTile(b, l, fma, tile, { args, begin, end }, (at) => everySecond(l, b.let(at))),
      )
    })
}

interface Range {
  readonly args: Local<'i32'>
  readonly begin: Local<'i32'>
  readonly end: Local<'i32'>
}

const eachTile = (
  b: Body,
  l: Lanes,
  fma: boolean,
  { rows, columns }: (typeof dotTiles)[number],
  { args, begin, end }: Range,
  load: (at: Ex<'i32'>) => V,
): void => {
  const { word, table } = fieldsAt(args)
  b.loop(begin, end, 1, (index) => {
    const { digit, rest: group } = digits(b, index)
    const row = b.let(i32.mul(digit(word('rowBlocks')), i32.const(rows)))
    const column = b.let(i32.mul(digit(word('strips')), i32.const(columns)))
    const source = b.let(i32.add(word('source'), i32.mul(group, word('sourceGroup'))))
    const result = b.let(i32.add(word('result'), i32.mul(group, word('resultGroup'))))
    const weights = b.let(i32.add(word('weights'), i32.mul(group, word('weightsGroup'))))
    const sources = b.let(i32.add(table('columnSources'), i32.mul(column, i32.const(4))))
    const lines = b.let(i32.add(table('rowWeights'), i32.mul(row, i32.const(4))))
    const sums = b.let(own)
    for (let k = 0; k < rows * columns; k++) b.run(v128.store(sums, l.zero, k * 16))
    const entry = b.let(table('blocks'))
    b.loop(i32.const(0), word('blockCount'), 1, () => {
      const image = b.let(i32.add(source, i32.load(entry, 4 * block.source)))
      const filter = b.let(i32.add(weights, i32.load(entry, 4 * block.weights)))
      const starts = Array.from({ length: columns }, (_, j) => b.let(i32.add(image, i32.load(sources, 4 * j))))
      const filters = Array.from({ length: rows }, (_, r) => b.let(i32.add(filter, i32.load(lines, 4 * r))))
      const depth = b.let(i32.add(args, i32.load(entry, 4 * block.depths)))
      const tap = b.let(i32.add(args, i32.load(entry, 4 * block.rowDepths)))
      const deep = b.let(i32.load(entry, 4 * block.deep))
      // Sums of a block first, so that long sums lose little.
      const acc = Array.from({ length: rows * columns }, () => b.let(l.zero))
      const through = (tile: readonly number[], gained: (a: V, x: V, w: V) => V): void => {
        const at = b.let(depth)
        const from = b.let(tap)
        b.loop(i32.const(0), deep, 1, () => {
          const d = b.let(i32.load(at))
          const t = b.let(i32.load(from))
          const ws = tile.map((r) => b.let(v128.load(i32.add(filters[r]!, t))))
          starts.forEach((s, j) => {
            const x = b.let(load(i32.add(s, d)))
            tile.forEach((r, k) => {
              const a = acc[r * columns + j]!
              b.set(a, gained(a, ws[k]!, x))
            })
          })
          b.set(at, i32.add(at, i32.const(4)))
          b.set(from, i32.add(from, i32.const(4)))
        })
      }
      const all = Array.from({ length: rows }, (_, r) => r)
      b.if(
        i32.load(entry, 4 * block.packed),
        () => {
          // Row by row: with the mask, all at once need more registers than there are.
          const mask = b.let(v128.load(table('mask')))
          for (const r of all) through([r], (a, w, x) => l.add(a, v128.and(l.mul(w, x), mask)))
        },
        () => through(all, (a, w, x) => (fma ? l.madd(w, x, a) : l.add(a, l.mul(w, x)))),
      )
      acc.forEach((a, k) => b.run(v128.store(sums, l.add(v128.load(sums, k * 16), a), k * 16)))
      b.set(entry, i32.add(entry, i32.const(4 * blockWords)))
    })
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < columns; j++)
        b.if(i32.and(i32.lt(i32.add(row, i32.const(r)), word('rows')), i32.lt(i32.add(column, i32.const(j)), word('columns'))), () => {
          const place = i32.add(
            i32.load(i32.add(table('rowPlaces'), i32.mul(row, i32.const(4))), 4 * r),
            i32.load(i32.add(table('columnPlaces'), i32.mul(column, i32.const(4))), 4 * j),
          )
          b.run(l.storeSum(b.let(i32.add(result, place)), b.let(v128.load(sums, (r * columns + j) * 16))))
        })
  })
}
