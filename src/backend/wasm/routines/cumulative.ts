/**
 * Running sums, products and extremes along one axis. float32 sums and products run in float64 and round once per result.
 * Where elements follow each other along other axes these are the lanes; else several rows run side by side, so that they
 * do not wait for their own additions.
 */
import type { DType } from '../../../core/dtype.js'
import { isReal } from '../../../core/dtype.js'
import { sizeOf } from '../../../core/shape.js'
import type { BinaryOp } from '../../../kernel/operations.js'
import type { Body, Ex, Local } from '../code.js'
import { f32, f64, f64x2, i32, v128 } from '../instructions.js'
import type { LoopCode, KernelPass } from '../kernel.js'
import { contextOf } from '../loops/context.js'
import { bytesOf, constant, loadGroup, storeGroup, width } from '../loops/lanes.js'
import type { Scalar } from '../loops/scalars.js'
import { constantOf, readAt, scalarTwo, typeOf, writeAt } from '../loops/scalars.js'
import type { MathContext } from '../math/index.js'
import { binary, cast } from '../math/index.js'
import { emit, held } from '../math/node.js'
import type { Writer } from './routine.js'
import { divided, plus } from './runs.js'

const joins: Readonly<Record<string, BinaryOp>> = { cumsum: 'add', cumprod: 'mul', cummax: 'max', cummin: 'min' }

/** What leaves every element alone. */
const identity: Readonly<Record<string, (d: DType) => number>> = {
  add: () => 0,
  mul: () => 1,
  max: (d) => (isReal(d) ? -Infinity : d === 'int32' ? -2147483648 : 0),
  min: (d) => (isReal(d) ? Infinity : d === 'int32' ? 2147483647 : -1),
}

interface Geometry {
  readonly dtype: DType
  readonly bytes: number
  readonly join: BinaryOp
  /** The dtype of what runs along. */
  readonly state: DType
  readonly outer: number
  readonly n: number
  readonly inner: number
  readonly backwards: boolean
}

/** Rows side by side. */
const together = 4
/** Groups of lanes side by side. */
const groups = 4

/** From the end or from the beginning: the address of the first element and the bytes to the next. */
const direction = ({ n, inner, bytes, backwards }: Geometry, base: Ex<'i32'>): { readonly start: Ex<'i32'>; readonly step: number } => {
  const step = inner * bytes
  return backwards ? { start: i32.add(base, i32.const((n - 1) * step)), step: -step } : { start: base, step }
}

const bump = (b: Body, p: Local<'i32'>, by: number): void => {
  b.set(p, i32.add(p, i32.const(by)))
}

/** Blocks of lanes along the inner axes: a block that would stick out begins earlier, and makes some results twice. */
const acrossLanes = (c: MathContext, name: string, g: Geometry): KernelPass => {
  const { dtype, bytes, join, state, inner, n } = g
  const lanes = Math.min(groups * width, Math.floor(inner / width) * width)
  const blocks = Math.ceil(inner / lanes)
  const wide = state !== dtype
  c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    b.loop(begin, end, 1, (index) => {
      const [row, block] = divided(b, index, blocks)
      const first = b.let(i32.mul(block, i32.const(lanes)))
      if (inner % lanes > 0)
        b.if(i32.gt(first, i32.const(inner - lanes)), () => {
          b.set(first, i32.const(inner - lanes))
        })
      const offset = b.let(plus(i32.mul(first, i32.const(bytes)), row, n * inner * bytes))
      const from = direction(g, i32.add(i32.load(args, 0), offset))
      const to = direction(g, i32.add(i32.load(args, 4), offset))
      const [p, q] = [b.let(from.start), b.let(to.start)]
      const none = emit(b, constant(identity[join]!(dtype), state))
      const sums = Array.from({ length: lanes / width }, () => none.map((x) => b.let(x)))
      b.loop(i32.const(0), i32.const(n), 1, () => {
        sums.forEach((acc, k) => {
          const x = emit(b, loadGroup(b, dtype, p, k * width * bytes, 1, width))
          const next = binary(c, b, join, state, acc, wide ? cast(c, b, dtype, state, x) : x)
          next.forEach((v, j) => {
            b.set(acc[j]!, v)
          })
          storeGroup(b, dtype, q, k * width * bytes, 1, width, wide ? cast(c, b, state, dtype, acc) : acc)
        })
        bump(b, p, from.step)
        bump(b, q, to.step)
      })
    })
  })
  return { name, total: g.outer * blocks, grain: Math.max(1, Math.ceil(16384 / (n * lanes))), cost: n * lanes * (wide ? 0.5 : 0.3) }
}

const widened = (g: Geometry, x: Scalar): Scalar => (x.type === 'f32' && g.state === 'float64' ? f64.promoteF32(x) : x)
const narrowed = (g: Geometry, x: Scalar): Scalar => (x.type === 'f64' && g.dtype === 'float32' ? f32.demoteF64(x) : x)

/** One result after the other, along `count` rows at once. */
const rowsOf = (c: MathContext, b: Body, g: Geometry, from: Ex<'i32'>, to: Ex<'i32'>, count: number, apart: number): void => {
  const { dtype, join, state, n } = g
  const source = direction(g, from)
  const target = direction(g, to)
  const rows = Array.from({ length: count }, (_, r) => {
    const acc = b.local<'i32' | 'f32' | 'f64'>(typeOf(state))
    b.set(acc, constantOf(identity[join]!(dtype), state))
    return { p: b.let(i32.add(source.start, i32.const(r * apart))), q: b.let(i32.add(target.start, i32.const(r * apart))), acc }
  })
  b.loop(i32.const(0), i32.const(n), 1, () => {
    for (const { p, q, acc } of rows) {
      const x = readAt(dtype, p)
      const value = x.type === 'f32' ? b.let(x) : x.type === 'f64' ? b.let(x) : b.let(x)
      b.set(acc, scalarTwo(c, b, join, state, acc as Scalar, widened(g, value), null))
      b.run(writeAt(dtype, q, narrowed(g, acc)))
      bump(b, p, source.step)
      bump(b, q, target.step)
    }
  })
}

/** Rows of elements that lie `inner` apart. */
const alongRows = (c: MathContext, name: string, g: Geometry): KernelPass => {
  const { bytes, inner, n, outer } = g
  const rows = outer * inner
  const total = Math.ceil(rows / together)
  c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const some = (first: Ex<'i32'>, count: number): void => {
      const [high, low] = divided(b, first, inner)
      const offset = b.let(plus(i32.mul(low, i32.const(bytes)), high, n * inner * bytes))
      rowsOf(c, b, g, i32.add(i32.load(args, 0), offset), i32.add(i32.load(args, 4), offset), count, n * bytes)
    }
    b.loop(begin, end, 1, (index) => {
      const first = b.let(i32.mul(index, i32.const(together)))
      const single = (count: number): void => {
        if (inner === 1) return some(first, count)
        b.loop(i32.const(0), i32.const(count), 1, (k) => {
          some(b.let(i32.add(first, k)), 1)
        })
      }
      const left = rows % together
      if (left === 0) single(together)
      else
        b.if(
          i32.eq(index, i32.const(total - 1)),
          () => {
            single(left)
          },
          () => {
            single(together)
          },
        )
    })
  })
  return { name, total, grain: Math.max(1, Math.ceil(4096 / n)), cost: together * n * 0.7 }
}

/** Long rows of float32 sums and products: four elements are combined among themselves before they meet what came before. */
const longRows = (c: MathContext, name: string, g: Geometry): KernelPass => {
  const { n, outer, join, backwards } = g
  const whole = Math.floor(n / width)
  const f = join === 'add' ? f64x2.add : f64x2.mul
  c.module.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const unit = b.first(f64x2.const(join === 'add' ? 0 : 1))
    b.loop(begin, end, 1, (row) => {
      const offset = b.let(i32.mul(row, i32.const(4 * n)))
      const start = backwards ? 4 * (n - width) : 0
      const p = b.let(i32.add(i32.add(i32.load(args, 0), offset), i32.const(start)))
      const q = b.let(i32.add(i32.add(i32.load(args, 4), offset), i32.const(start)))
      const carry = b.let(unit)
      const lane = (k: 0 | 1): number[] => Array.from({ length: 16 }, (_, i) => 8 * k + (i % 8))
      /** What precedes within a pair: the unit, then the first of `x`. */
      const [first, last] = backwards ? ([1, 0] as const) : ([0, 1] as const)
      const within = (x: Local<'v128'>): Local<'v128'> => {
        const lanes = backwards ? [...range8(8), ...range8(16)] : [...range8(16), ...range8(0)]
        return b.let(f(x, v128.shuffle(x, unit, lanes)))
      }
      b.loop(i32.const(0), i32.const(whole), 1, () => {
        const wide = cast(c, b, 'float32', 'float64', [b.let(v128.load(p))])
        const near = within(wide[first]!)
        const far = within(wide[last]!)
        const nearAll = b.let(v128.shuffle(near, near, lane(last)))
        const farAll = b.let(v128.shuffle(far, far, lane(last)))
        const a = b.let(f(carry, near))
        const d = b.let(f(carry, f(nearAll, far)))
        b.set(carry, f(carry, f(nearAll, farAll)))
        const result = cast(c, b, 'float64', 'float32', backwards ? [d, a] : [a, d])
        b.run(v128.store(q, held(b, result[0]!)))
        bump(b, p, backwards ? -16 : 16)
        bump(b, q, backwards ? -16 : 16)
      })
      const acc = b.let(f64x2.lane(carry, 0))
      if (backwards) {
        bump(b, p, 12)
        bump(b, q, 12)
      }
      for (let k = 0; k < n - whole * width; k++) {
        const x = f64.promoteF32(f32.load(p))
        b.set(acc, join === 'add' ? f64.add(acc, x) : f64.mul(acc, x))
        b.run(f32.store(q, f32.demoteF64(acc)))
        bump(b, p, backwards ? -4 : 4)
        bump(b, q, backwards ? -4 : 4)
      }
    })
  })
  return { name, total: outer, grain: Math.max(1, Math.ceil(16384 / n)), cost: 0.5 * n }
}
const range8 = (from: number): number[] => Array.from({ length: 8 }, (_, k) => from + k)

/** Of one row only its own additions can be waited for; below this many rows the long form is taken. */
const few = 4
const long = 16

/** `cumsum`, `cumprod`, `cummax`, `cummin`. */
export const writeCumulative: Writer = (m, prefix, e, caps): LoopCode => {
  const { axis, reverse } = e.params as { readonly axis: number; readonly reverse: boolean }
  const { shape, dtype, size } = e.inputs[0]!.aval
  if (size === 0) return { passes: [], scratch: 0 }
  const join = joins[e.prim.name]!
  const state: DType = dtype === 'float32' && (join === 'add' || join === 'mul') ? 'float64' : dtype
  const g: Geometry = {
    dtype,
    bytes: bytesOf[dtype],
    join,
    state,
    outer: sizeOf(shape.slice(0, axis)),
    n: shape[axis]!,
    inner: sizeOf(shape.slice(axis + 1)),
    backwards: reverse,
  }
  const c = contextOf(m, caps)
  const name = `${prefix}c`
  const pass =
    g.inner >= width
      ? acrossLanes(c, name, g)
      : g.inner === 1 && state !== dtype && g.n >= long && g.outer < few
        ? longRows(c, name, g)
        : alongRows(c, name, g)
  return { passes: [pass], scratch: 0 }
}
