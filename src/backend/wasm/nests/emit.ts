/** Loop nests as code without tests: see `plan`. Small ones, and those that reduce long axes, are plain loops. */
import type { Aval } from '../../../core/aval.js'
import { sizeOf } from '../../../core/shape.js'
import type { LoopNest } from '../../../kernel/loop.js'
import type { Body, Ex, Local } from '../code.js'
import { i32, select } from '../instructions.js'
import type { Caps, LoopCode } from '../kernel.js'
import { contextOf } from '../loops/context.js'
import { width } from '../loops/lanes.js'
import { plainNest } from '../loops/nest.js'
import { writeAt } from '../loops/scalars.js'
import type { Context } from '../math/index.js'
import type { ModuleBuilder } from '../module.js'
import { divided } from '../routines/runs.js'
import type { Leaf, Plan, Tree } from './plan.js'
import { planNest } from './plan.js'
import type { Segment, Term } from './terms.js'
import type { Scope } from './values.js'
import { evaluator, scope } from './values.js'

/** Elements of one parallel index, at least, where there are as many. */
const smallest = 512
/** Elements of one chunk. */
const chunk = 16384
/** Nests of fewer elements are plain loops: they are compiled faster. */
const worthPlanning = 128
/** Nanoseconds of an instruction, roughly. */
const nanoseconds = 0.25

/** What a tree stores, and where. */
const rootsOf = (t: Tree): readonly Term[] =>
  t.kind === 'leaf' ? t.points.flatMap((p) => [p.at, p.value]) : t.pieces.flatMap((p) => rootsOf(p.inside))

/** A choice that all lanes share and that guards reads: made once, around their loop. */
const sharedChoice = (roots: readonly Term[], laneLevel: number, decided: ReadonlyMap<Term, Term>): Term | null => {
  const seen = new Set<Term>()
  const visit = (t: Term): Term | null => {
    if (seen.has(t) || t.level < laneLevel) return null
    seen.add(t)
    const branch = decided.get(t)
    if (branch !== undefined) return visit(branch)
    if (t.op === 'select' && t.args[0]!.level < laneLevel && t.args.slice(1).some((a) => a.reads)) return t
    for (const a of t.args) {
      const found = visit(a)
      if (found !== null) return found
    }
    return null
  }
  for (const r of roots) {
    const found = visit(r)
    if (found !== null) return found
  }
  return null
}

/** Writes the code of a plan for a range of its parallel index. */
const emission = (c: Context, b: Body, nest: LoopNest, { order, storeStride, terms }: Plan) => {
  const { dtype } = nest
  const laneLevel = order.length
  const { value, hoist, lanes, share, storeLanes } = evaluator(c, b, laneLevel, terms)

  const single = (s: Scope, leaf: Leaf): void => {
    const made = leaf.points.map((p) => ({ at: value(s, p.at) as Ex<'i32'>, x: value(s, p.value), offset: p.offset }))
    for (const { at, x, offset } of made) b.run(writeAt(dtype, at, x, offset))
  }
  const several = (s: Scope, outside: Scope, leaf: Leaf, stride: number): void => {
    const made = leaf.points.map((p) => ({ at: value(s, p.at) as Ex<'i32'>, x: lanes(s, outside, p.value), offset: p.offset }))
    for (const { at, x, offset } of made) storeLanes(dtype, at, offset, stride, x)
  }
  /** The innermost loop: `from` up to `to` along a segment, both multiples of nothing in particular. */
  const innermost = (
    s: Scope,
    { segment, counter, inside }: { readonly segment: Segment; readonly counter: Term; readonly inside: Leaf },
    from: Ex<'i32'>,
    to: Ex<'i32'>,
    known: number | null,
  ): void => {
    const choice = inside.lanes ? sharedChoice(rootsOf(inside), laneLevel, s.decided) : null
    if (choice !== null) {
      const [test, x, y] = choice.args
      const side = (t: Term): void => {
        innermost(scope(s, s.level, new Map([...s.decided, [choice, t]])), { segment, counter, inside }, from, to, known)
      }
      b.if(
        value(s, test!) as Ex<'i32'>,
        () => {
          side(x!)
        },
        () => {
          side(y!)
        },
      )
      return
    }
    const roots = rootsOf(inside)
    hoist(s, roots)
    const one = (): void => {
      b.loop(from, to, 1, (j) => {
        const next = scope(s, laneLevel)
        next.made.set(counter, j)
        single(next, inside)
      })
    }
    const four = (): void => {
      const outside = scope(s, s.level)
      share(
        outside,
        inside.points.map((p) => p.value),
      )
      const last = known === null ? b.let(i32.sub(to, i32.const(width))) : i32.const(known - width)
      b.loop(from, to, width, (j) => {
        const next = scope(outside, laneLevel)
        // The last vector begins earlier where it would stick out: some elements are made twice.
        const whole = known !== null && known % width === 0
        next.made.set(counter, whole ? j : b.let(select(i32.gt(j, last), last, j)))
        several(next, outside, inside, (storeStride * segment.step) / elementBytes)
      })
    }
    if (!inside.lanes || (known !== null && known < width)) return one()
    if (known !== null) return four()
    b.if(i32.ge(i32.sub(to, from), i32.const(width)), four, one)
  }
  const elementBytes = dtype === 'bool' ? 1 : dtype === 'float64' ? 8 : 4

  /** Loops from depth `k` on; at depth `cut` only positions `range` of the axis. */
  const loops = (s: Scope, t: Tree, k: number, cut: number, range: { readonly low: Ex<'i32'>; readonly high: Ex<'i32'> } | null): void => {
    if (t.kind === 'leaf') {
      hoist(s, rootsOf(t))
      return single(s, t)
    }
    hoist(s, rootsOf(t))
    for (const { segment, counter, inside } of t.pieces) {
      const { from, step, count } = segment
      let low: Ex<'i32'> = i32.const(0)
      let high: Ex<'i32'> = i32.const(count)
      let known: number | null = count
      if (k === cut && range !== null) {
        known = null
        /** The first j at or after a position. */
        const after = (p: Ex<'i32'>): Local<'i32'> => {
          const rest = b.let(i32.add(p, i32.const(step - 1 - from)))
          const j = b.let(step === 1 ? rest : i32.div(rest, i32.const(step)))
          b.if(i32.lt(rest, i32.const(0)), () => {
            b.set(j, i32.const(0))
          })
          b.if(i32.gt(j, i32.const(count)), () => {
            b.set(j, i32.const(count))
          })
          return j
        }
        low = after(range.low)
        high = after(range.high)
      }
      if (inside.kind === 'leaf') innermost(s, { segment, counter, inside }, low, high, known)
      else
        b.loop(low, high, 1, (j) => {
          const next = scope(s, k + 1)
          next.made.set(counter, j)
          loops(next, inside, k + 1, cut, null)
        })
    }
  }
  /** Depths before `cut`: axis by axis the segment that the position is in. */
  const leading = (
    s: Scope,
    t: Tree,
    k: number,
    cut: number,
    positions: readonly Ex<'i32'>[],
    range: { readonly low: Ex<'i32'>; readonly high: Ex<'i32'> } | null,
  ): void => {
    if (k === cut || t.kind === 'leaf') return loops(s, t, k, cut, range)
    hoist(s, rootsOf(t))
    for (const { segment, counter, inside } of t.pieces) {
      const { from, step, count } = segment
      const next = scope(s, k + 1)
      const go = (j: Ex<'i32'>): void => {
        next.made.set(counter, j)
        leading(next, inside, k + 1, cut, positions, range)
      }
      if (t.pieces.length === 1 && from === 0 && step === 1) {
        go(positions[k]!)
        continue
      }
      const rest = b.let(i32.sub(positions[k]!, i32.const(from)))
      const within = i32.ltu(rest, i32.const((count - 1) * step + 1))
      const test = step === 1 ? within : i32.and(within, i32.eqz(i32.remu(rest, i32.const(step))))
      b.if(test, () => {
        go(step === 1 ? rest : b.let(i32.divu(rest, i32.const(step))))
      })
    }
  }
  return { leading }
}

/** Writes the function of a nest; its arguments are the addresses of the inputs and of the output. */
export const emitNest = (m: ModuleBuilder, prefix: string, nest: LoopNest, ins: readonly Aval[], caps: Caps): LoopCode => {
  const { shape } = nest
  const size = sizeOf(shape)
  const plan = size * sizeOf(nest.reduce?.sizes ?? []) < worthPlanning ? null : planNest(nest, ins)
  if (plan === null) return plainNest(m, prefix, nest, ins, caps)
  const { order, tree, terms } = plan
  const lengths = order.map((k) => shape[k]!)
  const points = size / sizeOf(lengths)

  // The parallel index: leading axes, and blocks of the axis at depth `cut`; what is inside are loops.
  let cut = order.length - 1
  while (cut > 0 && sizeOf(lengths.slice(cut)) * points < smallest) cut--
  const below = sizeOf(lengths.slice(cut + 1)) * points
  const block = Math.max(1, Math.min(lengths[cut]!, Math.ceil(smallest / below / width) * width))
  const blocks = Math.ceil(lengths[cut]! / block)
  const total = sizeOf(lengths.slice(0, cut)) * blocks

  const name = `${prefix}p0`
  const c = contextOf(m, caps)
  m.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { leading } = emission(c, b, nest, plan)
    const outside = scope(null, 0)
    for (let k = 0; k <= ins.length; k++) outside.made.set(terms.term('base', [], 'int32', k), b.let(i32.load(args, 4 * k)))
    b.loop(begin, end, 1, (index) => {
      const [first, at] = divided(b, index, blocks)
      let rest = first
      const positions: Ex<'i32'>[] = []
      for (let k = cut - 1; k >= 0; k--) {
        const [next, here] = divided(b, rest, lengths[k]!)
        positions[k] = k === 0 ? rest : here
        rest = next
      }
      let range: { readonly low: Ex<'i32'>; readonly high: Ex<'i32'> } | null = null
      if (blocks > 1) {
        const low = b.let(i32.mul(at, i32.const(block)))
        const high = b.let(i32.add(low, i32.const(block)))
        if (lengths[cut]! % block !== 0) b.set(high, select(i32.lt(high, i32.const(lengths[cut]!)), high, i32.const(lengths[cut]!)))
        range = { low, high }
      }
      leading(scope(outside, 0), tree, 0, cut, positions, range)
    })
  })
  const cost = (size / total / plan.elements) * plan.work * nanoseconds
  return { passes: [{ name, total, grain: Math.max(1, Math.round((chunk * total) / size)), cost }], scratch: 0 }
}
