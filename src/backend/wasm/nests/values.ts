/** Terms as code: single elements, or four neighbours along the lane axis at once. */
import type { BinaryOp, CompareOp, TernaryOp, UnaryOp } from '../../../kernel/operations.js'
import type { DType } from '../../../core/dtype.js'
import type { Body, Ex } from '../code.js'
import { f32x4, f64x2, i32, i32x4, v128 } from '../instructions.js'
import { bytesOf, constant, loadGroup, ramp, storeGroup, width } from '../loops/lanes.js'
import type { Scalar } from '../loops/scalars.js'
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
} from '../loops/scalars.js'
import { isComparison } from '../../../kernel/properties.js'
import type { MathContext, FourLocals } from '../math/index.js'
import { binary, cast, compare, select, ternary, unary } from '../math/index.js'
import { bits, D, emit, F, ref } from '../math/node.js'
import type { Term, Terms } from './terms.js'

/** Values made at one place of the code, visible to what lies inside. */
export interface Scope {
  readonly parent: Scope | null
  readonly level: number
  readonly made: Map<Term, Scalar>
  readonly lanes: Map<Term, FourLocals>
  /** Choices that were made outside the loops. */
  readonly decided: ReadonlyMap<Term, Term>
  /** Vectors of four lanes that are made side by side. */
  readonly groups: number
}

/** A scope inside `parent`. */
export const scope = (
  parent: Scope | null,
  level: number,
  { decided = parent?.decided ?? new Map<Term, Term>(), groups = parent?.groups ?? 1 }: Partial<Pick<Scope, 'decided' | 'groups'>> = {},
): Scope => ({
  parent,
  groups,
  level,
  made: new Map(),
  lanes: new Map(),
  decided,
})

const find = <T>(s: Scope | null, get: (s: Scope) => T | undefined): T | undefined => {
  for (let at = s; at !== null; at = at.parent) {
    const x = get(at)
    if (x !== undefined) return x
  }
  return undefined
}

/** Elements from an address on, `stride` apart: two and three apart they come from two vectors that end where they end. */
const loadLanes = (b: Body, d: DType, at: Ex<'i32'>, offset: number, stride: number): FourLocals => {
  if (bytesOf[d] === 4 && (stride === 2 || stride === 3)) {
    const [x, y] = [b.let(v128.load(at, offset)), b.let(v128.load(at, offset + (stride === 2 ? 12 : 24)))]
    const words = stride === 2 ? [0, 2, 5, 7] : [0, 3, 4, 7]
    return [
      b.let(
        v128.shuffle(
          x,
          y,
          words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3]),
        ),
      ),
    ]
  }
  return emit(b, loadGroup(b, d, at, offset, stride, 4))
}

/** The bytes between lanes of a read, `null` when it is no constant. */
export const laneStride = (read: Term, laneLevel: number): number | null => {
  const at = read.args[0]!
  if (at.level < laneLevel) return 0
  const parts = at.linear?.parts ?? new Map([[at, 1]])
  let stride = 0
  for (const [t, f] of parts) {
    if (t.level < laneLevel) continue
    if (t.op !== 'var') return null
    stride += f
  }
  return stride % bytesOf[read.dtype] === 0 ? stride : null
}

/** Emission of terms into one body; what has level `laneLevel` differs between lanes. */
export const evaluator = (c: MathContext, b: Body, laneLevel: number, terms: Terms) => {
  const hold = (x: Scalar): Scalar => (x.type === 'i32' ? b.let(x) : x.type === 'f32' ? b.let(x) : b.let(x))
  const value = (s: Scope, t: Term): Scalar => {
    if (t.op === 'const') return constantOf(t.n, t.dtype)
    const known = find(s, (at) => at.made.get(t))
    if (known !== undefined) return known
    const local = hold(compute(s, t))
    s.made.set(t, local)
    return local
  }
  const int = (s: Scope, t: Term): Ex<'i32'> => value(s, t) as Ex<'i32'>
  const compute = (s: Scope, t: Term): Scalar => {
    const [x, y, z] = t.args
    switch (t.op) {
      case 'sum':
        return value(s, terms.expanded(t))
      case 'read':
        return readAt(t.dtype, int(s, x!), t.n)
      case 'select': {
        const branch = s.decided.get(t)
        return branch === undefined ? selected(s, t) : value(s, branch)
      }
      case 'cast':
        return scalarCast(c, b, x!.dtype, t.dtype, value(s, x!))
      case 'bitcast':
        return scalarBits(t.dtype, value(s, x!))
      case 'most':
      case 'least':
        return t.args.map((a) => value(s, a)).reduce((p, q) => hold(scalarTwo(c, b, t.op === 'most' ? 'max' : 'min', t.dtype, p, q, null)))
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
  const hoist = (s: Scope, roots: readonly Term[]): void => {
    const seen = new Set<number>()
    const visit = (t: Term, guarded: boolean): void => {
      const mark = t.id * 2 + Number(guarded)
      if (seen.has(mark) || t.op === 'const' || t.op === 'base' || t.op === 'var') return
      seen.add(mark)
      const branch = s.decided.get(t)
      if (branch !== undefined) return visit(branch, guarded)
      if (t.level <= s.level && !(guarded && t.reads)) value(s, t)
      else if (t.op === 'sum') visit(terms.expanded(t), guarded)
      else
        t.args.forEach((a, k) => {
          visit(a, guarded || (t.op === 'select' && k > 0))
        })
    }
    for (const r of roots) visit(r, false)
  }

  /** Every group of a list of vectors by itself. */
  const apart = (s: Scope, xs: readonly FourLocals[], f: (...xs: readonly FourLocals[]) => FourLocals): FourLocals =>
    Array.from({ length: s.groups }, (_, g) =>
      f(...xs.map((x) => x.slice((g * x.length) / s.groups, ((g + 1) * x.length) / s.groups))),
    ).flat()
  const repeated = (s: Scope, x: FourLocals): FourLocals => Array.from({ length: s.groups }, () => x).flat()
  const spread = (d: DType, x: Scalar): FourLocals => {
    if (x.type === 'f32') return [b.let(f32x4.splat(x))]
    if (x.type === 'i32') return [b.let(d === 'bool' ? i32x4.neg(i32x4.splat(x)) : i32x4.splat(x))]
    const v = b.let(f64x2.splat(x))
    return [v, v]
  }
  /** Four elements of every group; `outside` is the scope around the lane loop, where what all lanes share is spread. */
  const lanes = (s: Scope, outside: Scope, t: Term): FourLocals => {
    if (t.op === 'const') return repeated(s, emit(b, constant(t.n, t.dtype)))
    const known = find(s, (at) => at.lanes.get(t))
    if (known !== undefined) return known
    const shared = t.level < laneLevel
    const held = shared ? repeated(s, spread(t.dtype, value(outside, t))) : computeLanes(s, outside, t)
    ;(shared ? outside : s).lanes.set(t, held)
    return held
  }
  const computeLanes = (s: Scope, outside: Scope, t: Term): FourLocals => {
    const get = (a: Term): FourLocals => lanes(s, outside, a)
    const [x, y, z] = t.args
    switch (t.op) {
      case 'var':
        return Array.from({ length: s.groups }, (_, g) => b.let(ramp(i32.add(int(s, t), i32.const(width * g)), 1)))
      case 'sum':
        return get(terms.expanded(t))
      case 'read': {
        const stride = laneStride(t, laneLevel)!
        return Array.from({ length: s.groups }, (_, g) =>
          loadLanes(b, t.dtype, int(s, x!), t.n + width * g * stride, stride / bytesOf[t.dtype]),
        ).flat()
      }
      case 'select': {
        const branch = s.decided.get(t)
        if (branch !== undefined) return get(branch)
        return apart(s, [get(x!), get(y!), get(z!)], (test, p, q) => select(b, t.dtype, test, p.map(ref), q.map(ref)))
      }
      case 'cast':
        return apart(s, [get(x!)], (p) => cast(c, b, x!.dtype, t.dtype, p))
      case 'bitcast':
        return get(x!)
      case 'most':
      case 'least':
        return extremes(t.dtype, t.op === 'most', t.args.map(get))
      default:
        if (y === undefined) return unary(c, b, t.op as UnaryOp, x!.dtype, get(x!))
        if (z !== undefined) return ternary(c, b, t.op as TernaryOp, x!.dtype, get(x!), get(y), get(z))
        if (isComparison(t.op)) return apart(s, [get(x!), get(y)], (p, q) => compare(c, b, t.op as CompareOp, x!.dtype, p, q))
        return binary(c, b, t.op as BinaryOp, x!.dtype, get(x!), get(y))
    }
  }
  /**
   * The fast extreme, which forgets NaN and takes the zeros for equal; a mask that remembers NaN; and the signs of all: where
   * the greatest is zero, nothing is positive but 0.
   */
  const extremes = (d: DType, most: boolean, xs: readonly FourLocals[]): FourLocals => {
    const k = d === 'float64' ? D : F
    return xs[0]!.map((_, part) => {
      const all = xs.map((x) => ref(x[part]!))
      const nan = all.map((x) => k.ne(x, x)).reduce(bits.or)
      const extreme = all.reduce((x, y) => (most ? k.pmax(x, y) : k.pmin(x, y)))
      const zero = bits.and(all.reduce(most ? bits.and : bits.or), k.c(-0))
      return emit(b, [k.select(nan, NaN, k.select(k.eq(extreme, 0), zero, extreme))])[0]!
    })
  }
  const storeLanes = (s: Scope, d: DType, at: Ex<'i32'>, offset: number, stride: number, x: FourLocals): void => {
    const each = x.length / s.groups
    for (let g = 0; g < s.groups; g++)
      storeGroup(b, d, at, offset + g * width * stride * bytesOf[d], stride, width, x.slice(g * each, (g + 1) * each))
  }
  /** Makes outside the lane loop what all lanes of `roots` share. */
  const share = (outside: Scope, roots: readonly Term[]): void => {
    const seen = new Set<Term>()
    const visit = (t: Term): void => {
      const branch = outside.decided.get(t)
      if (branch !== undefined) return visit(branch)
      if (seen.has(t) || t.op === 'const') return
      seen.add(t)
      if (t.level < laneLevel) lanes(outside, outside, t)
      else if (t.op === 'sum') visit(terms.expanded(t))
      else if (t.op !== 'read' && t.op !== 'var') t.args.forEach(visit)
    }
    roots.forEach(visit)
  }
  return { value, hoist, lanes, share, storeLanes }
}
