/**
 * scatter: updates written into, or combined with, the places that indices name. Every parallel index owns one run of
 * elements of every slice and takes the updates in order, so results do not depend on how the work is shared.
 */
import type { DType } from '../../../core/dtype.js'
import type { BinaryOp } from '../../../kernel/operations.js'
import type { Ex } from '../code.js'
import { i32 } from '../instructions.js'
import type { LoopCode, KernelPass } from '../kernel.js'
import { contextOf } from '../loops/context.js'
import type { MathContext } from '../math/index.js'
import { binary } from '../math/index.js'
import type { Writer } from './routine.js'
import { copyPass } from './copy.js'
import { plus } from './runs.js'
import type { Geometry } from './shares.js'
import { combine, eachUpdate, geometry, shared, sharesOf, updatesOf } from './shares.js'
import { wideScatter } from './totals.js'

/** How an update meets what is there; `null` replaces it. */
const joinOf = (op: string, d: DType): BinaryOp | null => {
  if (op === 'set') return null
  if (d === 'bool') return op === 'add' || op === 'max' ? 'or' : 'and'
  return op as BinaryOp
}

/** Byte offsets from the start of a batch of x, -1 outside, of all updates. */
const placesPass = (m: Parameters<Writer>[0], name: string, g: Geometry): KernelPass => {
  const k = g.indexed.length
  m.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const index = b.let(plus(i32.load(args, 4), begin, 4 * k))
    const to = b.let(plus(i32.load(args, 16), begin, 4))
    b.loop(begin, end, 1, () => {
      let inside: Ex<'i32'> = i32.const(1)
      let place: Ex<'i32'> = i32.const(0)
      g.indexed.forEach(({ size, stride }, j) => {
        const at = b.let(i32.load(index, 4 * j))
        const test = i32.ltu(at, i32.const(size))
        inside = j === 0 ? test : i32.and(inside, test)
        place = plus(place, at, stride * g.bytes)
      })
      b.run(i32.store(to, i32.or(place, i32.sub(inside, i32.const(1)))))
      b.set(index, i32.add(index, i32.const(4 * k)))
      b.set(to, i32.add(to, i32.const(4)))
    })
  })
  return { name, total: g.batches * g.count, grain: 1 << 14, cost: 0.6 + 0.4 * k }
}

/** Updates straight into the output. */
const directPass = (c: MathContext, name: string, g: Geometry, op: string): KernelPass => {
  const join = joinOf(op, g.dtype)
  const total = sharesOf(g)
  c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    b.loop(begin, end, 1, (p) => {
      shared(b, g, p, (s) => {
        const out = b.let(plus(plus(i32.load(args, 12), s.batch, g.volume * g.bytes), s.inX, g.bytes))
        eachUpdate(b, g, plus(i32.load(args, 16), s.batch, 4 * g.count), updatesOf(args, g, s), (place, update) => {
          const to = { at: i32.add(out, place), bytes: g.bytes, dtype: g.dtype }
          const from = { at: update, bytes: g.bytes, dtype: g.dtype }
          if (join === null) combine(b, s.length, to, [from], (x) => x)
          else combine(b, s.length, to, [to, from], (x, y) => binary(c, b, join, g.dtype, x, y))
        })
      })
    })
  })
  return { name, total, grain: 1, cost: g.count * (1 + g.block * 0.3) }
}

/** x `[B..., dims...]`, indices `[B..., I..., K]`, updates `[B..., I..., dims without the indexed ones]`; updates out of range are dropped. */
export const writeScatter: Writer = (m, prefix, e, caps): LoopCode => {
  const g = geometry(e)
  const { op } = e.params as unknown as { readonly op: string }
  const c = contextOf(m, caps)
  const size = e.inputs[0]!.aval.size * g.bytes
  if (size === 0) return { passes: [], scratch: 0 }
  const copy = copyPass(m, `${prefix}c`, size, 3)
  if (g.count * g.slice === 0) return { passes: [copy], scratch: 0 }
  const places = placesPass(m, `${prefix}i`, g)
  // A single update rounds once by itself.
  if (g.dtype === 'float32' && (op === 'add' || op === 'mul') && g.count > 1) return wideScatter(c, prefix, g, op, copy, places)
  return { passes: [copy, places, directPass(c, `${prefix}u`, g, op)], scratch: Math.max(64, 4 * g.batches * g.count) }
}
