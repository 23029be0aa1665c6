/**
 * Matrix multiplication: packing and the register-tiled kernel. A tile is 4 rows by 2 vectors: its 8 accumulators, the
 * 2 vectors of b, 4 broadcasts of a and one product fill the 15 registers that V8 has (a wider tile spills and runs at
 * half the speed). Elements past an edge are packed as zeros, so every tile is whole.
 */
import type { Body, Ex, Local } from '../code.js'
import { i32, invoke, memory, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import type { Lanes } from './lanes.js'

/** Rows of a tile. */
export const tileRows = 4
/** Vectors in a row of a tile. */
const tileVectors = 2
/** Columns of a tile. */
export const tileColumns = (l: Lanes): number => tileVectors * l.lanes

type I = Ex<'i32'>

const times = (x: I, n: number): I => (n === 1 ? x : (n & (n - 1)) === 0 ? i32.shl(x, i32.const(Math.log2(n))) : i32.mul(x, i32.const(n)))

/**
 * Packs `rows x depth` elements at `from` (strides in bytes) into panels of `width` rows, depth by depth; the last panel is filled with zeros.
 * A panel is `depth * width` elements. Called for a with rows as rows, for b with its columns as rows.
 */
const writePack = (m: ModuleBuilder, name: string, l: Lanes, width: number): void => {
  m.func(name, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, from, to, rows, depth, rowStride, depthStride) => {
    const out = b.let(to)
    b.loop(i32.const(0), rows, width, (row) => {
      const left = b.let(i32.sub(rows, row))
      const source = b.let(i32.add(from, i32.mul(row, rowStride)))
      b.if(
        i32.lt(left, i32.const(width)),
        () => packEdge(b, l, width, { source, out, left, depth, rowStride, depthStride }),
        () =>
          b.if(
            i32.eq(rowStride, i32.const(l.bytes)),
            () => packAcross(b, l, width, { source, out, depth, depthStride }),
            () =>
              b.if(
                i32.eq(depthStride, i32.const(l.bytes)),
                () => packAlong(b, l, width, { source, out, depth, rowStride }),
                () => packAny(b, l, width, { source, out, depth, rowStride, depthStride }),
              ),
          ),
      )
      b.set(out, i32.add(out, times(depth, width * l.bytes)))
    })
  })
}

interface Panel {
  readonly source: Local<'i32'>
  readonly out: Local<'i32'>
  readonly depth: I
}

/** Rows lie next to each other: one depth is one or more vectors. */
const packAcross = (b: Body, l: Lanes, width: number, { source, out, depth, depthStride }: Panel & { readonly depthStride: I }): void => {
  const s = b.let(source)
  const o = b.let(out)
  b.loop(i32.const(0), depth, 1, () => {
    for (let v = 0; v < width / l.lanes; v++) b.run(v128.store(o, v128.load(s, v * 16), v * 16))
    b.set(s, i32.add(s, depthStride))
    b.set(o, i32.add(o, i32.const(width * l.bytes)))
  })
}

/** Depths lie next to each other: blocks of lanes x lanes are transposed. */
const packAlong = (b: Body, l: Lanes, width: number, { source, out, depth, rowStride }: Panel & { readonly rowStride: I }): void => {
  const n = l.lanes
  const whole = b.let(i32.and(depth, i32.const(-n)))
  const o = b.let(out)
  const starts: Local<'i32'>[] = []
  for (let r = 0; r < width; r++) starts.push(b.let(r === 0 ? source : i32.add(starts[r - 1]!, rowStride)))
  b.loop(i32.const(0), whole, n, () => {
    for (let g = 0; g < width; g += n) {
      const rows = starts.slice(g, g + n).map((at) => b.let(v128.load(at)))
      transpose(b, l, rows).forEach((x, k) => b.run(v128.store(o, x, (k * width + g) * l.bytes)))
    }
    for (const at of starts) b.set(at, i32.add(at, i32.const(16)))
    b.set(o, i32.add(o, i32.const(n * width * l.bytes)))
  })
  b.loop(whole, depth, 1, () => {
    starts.forEach((at, r) => {
      b.run(l.move(o, at, r * l.bytes))
      b.set(at, i32.add(at, i32.const(l.bytes)))
    })
    b.set(o, i32.add(o, i32.const(width * l.bytes)))
  })
}

/** The transpose of a square of lanes. */
const transpose = (b: Body, l: Lanes, rows: readonly Ex<'v128'>[]): readonly Ex<'v128'>[] => {
  const words = (lanes: readonly number[]): number[] => lanes.flatMap((k) => [4 * k, 4 * k + 1, 4 * k + 2, 4 * k + 3])
  const mix = (x: Ex<'v128'>, y: Ex<'v128'>, lanes: readonly number[]): Local<'v128'> => b.let(v128.shuffle(x, y, words(lanes)))
  if (l.lanes === 2) return [mix(rows[0]!, rows[1]!, [0, 1, 4, 5]), mix(rows[0]!, rows[1]!, [2, 3, 6, 7])]
  const [p, q, r, s] = rows as readonly [Ex<'v128'>, Ex<'v128'>, Ex<'v128'>, Ex<'v128'>]
  const a = mix(p, q, [0, 4, 1, 5])
  const c = mix(p, q, [2, 6, 3, 7])
  const d = mix(r, s, [0, 4, 1, 5])
  const e = mix(r, s, [2, 6, 3, 7])
  return [mix(a, d, [0, 1, 4, 5]), mix(a, d, [2, 3, 6, 7]), mix(c, e, [0, 1, 4, 5]), mix(c, e, [2, 3, 6, 7])]
}

const packAny = (
  b: Body,
  l: Lanes,
  width: number,
  { source, out, depth, rowStride, depthStride }: Panel & { readonly rowStride: I; readonly depthStride: I },
): void => {
  const s = b.let(source)
  const o = b.let(out)
  b.loop(i32.const(0), depth, 1, () => {
    const at = b.let(s)
    for (let r = 0; r < width; r++) {
      b.run(l.move(o, at, r * l.bytes))
      if (r + 1 < width) b.set(at, i32.add(at, rowStride))
    }
    b.set(s, i32.add(s, depthStride))
    b.set(o, i32.add(o, i32.const(width * l.bytes)))
  })
}

/** The last panel: rows that do not exist are zeros. */
const packEdge = (
  b: Body,
  l: Lanes,
  width: number,
  { source, out, left, depth, rowStride, depthStride }: Panel & { readonly left: I; readonly rowStride: I; readonly depthStride: I },
): void => {
  b.run(memory.fill(out, i32.const(0), times(depth, width * l.bytes)))
  const row = b.let(source)
  const o = b.let(out)
  b.loop(i32.const(0), left, 1, () => {
    const s = b.let(row)
    const t = b.let(o)
    b.loop(i32.const(0), depth, 1, () => {
      b.run(l.move(t, s))
      b.set(s, i32.add(s, depthStride))
      b.set(t, i32.add(t, i32.const(width * l.bytes)))
    })
    b.set(row, i32.add(row, rowStride))
    b.set(o, i32.add(o, i32.const(l.bytes)))
  })
}

/** Writes the functions for one float type: `packA`, `packB`, `multiply`, each with the dtype as suffix. */
export const writeGemm = (m: ModuleBuilder, l: Lanes): void => {
  const suffix = `_${l.dtype}`
  const columns = tileColumns(l)
  writePack(m, `packA${suffix}`, l, tileRows)
  writePack(m, `packB${suffix}`, l, columns)

  // One tile: c (row stride in bytes) becomes, or gains, the product of a panel of a and a panel of b.
  const tile = m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, a, bp, depth, c, stride, onto) => {
    const acc = Array.from({ length: tileRows * tileVectors }, () => b.local('v128'))
    const pa = b.let(a)
    const pb = b.let(bp)
    b.loop(i32.const(0), depth, 1, () => {
      const vs = Array.from({ length: tileVectors }, (_, v) => b.let(v128.load(pb, v * 16)))
      for (let r = 0; r < tileRows; r++) {
        const x = b.let(l.splat(pa, r * l.bytes))
        vs.forEach((v, k) => {
          const t = acc[r * tileVectors + k]!
          b.set(t, l.add(t, l.mul(x, v)))
        })
      }
      b.set(pa, i32.add(pa, i32.const(tileRows * l.bytes)))
      b.set(pb, i32.add(pb, i32.const(columns * l.bytes)))
    })
    const store = (add: boolean) => (): void => {
      const row = b.let(c)
      for (let r = 0; r < tileRows; r++) {
        for (let v = 0; v < tileVectors; v++) {
          const t = acc[r * tileVectors + v]!
          b.run(v128.store(row, add ? l.add(v128.load(row, v * 16), t) : t, v * 16))
        }
        if (r + 1 < tileRows) b.set(row, i32.add(row, stride))
      }
    }
    b.if(onto, store(true), store(false))
  })

  // Panels packA x packB of `rows x columns` into c; edge tiles go by way of `spare`, a whole tile of scratch.
  m.func(
    `multiply${suffix}`,
    ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    null,
    (b, a, bp, c, stride, rows, cols, depth, onto, spare) => {
      const panelB = b.let(bp)
      b.loop(i32.const(0), cols, columns, (j) => {
        const panelA = b.let(a)
        const wide = b.let(i32.sub(cols, j))
        b.loop(i32.const(0), rows, tileRows, (i) => {
          const high = b.let(i32.sub(rows, i))
          const at = b.let(i32.add(c, i32.add(i32.mul(i, stride), times(j, l.bytes))))
          b.if(
            i32.and(i32.ge(high, i32.const(tileRows)), i32.ge(wide, i32.const(columns))),
            () => b.run(invoke(tile, [panelA, panelB, depth, at, stride, onto])),
            () => {
              b.run(invoke(tile, [panelA, panelB, depth, spare, i32.const(columns * l.bytes), i32.const(0)]))
              const p = b.let(spare)
              b.loop(i32.const(0), i32.const(tileRows), 1, (r) =>
                b.if(i32.lt(r, high), () => {
                  b.loop(i32.const(0), i32.const(columns), 1, (k) =>
                    b.if(i32.lt(k, wide), () => {
                      const from = b.let(i32.add(p, times(k, l.bytes)))
                      const to = b.let(i32.add(at, times(k, l.bytes)))
                      b.if(
                        onto,
                        () => b.run(l.gain(to, from)),
                        () => b.run(l.move(to, from)),
                      )
                    }),
                  )
                  b.set(p, i32.add(p, i32.const(columns * l.bytes)))
                  b.set(at, i32.add(at, stride))
                }),
              )
            },
          )
          b.set(panelA, i32.add(panelA, times(depth, tileRows * l.bytes)))
        })
        b.set(panelB, i32.add(panelB, times(depth, columns * l.bytes)))
      })
    },
  )
}
