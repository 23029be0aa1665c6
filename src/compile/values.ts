/** The values of a loop kernel while it is written (value numbering): equal values are one, sums of positions are folded into addresses. */
import { stridesOf } from '../core/shape.js'
import type { Var } from '../ir/program.js'
import { operandsOf, withOperands } from '../kernel/scalar.js'
import type { Coordinate, IndexMap } from './indexMap.js'
import type { Value } from './kernels.js'
import { keyOf } from './structure.js'

/** A list of values in the making; `test` is the value of the test that a read lies behind, -1 for none. */
export interface ValueList {
  readonly push: (v: Value) => number
  /** The position that a coordinate stands for, as a value. */
  readonly position: (c: Coordinate) => number
  /** An element of input `input`, which is `a` in memory. */
  readonly read: (input: number, a: Var, map: IndexMap, test: number) => number
  /** Both tests. */
  readonly both: (x: number, y: number) => number
  /** The values that `roots` need, and where those are among them. */
  readonly needed: (roots: readonly number[]) => { readonly values: readonly Value[]; readonly at: readonly number[] }
}

/** An address under construction, in elements. */
interface Address {
  readonly strides: number[]
  offset: number
  readonly parts: Map<number, number>
}

/** An empty list of values over a domain whose axis `k` is axis `axisOf[k]` of the kernel. */
export const createValues = (axisOf: readonly number[]): ValueList => {
  const values: Value[] = []
  const interned = new Map<string, number>()
  const push = (v: Value): number => {
    const key = keyOf(v)
    const known = interned.get(key)
    if (known !== undefined) return known
    interned.set(key, values.length)
    return values.push(v) - 1
  }
  const int = (value: number): number => push({ op: 'const', value, dtype: 'int32' })
  const position: ValueList['position'] = ({ axis, scale, offset, at }) => {
    if (axis >= 0) return push({ op: 'index', axis: axisOf[axis]!, scale, offset, dtype: 'int32' })
    if (typeof at !== 'number') return int(offset)
    const product = scale === 1 ? at : push({ op: 'mul', x: at, y: int(scale), dtype: 'int32' })
    return offset === 0 ? product : push({ op: 'add', x: product, y: int(offset), dtype: 'int32' })
  }
  /** Adds a computed position times `by`: what is affine in it goes into strides and offset. */
  const addTo = (a: Address, at: number, by: number): void => {
    const v = values[at]!
    const constant = (k: number): number | null => {
      const c = values[k]!
      return c.op === 'const' ? c.value : null
    }
    if (v.op === 'const') a.offset += by * v.value
    else if (v.op === 'index') {
      a.offset += by * v.offset
      a.strides[v.axis]! += by * v.scale
    } else if (v.op === 'add' || v.op === 'sub') {
      addTo(a, v.x, by)
      addTo(a, v.y, v.op === 'add' ? by : -by)
    } else if (v.op === 'neg') addTo(a, v.x, -by)
    else if (v.op === 'mul' && constant(v.y) !== null) addTo(a, v.x, by * constant(v.y)!)
    else if (v.op === 'mul' && constant(v.x) !== null) addTo(a, v.y, by * constant(v.x)!)
    else a.parts.set(at, (a.parts.get(at) ?? 0) + by)
  }
  const read: ValueList['read'] = (input, { aval: { shape, dtype, size } }, map, test) => {
    // Of an empty input nothing is read: the test fails everywhere.
    if (size === 0) return push({ op: 'const', value: 0, dtype })
    const own = stridesOf(shape)
    const a: Address = { strides: new Array<number>(axisOf.length).fill(0), offset: 0, parts: new Map() }
    map.forEach(({ axis, scale, offset, at }, k) => {
      // There is only one position on an axis of size 1.
      if (shape[k] === 1 && at !== undefined) return
      a.offset += own[k]! * offset
      if (axis >= 0) a.strides[axisOf[axis]!]! += own[k]! * scale
      else if (typeof at === 'number') addTo(a, at, own[k]! * scale)
    })
    const parts = [...a.parts].filter(([, by]) => by !== 0)
    const place = { input, strides: a.strides, offset: a.offset, dtype } as const
    if (parts.length === 0 && test < 0) return push({ op: 'load', ...place })
    const computed = { at: parts.map(([at]) => at), scales: parts.map(([, by]) => by) }
    return push(test < 0 ? { op: 'gather', ...place, ...computed } : { op: 'gather', ...place, ...computed, test })
  }
  const both: ValueList['both'] = (x, y) => (x < 0 ? y : y < 0 || x === y ? x : push({ op: 'and', x, y, dtype: 'bool' }))
  const needed: ValueList['needed'] = (roots) => {
    const used = new Array<boolean>(values.length).fill(false)
    for (const r of roots) used[r] = true
    for (let k = values.length - 1; k >= 0; k--) if (used[k]) for (const o of operandsOf<number>(values[k]!)) used[o] = true
    const to: number[] = []
    const kept: Value[] = []
    values.forEach((v, k) => {
      to.push(kept.length)
      if (used[k]) kept.push(withOperands<number, number>(v, (o) => to[o]!) as Value)
    })
    return { values: kept, at: roots.map((r) => to[r]!) }
  }
  return { push, position, read, both, needed }
}
