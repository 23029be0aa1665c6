/** Accumulators of reductions over groups of lanes. */
import type { DType } from '../../../core/dtype.js'
import type { Combine } from '../../../kernel/loop.js'
import type { Body, Local } from '../code.js'
import { f32x4, f64x2, i32x4, v128 } from '../instructions.js'
import type { Node, V } from '../math/node.js'
import { bits, D, F, int, ref, write } from '../math/node.js'
import { lower, upper, wideMask } from '../math/widen.js'
import type { Parts } from './lanes.js'
import { firstLanes, foldPair, foldQuad, narrowSplat, width } from './lanes.js'

/** Accumulators of one reduction. */
export interface Accumulator {
  /** Combines groups of values in; `lanes` of each count. */
  readonly update: (groups: readonly Parts[], lanes: readonly number[]) => void
  /** Must be called after at most some hundred updates: moves what was gathered to where it does not lose digits. `null` when that is never needed. */
  readonly flush: (() => void) | null
  /** The result: of one group for every group of lanes, or one group for all when lanes are combined too. */
  readonly finish: () => readonly Parts[]
}

type Two = (x: V, y: V) => V
type Join = (x: Node, y: Node) => Node

/** How many groups an accumulator has, and whether the lanes are combined in the end. */
export interface AccumulatorLayout {
  readonly groups: number
  readonly across: boolean
}

const masked = (x: Parts, lanes: number, identity: Node): Parts => {
  if (lanes === width) return x
  const masks = x.length === 2 ? wideMask(firstLanes(lanes)) : [firstLanes(lanes)]
  return x.map((a, k) => ({ args: [a, identity, masks[k]!], make: ([p, q, m]) => v128.bitselect(p!, q!, m!) }))
}

/** Neighbours combined until one is left. */
const tree = (xs: readonly Node[], join: Join): Node => {
  let level = xs
  while (level.length > 1) level = level.flatMap((x, k) => (k % 2 === 1 ? [] : k + 1 < level.length ? [join(x, level[k + 1]!)] : [x]))
  return level[0]!
}

/** One state of `parts` vectors per group, combined by `join`. */
const plain = (
  b: Body,
  { groups, across }: AccumulatorLayout,
  parts: number,
  identity: Node,
  join: Join,
): Accumulator & { readonly state: readonly (readonly Local<'v128'>[])[] } => {
  const start = write(b, identity)
  const state = Array.from({ length: groups }, () => Array.from({ length: parts }, () => b.let(start)))
  return {
    state,
    flush: null,
    update: (values, lanes) => {
      lanes.forEach((n, g) => {
        if (g >= groups) return
        const x = masked(values[g] ?? values[0]!, across ? n : width, identity)
        state[g]!.forEach((s, k) => {
          b.set(s, write(b, join(ref(s), x[k]!)))
        })
      })
    },
    finish: () => {
      const all = state.map((s) => s.map(ref))
      if (!across) return all
      const v = write(b, tree(all.flat(), join))
      const two: Two = (x, y) => join({ args: [], make: () => x }, { args: [], make: () => y }).make([x, y])
      const folded = ref(b.let(parts === 2 ? foldPair(b, v, two) : foldQuad(b, v, two)))
      return [parts === 2 ? [folded, folded] : [folded]]
    },
  }
}

/** Two float64 totals of four float32 lanes. */
const widened = (b: Body) => {
  const zero = write(b, F.c(0))
  const total = [b.let(zero), b.let(zero)] as const
  const add = (x: Node): void => {
    b.set(total[0], write(b, D.add(ref(total[0]), lower(x))))
    b.set(total[1], write(b, D.add(ref(total[1]), upper(x))))
  }
  return { total, add }
}

/** float32 sums across lanes: the groups of one step in float32, neighbours first, all else in float64. */
const sumAcross32 = (b: Body, groups: number, wide: boolean): Accumulator => {
  const { total, add } = widened(b)
  return {
    flush: null,
    update: (values, lanes) => {
      const xs = lanes.slice(0, groups).map((n, g) => masked(values[g] ?? values[0]!, n, F.c(0))[0]!)
      add(ref(write(b, tree(xs, F.add))))
    },
    finish: () => {
      const sum = b.let(foldPair(b, f64x2.add(total[0], total[1]), f64x2.add))
      return wide ? [[ref(sum), ref(sum)]] : [[ref(b.let(narrowSplat(b, sum)))]]
    },
  }
}

/** float32 sums in every lane: short runs in float32, totals in float64. */
const sumWithin32 = (b: Body, groups: number, wide: boolean): Accumulator => {
  const zero = write(b, F.c(0))
  const state = Array.from({ length: groups }, () => b.let(zero))
  const totals = state.map(() => widened(b))
  return {
    update: (values) => {
      state.forEach((s, g) => {
        b.set(s, f32x4.add(s, write(b, (values[g] ?? values[0]!)[0]!)))
      })
    },
    flush: () => {
      state.forEach((s, g) => {
        totals[g]!.add(ref(s))
        b.set(s, zero)
      })
    },
    finish: () =>
      totals.map(({ total }) =>
        wide
          ? total.map(ref)
          : [ref(b.let(v128.shuffle(b.let(f32x4.demoteF64zero(total[0])), b.let(f32x4.demoteF64zero(total[1])), low64)))],
      ),
  }
}
const low64 = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]

/** float32 products: in float64, which neither overflows nor loses digits on the way. */
const product32 = (b: Body, layout: AccumulatorLayout, wide: boolean): Accumulator => {
  const inner = plain(b, layout, 2, D.c(1), D.mul)
  return {
    ...inner,
    update: (values, lanes) => {
      // Masked while still float32: groups of two parts are masked by pairs.
      inner.update(
        lanes.map((_, g) => values[g] ?? values[0]!).map(([x]) => [ref(write(b, lower(x!))), ref(write(b, upper(x!)))]),
        lanes,
      )
    },
    finish: () => {
      const result = inner.finish()
      return wide
        ? result
        : result.map(([l, h]) => [
            ref(b.let(v128.shuffle(b.let(f32x4.demoteF64zero(write(b, l!))), b.let(f32x4.demoteF64zero(write(b, h!))), low64))),
          ])
    },
  }
}

/**
 * Extremes of floats: the fast minimum, which forgets NaN and takes the zeros for equal, a mask that remembers NaN, and one
 * of signs: an extreme that is zero is the extreme zero. Across lanes one of each mask does for all groups.
 */
const extreme = (b: Body, layout: AccumulatorLayout, dtype: 'float32' | 'float64', most: boolean): Accumulator => {
  const k = dtype === 'float32' ? F : D
  const parts = dtype === 'float32' ? 1 : 2
  const value = plain(b, layout, parts, k.c(most ? -Infinity : Infinity), most ? k.pmax : k.pmin)
  const masks = { ...layout, groups: layout.across ? 1 : layout.groups }
  const nan = plain(b, masks, parts, int(0), bits.or)
  // Where the least is zero, nothing is negative but -0; where the greatest is, nothing is positive but 0.
  const [none, join] = most ? [int(-1), bits.and] : [int(0), bits.or]
  const sign = plain(b, masks, parts, none, join)
  /** What masks are made of, one group for all when lanes are combined. */
  const gathered = (
    into: Accumulator,
    groups: readonly Parts[],
    lanes: readonly number[],
    of: (a: Node) => Node,
    identity: Node,
    by: Join,
  ): void => {
    if (!layout.across) {
      into.update(
        groups.map((x) => x.map(of)),
        lanes,
      )
      return
    }
    const each = lanes.map((n, g) => masked((groups[g] ?? groups[0]!).map(of), n, identity))
    into.update(
      [
        Array.from({ length: parts }, (_, p) =>
          tree(
            each.map((x) => x[p]!),
            by,
          ),
        ),
      ],
      [width],
    )
  }
  return {
    flush: null,
    update: (groups, lanes) => {
      value.update(groups, lanes)
      gathered(nan, groups, lanes, (a) => k.ne(a, a), int(0), bits.or)
      gathered(sign, groups, lanes, (a) => a, none, join)
    },
    finish: () => {
      const [nans, signs] = [nan.finish(), sign.finish()]
      return value.finish().map((x, g) =>
        x.map((a, p) => {
          const zero = bits.and(signs[g]![p]!, k.c(-0))
          return ref(write(b, k.select(nans[g]![p]!, NaN, k.select(k.eq(a, k.c(0)), zero, a))))
        }),
      )
    },
  }
}

const integers: Readonly<
  Record<Combine, { readonly identity: (unsigned: boolean) => number; readonly join: (unsigned: boolean) => Join }>
> = {
  add: { identity: () => 0, join: () => bits.bin(i32x4.add) },
  mul: { identity: () => 1, join: () => bits.bin(i32x4.mul) },
  max: { identity: (u) => (u ? 0 : -2147483648), join: (u) => bits.bin(u ? i32x4.maxu : i32x4.max) },
  min: { identity: (u) => (u ? -1 : 2147483647), join: (u) => bits.bin(u ? i32x4.minu : i32x4.min) },
  and: { identity: () => -1, join: () => bits.and },
  or: { identity: () => 0, join: () => bits.or },
}

/** Fresh accumulators that combine values of `dtype`; with `wide`, a float32 sum or product is left as float64. */
export const accumulator = (b: Body, combine: Combine, dtype: DType, layout: AccumulatorLayout, wide: boolean): Accumulator => {
  switch (dtype) {
    case 'bool': {
      const all = combine === 'and' || combine === 'mul' || combine === 'min'
      return plain(b, layout, 1, int(all ? -1 : 0), all ? bits.and : bits.or)
    }
    case 'int32':
    case 'uint32': {
      const { identity, join } = integers[combine]
      const unsigned = dtype === 'uint32'
      return plain(b, layout, 1, int(identity(unsigned)), join(unsigned))
    }
    default:
      if (combine === 'add') {
        if (dtype === 'float64') return plain(b, layout, 2, D.c(0), D.add)
        return layout.across ? sumAcross32(b, layout.groups, wide) : sumWithin32(b, layout.groups, wide)
      }
      if (combine === 'mul') return dtype === 'float32' ? product32(b, layout, wide) : plain(b, layout, 2, D.c(1), D.mul)
      return extreme(b, layout, dtype, combine === 'max' || combine === 'or')
  }
}
