/**
 * The register-tiled kernel over packed panels.
 *
 * A panel of a holds `tile.rows` rows, one of b `columnsOf(tile, lanes)` columns, depth by depth: element `r` of depth `p`
 * lies `p * width + r` elements after the panel's start. Panels follow each other at any distance, so that part of the
 * depth is a matter of addresses. Past the last row or column a panel holds anything: what comes of it is never stored.
 *
 * `multiply(a, aPanel, b, bPanel, depth, c, stride, rows, columns, onto)` sets (`onto` 0) or adds to (1) the
 * `rows x columns` of c, row-major with rows `stride` bytes apart, the product of the panels from `a` on (`aPanel` bytes
 * apart) and from `b` on (`bPanel` bytes apart). It keeps edges of tiles in the last KiB of its thread's own scratch.
 */
import type { Body, Callee, Ex, Local } from '../code.js'
import { i32, invoke, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import { own } from '../module.js'
import type { Lanes } from './lanes.js'
import { columnsOf, type Tile } from './tile.js'

type I = Ex<'i32'>

/** Bytes of a thread's own scratch that kernels may use freely: the rest is `multiply`'s. */
export const ownBytes = 2 ** 20 - 1024

/** `x * n`, by a shift when it can be one. */
export const times = (x: I, n: number): I =>
  n === 1 ? x : (n & (n - 1)) === 0 ? i32.shl(x, i32.const(Math.log2(n))) : i32.mul(x, i32.const(n))

/** The accumulators of `rows` by `vectors` over all depths. The callbacks give the operands and move to the next depth. */
export const accumulate = (
  b: Body,
  l: Lanes,
  fma: boolean,
  rows: number,
  vectors: number,
  depth: I,
  operands: { readonly a: (row: number) => Ex<'v128'>; readonly b: (vector: number) => Ex<'v128'>; readonly next: () => void },
): readonly Local<'v128'>[] => {
  const acc = Array.from({ length: rows * vectors }, () => b.local('v128'))
  const none = b.local('v128')
  const vs = Array.from({ length: vectors }, () => b.local('v128'))
  const xs = Array.from({ length: rows }, () => b.local('v128'))
  b.loop(i32.const(0), depth, 1, () => {
    vs.forEach((v, k) => {
      b.set(v, operands.b(k))
    })
    xs.forEach((x, r) => {
      b.set(x, operands.a(r))
      vs.forEach((v, k) => {
        const t = acc[r * vectors + k]!
        b.set(t, fma ? l.madd(x, v, t) : l.add(t, l.mul(x, v)))
      })
    })
    operands.next()
    // What a loop carries on cannot become half of a wider vector: nothing but the accumulators is carried.
    for (const t of [...vs, ...xs]) b.set(t, none)
  })
  return acc
}

/** Stores accumulators as rows `stride` bytes apart. */
const storeTile = (
  b: Body,
  acc: readonly Ex<'v128'>[],
  vectors: number,
  c: I,
  stride: I,
  combine: (old: Ex<'v128'>, x: Ex<'v128'>) => Ex<'v128'>,
): void => {
  const row = b.let(c)
  for (let r = 0; r * vectors < acc.length; r++) {
    for (let v = 0; v < vectors; v++) b.run(v128.store(row, combine(v128.load(row, v * 16), acc[r * vectors + v]!), v * 16))
    if ((r + 1) * vectors < acc.length) b.set(row, i32.add(row, stride))
  }
}

/** Sets c or adds to it. */
export const finishTile = (b: Body, l: Lanes, acc: readonly Ex<'v128'>[], vectors: number, c: I, stride: I, onto: I): void =>
  b.if(
    onto,
    () => storeTile(b, acc, vectors, c, stride, l.add),
    () => storeTile(b, acc, vectors, c, stride, (_, x) => x),
  )

/** `(a, b, depth, c, stride, onto)`: one tile from packed panels. */
const writeTile = (m: ModuleBuilder, l: Lanes, tile: Tile, rows: number, vectors: number): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, a, bp, depth, c, stride, onto) => {
    const pa = b.let(a)
    const pb = b.let(bp)
    const acc = accumulate(b, l, tile.fma, rows, vectors, depth, {
      a: (r) => l.splat(pa, r * l.bytes),
      b: (v) => v128.load(pb, v * 16),
      next: () => {
        b.set(pa, i32.add(pa, i32.const(tile.rows * l.bytes)))
        b.set(pb, i32.add(pb, i32.const(columnsOf(tile, l) * l.bytes)))
      },
    })
    finishTile(b, l, acc, vectors, c, stride, onto)
  })

/** `(from, fromStride, c, stride, rows, columns, onto)`: part of a tile into c. */
export const writeEdge = (m: ModuleBuilder, l: Lanes): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, from, fromStride, c, stride, rows, columns, onto) => {
    const p = b.let(from)
    const q = b.let(c)
    b.loop(i32.const(0), rows, 1, () => {
      const s = b.let(p)
      const t = b.let(q)
      b.loop(i32.const(0), columns, 1, () => {
        b.if(
          onto,
          () => b.run(l.gain(t, s)),
          () => b.run(l.move(t, s)),
        )
        b.set(s, i32.add(s, i32.const(l.bytes)))
        b.set(t, i32.add(t, i32.const(l.bytes)))
      })
      b.set(p, i32.add(p, fromStride))
      b.set(q, i32.add(q, stride))
    })
  })

/** Numbers of vectors that tiles come in, widest first: a narrow last panel takes a narrow tile. */
export const widths = (tile: Tile): readonly number[] => [4, 2, 1].filter((v) => v <= tile.vectors)

/** Calls `call(r)` for the `r` in `1..most` that `count` is. */
export const byCount = (b: Body, count: I, most: number, call: (r: number) => void): void => {
  if (most === 1) return call(1)
  b.if(
    i32.ge(count, i32.const(most)),
    () => call(most),
    () => byCount(b, count, most - 1, call),
  )
}

/** `(a, aPanel, b, depth, c, stride, rows, columns, onto)`: one panel of b of at most `vectors` vectors, with all of a. */
const writeStrip = (m: ModuleBuilder, l: Lanes, tile: Tile, vectors: number, edge: Callee): Callee => {
  const kernels = Array.from({ length: tile.rows }, (_, r) => writeTile(m, l, tile, r + 1, vectors))
  const spareStride = i32.const(vectors * 16)
  return m.func(
    null,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    null,
    (b, a, aPanel, bp, depth, c, stride, rows, columns, onto) => {
      const pa = b.let(a)
      const at = b.let(c)
      const spare = b.let(i32.add(own, i32.const(ownBytes)))
      const whole = b.let(i32.ge(columns, i32.const(vectors * l.lanes)))
      b.loop(i32.const(0), rows, tile.rows, (i) => {
        const high = b.let(i32.sub(rows, i))
        b.if(
          whole,
          () => byCount(b, high, tile.rows, (r) => b.run(invoke(kernels[r - 1]!, [pa, bp, depth, at, stride, onto]))),
          () => {
            byCount(b, high, tile.rows, (r) => {
              b.run(invoke(kernels[r - 1]!, [pa, bp, depth, spare, spareStride, i32.const(0)]))
              b.run(invoke(edge, [spare, spareStride, at, stride, i32.const(r), columns, onto]))
            })
          },
        )
        b.set(pa, i32.add(pa, aPanel))
        b.set(at, i32.add(at, times(stride, tile.rows)))
      })
    },
  )
}

/** Writes `multiply`. */
export const writeMultiply = (m: ModuleBuilder, l: Lanes, tile: Tile): Callee => {
  const edge = writeEdge(m, l)
  const strips = widths(tile).map((v) => ({ v, strip: writeStrip(m, l, tile, v, edge) }))
  const columns = columnsOf(tile, l)
  return m.func(
    null,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    null,
    (b, a, aPanel, bp, bPanel, depth, c, stride, rows, cols, onto) => {
      const pb = b.let(bp)
      b.loop(i32.const(0), cols, columns, (j) => {
        const left = b.let(i32.sub(cols, j))
        const at = b.let(i32.add(c, times(j, l.bytes)))
        const choose = (k: number): void => {
          const run = (): void => b.run(invoke(strips[k]!.strip, [a, aPanel, pb, depth, at, stride, rows, left, onto]))
          if (k + 1 === strips.length) return run()
          b.if(i32.gt(left, i32.const(strips[k + 1]!.v * l.lanes)), run, () => choose(k + 1))
        }
        choose(0)
        b.set(pb, i32.add(pb, bPanel))
      })
    },
  )
}
