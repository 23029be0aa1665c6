/**
 * Convolutions to few filters - above all those of one channel each - straight from the images: gathering panels would cost more than
 * multiplying them. Vectors of outputs lie along the last axis; where a row does not divide into vectors, its last two overlap.
 */
import type { Body, Ex, Local } from '../code.js'
import { i32, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import { digits, least } from '../addressing.js'
import type { Lanes } from '../gemm/lanes.js'
import { block, blockWords, fieldsAt } from './fields.js'
import { everySecond } from './panels.js'

type V = Ex<'v128'>

/** A tile of filters by vectors of outputs, and the instructions that one depth of it takes, about. */
export interface FewTile {
  readonly rows: number
  readonly vectors: number
  readonly work: number
}

/** The tiles that there are kernels for. */
export const fewTiles: readonly FewTile[] = [
  { rows: 1, vectors: 4, work: 24 },
  { rows: 2, vectors: 4, work: 34 },
  { rows: 3, vectors: 2, work: 25 },
  { rows: 4, vectors: 2, work: 34 },
]

/** Writes `few<rows>(args, begin, end)` over images, groups and strips of vectors. */
export const writeFew = (m: ModuleBuilder, l: Lanes, fma: boolean): void => {
  for (const tile of fewTiles)
    m.func(`few${tile.rows}_${l.dtype}`, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
      const { word } = fieldsAt(args)
      b.if(
        i32.eq(word('sourceStep'), i32.const(1)),
        () => eachStrip(b, l, fma, tile, { args, begin, end }, (at) => v128.load(at)),
        () => eachStrip(b, l, fma, tile, { args, begin, end }, (at) => everySecond(l, b.let(at))),
      )
    })
}

interface Range {
  readonly args: Local<'i32'>
  readonly begin: Local<'i32'>
  readonly end: Local<'i32'>
}

const eachStrip = (
  b: Body,
  l: Lanes,
  fma: boolean,
  { rows, vectors }: FewTile,
  { args, begin, end }: Range,
  load: (at: Ex<'i32'>) => V,
): void => {
  const { word, table } = fieldsAt(args)
  const step = b.let(i32.mul(word('resultStep'), i32.const(l.bytes)))
  b.loop(begin, end, 1, (index) => {
    const { digit, rest } = digits(b, index)
    const first = b.let(i32.mul(digit(word('strips')), word('stripColumns')))
    const last = least(b, i32.add(first, word('stripColumns')), word('columns'))
    const group = digit(word('groups'))
    const source = b.let(i32.add(word('source'), i32.add(i32.mul(rest, word('sourceImage')), i32.mul(group, word('sourceGroup')))))
    const result = b.let(i32.add(word('result'), i32.add(i32.mul(rest, word('resultImage')), i32.mul(group, word('resultGroup')))))
    const weights = b.let(i32.add(word('weights'), i32.mul(group, word('weightsGroup'))))
    b.loop(first, last, vectors, (at) => {
      const columns = b.let(i32.mul(at, i32.const(4)))
      const sources = b.let(i32.add(table('columnSources'), columns))
      const places = b.let(i32.add(table('columnPlaces'), columns))
      b.loop(i32.const(0), word('rows'), rows, (row) => {
        const lines = b.let(i32.add(table('rowWeights'), i32.mul(row, i32.const(4))))
        const acc = Array.from({ length: rows * vectors }, () => b.let(l.zero))
        const entry = b.let(table('blocks'))
        b.loop(i32.const(0), word('blockCount'), 1, () => {
          const image = b.let(i32.add(source, i32.load(entry, 4 * block.source)))
          const filter = b.let(i32.add(weights, i32.load(entry, 4 * block.weights)))
          const starts = Array.from({ length: vectors }, (_, v) => b.let(i32.add(image, i32.load(sources, 4 * v))))
          const filters = Array.from({ length: rows }, (_, r) => b.let(i32.add(filter, i32.load(lines, 4 * r))))
          const depth = b.let(i32.add(args, i32.load(entry, 4 * block.depths)))
          const tap = b.let(i32.add(args, i32.load(entry, 4 * block.rowDepths)))
          b.loop(i32.const(0), i32.load(entry, 4 * block.deep), 1, () => {
            const d = b.let(i32.load(depth))
            const t = b.let(i32.load(tap))
            const xs = starts.map((s) => b.let(load(i32.add(s, d))))
            filters.forEach((f, r) => {
              const w = b.let(l.splat(i32.add(f, t)))
              xs.forEach((x, v) => {
                const a = acc[r * vectors + v]!
                b.set(a, fma ? l.madd(w, x, a) : l.add(a, l.mul(w, x)))
              })
            })
            b.set(depth, i32.add(depth, i32.const(4)))
            b.set(tap, i32.add(tap, i32.const(4)))
          })
          b.set(entry, i32.add(entry, i32.const(4 * blockWords)))
        })
        const target = b.let(i32.add(table('rowPlaces'), i32.mul(row, i32.const(4))))
        for (let r = 0; r < rows; r++)
          b.if(i32.lt(i32.add(row, i32.const(r)), word('rows')), () => {
            const line = b.let(i32.add(result, i32.load(target, 4 * r)))
            for (let v = 0; v < vectors; v++) {
              const to = b.let(i32.add(line, i32.load(places, 4 * v)))
              put(b, l, to, acc[r * vectors + v]!, step)
            }
          })
      })
    })
  })
}

/** Stores the lanes of `x`, `step` bytes apart. */
const put = (b: Body, l: Lanes, to: Local<'i32'>, x: V, step: Local<'i32'>): void => {
  b.if(
    i32.eq(step, i32.const(l.bytes)),
    () => b.run(v128.store(to, x)),
    () => {
      for (let k = 0; k < l.lanes; k++) {
        b.run(l.lanes === 4 ? v128.store32lane(to, x, k) : v128.store64lane(to, x, k))
        if (k + 1 < l.lanes) b.set(to, i32.add(to, step))
      }
    },
  )
}
