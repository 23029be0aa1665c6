/** Loop kernels with the shape of their loops made simple: axes of size 1 gone, axes that lie behind one another merged. */
import type { DType } from '../../../core/dtype.js'
import type { LoopKernel, Value } from '../../../compile/kernels.js'

/** One loop of a domain. */
export interface LoopAxis {
  readonly size: number
  /** Reductions run over it. */
  readonly inner: boolean
}

/** Where a value goes: word `arg` of the arguments holds the address, strides count elements along every axis. */
export interface StoreTarget {
  readonly value: number
  readonly arg: number
  readonly dtype: DType
  readonly offset: number
  readonly strides: readonly number[]
  /** One element for every point of the outer axes. */
  readonly perRow: boolean
}

/** A kernel over axes; `input` of a load is the word of the arguments that holds the address. */
export interface Domain {
  readonly axes: readonly LoopAxis[]
  readonly values: readonly Value[]
  readonly targets: readonly StoreTarget[]
}

/** Everything that steps through memory: loads and targets. */
interface Stepping {
  readonly strides: readonly number[]
}

const loadsOf = (values: readonly Value[]): readonly Stepping[] => values.filter((v) => 'strides' in v)

/** `values` with the axes of loads and indices renumbered by `strides` and `axis`. */
const renumber = (
  values: readonly Value[],
  strides: (s: readonly number[]) => readonly number[],
  axis: (k: number) => number,
): readonly Value[] =>
  values.map((v): Value => {
    if ('strides' in v) return { ...v, strides: strides(v.strides) }
    if (v.op !== 'index') return v
    const k = axis(v.axis)
    return k < 0 ? { op: 'const', value: v.offset, dtype: 'int32' } : { ...v, axis: k }
  })

/** Without the axes for which `keep` is false; they must have size 1. */
const keepAxes = (d: Domain, keep: readonly boolean[]): Domain => {
  const at: number[] = []
  keep.forEach((k, i) => {
    if (k) at.push(i)
  })
  const pick = (s: readonly number[]): readonly number[] => at.map((i) => s[i]!)
  return {
    axes: at.map((i) => d.axes[i]!),
    values: renumber(d.values, pick, (k) => at.indexOf(k)),
    targets: d.targets.map((t) => ({ ...t, strides: pick(t.strides) })),
  }
}

/** The order in which axes are best walked: that of the first full target, so that memory is written in order. */
const merge = (d: Domain): Domain => {
  const stepping: readonly Stepping[] = [...loadsOf(d.values), ...d.targets]
  const indexed = new Set(d.values.flatMap((v) => (v.op === 'index' ? [v.axis] : [])))
  let { axes } = d
  let maps = d.axes.map((_, k) => k) // position of the innermost original axis of every merged one
  for (let k = axes.length - 2; k >= 0; k--) {
    const a = axes[k]!
    const b = axes[k + 1]!
    if (a.inner !== b.inner || indexed.has(maps[k]!) || indexed.has(maps[k + 1]!)) continue
    if (!stepping.every((s) => s.strides[maps[k]!] === s.strides[maps[k + 1]!]! * b.size)) continue
    axes = [...axes.slice(0, k), { size: a.size * b.size, inner: a.inner }, ...axes.slice(k + 2)]
    maps = [...maps.slice(0, k), maps[k + 1]!, ...maps.slice(k + 2)]
  }
  const pick = (s: readonly number[]): readonly number[] => maps.map((i) => s[i]!)
  return {
    axes,
    values: renumber(d.values, pick, (k) => maps.indexOf(k)),
    targets: d.targets.map((t) => ({ ...t, strides: pick(t.strides) })),
  }
}

/** The same work over fewer axes; at least one. */
export const simplify = (d: Domain): Domain => {
  const merged = merge(
    keepAxes(
      d,
      d.axes.map((a) => a.size !== 1),
    ),
  )
  if (merged.axes.length > 0) return merged
  return {
    axes: [{ size: 1, inner: false }],
    values: renumber(
      merged.values,
      () => [0],
      (k) => k,
    ),
    targets: merged.targets.map((t) => ({ ...t, strides: [0] })),
  }
}

/** A loop kernel as a domain; words of the arguments: inputs, outputs, scratch. */
export const domainOf = (k: LoopKernel): Domain => {
  const axes = [...k.outer.map((size) => ({ size, inner: false })), ...k.inner.map((size) => ({ size, inner: true }))]
  return {
    axes,
    values: k.values,
    targets: k.outputs.map((o, i) => ({
      value: o.value,
      arg: k.inputs.length + i,
      dtype: o.variable.aval.dtype,
      offset: 0,
      strides: axes.map((_, a) => o.strides[a] ?? 0),
      perRow: o.perRow && k.inner.length > 0,
    })),
  }
}
