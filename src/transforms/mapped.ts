/** Where the mapped axis lies in the arguments and results of functions over batches: of `vmap`, of `spmd`. */
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { transpose } from '../prim/structure.js'
import type { Static, Structure } from '../tree/structure.js'
import { repeat } from './batch.js'

/** Which axis of every leaf is batched: one number for all, `null` for none, or a tree that says it for parts. */
export type Axes<T> = number | null | (T extends Tensor | number | Static ? never : { readonly [K in keyof T]?: Axes<T[K]> })

/** One axis (or null) per leaf of a structure, from a prefix of it. */
const spread = (by: string, name: string, axes: unknown, s: Structure): (number | null)[] => {
  if (axes === null || typeof axes === 'number') return new Array<number | null>(s.count).fill(axes)
  if (axes === undefined) return new Array<null>(s.count).fill(null)
  if (s.kind !== 'list' && s.kind !== 'record' && s.count === 0) return []
  if (s.count > 0 && s.children.length === 0)
    return fail(ValueError, `${by}: ${name} goes deeper than the tree it describes`, { fix: 'one axis, or null, for each leaf at most' })
  if (typeof axes !== 'object')
    return fail(ValueError, `${by}: ${name} is a ${typeof axes}`, { fix: 'an axis, null, or a tree of them like the values' })
  const parts = axes as Readonly<Record<string, unknown>>
  const keys = s.kind === 'list' ? s.children.map((_, i) => String(i)) : s.sorted
  if (s.kind === 'list' && Array.isArray(axes) && keys.length !== axes.length)
    return fail(ValueError, `${by}: ${name} has ${axes.length} entries for ${keys.length} values`, { fix: 'one axis or null for each' })
  for (const key of Object.keys(parts))
    if (!keys.includes(key))
      fail(ValueError, `${by}: ${name} names '${key}', which the tree does not have`, { fix: `keys of the tree: ${keys.join(', ')}` })
  return keys.flatMap((k, i) => spread(by, `${name}.${k}`, parts[k], s.children[i]!))
}

/** The batched axis of leaf `k`, counted from the front; throws where the leaf has no such axis. */
const axisOf = (by: string, name: string, axis: number, x: Tensor, k: number): number => {
  if (Number.isInteger(axis) && axis >= -x.ndim && axis < x.ndim) return axis < 0 ? axis + x.ndim : axis
  return fail(
    ShapeError,
    `${by}: ${name} is ${axis}, but leaf ${k} has ${x.ndim === 0 ? 'no axes' : `${x.ndim} ${x.ndim === 1 ? 'axis' : 'axes'}`}`,
    {
      args: { [`x${k}`]: x },
      fix: name === 'outAxes' ? `an axis from ${-x.ndim} to ${x.ndim - 1}` : 'inAxes: null for arguments shared by the whole batch',
    },
  )
}

/** `x` with `axis` moved to the front, or the front axis moved to `axis`. */
export const toFront = (x: Tensor, axis: number): Tensor =>
  axis === 0 ? x : transpose(x, [axis, ...range(x.ndim).filter((k) => k !== axis)])
const fromFront = (x: Tensor, axis: number): Tensor => {
  if (axis === 0) return x
  const perm = range(x.ndim).slice(1)
  perm.splice(axis, 0, 0)
  return transpose(x, perm)
}

export const batchSize = (by: string, inputs: readonly Tensor[], axes: readonly (number | null)[], given: number | undefined): number => {
  if (given !== undefined && (!Number.isInteger(given) || given < 0))
    fail(ValueError, `${by}: axisSize must be a non-negative integer, got ${given}`, { fix: 'the number of examples' })
  let size = given
  inputs.forEach((x, k) => {
    const axis = axes[k]
    if (axis === null || axis === undefined) return
    const n = x.shape[axis]!
    if (size !== undefined && n !== size)
      fail(ShapeError, `${by}: batch sizes differ: ${size} and ${n} (axis ${axis} of leaf ${k})`, {
        args: Object.fromEntries(inputs.map((t, i) => [`x${i}`, t.aval])),
        fix: 'inAxes: null for arguments shared by the whole batch',
      })
    size = n
  })
  return size ?? fail(ValueError, `${by}: no argument is batched`, { fix: 'inAxes with at least one axis, or axisSize' })
}

/** An axis, or a list or tree of axes, which is compared with the arguments when there are some. */
export const someAxes = {
  says: 'an axis, null, or a list or tree of them',
  fix: '0, [0, null]',
  accepts: (x: unknown) => typeof x === 'object' || Number.isSafeInteger(x),
}

/** The axes of every argument. */
export const perArgument = (by: string, inAxes: unknown, args: readonly unknown[]): readonly unknown[] => {
  const each: unknown[] = Array.isArray(inAxes) ? [...(inAxes as readonly unknown[])] : args.map(() => inAxes)
  if (each.length !== args.length)
    fail(
      ValueError,
      `${by}: inAxes has ${each.length} ${each.length === 1 ? 'entry' : 'entries'} for ${args.length} argument${args.length === 1 ? '' : 's'}`,
      {
        fix: 'one axis, null or tree of them per argument',
      },
    )
  return each
}

/** The batched axis of every leaf of the arguments, which have `structure`, counted from the front; `null` where it has none. */
export const axesOf = (by: string, each: readonly unknown[], structure: Structure, leaves: readonly Tensor[]): readonly (number | null)[] =>
  spread(by, 'inAxes', each, structure).map((a, i) => (a === null ? null : axisOf(by, 'inAxes', a, leaves[i]!, i)))

/** Results with the batch axis in front, those that have one, with it where `outAxes` says. */
export const placed = (
  by: string,
  outAxes: unknown,
  structure: Structure,
  size: number,
  run: { readonly outputs: readonly Tensor[]; readonly batched: readonly boolean[] },
): readonly Tensor[] => {
  const outs = spread(by, 'outAxes', outAxes, structure)
  return run.outputs.map((y, i) => {
    const axis = outs[i]!
    if (axis !== null) {
      const stacked = run.batched[i] ? y : repeat(y, size)
      return fromFront(stacked, axisOf(by, 'outAxes', axis, stacked, i))
    }
    if (run.batched[i])
      fail(ValueError, `${by}: outAxes is null for a result that depends on the batch`, { args: { y: y.aval }, fix: 'an axis for it' })
    return y
  })
}
