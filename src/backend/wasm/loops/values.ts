/** Values of a kernel as code in the frames of its loops. */
import { isComparison } from '../../../kernel/properties.js'
import { operandsOf } from '../../../kernel/scalar.js'
import type { Value } from '../../../compile/kernels.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../../kernel/operations.js'
import { isReal } from '../../../core/dtype.js'
import type { DType } from '../../../core/dtype.js'
import type { Body, Ex } from '../code.js'
import { i32 } from '../instructions.js'
import type { FourLocals } from '../math/index.js'
import { binary, cast, clampBy, compare, fallingExp, select, shiftBy, ternary, unary } from '../math/index.js'
import { emit, ref } from '../math/node.js'
import { isFolded } from './choose.js'
import type { StoreTarget } from './domain.js'
import type { Frame } from './frame.js'
import { counterIn, lanesIn, madeIn, pointerIn } from './frame.js'
import { gathered } from './gathers.js'
import type { Parts } from './lanes.js'
import { constant, loadGroup, ramp, storeGroup, turned, width } from './lanes.js'
import type { LoopSite } from './site.js'
import { lanesAlong, steps, varies } from './site.js'
import type { Access, PointerStream } from './streams.js'

/** The depth at which a value can be made. Groups that lie across are known only where the lanes are. */
export const levelOfValue = ({ facts, domain, levelOf, plan }: LoopSite, v: number): number => {
  let level = domain.values[v]!.op === 'reduce' ? 1 : 0
  for (const axis of facts.along[v]!) level = Math.max(level, levelOf(axis === plan.cross ? plan.lane : axis))
  return level
}

const hold = (b: Body, parts: Parts): Parts => emit(b, parts).map(ref)

const load = (site: LoopSite, f: Frame, a: Access, varying: boolean): readonly Parts[] => {
  const { stream, lane, group, delta } = steps(site, a)
  const p = pointerIn(f, stream)
  if (!varying) return [loadGroup(site.b, a.dtype, p, delta, 0, width)]
  const lanes = lanesAlong(site, f, a)
  if (isTurned(site, lane, group, stream)) {
    const rows = (from: number, count: number): readonly Parts[] => {
      const read = Array.from({ length: lanes[0]! }, (_, l) =>
        loadGroup(site.b, a.dtype, p, delta + (l * lane + from) * stream.bytes, 1, count),
      )
      return turned(read, count).map((x) => hold(site.b, x))
    }
    return pieces(lanes.length, width).flatMap(([from, count]) => rows(from, count))
  }
  return lanes.map((n, g) => loadGroup(site.b, a.dtype, p, delta + g * group, lane, n))
}

/** True where memory is read along the groups, then turned: lane `l` of group `g` is element `g` of row `l`. */
const isTurned = ({ plan }: LoopSite, lane: number, group: number, { bytes }: PointerStream): boolean =>
  plan.cross >= 0 && Math.abs(lane) > 1 && group === bytes
/** `0 .. n` in pieces of at most `size`: where each begins and how many it has. */
const pieces = (n: number, size: number): readonly (readonly [number, number])[] =>
  Array.from({ length: Math.ceil(n / size) }, (_, k) => [k * size, Math.min(size, n - k * size)] as const)
/** Vectors of a short reduction that functions are written for side by side, at most. */
const abreast = 8

/** Writes a value to its place. */
export const store = (site: LoopSite, f: Frame, t: StoreTarget, groups: readonly Parts[], uniform: boolean): void => {
  const { b } = site
  const { stream, lane, group, delta } = steps(site, t)
  const p = pointerIn(f, stream)
  const lanes = uniform ? [1] : lanesAlong(site, f, t)
  if (!uniform && isTurned(site, lane, group, stream)) {
    for (const [from, count] of pieces(lanes.length, width)) {
      const columns = Array.from({ length: count }, (_, g) => groups[from + g] ?? groups[0]!)
      turned(columns, lanes[0]!).forEach((row, l) => {
        storeGroup(b, t.dtype, p, delta + (l * lane + from) * stream.bytes, 1, count, emit(b, row))
      })
    }
    return
  }
  lanes.forEach((n, g) => {
    storeGroup(b, t.dtype, p, delta + g * group, uniform ? 1 : lane, n, emit(b, groups[g] ?? groups[0]!))
  })
}

const position = ({ b, plan }: LoopSite, f: Frame, v: Value & { op: 'index' }, varying: boolean): readonly Parts[] => {
  const at = counterIn(f, v.axis)!
  const start = (shift: number): Ex<'i32'> => i32.add(i32.mul(at, i32.const(v.scale)), i32.const(v.offset + shift * v.scale))
  if (!varying) return [[ref(b.let(ramp(start(0), 0)))]]
  const lanes = plan.cross >= 0 && v.axis === plan.lane ? [width] : lanesIn(f)
  return lanes.map((_, g): Parts => [
    ref(b.let(v.axis === plan.lane ? ramp(start(plan.cross < 0 ? g * width : 0), v.scale) : ramp(start(g), 0))),
  ])
}

/** A value in a frame: what an outer frame made, else made here. */
export const valueIn = (site: LoopSite, f: Frame, v: number): readonly Parts[] => {
  const value = site.domain.values[v]!
  if (value.op === 'const') return [constant(value.value, value.dtype)]
  const known = madeIn(f, v)
  if (known !== undefined) return known
  const groups = make(site, f, v, value)
  f.made.set(v, groups)
  return groups
}

const make = (site: LoopSite, f: Frame, v: number, value: Exclude<Value, { op: 'const' }>): readonly Parts[] => {
  const { c, b, domain, facts } = site
  const kept = site.kept.get(v)
  if (kept !== undefined) return load(site, f, kept, true)
  const get = (x: number): readonly Parts[] => valueIn(site, f, x)
  const dtypeOf = (x: number) => domain.values[x]!.dtype
  const zip = (xs: readonly number[], g: (...held: readonly FourLocals[]) => FourLocals): readonly Parts[] => {
    const operands = xs.map(get)
    const n = Math.max(...operands.map((o) => o.length))
    return Array.from({ length: n }, (_, k) => g(...operands.map((o) => emit(b, o[k] ?? o[0]!))).map(ref))
  }
  /** Functions of vectors, whatever groups they belong to: all together, so that they are written side by side. */
  const vectors = (xs: readonly number[], g: (...held: readonly FourLocals[]) => FourLocals): readonly Parts[] => {
    const operands = xs.map(get)
    const n = Math.max(...operands.map((o) => o.length))
    const each = operands[0]![0]!.length
    return pieces(n, isFolded(site.plan) ? Math.ceil(abreast / each) : n).flatMap(([from, count]) => {
      const all = g(...operands.map((o) => emit(b, Array.from({ length: count }, (_, k) => o[from + k] ?? o[0]!).flat())))
      return Array.from({ length: count }, (_, k) => all.slice(k * each, (k + 1) * each).map(ref))
    })
  }
  const choose = (tests: readonly Parts[], xs: readonly Parts[], ys: readonly Parts[]): readonly Parts[] =>
    Array.from({ length: Math.max(tests.length, xs.length, ys.length) }, (_, k) =>
      select(b, value.dtype, emit(b, tests[k] ?? tests[0]!), xs[k] ?? xs[0]!, ys[k] ?? ys[0]!).map(ref),
    )
  switch (value.op) {
    case 'load':
      return load(site, f, { arg: value.input, dtype: value.dtype, offset: value.offset, strides: value.strides }, varies(site, v))
    case 'gather':
      return gathered(site, f, value, v, get)
    case 'index':
      return position(site, f, value, varies(site, v))
    case 'reduce':
      return get(value.x) // made when its loop ended
    case 'select':
      return choose(get(value.test), get(value.x), get(value.y))
    case 'cast':
      return zip([value.x], (x) => cast(c, b, dtypeOf(value.x), value.dtype, x))
    case 'bitcast':
      return get(value.x)
    default: {
      const dtype = dtypeOf(value.x)
      if (value.op === 'exp' && dtype === 'float32' && facts.signs[value.x]!.below) return vectors([value.x], (x) => fallingExp(c, b, x))
      if (!('y' in value)) return vectors([value.x], (x) => unary(c, b, value.op as UnaryOp, dtype, x))
      if ('z' in value) return vectors([value.x, value.y, value.z], (x, y, z) => ternary(c, b, value.op, dtype, x, y, z))
      if (isComparison(value.op)) return zip([value.x, value.y], (x, y) => compare(c, b, value.op as CompareOp, dtype, x, y))
      const short = withConstant(b, value.op, dtype, domain.values[value.x]!, domain.values[value.y]!)
      if (short !== null) return vectors([short.left ? value.y : value.x], (x) => short.f(x))
      return vectors([value.x, value.y], (x, y) => binary(c, b, value.op as BinaryOp, dtype, x, y))
    }
  }
}

/** The shorter code of some operations with a constant; `left` says that the constant is the left operand. */
const withConstant = (
  b: Body,
  op: string,
  dtype: DType,
  x: Value,
  y: Value,
): { readonly left: boolean; readonly f: (held: FourLocals) => FourLocals } | null => {
  if ((op === 'shl' || op === 'shr') && y.op === 'const' && (dtype === 'int32' || dtype === 'uint32')) {
    return { left: false, f: (held) => shiftBy(b, op, dtype, held, y.value) }
  }
  const bound = y.op === 'const' ? y : x.op === 'const' ? x : null
  if ((op !== 'max' && op !== 'min') || !isReal(dtype) || bound === null || Number.isNaN(bound.value)) return null
  return { left: bound === x, f: (held) => clampBy(b, op, dtype as 'float32' | 'float64', held, bound.value) }
}

/** Makes in `f` whatever `roots` need that does not change in the loops to come. */
export const hoist = (site: LoopSite, f: Frame, roots: readonly number[]): void => {
  const { values } = site.domain
  const seen = new Set<number>()
  const known = new Map<number, boolean>()
  /** True when every reduction under `v` has been made; remembered, for values are shared. */
  const ready = (v: number): boolean => {
    let r = known.get(v)
    if (r === undefined) {
      r = madeIn(f, v) !== undefined || (values[v]!.op !== 'reduce' && operandsOf<number>(values[v]!).every(ready))
      known.set(v, r)
    }
    return r
  }
  const visit = (v: number): void => {
    if (seen.has(v) || madeIn(f, v) !== undefined) return
    seen.add(v)
    const value = values[v]!
    if (value.op === 'const' || value.op === 'reduce' || site.kept.has(v)) return
    if (levelOfValue(site, v) <= f.level && ready(v)) valueIn(site, f, v)
    else operandsOf<number>(value).forEach(visit)
  }
  roots.forEach(visit)
}
