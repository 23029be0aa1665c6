/** One pass: a function over the parallel index of a domain. */
import type { Body, Ex, Local } from '../code.js'
import { i32, select } from '../instructions.js'
import type { KernelPass } from '../kernel.js'
import type { Capabilities, MathContext } from '../math/index.js'
import { forgetting } from '../math/node.js'
import type { Accumulator } from './accumulate.js'
import { accumulator } from './accumulate.js'
import type { Facts } from './analyse.js'
import { analyse, costOf } from './analyse.js'
import type { LoopPlan } from './choose.js'
import { choose, isFolded } from './choose.js'
import { domainCost } from './cost.js'
import type { Domain } from './domain.js'
import type { Frame } from './frame.js'
import { frame, lanesIn } from './frame.js'
import { width } from './lanes.js'
import type { PointerStream } from './streams.js'
import { streamsOf } from './streams.js'
import type { LoopSite } from './site.js'
import { hoist, store, valueIn } from './values.js'
import { keepIn } from './keep.js'

/** Updates of float32 sums between flushes. */
const sumBlock = 16

/** Work of one chunk, in vector operations. */
const chunkWork = 16384

const groupsOf = (n: number): number[] => Array.from({ length: Math.ceil(n / width) }, (_, g) => Math.min(width, n - g * width))

/** Adds a constant to a pointer or counter. */
const bump = (b: Body, p: Local<'i32'>, by: number): void => {
  if (by !== 0) b.set(p, i32.add(p, i32.const(by)))
}

interface Loops {
  readonly site: LoopSite
  /** What the loops make, outermost values first. */
  readonly roots: readonly number[]
  /** The innermost body. */
  readonly body: (f: Frame) => void
  readonly flushes: readonly (() => void)[]
}

/** Fresh pointers for the streams that move along `axis`, from those of `f`. */
const pointersAlong = ({ b, streams }: LoopSite, f: Frame, axis: number): Map<string, Local<'i32'>> => {
  const pointers = new Map<string, Local<'i32'>>()
  for (const s of streams.values()) if (s.strides[axis] !== 0) pointers.set(s.key, b.let(pointerOf(f, s)))
  return pointers
}
const pointerOf = (f: Frame, s: PointerStream): Local<'i32'> => {
  for (let at: Frame | null = f; at !== null; at = at.parent) {
    const p = at.pointers.get(s.key)
    if (p !== undefined) return p
  }
  return f.pointers.get(s.key)!
}
const advance = ({ b, streams }: LoopSite, pointers: ReadonlyMap<string, Local<'i32'>>, axis: number, by: number): void => {
  for (const [key, p] of pointers) {
    const s = streams.get(key)!
    bump(b, p, s.strides[axis]! * s.bytes * by)
  }
}

/** `body` at 0, step, ... below `to`, flushing sums every so often. */
const steppedLoop = (
  { site: { b, c }, flushes }: Loops,
  to: Ex<'i32'>,
  count: number,
  step: number,
  inner: (i: Local<'i32'>) => void,
): void => {
  const body = !c.wide
    ? inner
    : (i: Local<'i32'>): void => {
        forgetting(b, () => {
          inner(i)
        })
      }
  if (flushes.length === 0 || count <= sumBlock) {
    b.loop(i32.const(0), to, step, body)
    return
  }
  const i = b.let(i32.const(0))
  b.while(
    () => i32.lt(i, to),
    () => {
      const next = i32.add(i, i32.const(sumBlock * step))
      const limit = b.let(select(i32.lt(next, to), next, to))
      b.loop(i, limit, step, body, i)
      for (const f of flushes) f()
    },
  )
}

/** Where a block of an axis begins, and whether it is the last. */
interface Cut {
  readonly last: Ex<'i32'>
  readonly start: Ex<'i32'>
  readonly block: number
}
type Cuts = ReadonlyMap<number, Cut>

/** A loop over the part of an axis of any size that `cut` is: in steps, what is left by fours, and what is left then one by one. */
const elastic = (
  loops: Loops,
  f: Frame,
  axis: number,
  step: number,
  cut: Cut | undefined,
  extent: Ex<'i32'>,
  inside: (n: number, f: Partial<Frame>) => void,
): void => {
  const { site } = loops
  const { b } = site
  const pointers = pointersAlong(site, f, axis)
  const size = b.let(cut === undefined ? extent : i32.sub(extent, cut.start))
  if (cut !== undefined) b.if(i32.gt(size, i32.const(cut.block)), () => b.set(size, i32.const(cut.block)))
  const body =
    (n: number) =>
    (i: Local<'i32'>): void => {
      inside(n, { pointers, counters: new Map([[axis, cut === undefined ? i : i32.add(cut.start, i)]]) })
      advance(site, pointers, axis, n)
    }
  const done = b.let(i32.sub(size, i32.remu(size, i32.const(step))))
  steppedLoop(loops, done, Infinity, step, body(step))
  const fours = b.let(i32.and(size, i32.const(-width)))
  if (step > width) b.loop(done, fours, width, body(width))
  b.loop(fours, size, 1, body(1))
}

/** A loop over an axis in steps; `inside` is given how many elements count, which is less than `step` only at the end. */
const stepping = (
  loops: Loops,
  f: Frame,
  axis: number,
  step: number,
  cut: Cut | undefined,
  inside: (n: number, f: Partial<Frame>) => void,
): void => {
  const { site } = loops
  const { b, domain } = site
  const { size } = domain.axes[axis]!
  if (site.extent !== null) return elastic(loops, f, axis, step, cut, site.extent, inside)
  const pointers = pointersAlong(site, f, axis)
  const at = (i: Ex<'i32'>): ReadonlyMap<number, Ex<'i32'>> => new Map([[axis, cut === undefined ? i : i32.add(cut.start, i)]])
  const block = cut === undefined ? size : cut.block
  const last = size % block === 0 ? block : size % block
  const tail = last % step
  const whole = cut === undefined ? size - tail : block
  const main = last - tail === whole ? i32.const(whole) : b.let(select(cut!.last, i32.const(last - tail), i32.const(whole)))
  if (whole > 0)
    steppedLoop(loops, main, whole / step, step, (i) => {
      inside(step, { pointers, counters: at(i) })
      advance(site, pointers, axis, step)
    })
  if (tail === 0) return
  const rest = (): void => {
    inside(tail, { pointers, counters: at(i32.const(last - tail)) })
  }
  if (cut === undefined || block >= size) rest()
  else b.if(cut.last, rest)
}

/** The loops of one parallel index from depth `k` on; `crossing` is the number of groups that lie along the axis `cross`. */
const nest = (loops: Loops, f: Frame, k: number, cuts: Cuts, crossing: number): void => {
  const { site, roots, body, flushes } = loops
  const { plan } = site
  hoist(site, f, roots)
  if (k === plan.loops.length) {
    body(f)
    for (const flush of flushes) flush()
    return
  }
  const axis = plan.loops[k]!
  const innermost = k === plan.loops.length - 1
  const within: Loops = innermost ? loops : { ...loops, flushes: [] }
  if (axis === plan.lane)
    stepping(within, f, axis, plan.cross < 0 ? plan.groups * width : width, cuts.get(axis), (n, parts) => {
      const lanes = plan.cross < 0 ? groupsOf(n) : Array.from({ length: crossing }, () => n)
      const child = frame(f, k + 2, { ...parts, lanes })
      hoist(site, child, roots)
      body(child)
    })
  else
    stepping(within, f, axis, axis === plan.cross ? plan.groups : 1, cuts.get(axis), (n, parts) => {
      nest(loops, frame(f, k + 2, parts), k + 1, cuts, n)
    })
  if (innermost) for (const flush of flushes) flush()
}

/** Everything that one parallel index makes. */
const row = (site: LoopSite, f: Frame, cuts: Cuts): void => {
  const { b, domain, facts, plan, kept } = site
  const { values, targets } = domain
  const reductions = values.flatMap((v, i) => (v.op === 'reduce' && facts.needed[i] ? [{ v, i }] : []))
  const full = targets.filter((t) => !t.perRow)
  const keeping = [...kept].map(([value, target]) => ({ value, target }))
  const last = Math.max(0, ...full.map((t) => facts.phase[t.value]!), ...reductions.map(({ i }) => facts.phase[i]! - 1))
  for (let phase = 0; phase <= last; phase++) {
    const mine = reductions.filter(({ i }) => facts.phase[i] === phase + 1)
    const stored = full.filter((t) => facts.phase[t.value] === phase)
    const keep = keeping.filter(({ value }) => facts.phase[value] === phase)
    if (mine.length === 0 && stored.length === 0 && keep.length === 0) continue
    const here: LoopSite = {
      ...site,
      kept: new Map(keeping.flatMap(({ value, target }) => (facts.phase[value]! < phase ? [[value, target] as const] : []))),
    }
    const groups = isFolded(plan) ? 1 : plan.columns ? lanesIn(f).length : plan.groups
    const accumulators = mine.map(({ v, i }): { readonly i: number; readonly x: number; readonly acc: Accumulator } => {
      const across = !plan.columns
      return {
        i,
        x: v.x,
        acc: accumulator(b, v.combine, values[v.x]!.dtype, { groups, across }, v.dtype === 'float64' && values[v.x]!.dtype === 'float32'),
      }
    })
    nest(
      {
        site: here,
        roots: [...mine.map(({ v }) => v.x), ...stored.map((t) => t.value), ...keep.map((x) => x.value)],
        flushes: accumulators.flatMap(({ acc }) => (acc.flush === null ? [] : [acc.flush])),
        body: (g) => {
          const made = accumulators.map(({ x }) => valueIn(here, g, x))
          const results = stored.map((t) => valueIn(here, g, t.value))
          const extra = keep.map(({ value }) => valueIn(here, g, value))
          const lanes = lanesIn(g)
          accumulators.forEach(({ acc }, k) => {
            if (isFolded(plan)) lanes.forEach((n, j) => acc.update([made[k]![j] ?? made[k]![0]!], [n]))
            else acc.update(made[k]!, lanes)
          })
          stored.forEach((t, k) => {
            store(here, g, t, results[k]!, false)
          })
          keep.forEach(({ target }, k) => {
            store(here, g, target, extra[k]!, false)
          })
        },
      },
      f,
      0,
      cuts,
      0,
    )
    for (const { i, acc } of accumulators) f.made.set(i, acc.finish())
  }
  for (const t of targets) if (t.perRow) store(site, f, t, valueIn({ ...site, kept: new Map() }, f, t.value), !plan.columns)
}

/** How a domain is walked; an `elastic` one by code that serves any size of its only axis. */
export interface Walk {
  readonly domain: Domain
  readonly facts: Facts
  readonly plan: LoopPlan
  readonly elastic: boolean
}

/** The walk over a domain. */
export const walkOf = (machine: Capabilities, domain: Domain, elastic: boolean): Walk => {
  const facts = analyse(domain)
  return { domain, facts, plan: choose(domain, facts, machine, elastic), elastic }
}

/** Writes the function of one domain. */
export const emitPass = (c: MathContext, name: string, { domain, facts, plan, elastic }: Walk): void => {
  const streams = streamsOf(domain, facts.needed)
  c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const site: LoopSite = {
      c,
      b,
      domain,
      facts,
      plan,
      streams,
      extent: elastic ? b.first(i32.load(args, 4 * extentWord(domain))) : null,
      levelOf: (axis) => (plan.loops.includes(axis) ? plan.loops.indexOf(axis) + 2 : 1),
      kept: keepIn(domain, facts, plan),
    }
    const { rows, columns, lane } = plan
    const { size } = domain.axes[lane]!
    const bases = new Map<string, Local<'i32'>>()
    for (const s of streams.values()) bases.set(s.key, b.let(i32.add(i32.load(args, 4 * s.arg), i32.const(s.base * s.bytes))))
    // The position of the first parallel index on every axis.
    const rest = b.let(begin)
    const positions = rows.map(() => b.local('i32'))
    for (let k = rows.length - 1; k >= 0; k--) {
      b.set(positions[k]!, k === 0 ? rest : i32.remu(rest, i32.const(rows[k]!.count)))
      if (k > 0) b.set(rest, i32.divu(rest, i32.const(rows[k]!.count)))
    }
    const strideOf = (s: PointerStream, k: number): number => s.strides[rows[k]!.axis]! * rows[k]!.step * s.bytes
    const moving = [...streams.values()].filter((s) => rows.some((_, k) => strideOf(s, k) !== 0))
    const pointers = new Map<string, Local<'i32'>>()
    for (const s of moving) {
      let p: Ex<'i32'> = bases.get(s.key)!
      rows.forEach((_, k) => {
        if (strideOf(s, k) !== 0) p = i32.add(p, i32.mul(positions[k]!, i32.const(strideOf(s, k))))
      })
      pointers.set(s.key, b.let(p))
    }
    const outside = frame(null, 0, { pointers: bases })
    hoist(
      site,
      outside,
      domain.targets.map((t) => t.value),
    )
    hoist(
      site,
      outside,
      domain.values.flatMap((v, i) => (v.op === 'reduce' && facts.needed[i] ? [v.x] : [])),
    )
    const cutAt = rows.findIndex((r) => r.axis === lane)
    const isLast = cutAt < 0 ? null : i32.eq(positions[cutAt]!, i32.const(rows[cutAt]!.count - 1))
    const cuts = new Map<number, Cut>()
    rows.forEach(({ axis, count, step }, k) => {
      if (!plan.loops.includes(axis)) return
      cuts.set(axis, { last: i32.eq(positions[k]!, i32.const(count - 1)), start: i32.mul(positions[k]!, i32.const(step)), block: step })
    })
    const counters = new Map<number, Ex<'i32'>>()
    rows.forEach((r, k) => {
      if (!cuts.has(r.axis)) counters.set(r.axis, positions[k]!)
    })
    if (columns) counters.set(lane, i32.mul(positions[cutAt]!, i32.const(plan.block)))
    if (isFolded(plan)) counters.set(plan.cross, i32.const(0))
    /** Moves to the next parallel index: a step on the last axis, with carries. */
    const next = (k: number, carried: readonly number[]): void => {
      bump(b, positions[k]!, 1)
      for (const s of moving)
        bump(b, pointers.get(s.key)!, strideOf(s, k) - carried.reduce((n, j) => n + strideOf(s, j) * rows[j]!.count, 0))
      if (k > 0)
        b.if(i32.eq(positions[k]!, i32.const(rows[k]!.count)), () => {
          b.set(positions[k]!, i32.const(0))
          next(k - 1, [k])
        })
    }
    b.loop(begin, end, 1, () => {
      const inRow = (lanes: readonly number[] | null): void => {
        row(site, frame(outside, 1, { pointers, counters, lanes }), cuts)
      }
      const full = Array.from({ length: plan.groups }, () => width)
      const lastOf = (n: number): number[] => (isFolded(plan) ? full.map(() => n) : groupsOf(n))
      if (!columns) inRow(null)
      else if (size % plan.block === 0) inRow(full)
      else if (rows[cutAt]!.count === 1) inRow(lastOf(size))
      else
        b.if(
          isLast!,
          () => {
            inRow(lastOf(size % plan.block))
          },
          () => {
            inRow(full)
          },
        )
      if (rows.length > 0) next(rows.length - 1, [])
    })
  })
}

/** The word of the arguments behind those of inputs and outputs. */
const extentWord = ({ targets }: Domain): number => Math.max(...targets.map((t) => t.arg)) + 1

/** The pass that runs a walk by the function `name`. */
export const passOf = (name: string, { domain, facts, plan }: Walk): KernelPass => {
  const total = plan.rows.reduce((n, r) => n * r.count, 1)
  const elements = domain.axes.reduce((n, a) => n * a.size, 1) / Math.max(total, 1)
  const work =
    (Math.max(
      4,
      domain.values.reduce((n, v, i) => n + (facts.needed[i] ? costOf(v) : 0), 0),
    ) *
      elements) /
    width
  return {
    name,
    total,
    grain: Math.max(1, Math.round((chunkWork * 4) / Math.max(work, 1))),
    cost: domainCost(domain, facts) / Math.max(total, 1),
  }
}
