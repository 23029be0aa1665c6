/**
 * Panels gathered through tables: entry `(k, i)` of a panel is the element at `source + depths[k] + lines[i]`. The lines are the columns
 * of the patches of an image, or the rows of a matrix of weights.
 */
import type { Body, Callee, Ex, Local } from '../code.js'
import { i32, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import { transpose } from '../gemm/pack.js'
import type { Lanes } from '../gemm/lanes.js'
import type { Offsets } from './offsets.js'

type I = Ex<'i32'>

/** How the lines of one vector lie to each other: next to each other, every second element, or anyhow. */
export const kind = { dense: 0, second: 1, any: 2 } as const

/** The kind of every vector of lines, given by offsets in elements, panel after panel; what is no whole vector may lie anyhow. */
export const kindsOf = (lines: Offsets, lanes: number, width = lines.length): Offsets => {
  const perPanel = Math.ceil(width / lanes)
  const kinds = new Int32Array(Math.ceil(lines.length / width) * perPanel).fill(kind.any)
  for (let panel = 0, k = 0; panel < lines.length; panel += width, k += perPanel)
    for (let g = 0, at = panel; at + lanes <= Math.min(panel + width, lines.length); g++, at += lanes) {
      const step = lines[at + 1]! - lines[at]!
      let even = step === 1 || step === 2
      for (let i = 2; even && i < lanes; i++) even = lines[at + i]! - lines[at + i - 1]! === step
      if (even) kinds[k + g] = step === 1 ? kind.dense : kind.second
    }
  return kinds
}

/** Words that the kinds of a panel take. */
export const kindWords = (l: Lanes, width: number): number => Math.ceil(width / l.lanes)

/** Pointers into the tables that a panel is made with; `out` is where it goes. */
interface Panel {
  readonly source: I
  readonly depths: I
  readonly deep: I
  readonly lines: I
  readonly kinds: I
  readonly out: I
}

const wordAt = (table: I, k: number): I => i32.load(table, 4 * k)

/** Depths lie next to each other, vector by vector of them: squares are transposed. */
const along = (b: Body, l: Lanes, width: number, p: Panel): void => {
  const n = l.lanes
  const starts = Array.from({ length: width }, (_, r) => b.let(i32.add(p.source, wordAt(p.lines, r))))
  const depth = b.let(p.depths)
  const out = b.let(p.out)
  const whole = b.let(i32.and(p.deep, i32.const(-n)))
  const one = (at: Local<'i32'>, slot: number): void => {
    starts.forEach((s, r) => b.run(l.move(out, i32.add(s, at), (slot * width + r) * l.bytes)))
  }
  b.loop(i32.const(0), whole, n, () => {
    const at = b.let(wordAt(depth, 0))
    b.if(
      i32.eq(i32.sub(wordAt(depth, n - 1), at), i32.const((n - 1) * l.bytes)),
      () => {
        for (let g = 0; g + n <= width; g += n) {
          const rows = starts.slice(g, g + n).map((s) => b.let(v128.load(i32.add(s, at))))
          transpose(b, l, rows).forEach((x, k) => b.run(v128.store(out, x, (k * width + g) * l.bytes)))
        }
        // What is no whole vector of lines goes one by one.
        for (let r = width - (width % n); r < width; r++) {
          const from = b.let(i32.add(starts[r]!, at))
          for (let k = 0; k < n; k++) b.run(l.move(out, from, (k * width + r) * l.bytes, k * l.bytes))
        }
      },
      () => {
        one(at, 0)
        for (let k = 1; k < n; k++) {
          b.set(at, wordAt(depth, k))
          one(at, k)
        }
      },
    )
    b.set(depth, i32.add(depth, i32.const(4 * n)))
    b.set(out, i32.add(out, i32.const(n * width * l.bytes)))
  })
  b.loop(whole, p.deep, 1, () => {
    one(b.let(wordAt(depth, 0)), 0)
    b.set(depth, i32.add(depth, i32.const(4)))
    b.set(out, i32.add(out, i32.const(width * l.bytes)))
  })
}

/** Lines `first..first + count` of a panel, depth by depth. */
const eachDepth = (b: Body, l: Lanes, width: number, p: Panel, first: number, entry: (depth: I, out: Local<'i32'>) => void): void => {
  const depth = b.let(p.depths)
  const out = b.let(i32.add(p.out, i32.const(first * l.bytes)))
  b.loop(i32.const(0), p.deep, 1, () => {
    entry(wordAt(depth, 0), out)
    b.set(depth, i32.add(depth, i32.const(4)))
    b.set(out, i32.add(out, i32.const(width * l.bytes)))
  })
}

/** The even elements of the seven (three) from `at` on; nothing behind them is read. */
export const everySecond = (l: Lanes, at: I): Ex<'v128'> => {
  const words = (lanes: readonly number[]): number[] => lanes.flatMap((k) => Array.from({ length: l.bytes }, (_, i) => k * l.bytes + i))
  const n = l.lanes
  return v128.shuffle(v128.load(at), v128.load(at, (n - 1) * l.bytes), words(n === 4 ? [0, 2, 5, 7] : [0, 3]))
}

/** Lines lie next to each other, vector by vector of them. */
const across = (b: Body, l: Lanes, width: number, p: Panel): void => {
  const n = l.lanes
  const groups = Array.from({ length: kindWords(l, width) }, (_, g) => g * n)
  const whole = groups.map((_, g) => wordAt(p.kinds, g)).reduce((x, y) => i32.or(x, y))
  const startOf = (r: number): Local<'i32'> => b.let(i32.add(p.source, wordAt(p.lines, r)))
  b.if(
    i32.eqz(whole),
    () => {
      const starts = groups.map(startOf)
      eachDepth(b, l, width, p, 0, (depth, out) => {
        const at = b.let(depth)
        starts.forEach((s, g) => b.run(v128.store(out, v128.load(i32.add(s, at)), g * 16)))
      })
    },
    () => {
      groups.forEach((first, g) => {
        const size = Math.min(n, width - first)
        const anyhow = (): void => {
          const starts = Array.from({ length: size }, (_, r) => startOf(first + r))
          eachDepth(b, l, width, p, first, (depth, out) => {
            const at = b.let(depth)
            starts.forEach((s, r) => b.run(l.move(out, i32.add(s, at), r * l.bytes)))
          })
        }
        if (size < n) return anyhow()
        const way = b.let(wordAt(p.kinds, g))
        b.if(
          i32.eq(way, i32.const(kind.dense)),
          () => {
            const start = startOf(first)
            eachDepth(b, l, width, p, first, (depth, out) => b.run(v128.store(out, v128.load(i32.add(start, depth)))))
          },
          () =>
            b.if(
              i32.eq(way, i32.const(kind.second)),
              () => {
                const start = startOf(first)
                eachDepth(b, l, width, p, first, (depth, out) => b.run(v128.store(out, everySecond(l, b.let(i32.add(start, depth))))))
              },
              anyhow,
            ),
        )
      })
    },
  )
}

/** `(source, depths, deep, lines, kinds, out, by depth)`: one panel of `width` lines; tables hold bytes, `lines` a whole panel of them. */
export const writePanel = (m: ModuleBuilder, l: Lanes, width: number): Callee =>
  m.func(null, ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], null, (b, source, depths, deep, lines, kinds, out, byDepth) => {
    const p: Panel = { source, depths, deep, lines, kinds, out }
    b.if(
      byDepth,
      () => along(b, l, width, p),
      () => across(b, l, width, p),
    )
  })
