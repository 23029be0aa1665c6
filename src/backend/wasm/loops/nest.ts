/** General loop nests as scalar code: guards become branches, what does not change in a loop is computed outside it. */
import type { Aval } from '../../../core/aval.js'
import type { DType } from '../../../core/dtype.js'
import { isReal } from '../../../core/dtype.js'
import { stridesOf, sizeOf } from '../../../core/shape.js'
import type { Combine, LoopNest } from '../../../kernel/loop.js'
import type { BinaryOp, CompareOp, TernaryOp, UnaryOp } from '../../../kernel/operations.js'
import type { Body, Ex, Local } from '../code.js'
import { f32, f64, i32, select } from '../instructions.js'
import type { Caps, LoopCode } from '../kernel.js'
import type { Context } from '../math/index.js'
import type { ModuleBuilder } from '../module.js'
import { contextOf } from './context.js'
import type { Term } from './graph.js'
import { graph } from './graph.js'
import { bytesOf } from './lanes.js'
import type { Scalar } from './scalars.js'
import {
  constantOf,
  readAt,
  scalarBits,
  scalarCast,
  scalarEither,
  scalarOne,
  scalarSelect,
  scalarThree,
  scalarTwo,
  typeOf,
  writeAt,
} from './scalars.js'

/** Values made at one place of the code, visible to what lies inside. */
interface Scope {
  readonly parent: Scope | null
  readonly level: number
  readonly made: Map<Term, Scalar>
}

const scope = (parent: Scope | null, level: number): Scope => ({ parent, level, made: new Map() })

const find = (s: Scope | null, t: Term): Scalar | undefined => {
  for (let at = s; at !== null; at = at.parent) {
    const x = at.made.get(t)
    if (x !== undefined) return x
  }
  return undefined
}

/** Elements of one parallel index, at least, where there are as many. */
const smallest = 256
/** Elements of one chunk. */
const chunk = 16384

/** Nanoseconds of one scalar instruction, roughly. */
const nanoseconds = 0.25

/** Instructions of an element, roughly: the different terms under `root`, and the loop's own. */
const instructions = (root: Term): number => {
  const seen = new Set<Term>()
  const visit = (t: Term): void => {
    if (seen.has(t)) return
    seen.add(t)
    t.args.forEach(visit)
  }
  visit(root)
  return seen.size + 3
}

const identity: Readonly<Record<Combine, (d: DType) => number>> = {
  add: () => 0,
  mul: () => 1,
  max: (d) => (isReal(d) ? -Infinity : d === 'int32' ? -2147483648 : 0),
  min: (d) => (isReal(d) ? Infinity : d === 'int32' ? 2147483647 : d === 'bool' ? 1 : -1),
  and: (d) => (d === 'bool' ? 1 : isReal(d) ? Infinity : -1),
  or: (d) => (isReal(d) ? -Infinity : 0),
}
const joins: Readonly<Record<Combine, BinaryOp>> = { add: 'add', mul: 'mul', max: 'max', min: 'min', and: 'and', or: 'or' }

/** Emission of terms into one body. */
const evaluator = (c: Context, b: Body) => {
  const hold = (s: Scope, t: Term, x: Scalar): Scalar => {
    const local = x.type === 'i32' ? b.let(x) : x.type === 'f32' ? b.let(x) : b.let(x)
    s.made.set(t, local)
    return local
  }
  const value = (s: Scope, t: Term): Scalar => {
    if (t.op === 'const') return constantOf(t.n, t.dtype)
    return find(s, t) ?? hold(s, t, compute(s, t))
  }
  const int = (s: Scope, t: Term): Ex<'i32'> => value(s, t) as Ex<'i32'>
  const compute = (s: Scope, t: Term): Scalar => {
    const [x, y, z] = t.args
    switch (t.op) {
      case 'read':
        return readAt(t.dtype, int(s, x!))
      case 'select':
        return selected(s, t)
      case 'cast':
        return scalarCast(c, b, x!.dtype, t.dtype, value(s, x!))
      case 'bitcast':
        return scalarBits(t.dtype, value(s, x!))
      default:
        if (y === undefined) return scalarOne(c, b, t.op as UnaryOp, x!.dtype, value(s, x!))
        if (z !== undefined) return scalarThree(c, b, t.op as TernaryOp, x!.dtype, value(s, x!), value(s, y), value(s, z))
        return scalarTwo(c, b, t.op as BinaryOp | CompareOp, x!.dtype, value(s, x!), value(s, y), y.op === 'const' ? y.n : null)
    }
  }
  const selected = (s: Scope, t: Term): Scalar => {
    const [test, x, y] = t.args
    const when = int(s, test!)
    if (!x!.reads && !y!.reads) return scalarSelect(when, value(s, x!), value(s, y!))
    return scalarEither(
      b,
      t.dtype,
      when,
      () => value(scope(s, s.level), x!),
      () => value(scope(s, s.level), y!),
    )
  }
  /** Makes in `s` what `root` needs and the loops inside do not change. Reads behind a guard stay there. */
  const hoist = (s: Scope, root: Term): void => {
    const seen = new Set<number>()
    const visit = (t: Term, guarded: boolean): void => {
      const mark = t.id * 2 + Number(guarded)
      if (seen.has(mark) || t.op === 'const' || t.op === 'base' || t.op === 'index') return
      seen.add(mark)
      if (t.level <= s.level && !(guarded && t.reads)) value(s, t)
      else
        t.args.forEach((a, k) => {
          visit(a, guarded || (t.op === 'select' && k > 0))
        })
    }
    visit(root, false)
  }
  return { value, hoist }
}

/** Writes the function of a nest; its arguments are the addresses of the inputs and of the output. */
export const plainNest = (m: ModuleBuilder, prefix: string, nest: LoopNest, ins: readonly Aval[], caps: Caps): LoopCode => {
  const { shape, dtype, reduce, body: root } = nest
  const size = sizeOf(shape)
  if (size === 0) return { passes: [], scratch: 0 }
  const c = contextOf(m, caps)
  const sizes = reduce?.sizes ?? []
  const depth = shape.length
  const inner = sizeOf(sizes)

  // The parallel index: leading axes, and blocks of axis `cut`; axes from `cut` on are loops.
  let cut = depth - 1
  while (cut > 0 && sizeOf(shape.slice(cut)) * inner < smallest) cut--
  const below = sizeOf(shape.slice(cut + 1)) * inner
  const block = depth === 0 ? 1 : Math.max(1, Math.min(shape[cut]!, Math.ceil(smallest / Math.max(1, below))))
  const blocks = depth === 0 ? 1 : Math.ceil(shape[cut]! / block)
  const leading = depth === 0 ? [] : shape.slice(0, cut)
  const total = sizeOf(leading) * blocks
  const levelOf = (axis: number): number => (axis < cut ? 1 : axis - Math.max(cut, 0) + 2)
  const terms = graph(ins, levelOf)
  const value = terms.of(root)
  const strides = stridesOf(shape)
  const to = Array.from({ length: depth }, (_, k) =>
    terms.term('mul', [terms.term('index', [], 'int32', k), terms.term('const', [], 'int32', strides[k]! * bytesOf[dtype])], 'int32'),
  )
  const target = to.reduce((x, y) => terms.term('add', [x, y], 'int32'), terms.term('base', [], 'int32', ins.length))

  const name = `${prefix}p0`
  m.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    const { value: make, hoist } = evaluator(c, b)
    const outside = scope(null, 0)
    for (let k = 0; k <= ins.length; k++) outside.made.set(terms.term('base', [], 'int32', k), b.let(i32.load(args, 4 * k)))
    const at = (s: Scope, axis: number, position: Local<'i32'>): void => {
      s.made.set(terms.term('index', [], 'int32', axis), position)
    }
    hoist(outside, value)
    const element = (s: Scope): void => {
      const place = make(s, target) as Ex<'i32'>
      if (reduce === undefined) {
        b.run(writeAt(dtype, place, make(s, value)))
        return
      }
      b.run(writeAt(dtype, place, reduction(s)))
    }
    const reduction = (s: Scope): Scalar => {
      const { combine } = reduce!
      const wide = dtype === 'float32' && (combine === 'add' || combine === 'mul')
      const held: DType = wide ? 'float64' : dtype
      const join: BinaryOp = isReal(held) && combine === 'and' ? 'min' : isReal(held) && combine === 'or' ? 'max' : joins[combine]
      const acc = b.local<'i32' | 'f32' | 'f64'>(typeOf(held))
      b.set(acc, constantOf(identity[combine](dtype), held))
      const step = (inside: Scope, k: number): void => {
        hoist(inside, value)
        if (k === sizes.length) {
          const x = make(inside, value)
          const y = wide && x.type === 'f32' ? f64.promoteF32(x) : x
          b.set(acc, scalarTwo(c, b, join, held, acc as Scalar, y, null))
          return
        }
        b.loop(i32.const(0), i32.const(sizes[k]!), 1, (i) => {
          const next = scope(inside, levelOf(depth + k))
          at(next, depth + k, i)
          step(next, k + 1)
        })
      }
      step(s, 0)
      return wide ? f32.demoteF64(acc as Ex<'f64'>) : acc
    }
    const loops = (s: Scope, k: number): void => {
      hoist(s, value)
      hoist(s, target)
      if (k >= depth) return element(s)
      b.loop(i32.const(0), i32.const(shape[k]!), 1, (i) => {
        const next = scope(s, levelOf(k))
        at(next, k, i)
        loops(next, k + 1)
      })
    }
    b.loop(begin, end, 1, (index) => {
      const s = scope(outside, 1)
      const rest = b.let(index)
      const start = b.let(i32.mul(i32.remu(rest, i32.const(blocks)), i32.const(block)))
      b.set(rest, i32.divu(rest, i32.const(blocks)))
      for (let k = leading.length - 1; k >= 0; k--) {
        at(s, k, b.let(k === 0 ? rest : i32.remu(rest, i32.const(leading[k]!))))
        if (k > 0) b.set(rest, i32.divu(rest, i32.const(leading[k]!)))
      }
      if (depth === 0) {
        hoist(s, value)
        return element(s)
      }
      hoist(s, value)
      hoist(s, target)
      const limit = b.let(i32.add(start, i32.const(block)))
      if (shape[cut]! % block !== 0) b.set(limit, select(i32.lt(limit, i32.const(shape[cut]!)), limit, i32.const(shape[cut]!)))
      b.loop(start, limit, 1, (i) => {
        const next = scope(s, 2)
        at(next, cut, i)
        loops(next, cut + 1)
      })
    })
  })
  const each = (depth === 0 ? 1 : block) * below
  const cost = (size / total) * inner * instructions(value) * nanoseconds
  return { passes: [{ name, total, grain: Math.max(1, Math.round(chunk / Math.max(each, 1))), cost }], scratch: 0 }
}
