/**
 * Products of a few rows with a large b, which is read once, in order, and not packed: `axpy` where b's columns lie next
 * to each other, `dots` where its depths do. Products with few columns are these with the sides exchanged.
 */
import { i32, invoke, memory, v128 } from '../instructions.js'
import type { Callee, Ex, Local } from '../code.js'
import type { ModuleBuilder } from '../module.js'
import { own } from '../module.js'
import { entry, least } from '../addressing.js'
import { readFields } from './fields.js'
import { accumulate, byCount, times } from './kernels.js'
import type { Lanes } from './lanes.js'

type I = Ex<'i32'>

/** The most columns of one index of `axpy`: 4 rows of sums stay in the first cache. */
export const axpyColumns = 1024
/** Elements from one row of sums to the next: not a power of 2, so that rows do not push each other out of the cache. */
const sumsRow = axpyColumns + 16
/** Columns of one index of `dots`. */
export const dotColumns = 16
/** The most rows that one index takes. */
export const mostRows = 16

/** Depths after which partial sums go into c. */
const slice = 1024
/** Rows of b that stay in the first cache while all rows of a pass. */
const near = 16

/** `(a, aRow, aDepth, b, bDepth, sums, bytes)`: adds `depths` rows of b, scaled, to `rows` rows of sums. */
const writeAxpy = (m: ModuleBuilder, l: Lanes, fma: boolean, rows: number, depths: number): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, a, aRow, aDepth, bp, bDepth, sums, size) => {
    const factors = Array.from({ length: rows }, (_, r) => {
      const at = b.let(r === 0 ? a : i32.add(a, times(aRow, r)))
      return Array.from({ length: depths }, (_, d) => {
        if (d > 0) b.set(at, i32.add(at, aDepth))
        return b.let(l.splat(at))
      })
    })
    const sources: Local<'i32'>[] = []
    for (let d = 0; d < depths; d++) sources.push(b.let(d === 0 ? bp : i32.add(sources[d - 1]!, bDepth)))
    const to = b.let(sums)
    b.loop(i32.const(0), size, 16, () => {
      const xs = sources.map((s) => b.let(v128.load(s)))
      factors.forEach((fs, r) => {
        const offset = r * sumsRow * l.bytes
        const sum = fs.reduce<Ex<'v128'>>((t, f, d) => (fma ? l.madd(f, xs[d]!, t) : l.add(t, l.mul(f, xs[d]!))), v128.load(to, offset))
        b.run(v128.store(to, sum, offset))
      })
      for (const s of sources) b.set(s, i32.add(s, i32.const(16)))
      b.set(to, i32.add(to, i32.const(16)))
    })
  })

/** `(from, rows, columns, c, cRow, cColumn, onto)`: sums to their places. */
const writeOut = (m: ModuleBuilder, l: Lanes): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, from, rows, columns, c, cRow, cColumn, onto) => {
    const p = b.let(from)
    const q = b.let(c)
    b.loop(i32.const(0), rows, 1, () => {
      b.if(
        i32.and(i32.eqz(onto), i32.eq(cColumn, i32.const(l.bytes))),
        () => b.run(memory.copy(q, p, times(columns, l.bytes))),
        () => {
          const s = b.let(p)
          const t = b.let(q)
          b.loop(i32.const(0), columns, 1, () => {
            b.if(
              onto,
              () => b.run(l.gain(t, s)),
              () => b.run(l.move(t, s)),
            )
            b.set(s, i32.add(s, i32.const(l.bytes)))
            b.set(t, i32.add(t, cColumn))
          })
        },
      )
      b.set(p, i32.add(p, i32.const(sumsRow * l.bytes)))
      b.set(q, i32.add(q, cRow))
    })
  })

/** Depths that one pass over the sums takes, for every number of rows: as many as there are registers for. */
const depthsFor = [4, 4, 2, 2] as const

/** Writes `axpy`, whose index runs over the batch, and in it over pieces of `blockColumns` columns, at most `axpyColumns`. At least a vector of columns. */
export const writeAxpys = (m: ModuleBuilder, l: Lanes, fma: boolean): void => {
  const kernels = depthsFor.map((depths, r) => ({ depths, many: writeAxpy(m, l, fma, r + 1, depths), one: writeAxpy(m, l, fma, r + 1, 1) }))
  const out = writeOut(m, l)
  // (a, aRow, aDepth, b, bDepth, rows, depth, sums, bytes)
  const block = m.func(
    null,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    null,
    (b, a, aRow, aDepth, bp, bDepth, rows, depth, sums, size) => {
      const start = b.let(a)
      const to = b.let(sums)
      b.loop(i32.const(0), rows, kernels.length, (r) => {
        byCount(b, i32.sub(rows, r), kernels.length, (count) => {
          const { depths, many, one } = kernels[count - 1]!
          const pa = b.let(start)
          const pb = b.let(bp)
          const left = b.let(depth)
          const pass = (f: Callee, step: number): void => {
            b.run(invoke(f, [pa, aRow, aDepth, pb, bDepth, to, size]))
            b.set(pa, i32.add(pa, times(aDepth, step)))
            b.set(pb, i32.add(pb, times(bDepth, step)))
            b.set(left, i32.sub(left, i32.const(step)))
          }
          b.while(
            () => i32.ge(left, i32.const(depths)),
            () => pass(many, depths),
          )
          b.while(
            () => i32.gt(left, i32.const(0)),
            () => pass(one, 1),
          )
        })
        b.set(start, i32.add(start, times(aRow, kernels.length)))
        b.set(to, i32.add(to, i32.const(kernels.length * sumsRow * l.bytes)))
      })
    },
  )

  m.func('axpy', ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { word, table } = readFields(b, args)
    const [rows, k, bDepth, aDepth] = [word('m'), word('k'), word('bDepth'), word('aDepth')]
    const sums = own
    // The last columns, if they do not fill a vector, are part of a vector that ends with them, with sums of its own.
    const ends = b.let(i32.add(own, i32.const(mostRows * sumsRow * l.bytes)))
    b.loop(begin, end, 1, (index) => {
      const batch = b.let(i32.divu(index, word('per')))
      const column = b.let(i32.mul(i32.sub(index, i32.mul(batch, word('per'))), word('blockColumns')))
      const columns = least(b, i32.sub(word('n'), column), word('blockColumns'))
      const whole = b.let(times(i32.and(columns, i32.const(-l.lanes)), l.bytes))
      const rest = b.let(i32.and(columns, i32.const(l.lanes - 1)))
      const a = b.let(i32.add(word('a'), entry(table('aBatch'), batch)))
      const from = b.let(i32.add(word('b'), i32.add(entry(table('bBatch'), batch), times(column, l.bytes))))
      const last = b.let(i32.add(from, times(i32.sub(columns, i32.const(l.lanes)), l.bytes)))
      const c = b.let(i32.add(word('c'), i32.add(entry(table('cBatch'), batch), i32.mul(column, word('cColumn')))))
      const cLast = b.let(i32.add(c, i32.mul(i32.sub(columns, rest), word('cColumn'))))
      b.loop(i32.const(0), k, slice, (s) => {
        const stop = least(b, i32.add(s, i32.const(slice)), k)
        b.run(memory.fill(sums, i32.const(0), times(rows, sumsRow * l.bytes)))
        b.if(rest, () => b.run(memory.fill(ends, i32.const(0), times(rows, sumsRow * l.bytes))))
        b.loop(s, stop, near, (p) => {
          const deep = least(b, i32.sub(stop, p), i32.const(near))
          const to = [a, word('aRow'), aDepth] as const
          b.run(invoke(block, [...to, from, bDepth, rows, deep, sums, whole]))
          b.if(rest, () => b.run(invoke(block, [...to, last, bDepth, rows, deep, ends, i32.const(16)])))
          b.set(a, i32.add(a, i32.mul(deep, aDepth)))
          b.set(from, i32.add(from, i32.mul(deep, bDepth)))
          b.set(last, i32.add(last, i32.mul(deep, bDepth)))
        })
        const [cRow, cColumn] = [word('cRow'), word('cColumn')]
        const onto = i32.gt(s, i32.const(0))
        b.run(invoke(out, [sums, rows, i32.sub(columns, rest), c, cRow, cColumn, onto]))
        b.if(rest, () =>
          b.run(invoke(out, [i32.add(ends, times(i32.sub(i32.const(l.lanes), rest), l.bytes)), rows, rest, cLast, cRow, cColumn, onto])),
        )
      })
    })
  })
}

/** `(a, aRow, b, bColumn, depth, c, cRow, cColumn, onto)`: `rows x columns` sums of products along a and b. */
const writeDot = (m: ModuleBuilder, l: Lanes, fma: boolean, rows: number, columns: number): Callee =>
  m.func(
    null,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    null,
    (b, a, aRow, bp, bColumn, depth, c, cRow, cColumn, onto) => {
      const starts = (at: I, stride: I, n: number): Local<'i32'>[] => {
        const all: Local<'i32'>[] = []
        for (let i = 0; i < n; i++) all.push(b.let(i === 0 ? at : i32.add(all[i - 1]!, stride)))
        return all
      }
      const xs = starts(a, aRow, rows)
      const ys = starts(bp, bColumn, columns)
      const acc = accumulate(b, l, fma, rows, columns, i32.shr(depth, i32.const(Math.log2(l.lanes))), {
        a: (r) => v128.load(xs[r]!),
        b: (j) => v128.load(ys[j]!),
        next: () => {
          for (const p of [...xs, ...ys]) b.set(p, i32.add(p, i32.const(16)))
        },
      })
      const rest = b.let(i32.and(depth, i32.const(l.lanes - 1)))
      const sum = b.let(own)
      const row = b.let(c)
      for (let r = 0; r < rows; r++) {
        const to = b.let(row)
        for (let j = 0; j < columns; j++) {
          b.run(l.storeSum(sum, acc[r * columns + j]!))
          b.loop(i32.const(0), rest, 1, (p) =>
            b.run(l.gainProduct(sum, i32.add(xs[r]!, times(p, l.bytes)), i32.add(ys[j]!, times(p, l.bytes)))),
          )
          b.if(
            onto,
            () => b.run(l.gain(to, sum)),
            () => b.run(l.move(to, sum)),
          )
          if (j + 1 < columns) b.set(to, i32.add(to, cColumn))
        }
        if (r + 1 < rows) b.set(row, i32.add(row, cRow))
      }
    },
  )

/** Columns of one pass, for every number of rows: as many as there are registers for. */
const columnsFor = [4, 4, 2, 2] as const

/** Writes `dots`, whose index runs over the batch, and in it over pieces of `dotColumns` columns. a's depths lie next to each other, too. */
export const writeDots = (m: ModuleBuilder, l: Lanes, fma: boolean): void => {
  const kernels = columnsFor.map((columns, r) => ({
    columns,
    many: writeDot(m, l, fma, r + 1, columns),
    one: writeDot(m, l, fma, r + 1, 1),
  }))
  m.func('dots', ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { word, table } = readFields(b, args)
    const [rows, k, bColumn, cRow, cColumn] = [word('m'), word('k'), word('bColumn'), word('cRow'), word('cColumn')]
    b.loop(begin, end, 1, (index) => {
      const batch = b.let(i32.divu(index, word('per')))
      const column = b.let(times(i32.sub(index, i32.mul(batch, word('per'))), dotColumns))
      const columns = least(b, i32.sub(word('n'), column), i32.const(dotColumns))
      const a = b.let(i32.add(word('a'), entry(table('aBatch'), batch)))
      const from = b.let(i32.add(word('b'), i32.add(entry(table('bBatch'), batch), i32.mul(column, bColumn))))
      const c = b.let(i32.add(word('c'), i32.add(entry(table('cBatch'), batch), i32.mul(column, cColumn))))
      b.loop(i32.const(0), k, slice, (p) => {
        const deep = least(b, i32.sub(k, p), i32.const(slice))
        b.loop(i32.const(0), rows, kernels.length, (r) => {
          byCount(b, i32.sub(rows, r), kernels.length, (count) => {
            const kernel = kernels[count - 1]!
            const pa = b.let(i32.add(a, i32.mul(r, word('aRow'))))
            const pb = b.let(from)
            const to = b.let(i32.add(c, i32.mul(r, cRow)))
            const left = b.let(columns)
            const pass = (f: Callee, step: number): void => {
              b.run(invoke(f, [pa, word('aRow'), pb, bColumn, deep, to, cRow, cColumn, i32.gt(p, i32.const(0))]))
              b.set(pb, i32.add(pb, times(bColumn, step)))
              b.set(to, i32.add(to, times(cColumn, step)))
              b.set(left, i32.sub(left, i32.const(step)))
            }
            b.while(
              () => i32.ge(left, i32.const(kernel.columns)),
              () => pass(kernel.many, kernel.columns),
            )
            b.while(
              () => i32.gt(left, i32.const(0)),
              () => pass(kernel.one, 1),
            )
          })
        })
        b.set(a, i32.add(a, times(deep, l.bytes)))
        b.set(from, i32.add(from, times(deep, l.bytes)))
      })
    })
  })

  // Rows of a with their depths next to each other: index over the batch, `packedA` and `panelsA` say where.
  m.func('gather', ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { word, table } = readFields(b, args)
    b.loop(begin, end, 1, (batch) => {
      const row = b.let(i32.add(word('a'), entry(table('aBatch'), batch)))
      const to = b.let(i32.add(word('packedA'), i32.mul(batch, word('panelsA'))))
      b.loop(i32.const(0), word('m'), 1, () => {
        const s = b.let(row)
        b.loop(i32.const(0), word('k'), 1, () => {
          b.run(l.move(to, s))
          b.set(to, i32.add(to, i32.const(l.bytes)))
          b.set(s, i32.add(s, word('aDepth')))
        })
        b.set(row, i32.add(row, word('aRow')))
      })
    })
  })
}
