/**
 * Bodies of loop nests as graphs. Every axis stands at a constant or runs over a segment, and what is known about positions
 * is used at once: tests that hold everywhere vanish, divisions without remainder become products. Equal terms are one.
 */
import type { DType } from '../../../core/dtype.js'
import { stridesOf } from '../../../core/shape.js'
import type { Expr } from '../../../kernel/scalar.js'
import { operandsOf } from '../../../kernel/scalar.js'
import { bytesOf } from '../loops/lanes.js'
import type { Nest } from './nest.js'

/** Positions `from + step * j` on an axis for `j` from 0 below `count`. */
export interface Segment {
  readonly from: number
  readonly step: number
  readonly count: number
}

/** A sum of products: terms times factors, and a constant. */
export interface Linear {
  readonly parts: ReadonlyMap<Term, number>
  readonly constant: number
}

/** A scalar value of a nest. */
export interface Term {
  readonly id: number
  /**
   * `read` loads from `n` bytes after its argument; `var` counts along a segment of axis `n`; `sum` is written out by
   * `expanded`; `most` and `least` are the extreme of several floats, NaN if one is.
   */
  readonly op: Exclude<Expr['op'], 'input' | 'load' | 'index'> | 'read' | 'base' | 'var' | 'sum' | 'most' | 'least'
  readonly args: readonly Term[]
  readonly dtype: DType
  readonly n: number
  /** 0 outside all loops; the depth of the innermost loop that it changes in. */
  readonly level: number
  /** Reads memory that may not be there, itself or below, unless a test says so. */
  readonly reads: boolean
  /** Bounds of an int32. */
  readonly low: number
  readonly high: number
  /** What an int32 is the sum of, when it is one. */
  readonly linear: Linear | null
}

/** What was asked about positions that no segment answers. */
export interface Questions {
  /** The sign of `factor * j + constant` along an axis. */
  readonly sign: (axis: number, factor: number, constant: number, strict: boolean) => void
  /** A division that leaves remainders unless an axis is walked in steps of `period`. */
  readonly divides: (axis: number, period: number) => void
  /** A test of several axes at once. */
  readonly several: (axes: readonly number[]) => void
}

/** Where an axis stands. */
export type AxisPlace = number | { readonly segment: Segment; readonly name: string }

/** A source of terms. */
export interface Terms {
  readonly constant: (value: number, dtype: DType) => Term
  readonly term: (op: Term['op'], args: readonly Term[], dtype: DType, n?: number) => Term
  readonly counter: (axis: number, segment: Segment, name: string) => Term
  /** A sum as nested additions, what changes least innermost, so that every loop adds only what it changes. */
  readonly expanded: (sum: Term) => Term
  readonly of: (e: Expr, places: readonly AxisPlace[], questions?: Questions) => Term
  /** The address `constant` bytes from a base plus strides times positions. */
  readonly address: (
    arg: number,
    places: readonly AxisPlace[],
    strides: readonly number[],
  ) => { readonly at: Term; readonly offset: number }
}

const widest = 2 ** 31
const none: Questions = { sign: () => undefined, divides: () => undefined, several: () => undefined }

/** A product as int32 arithmetic has it. */
const times = (a: number, b: number): number => (Math.abs(a * b) < widest ? a * b : Math.imul(a, b))
const scaled = ({ parts, constant }: Linear, by: number): Linear => ({
  parts: by === 0 ? new Map() : new Map([...parts].map(([t, f]) => [t, times(f, by)])),
  constant: times(constant, by),
})
const added = (a: Linear, b: Linear): Linear => {
  const parts = new Map(a.parts)
  for (const [t, f] of b.parts) {
    const sum = (parts.get(t) ?? 0) + f
    if (sum === 0) parts.delete(t)
    else parts.set(t, sum)
  }
  return { parts, constant: a.constant + b.constant }
}
const bounds = ({ parts, constant }: Linear): readonly [number, number] => {
  let [low, high] = [constant, constant]
  for (const [t, f] of parts) {
    low += f * (f > 0 ? t.low : t.high)
    high += f * (f > 0 ? t.high : t.low)
  }
  return low < -widest || high >= widest ? [-widest, widest - 1] : [low, high]
}
const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b))
const mod = (a: number, d: number): number => ((a % d) + d) % d

const dependencies = new WeakMap<Expr, readonly number[]>()
/** The axes that an expression depends on. */
const axesUnder = (e: Expr): readonly number[] => {
  let axes = dependencies.get(e)
  if (axes === undefined) {
    const under = (xs: readonly Expr[]): number[] => [...new Set(xs.flatMap(axesUnder))]
    axes = e.op === 'index' ? [e.axis] : under(operandsOf<Expr>(e))
    dependencies.set(e, axes)
  }
  return axes
}

/** Terms over inputs of avals `ins`; `levelOf` gives the depth of the loop over an axis. */
export const createTerms = ({ ins, guards }: Pick<Nest, 'ins' | 'guards'>, levelOf: (axis: number) => number): Terms => {
  const terms = new Map<string, Term>()
  const make = (key: string, t: Omit<Term, 'id' | 'level' | 'reads'>, level = 0, reads = t.args.some((a) => a.reads)): Term => {
    let term = terms.get(key)
    if (term === undefined) {
      term = {
        ...t,
        id: terms.size,
        level: t.args.reduce((m, a) => Math.max(m, a.level), level),
        reads,
      }
      terms.set(key, term)
    }
    return term
  }
  const raw = (op: Term['op'], args: readonly Term[], dtype: DType, n = 0, low = -widest, high = widest - 1): Term =>
    make(`${op} ${dtype} ${Object.is(n, -0) ? '-0' : n} ${args.map((a) => a.id).join(' ')}`, {
      op,
      args,
      dtype,
      n,
      low,
      high,
      linear: null,
    })
  /** A read `n` bytes from an address; `loose` where only a test says that it may be made. */
  const readAt = (at: Term, dtype: DType, n: number, loose: boolean): Term =>
    make(
      `read ${dtype} ${n} ${at.id}${loose ? ' loose' : ''}`,
      { op: 'read', args: [at], dtype, n, low: -widest, high: widest - 1, linear: null },
      0,
      loose || at.reads,
    )
  /** The choice between a guarded read and 0, which may be made anywhere. */
  const guardedRead = (test: Term, read: Term, zero: Term): Term =>
    make(
      `guarded ${test.id} ${read.id}`,
      { op: 'select', args: [test, read, zero], dtype: read.dtype, n: 0, low: -widest, high: widest - 1, linear: null },
      0,
      test.reads,
    )
  const constant: Terms['constant'] = (value, dtype) => raw('const', [], dtype, value, value, value)
  const ints = new Map<number, Term>()
  const int = (n: number): Term => {
    let t = ints.get(n)
    if (t === undefined) ints.set(n, (t = constant(n, 'int32')))
    return t
  }
  const truths = [constant(0, 'bool'), constant(1, 'bool')] as const
  const truth = (x: boolean): Term => truths[x ? 1 : 0]
  const base = (arg: number): Term => raw('base', [], 'int32', arg)
  const counter: Terms['counter'] = (axis, segment, name) =>
    make(
      `var ${axis} ${name}`,
      { op: 'var', args: [], dtype: 'int32', n: axis, low: 0, high: segment.count - 1, linear: null },
      levelOf(axis),
    )

  const linearOf = (t: Term): Linear =>
    t.op === 'const' ? { parts: new Map(), constant: t.n } : (t.linear ?? { parts: new Map([[t, 1]]), constant: 0 })
  const sum = (l: Linear): Term => {
    const { parts } = l
    if (parts.size === 0) return int(l.constant)
    if (parts.size === 1 && l.constant === 0) for (const [t, f] of parts) if (f === 1) return t
    const ordered = parts.size === 1 ? [...parts] : [...parts].sort(([a], [b]) => a.level - b.level || a.id - b.id)
    let key = `sum ${l.constant}`
    for (const [t, f] of ordered) key += ` ${t.id}*${f}`
    const known = terms.get(key)
    if (known !== undefined) return known
    const [low, high] = bounds(l)
    return make(key, { op: 'sum', args: ordered.map(([t]) => t), dtype: 'int32', n: 0, low, high, linear: l })
  }
  const expansions = new Map<Term, Term>()
  const expanded = (t: Term): Term => {
    let whole = expansions.get(t)
    if (whole !== undefined) return whole
    const { parts, constant: rest } = t.linear!
    const products = t.args.map((a) => {
      const f = parts.get(a)!
      return f === 1 ? a : raw('mul', [a, int(f)], 'int32')
    })
    const all = rest === 0 ? products : [products[0]!, int(rest), ...products.slice(1)]
    whole = all.reduce((x, y) => raw('add', [x, y], 'int32'))
    expansions.set(t, whole)
    return whole
  }
  const position = (axis: number, places: readonly AxisPlace[]): Linear => {
    const place = places[axis]!
    if (typeof place === 'number') return { parts: new Map(), constant: place }
    const { from, step, count } = place.segment
    if (count === 1) return { parts: new Map(), constant: from }
    return { parts: new Map([[counter(axis, place.segment, place.name), step]]), constant: from }
  }
  const address: Terms['address'] = (arg, places, strides) => {
    const l = strides.reduce<Linear>((a, s, axis) => added(a, scaled(position(axis, places), s)), { parts: new Map(), constant: 0 })
    return place(arg, l)
  }
  const place = (arg: number, l: Linear): { readonly at: Term; readonly offset: number } => {
    const parts = new Map(l.parts).set(base(arg), 1)
    // What an instruction adds to its address does not wrap around: the address itself must not lie before the block.
    const isInside = [...l.parts].every(([t, f]) => (f > 0 ? t.low : t.high) * f >= 0)
    return l.constant >= 0 && isInside
      ? { at: sum({ parts, constant: 0 }), offset: l.constant }
      : { at: sum({ parts, constant: l.constant }), offset: 0 }
  }

  // What was written already, by the places of the axes that it depends on.
  const memo = new Map<Expr, Map<string, Term>>()
  const of: Terms['of'] = (root, places, questions = none) => {
    const go = (e: Expr): Term => {
      let here = memo.get(e)
      if (here === undefined) memo.set(e, (here = new Map()))
      let key = ''
      for (const axis of axesUnder(e)) {
        const place = places[axis]!
        key += typeof place === 'number' ? ` ${place}` : ` ${place.name}`
      }
      let t = here.get(key)
      if (t === undefined) here.set(key, (t = written(e)))
      return t
    }
    const axesOf = (l: Linear): number[] => [...l.parts.keys()].filter((t) => t.op === 'var').map((t) => t.n)
    /** The sign of a difference: compared with 0, by its bounds. */
    const compared = (op: string, l: Linear): boolean | null => {
      const [low, high] = bounds(l)
      if (op === 'ge') return low >= 0 ? true : high < 0 ? false : null
      if (op === 'lt') return high < 0 ? true : low >= 0 ? false : null
      if (op === 'gt') return low > 0 ? true : high <= 0 ? false : null
      if (op === 'le') return high <= 0 ? true : low > 0 ? false : null
      const [only] = l.parts.values()
      const never = low > 0 || high < 0 || (low > -widest && l.parts.size === 1 && l.constant % only! !== 0)
      const always = low === 0 && high === 0
      return always ? op === 'eq' : never ? op === 'ne' : null
    }
    const comparison = (op: string, x: Term, y: Term): Term => {
      const l = added(linearOf(x), scaled(linearOf(y), -1))
      const result = compared(op, l)
      if (result !== null) return truth(result)
      const axes = axesOf(l)
      if (axes.length === l.parts.size) {
        if (axes.length > 1) questions.several(axes)
        else {
          const [factor] = l.parts.values()
          if (op !== 'gt' && op !== 'le') questions.sign(axes[0]!, factor!, l.constant, false)
          if (op !== 'ge' && op !== 'lt') questions.sign(axes[0]!, factor!, l.constant, true)
        }
      }
      return raw(op as Term['op'], [x, y], 'bool')
    }
    const division = (op: 'div' | 'rem', x: Term, d: number): Term => {
      const l = linearOf(x)
      if ([...l.parts.values()].every((f) => f % d === 0)) {
        const rest = mod(l.constant, d)
        const [low, high] = bounds(l)
        if (rest === 0 || low >= 0 || high < 0) {
          const up = rest !== 0 && high < 0
          if (op === 'rem') return int(up ? rest - d : rest)
          const quotient = scaled({ parts: l.parts, constant: l.constant - rest }, 1 / d)
          return sum({ parts: quotient.parts, constant: quotient.constant + (up ? 1 : 0) })
        }
        for (const [t, f] of l.parts) if (t.op === 'var') questions.sign(t.n, f, l.constant, false)
      } else for (const [t, f] of l.parts) if (t.op === 'var' && f % d !== 0) questions.divides(t.n, d / gcd(f, d))
      return raw(op, [x, int(d)], 'int32')
    }
    const bound = (op: 'max' | 'min', x: Term, y: Term): Term => {
      const [big, small] = op === 'max' ? [x, y] : [y, x]
      if (big.low >= small.high) return x
      if (small.low >= big.high) return y
      const f = op === 'max' ? Math.max : Math.min
      return raw(op, [x, y], 'int32', 0, f(x.low, y.low), f(x.high, y.high))
    }
    const logic = (op: 'and' | 'or', x: Term, y: Term): Term => {
      for (const [p, q] of [
        [x, y],
        [y, x],
      ] as const)
        if (p.op === 'const') return (p.n !== 0) === (op === 'and') ? q : p
      return raw(op, [x, y], 'bool')
    }
    const load = (e: Extract<Expr, { op: 'load' }>, loose: boolean): Term => {
      const { shape, dtype } = ins[e.input]!
      const strides = stridesOf(shape)
      const l = e.at.reduce<Linear>((a, x, k) => added(a, scaled(linearOf(go(x)), strides[k]! * bytesOf[dtype])), {
        parts: new Map(),
        constant: 0,
      })
      const { at, offset } = place(e.input, l)
      return readAt(at, e.dtype, offset, loose)
    }
    const written = (e: Expr): Term => {
      switch (e.op) {
        case 'const':
          return constant(e.value, e.dtype)
        case 'index':
          return sum(position(e.axis, places))
        case 'input':
          return readAt(base(e.index), e.dtype, 0, false)
        case 'load':
          return load(e, guards === undefined)
        case 'select': {
          const test = go(e.test)
          if (test.op === 'const') return go(test.n !== 0 ? e.x : e.y)
          if (guards?.has(e) === true && e.x.op === 'load') return guardedRead(test, load(e.x, true), go(e.y))
          return raw('select', [test, go(e.x), go(e.y)], e.dtype)
        }
        default:
          if (!('y' in e)) return one(e, go(e.x))
          if ('z' in e) return raw(e.op, [go(e.x), go(e.y), go(e.z)], e.dtype)
          if ((e.op === 'and' || e.op === 'or') && e.dtype === 'bool') {
            const x = go(e.x)
            return x.op === 'const' && (x.n !== 0) === (e.op === 'or') ? x : logic(e.op, x, go(e.y))
          }
          return two(e, go(e.x), go(e.y))
      }
    }
    const one = (e: Expr, x: Term): Term => {
      if (e.op === 'neg' && e.dtype === 'int32') return sum(scaled(linearOf(x), -1))
      if (e.op === 'not' && e.dtype === 'bool' && x.op === 'const') return truth(x.n === 0)
      return raw(e.op as Term['op'], [x], e.dtype)
    }
    const two = (e: Expr, x: Term, y: Term): Term => {
      const { op } = e
      if (x.dtype === 'int32') {
        if (op === 'eq' || op === 'ne' || op === 'lt' || op === 'le' || op === 'gt' || op === 'ge') return comparison(op, x, y)
        if (op === 'add') return sum(added(linearOf(x), linearOf(y)))
        if (op === 'sub') return sum(added(linearOf(x), scaled(linearOf(y), -1)))
        if (op === 'mul' && y.op === 'const') return sum(scaled(linearOf(x), y.n))
        if (op === 'mul' && x.op === 'const') return sum(scaled(linearOf(y), x.n))
        if ((op === 'div' || op === 'rem') && y.op === 'const' && y.n > 0) return division(op, x, y.n)
        if (op === 'max' || op === 'min') return bound(op, x, y)
      }
      return raw(op as Term['op'], [x, y], e.dtype)
    }
    return go(root)
  }
  return { constant, expanded, term: (op, args, dtype, n = 0) => raw(op, args, dtype, n), counter, of, address }
}
