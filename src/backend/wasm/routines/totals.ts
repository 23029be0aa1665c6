/**
 * Scattered sums and products of float32: kept in float64 and rounded once. Short slices have a total each in scratch;
 * long ones are gone through place by place, with the updates of every place listed in their order.
 */
import type { Body, Ex, Local } from '../code.js'
import { i32, memory } from '../instructions.js'
import type { LoopCode, KernelPass } from '../kernel.js'
import { loadGroup, storeGroup, width } from '../loops/lanes.js'
import type { MathContext } from '../math/index.js'
import { binary, cast } from '../math/index.js'
import { emit } from '../math/node.js'
import { plus } from './runs.js'
import type { Geometry } from './shares.js'
import { combine, eachUpdate, shared, sharesOf, updatesOf } from './shares.js'

/** Elements of a slice from which on places are gone through one by one. */
const longSlice = 8
/** Groups of lanes whose totals are in registers together. */
const groups = 4

type Op = 'add' | 'mul'

/** A total for every element of x. */
const dense = (c: MathContext, prefix: string, g: Geometry, op: Op, places: KernelPass): LoopCode => {
  const start = Math.ceil((4 * g.batches * g.count) / 64) * 64
  const piece = 1 << 14
  const size = g.batches * g.volume
  const pieces = Math.ceil(size / piece)
  const convert = (name: string, body: (b: Body, args: Ex<'i32'>, first: Ex<'i32'>, length: number) => void): KernelPass => {
    c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
      b.loop(begin, end, 1, (k) => {
        const first = b.let(i32.mul(k, i32.const(piece)))
        const last = size - (pieces - 1) * piece
        const whole = (): void => {
          body(b, args, first, piece)
        }
        const rest = (): void => {
          body(b, args, first, last)
        }
        if (last === piece) whole()
        else b.if(i32.eq(k, i32.const(pieces - 1)), rest, whole)
      })
    })
    return { name, total: pieces, grain: 4, cost: piece * 0.4 }
  }
  const wide = (args: Ex<'i32'>, first: Ex<'i32'>) =>
    ({ at: plus(i32.add(i32.load(args, 16), i32.const(start)), first, 8), bytes: 8, dtype: 'float64' }) as const
  const narrow = (args: Ex<'i32'>, k: number, first: Ex<'i32'>) =>
    ({ at: plus(i32.load(args, k), first, 4), bytes: 4, dtype: 'float32' }) as const
  const widen = convert(`${prefix}w`, (b, args, first, n) => {
    combine(b, n, wide(args, first), [narrow(args, 0, first)], (x) => cast(c, b, 'float32', 'float64', x))
  })
  const round = convert(`${prefix}r`, (b, args, first, n) => {
    combine(b, n, narrow(args, 12, first), [wide(args, first)], (x) => cast(c, b, 'float64', 'float32', x))
  })
  const name = `${prefix}u`
  c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    b.loop(begin, end, 1, (p) => {
      shared(b, g, p, (s) => {
        const totals = b.let(i32.add(plus(plus(i32.load(args, 16), s.batch, 8 * g.volume), s.inX, 8), i32.const(start)))
        eachUpdate(b, g, plus(i32.load(args, 16), s.batch, 4 * g.count), updatesOf(args, g, s), (place, update) => {
          // Places are offsets of float32.
          const to = { at: b.let(plus(totals, place, 2)), bytes: 8, dtype: 'float64' } as const
          combine(b, s.length, to, [to, { at: update, bytes: 4, dtype: 'float32' }], (acc, x) =>
            binary(c, b, op, 'float64', acc, cast(c, b, 'float32', 'float64', x)),
          )
        })
      })
    })
  })
  const updates: KernelPass = { name, total: sharesOf(g), grain: 1, cost: g.count * (1.5 + g.block * 0.5) }
  return { passes: [places, widen, updates, round], scratch: start + 8 * size }
}

/** What is in scratch for every batch: the list of places, which becomes one of slots; then, by slot. */
interface Lists {
  readonly slots: number
  /** The place of a slot. */
  readonly owners: number
  /** Where the updates of a slot end in `order`. */
  readonly ends: number
  /** Updates, those of the first slot first. */
  readonly order: number
  /** How many slots are in use. */
  readonly used: number
  readonly bytes: number
}
const listsOf = (g: Geometry): Lists => {
  const slots = Math.min(g.count, g.places)
  const owners = 4 * g.batches * g.count
  const ends = owners + 4 * g.batches * slots
  const order = ends + 4 * g.batches * slots
  const used = order + 4 * g.batches * g.count
  return { slots, owners, ends, order, used, bytes: used + 4 * g.batches }
}

/** Lists the updates of every touched place; a place's slot stands in its first element of the output meanwhile. */
const listPass = (c: MathContext, name: string, g: Geometry, t: Lists): KernelPass => {
  c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    b.loop(begin, end, 1, (batch) => {
      const scratch = b.let(i32.load(args, 16))
      const out = b.let(plus(i32.load(args, 12), batch, g.volume * g.bytes))
      const list = plus(scratch, batch, 4 * g.count)
      const of = (offset: number): Local<'i32'> => b.let(i32.add(plus(scratch, batch, 4 * t.slots), i32.const(offset)))
      const [owners, ends] = [of(t.owners), of(t.ends)]
      const order = b.let(i32.add(plus(scratch, batch, 4 * g.count), i32.const(t.order)))
      const eachEntry = (body: (at: Local<'i32'>, entry: Local<'i32'>, i: Local<'i32'>) => void): void => {
        const at = b.let(list)
        b.loop(i32.const(0), i32.const(g.count), 1, (i) => {
          const entry = b.let(i32.load(at))
          b.if(i32.ge(entry, i32.const(0)), () => {
            body(at, entry, i)
          })
          b.set(at, i32.add(at, i32.const(4)))
        })
      }
      eachEntry((_, entry) => {
        b.run(i32.store(i32.add(out, entry), i32.const(-1)))
      })
      b.run(memory.fill(ends, i32.const(0), i32.const(4 * t.slots)))
      const used = b.let(i32.const(0))
      eachEntry((at, entry) => {
        const place = b.let(i32.add(out, entry))
        const slot = b.let(i32.load(place))
        b.if(i32.lt(slot, i32.const(0)), () => {
          b.set(slot, used)
          b.run(i32.store(place, slot))
          b.run(i32.store(plus(owners, slot, 4), entry))
          b.set(used, i32.add(used, i32.const(1)))
        })
        b.run(i32.store(at, slot))
        const count = b.let(plus(ends, slot, 4))
        b.run(i32.store(count, i32.add(i32.load(count), i32.const(1))))
      })
      b.run(i32.store(plus(scratch, batch, 4), used, t.used))
      // Counts to starts, which the listing moves to the ends.
      const sum = b.let(i32.const(0))
      const p = b.let(ends)
      b.loop(i32.const(0), used, 1, () => {
        const count = b.let(i32.load(p))
        b.run(i32.store(p, sum))
        b.set(sum, i32.add(sum, count))
        b.set(p, i32.add(p, i32.const(4)))
      })
      eachEntry((_, slot, i) => {
        const entry = b.let(plus(ends, slot, 4))
        const to = b.let(i32.load(entry))
        b.run(i32.store(plus(order, to, 4), i))
        b.run(i32.store(entry, i32.add(to, i32.const(1))))
      })
    })
  })
  return { name, total: g.batches, grain: 1, cost: 5 * g.count }
}

/** Every index is a slot: its totals, a few groups at a time, over its updates in their order. */
const slotsPass = (c: MathContext, name: string, g: Geometry, op: Op, t: Lists): KernelPass => {
  const runs = g.outer.reduce((n, a) => n * a.size, 1)
  c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const slotTotals = (batch: Ex<'i32'>, slot: Ex<'i32'>): void => {
      const scratch = b.let(i32.load(args, 16))
      const bySlot = b.let(plus(plus(scratch, batch, 4 * t.slots), slot, 4))
      const place = b.let(i32.add(i32.load(bySlot, t.owners), i32.mul(batch, i32.const(4 * g.volume))))
      const first = b.let(i32.const(0))
      b.if(i32.gt(slot, i32.const(0)), () => {
        b.set(first, i32.load(i32.sub(bySlot, i32.const(4)), t.ends))
      })
      const order = plus(scratch, batch, 4 * g.count)
      const from = b.let(plus(order, first, 4))
      const to = b.let(plus(order, i32.load(bySlot, t.ends), 4))
      const updates = b.let(plus(i32.load(args, 8), batch, 4 * g.count * g.slice))
      const [x, out] = [0, 12].map((k) => b.let(i32.add(i32.load(args, k), place)))
      /** Elements `inX` of the slice in x and `inUpdate` in an update, `n` of them. */
      const some = (inX: Ex<'i32'>, inUpdate: Ex<'i32'>, n: number): void => {
        const parts = Array.from({ length: Math.ceil(n / width) }, (_, k) => ({ at: 16 * k, lanes: Math.min(width, n - width * k) }))
        const [source, target, start] = [b.let(plus(x!, inX, 4)), b.let(plus(out!, inX, 4)), b.let(plus(updates, inUpdate, 4))]
        const read = (p: Ex<'i32'>, at: number, lanes: number) =>
          cast(c, b, 'float32', 'float64', emit(b, loadGroup(b, 'float32', p, at, 1, lanes)))
        const totals = parts.map(({ at, lanes }) => read(source, at, lanes).map((v) => b.let(v)))
        b.loop(from, to, 4, (entry) => {
          const update = b.let(plus(start, i32.load(entry, t.order), 4 * g.slice))
          parts.forEach(({ at, lanes }, k) => {
            binary(c, b, op, 'float64', totals[k]!, read(update, at, lanes)).forEach((v, j) => {
              b.set(totals[k]![j]!, v)
            })
          })
        })
        parts.forEach(({ at, lanes }, k) => {
          storeGroup(b, 'float32', target, at, 1, lanes, cast(c, b, 'float64', 'float32', totals[k]!))
        })
      }
      const run = (inX: Ex<'i32'>, inUpdate: Ex<'i32'>): void => {
        const block = groups * width
        const whole = Math.floor(g.run / block) * block
        b.loop(i32.const(0), i32.const(whole), block, (at) => {
          some(b.let(i32.add(inX, at)), b.let(i32.add(inUpdate, at)), block)
        })
        if (whole < g.run) some(b.let(i32.add(inX, i32.const(whole))), b.let(i32.add(inUpdate, i32.const(whole))), g.run - whole)
      }
      if (runs === 1) return run(i32.const(0), i32.const(0))
      const inUpdate = b.let(i32.const(0))
      const outer = (inX: Ex<'i32'>, k: number): void => {
        if (k === g.outer.length) {
          run(inX, inUpdate)
          b.set(inUpdate, i32.add(inUpdate, i32.const(g.run)))
          return
        }
        const { size, stride } = g.outer[k]!
        b.loop(i32.const(0), i32.const(size), 1, (i) => {
          outer(b.let(plus(inX, i, stride)), k + 1)
        })
      }
      outer(i32.const(0), 0)
    }
    b.loop(begin, end, 1, (p) => {
      const batch = b.let(i32.divu(p, i32.const(t.slots)))
      const slot = b.let(i32.remu(p, i32.const(t.slots)))
      b.if(i32.lt(slot, i32.load(plus(i32.load(args, 16), batch, 4), t.used)), () => {
        slotTotals(batch, slot)
      })
    })
  })
  const updates = g.count / t.slots
  const cost = g.slice * (0.3 + 0.4 * updates) + 4
  return { name, total: g.batches * t.slots, grain: Math.max(1, Math.ceil(16384 / (g.slice * (1 + updates)))), cost }
}

/** Sums or products: `copy` and `places` are the passes that come first. */
export const wideScatter = (c: MathContext, prefix: string, g: Geometry, op: Op, copy: KernelPass, places: KernelPass): LoopCode => {
  if (g.slice < longSlice && g.count * 8 >= g.places) return dense(c, prefix, g, op, places)
  const lists = listsOf(g)
  return {
    passes: [copy, places, listPass(c, `${prefix}l`, g, lists), slotsPass(c, `${prefix}u`, g, op, lists)],
    scratch: lists.bytes,
  }
}
