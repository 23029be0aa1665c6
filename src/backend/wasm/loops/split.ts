/**
 * Long reductions in blocks: every block leaves a partial result in scratch, and a last pass combines them. Where a
 * block begins depends on the sizes alone, so results depend neither on chunks nor on threads.
 */
import type { DType } from '../../../core/dtype.js'
import { sizeOf, stridesOf } from '../../../core/shape.js'
import type { Value } from '../../../compile/kernels.js'
import { analyse } from './analyse.js'
import { choose } from './choose.js'
import type { LoopAxis, Domain, StoreTarget } from './domain.js'
import { width } from './lanes.js'
import type { Capabilities } from '../math/index.js'
import { rebuild } from './rebuild.js'

/** Domains to run one after the other, and the bytes of scratch between them. */
export interface Passes {
  readonly domains: readonly Domain[]
  readonly scratch: number
}

/** Elements that one parallel index may reduce. */
export const longestWhole = 65536
/** Elements of one block. */
const blockSize = 16384

type Reduce = Value & { readonly op: 'reduce' }
/** Sums and products of float32 wait as float64. */
const partialType = (v: Reduce): DType => (v.dtype === 'float32' && (v.combine === 'add' || v.combine === 'mul') ? 'float64' : v.dtype)

interface Partial {
  readonly position: number
  readonly reduce: Reduce
  readonly dtype: DType
  /** Where its partial results begin, in elements of its dtype. */
  readonly offset: number
}

/** `s` with the stride at `axis` cut into strides of blocks and within a block. */
const inserted = (s: readonly number[], axis: number, stride: number): number[] => [...s.slice(0, axis), stride, ...s.slice(axis)]

/** The blocks `0 .. count` of `length` elements along `axis`, from element `start` on, with `count` 0 for a single shorter one. */
const blocksOf = (
  d: Domain,
  axis: number,
  partials: readonly Partial[],
  arg: number,
  start: number,
  length: number,
  count: number,
  first: number,
): Domain => {
  const single = count === 0
  const outer = d.axes.map((a) => (a.inner ? 1 : a.size))
  const rows = stridesOf(outer)
  const perBlock = sizeOf(outer)
  const axes: LoopAxis[] = d.axes.map((a, k) => (k === axis ? { size: length, inner: true } : a))
  const full = d.targets.filter((t) => !t.perRow)
  const { positions, values } = rebuild(d.values, [...full.map((t) => t.value), ...partials.map((p) => p.position)], (v, _, emit) => {
    if ('strides' in v) {
      const s = v.strides[axis]!
      return emit({ ...v, offset: v.offset + start * s, strides: single ? v.strides : inserted(v.strides, axis, s * length) })
    }
    if (v.op === 'index') {
      const moved = single ? v.axis : v.axis >= axis ? v.axis + 1 : v.axis
      const offset = v.axis === axis ? v.offset + start * v.scale : v.offset
      const within = emit({ ...v, axis: moved, offset })
      if (single || v.axis !== axis) return within
      const block = emit({ ...v, axis, scale: v.scale * length, offset: 0 })
      return emit({ op: 'add', x: within, y: block, dtype: 'int32' })
    }
    return emit(v.op === 'reduce' ? { ...v, dtype: partialType(v) } : v)
  })
  const targets: StoreTarget[] = [
    ...full.map((t, k): StoreTarget => ({
      ...t,
      value: positions[k]!,
      offset: t.offset + start * t.strides[axis]!,
      strides: single ? t.strides : inserted(t.strides, axis, t.strides[axis]! * length),
    })),
    ...partials.map((p, k): StoreTarget => {
      const strides = d.axes.map((a, j) => (a.inner ? 0 : rows[j]!))
      return {
        value: positions[full.length + k]!,
        arg,
        dtype: p.dtype,
        offset: p.offset + first * perBlock,
        strides: single ? strides : inserted(strides, axis, perBlock),
        perRow: true,
      }
    }),
  ]
  return { axes: single ? axes : [...axes.slice(0, axis), { size: count, inner: false }, ...axes.slice(axis)], values, targets }
}

/** The pass over `count` partial results for every row. */
const combined = (d: Domain, partials: readonly Partial[], arg: number, count: number): Domain => {
  const outer = d.axes.flatMap((a, k) => (a.inner ? [] : [k]))
  const sizes = outer.map((k) => d.axes[k]!.size)
  const rows = stridesOf(sizes)
  const pick = (s: readonly number[], last: number): number[] => [...outer.map((k) => s[k]!), last]
  const kept = d.targets.filter((t) => t.perRow)
  const { positions, values } = rebuild(
    d.values,
    kept.map((t) => t.value),
    (v, i, emit) => {
      if ('strides' in v) return emit({ ...v, strides: pick(v.strides, 0) })
      if (v.op === 'index') return emit({ ...v, axis: outer.indexOf(v.axis) })
      if (v.op !== 'reduce') return emit(v)
      const p = partials.find((q) => q.position === i)!
      const x = emit({ op: 'load', input: arg, offset: p.offset, strides: [...rows, sizeOf(sizes)], dtype: p.dtype })
      const r = emit({ op: 'reduce', x, combine: v.combine, dtype: p.dtype })
      return p.dtype === v.dtype ? r : emit({ op: 'cast', x: r, dtype: v.dtype })
    },
  )
  return {
    axes: [...sizes.map((size) => ({ size, inner: false })), { size: count, inner: true }],
    values,
    targets: kept.map((t, k) => ({ ...t, value: positions[k]!, strides: pick(t.strides, 0) })),
  }
}

/** A domain as passes; `arg` is the word of the arguments that holds the address of scratch. */
export const split = (d: Domain, arg: number, machine: Capabilities): Passes => {
  const whole: Passes = { domains: [d], scratch: 0 }
  const facts = analyse(d)
  if (!d.axes.some((a) => a.inner) || facts.phase.some((p, i) => facts.needed[i] && p > 1)) return whole
  if (d.targets.some((t) => !t.perRow && facts.phase[t.value]! > 0)) return whole
  const plan = choose(d, facts, machine)
  const perIndex = d.axes.reduce((n, a) => n * a.size, 1) / plan.rows.reduce((n, r) => n * r.count, 1)
  if (perIndex <= longestWhole) return whole
  const axis = d.axes.reduce((best, a, k) => (a.inner && (best < 0 || a.size > d.axes[best]!.size) ? k : best), -1)
  const { size } = d.axes[axis]!
  const unit = axis === plan.lane ? plan.groups * width : 1
  const length = Math.max(1, Math.floor((blockSize * size) / perIndex / unit)) * unit
  const count = Math.floor(size / length)
  if (count < 2) return whole
  const rest = size - count * length
  const blocks = count + (rest > 0 ? 1 : 0)
  const perBlock = d.axes.reduce((n, a) => (a.inner ? n : n * a.size), 1)
  let bytes = 0
  const partials = d.values.flatMap((v, position): Partial[] => {
    if (v.op !== 'reduce' || !facts.needed[position]) return []
    const dtype = partialType(v)
    const each = dtype === 'float64' ? 8 : dtype === 'bool' ? 1 : 4
    const offset = bytes / each
    bytes += Math.ceil((each * perBlock * blocks) / 8) * 8
    return [{ position, reduce: v, dtype, offset }]
  })
  return {
    domains: [
      blocksOf(d, axis, partials, arg, 0, length, count, 0),
      ...(rest > 0 ? [blocksOf(d, axis, partials, arg, count * length, rest, 0, count)] : []),
      combined(d, partials, arg, blocks),
    ],
    scratch: bytes,
  }
}
