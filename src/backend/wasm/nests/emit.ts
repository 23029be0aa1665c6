/** Loop nests as code without tests: see `plan`. Small ones, and those that reduce long axes, are plain loops. */
import { sizeOf } from '../../../core/shape.js'
import { isOp, properties } from '../../../kernel/properties.js'
import type { Body, Ex, Local } from '../code.js'
import { f32, f64, i32, select } from '../instructions.js'
import type { Caps, LoopCode } from '../kernel.js'
import { contextOf } from '../loops/context.js'
import { bytesOf, width } from '../loops/lanes.js'
import type { Scalar } from '../loops/scalars.js'
import { constantOf, scalarTwo, typeOf, writeAt } from '../loops/scalars.js'
import type { MathContext } from '../math/index.js'
import type { ModuleBuilder } from '../module.js'
import { divided } from '../routines/runs.js'
import { combinationOf } from './combination.js'
import type { Nest } from './nest.js'
import { reducedSize } from './nest.js'
import { plainPlan } from './plain.js'
import type { NestBody, NestPlan, Point, NestTree } from './plan.js'
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

/** Instructions of four elements up to which one vector after the other keeps the processor busy. */
const light = 24
/** Instructions of all vectors that are made side by side: more would spill. */
const registers = 200
/** Elements that may be made twice at the end of a loop, as a part of it. */
const twice = 0.15

/** The vectors that are made side by side in a loop over `known` elements, or any number: long chains of instructions need company. */
const groupsFor = (leaf: NestBody, laneLevel: number, known: number | null): number => {
  const seen = new Set<Term>()
  let work = 0
  const visit = (t: Term): void => {
    if (seen.has(t) || t.level < laneLevel) return
    seen.add(t)
    if (isOp(t.op)) work += properties[t.op].cost[t.dtype === 'float64' ? 1 : 0]
    t.args.forEach(visit)
  }
  for (const p of leaf.points) visit(p.value)
  if (work <= light) return 1
  let groups = Math.max(1, Math.min(4, Math.round(registers / work)))
  const made = (n: number): number => Math.ceil(n / (width * groups)) * width * groups
  while (groups > 1 && known !== null && (known < width * groups || made(known) > known * (1 + twice))) groups--
  return groups
}

/** What a tree stores, and where. */
const rootsOf = (t: NestTree): readonly Term[] =>
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
const emission = (c: MathContext, b: Body, { reduce }: Nest, { order, terms }: NestPlan) => {
  const laneLevel = order.length
  const { value, hoist, lanes, share, storeLanes } = evaluator(c, b, laneLevel, terms)

  /** The value of a point combined by the loops over its reduced axes. */
  const reduction = (s: Scope, { dtype, value: x }: Point, { reduced }: NestBody): Scalar => {
    const { held, join, nothing } = combinationOf(reduce!.combine, dtype)
    const sum = b.local<'i32' | 'f32' | 'f64'>(typeOf(held))
    b.set(sum, constantOf(nothing, held))
    const step = (inside: Scope, k: number): void => {
      hoist(inside, [x])
      if (k === reduced.length) {
        const y = value(inside, x)
        b.set(sum, scalarTwo(c, b, join, held, sum as Scalar, held !== dtype && y.type === 'f32' ? f64.promoteF32(y) : y, null))
        return
      }
      b.loop(i32.const(0), i32.const(reduced[k]!.count), 1, (i) => {
        const next = scope(inside, laneLevel + 1 + k)
        next.made.set(reduced[k]!.counter, i)
        step(next, k + 1)
      })
    }
    step(s, 0)
    return held !== dtype ? f32.demoteF64(sum as Ex<'f64'>) : sum
  }
  const single = (s: Scope, leaf: NestBody): void => {
    const made = leaf.points.map((p) => {
      const at = value(s, p.at) as Ex<'i32'>
      return { at, x: leaf.reduced.length > 0 ? reduction(s, p, leaf) : value(s, p.value), dtype: p.dtype, offset: p.offset }
    })
    for (const { at, x, dtype, offset } of made) b.run(writeAt(dtype, at, x, offset))
  }
  const abreast = (s: Scope, outside: Scope, leaf: NestBody, step: number): void => {
    const made = leaf.points.map((p) => ({ p, at: value(s, p.at) as Ex<'i32'>, x: lanes(s, outside, p.value) }))
    for (const { p, at, x } of made) storeLanes(s, p.dtype, at, p.offset, (p.stride * step) / bytesOf[p.dtype], x)
  }
  /** The innermost loop: `from` up to `to` along a segment, both multiples of nothing in particular. */
  const innermost = (
    s: Scope,
    { segment, counter, inside }: { readonly segment: Segment; readonly counter: Term; readonly inside: NestBody },
    from: Ex<'i32'>,
    to: Ex<'i32'>,
    known: number | null,
  ): void => {
    const choice = inside.lanes ? sharedChoice(rootsOf(inside), laneLevel, s.decided) : null
    if (choice !== null) {
      const [test, x, y] = choice.args
      const side = (t: Term): void => {
        innermost(scope(s, s.level, { decided: new Map([...s.decided, [choice, t]]) }), { segment, counter, inside }, from, to, known)
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
    const vectors = (groups: number): void => {
      const outside = scope(s, s.level, { groups })
      const step = width * groups
      share(
        outside,
        inside.points.map((p) => p.value),
      )
      const last = known === null ? b.let(i32.sub(to, i32.const(step))) : i32.const(known - step)
      b.loop(from, to, step, (j) => {
        const next = scope(outside, laneLevel)
        // The last vector begins earlier where it would stick out: some elements are made twice.
        const whole = known !== null && known % step === 0
        next.made.set(counter, whole ? j : b.let(select(i32.gt(j, last), last, j)))
        abreast(next, outside, inside, segment.step)
      })
    }
    if (!inside.lanes || (known !== null && known < width)) return one()
    const groups = groupsFor(inside, laneLevel, known)
    const atLeast = (n: number, then: () => void, otherwise: () => void): void => {
      b.if(i32.ge(i32.sub(to, from), i32.const(n)), then, otherwise)
    }
    const four = (): void => {
      vectors(1)
    }
    const several = (): void => {
      vectors(groups)
    }
    if (known !== null) return several()
    const few = (): void => {
      atLeast(width, four, one)
    }
    if (groups === 1) few()
    else atLeast(width * groups, several, few)
  }
  /** Loops from depth `k` on; at depth `cut` only positions `range` of the axis. */
  const loops = (
    s: Scope,
    t: NestTree,
    k: number,
    cut: number,
    range: { readonly low: Ex<'i32'>; readonly high: Ex<'i32'> } | null,
  ): void => {
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
    t: NestTree,
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

/** Writes the function of a nest; its arguments are the addresses of the inputs and of the outputs. */
export const emitNest = (m: ModuleBuilder, prefix: string, nest: Nest, caps: Caps): LoopCode => {
  const { shape, ins, outputs } = nest
  const size = sizeOf(shape)
  if (size === 0) return { passes: [], scratch: 0 }
  const plan = (size * reducedSize(nest) < worthPlanning ? null : planNest(nest)) ?? plainPlan(nest)
  const { order, tree, terms } = plan
  const lengths = order.map((k) => shape[k]!)
  const points = size / sizeOf(lengths)

  // The parallel index: leading axes, and blocks of the axis at depth `cut`; what is inside are loops.
  let cut = Math.max(order.length - 1, 0)
  while (cut > 0 && sizeOf(lengths.slice(cut)) * points * plan.repeats < smallest) cut--
  const length = lengths[cut] ?? 1
  const below = sizeOf(lengths.slice(cut + 1)) * points * plan.repeats
  const block = Math.max(1, Math.min(length, Math.ceil(smallest / Math.max(below, 1) / width) * width))
  const blocks = Math.ceil(length / block)
  const total = sizeOf(lengths.slice(0, cut)) * blocks

  const name = `${prefix}p0`
  const c = contextOf(m, caps)
  m.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { leading } = emission(c, b, nest, plan)
    const outside = scope(null, 0)
    for (let k = 0; k < ins.length + outputs.length; k++) outside.made.set(terms.term('base', [], 'int32', k), b.let(i32.load(args, 4 * k)))
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
        if (length % block !== 0) b.set(high, select(i32.lt(high, i32.const(length)), high, i32.const(length)))
        range = { low, high }
      }
      leading(scope(outside, 0), tree, 0, cut, positions, range)
    })
  })
  const each = (size * plan.repeats) / total
  const cost = (each / plan.elements) * plan.work * nanoseconds
  return { passes: [{ name, total, grain: Math.max(1, Math.round(chunk / Math.max(each, 1))), cost }], scratch: 0 }
}
