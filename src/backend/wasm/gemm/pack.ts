/** Packing: rows of any strides into panels. */
import type { Body, Callee, Ex, Local } from '../code.js'
import { i32, memory, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import { times } from './kernels.js'
import type { Lanes } from './lanes.js'

type I = Ex<'i32'>

/** A panel in the making: `source` and strides in bytes, `out` where it goes. */
interface Panel {
  readonly source: Local<'i32'>
  readonly out: Local<'i32'>
  readonly depth: I
  readonly rowStride: I
  readonly depthStride: I
}

/**
 * `(from, to, rows, depth, rowStride, depthStride, panel)`: `rows x depth` elements at `from` (strides in bytes) into panels
 * of `width` rows, `panel` bytes apart; the last is filled up with zeros. For b its columns are the rows.
 */
export const writePack = (m: ModuleBuilder, l: Lanes, width: number): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, from, to, rows, depth, rowStride, depthStride, panel) => {
    const out = b.let(to)
    const source = b.let(from)
    const left = b.let(rows)
    const p: Panel = { source, out, depth, rowStride, depthStride }
    const step = (): void => {
      b.set(out, i32.add(out, panel))
      b.set(source, i32.add(source, times(rowStride, width)))
      b.set(left, i32.sub(left, i32.const(width)))
    }
    b.if(i32.eq(rowStride, i32.const(l.bytes)), () => {
      const panels = b.let(i32.divu(left, i32.const(width)))
      packAcross(b, l, width, p, panels, panel)
      b.set(out, i32.add(out, i32.mul(panels, panel)))
      b.set(source, i32.add(source, times(panels, width * l.bytes)))
      b.set(left, i32.sub(left, i32.mul(panels, i32.const(width))))
    })
    b.if(i32.eq(depthStride, i32.const(l.bytes)), () =>
      b.while(
        () => i32.ge(left, i32.const(width)),
        () => {
          packAlong(b, l, width, p)
          step()
        },
      ),
    )
    b.while(
      () => i32.ge(left, i32.const(width)),
      () => {
        packAny(b, l, width, p)
        step()
      },
    )
    b.if(i32.gt(left, i32.const(0)), () => packEdge(b, l, width, p, left))
  })

/** Pieces of `width` elements: whole vectors, then a half one (of float32) if need be. */
const pieces = (l: Lanes, width: number): readonly { readonly at: number; readonly size: number }[] => {
  const all = []
  for (let at = 0; at < width; at += l.lanes) all.push({ at, size: Math.min(l.lanes, width - at) })
  return all
}

/** Rows lie next to each other: at every depth, all panels side by side. */
const packAcross = (b: Body, l: Lanes, width: number, { source, out, depth, depthStride }: Panel, panels: I, panel: I): void => {
  const row = b.let(source)
  const o = b.let(out)
  b.loop(i32.const(0), depth, 1, () => {
    const s = b.let(row)
    const t = b.let(o)
    b.loop(i32.const(0), panels, 1, () => {
      for (const { at, size } of pieces(l, width))
        b.run(
          size === l.lanes
            ? v128.store(t, v128.load(s, at * l.bytes), at * l.bytes)
            : v128.store64lane(t, v128.load64zero(s, at * l.bytes), 0, at * l.bytes),
        )
      b.set(s, i32.add(s, i32.const(width * l.bytes)))
      b.set(t, i32.add(t, panel))
    })
    b.set(row, i32.add(row, depthStride))
    b.set(o, i32.add(o, i32.const(width * l.bytes)))
  })
}

/** Depths lie next to each other: squares of lanes are transposed. */
const packAlong = (b: Body, l: Lanes, width: number, { source, out, depth, rowStride }: Panel): void => {
  const n = l.lanes
  const whole = b.let(i32.and(depth, i32.const(-n)))
  const o = b.let(out)
  const starts: Local<'i32'>[] = []
  for (let r = 0; r < width; r++) starts.push(b.let(r === 0 ? source : i32.add(starts[r - 1]!, rowStride)))
  b.loop(i32.const(0), whole, n, () => {
    for (const { at, size } of pieces(l, width)) {
      const rows = starts.slice(at, at + size).map((s) => b.let(v128.load(s)))
      const to = (k: number): number => (k * width + at) * l.bytes
      if (size === n) transpose(b, l, rows).forEach((x, k) => b.run(v128.store(o, x, to(k))))
      else
        [shuffled(rows[0]!, rows[1]!, [0, 4, 1, 5]), shuffled(rows[0]!, rows[1]!, [2, 6, 3, 7])].forEach((x, k) => {
          const pair = b.let(x)
          b.run(v128.store64lane(o, pair, 0, to(2 * k)))
          b.run(v128.store64lane(o, pair, 1, to(2 * k + 1)))
        })
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

/** Lanes of 32 bits out of `x` (0 to 3) and `y` (4 to 7). */
const shuffled = (x: Ex<'v128'>, y: Ex<'v128'>, lanes: readonly number[]): Ex<'v128'> =>
  v128.shuffle(
    x,
    y,
    lanes.flatMap((k) => [4 * k, 4 * k + 1, 4 * k + 2, 4 * k + 3]),
  )

/** The transpose of a square of lanes. */
export const transpose = (b: Body, l: Lanes, rows: readonly Ex<'v128'>[]): readonly Ex<'v128'>[] => {
  const mix = (x: Ex<'v128'>, y: Ex<'v128'>, lanes: readonly number[]): Local<'v128'> => b.let(shuffled(x, y, lanes))
  if (l.lanes === 2) return [mix(rows[0]!, rows[1]!, [0, 1, 4, 5]), mix(rows[0]!, rows[1]!, [2, 3, 6, 7])]
  const [p, q, r, s] = rows as readonly [Ex<'v128'>, Ex<'v128'>, Ex<'v128'>, Ex<'v128'>]
  const a = mix(p, q, [0, 4, 1, 5])
  const c = mix(p, q, [2, 6, 3, 7])
  const d = mix(r, s, [0, 4, 1, 5])
  const e = mix(r, s, [2, 6, 3, 7])
  return [mix(a, d, [0, 1, 4, 5]), mix(a, d, [2, 3, 6, 7]), mix(c, e, [0, 1, 4, 5]), mix(c, e, [2, 3, 6, 7])]
}

const packAny = (b: Body, l: Lanes, width: number, { source, out, depth, rowStride, depthStride }: Panel): void => {
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
const packEdge = (b: Body, l: Lanes, width: number, { source, out, depth, rowStride, depthStride }: Panel, left: I): void => {
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

/**
 * `(from, to, rows, depth, rowTable, depthTable, panel)`: as `writePack`, the elements found by tables of byte offsets,
 * for axes that do not merge into one.
 */
export const writeTablePack = (m: ModuleBuilder, l: Lanes, width: number): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, from, to, rows, depth, rowTable, depthTable, panel) => {
    const out = b.let(to)
    b.loop(i32.const(0), rows, width, (row) => {
      b.loop(i32.const(0), i32.const(width), 1, (r) => {
        const t = b.let(i32.add(out, times(r, l.bytes)))
        // Rows that do not exist repeat the first: nothing of them is stored.
        const known = b.let(i32.lt(i32.add(row, r), rows))
        const s = b.let(i32.add(from, i32.load(i32.add(rowTable, i32.mul(i32.shl(i32.add(row, r), i32.const(2)), known)))))
        const d = b.let(depthTable)
        b.loop(i32.const(0), depth, 1, () => {
          b.run(l.move(t, i32.add(s, i32.load(d))))
          b.set(d, i32.add(d, i32.const(4)))
          b.set(t, i32.add(t, i32.const(width * l.bytes)))
        })
      })
      b.set(out, i32.add(out, panel))
    })
  })
