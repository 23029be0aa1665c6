/** Vectorisation: a function of single examples becomes a function of batches. */
import { count, text } from '../core/check.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { optionsOrNumbers } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { transpose } from '../prim/structure.js'
import type { Static, Structure } from '../tree/structure.js'
import { batch, repeat } from './batch.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenTensors, onLeaves } from './flat.js'

/** Which axis of every leaf is batched: one number for all, `null` for none, or a tree that says it for parts. */
export type Axes<T> = number | null | (T extends Tensor | number | Static ? never : { readonly [K in keyof T]?: Axes<T[K]> })

/** Options of `vmap`. */
export interface VmapOptions<A extends Args, R> {
  /** The batched axis of the arguments: one for all, or a list with one per argument; 0 by default, `null` for shared ones. */
  readonly inAxes?: number | null | { readonly [K in keyof A]: Axes<A[K]> }
  /** Where the batch axis goes in the results; 0 by default. `null` demands a result that does not depend on the batch. */
  readonly outAxes?: Axes<R>
  /** A name for the axis, for `psum`, `pmean`, `allGather`, `axisIndex`. */
  readonly axisName?: string
  /** The size of the axis, needed when no argument is batched. */
  readonly axisSize?: number
}

/** One axis (or null) per leaf of a structure, from a prefix of it. */
const spread = (name: string, axes: unknown, s: Structure): (number | null)[] => {
  if (axes === null || typeof axes === 'number') return new Array<number | null>(s.count).fill(axes)
  if (axes === undefined) return new Array<null>(s.count).fill(null)
  if (s.kind !== 'list' && s.kind !== 'record' && s.count === 0) return []
  if (s.count > 0 && s.children.length === 0)
    return fail(ValueError, `vmap: ${name} goes deeper than the tree it describes`, { fix: 'one axis, or null, for each leaf at most' })
  if (typeof axes !== 'object')
    return fail(ValueError, `vmap: ${name} is a ${typeof axes}`, { fix: 'an axis, null, or a tree of them like the values' })
  const parts = axes as Readonly<Record<string, unknown>>
  const keys = s.kind === 'list' ? s.children.map((_, i) => String(i)) : s.sorted
  if (s.kind === 'list' && Array.isArray(axes) && keys.length !== axes.length)
    return fail(ValueError, `vmap: ${name} has ${axes.length} entries for ${keys.length} values`, { fix: 'one axis or null for each' })
  for (const key of Object.keys(parts))
    if (!keys.includes(key))
      fail(ValueError, `vmap: ${name} names '${key}', which the tree does not have`, { fix: `keys of the tree: ${keys.join(', ')}` })
  return keys.flatMap((k, i) => spread(`${name}.${k}`, parts[k], s.children[i]!))
}

/** The batched axis of leaf `k`, counted from the front; throws where the leaf has no such axis. */
const axisOf = (name: string, axis: number, x: Tensor, k: number): number => {
  if (Number.isInteger(axis) && axis >= -x.ndim && axis < x.ndim) return axis < 0 ? axis + x.ndim : axis
  return fail(
    ShapeError,
    `vmap: ${name} is ${axis}, but leaf ${k} has ${x.ndim === 0 ? 'no axes' : `${x.ndim} ${x.ndim === 1 ? 'axis' : 'axes'}`}`,
    {
      args: { [`x${k}`]: x },
      fix: name === 'outAxes' ? `an axis from ${-x.ndim} to ${x.ndim - 1}` : 'inAxes: null for arguments shared by the whole batch',
    },
  )
}

/** `x` with `axis` moved to the front, or the front axis moved to `axis`. */
const toFront = (x: Tensor, axis: number): Tensor => (axis === 0 ? x : transpose(x, [axis, ...range(x.ndim).filter((k) => k !== axis)]))
const fromFront = (x: Tensor, axis: number): Tensor => {
  if (axis === 0) return x
  const perm = range(x.ndim).slice(1)
  perm.splice(axis, 0, 0)
  return transpose(x, perm)
}

const batchSize = (inputs: readonly Tensor[], axes: readonly (number | null)[], given: number | undefined): number => {
  if (given !== undefined && (!Number.isInteger(given) || given < 0))
    fail(ValueError, `vmap: axisSize must be a non-negative integer, got ${given}`, { fix: 'the number of examples' })
  let size = given
  inputs.forEach((x, k) => {
    const axis = axes[k]
    if (axis === null || axis === undefined) return
    const n = x.shape[axis]!
    if (size !== undefined && n !== size)
      fail(ShapeError, `vmap: batch sizes differ: ${size} and ${n} (axis ${axis} of leaf ${k})`, {
        args: Object.fromEntries(inputs.map((t, i) => [`x${i}`, t.aval])),
        fix: 'inAxes: null for arguments shared by the whole batch',
      })
    size = n
  })
  return size ?? fail(ValueError, 'vmap: no argument is batched', { fix: 'inAxes with at least one axis, or axisSize' })
}

/** Axes of the arguments in the place of the options, as in JAX: one for all, or one (or `null`, shared) for each. */
type InAxes = number | readonly (number | null)[]

interface AnyVmapOptions {
  readonly inAxes?: unknown
  readonly outAxes?: unknown
  readonly axisName?: string
  readonly axisSize?: number
}

/** An axis, or a list or tree of axes, which is compared with the arguments when there are some. */
const mapped = {
  says: 'an axis, null, or a list or tree of them',
  fix: '0, [0, null]',
  accepts: (x: unknown) => typeof x === 'object' || Number.isSafeInteger(x),
}

const vmapOptions = optionsOrNumbers<AnyVmapOptions, 'inAxes'>(
  { inAxes: mapped, outAxes: mapped, axisName: text, axisSize: count },
  'inAxes',
)

/**
 * `f` over a batch: maps over one axis of the arguments and stacks the results, in one vectorised run.
 *
 * @throws ShapeError when batch sizes differ; ValueError when the axes do not describe the arguments
 * @example
 * const loss = (w: Tensor, x: Tensor) => np.sum(np.square(np.mul(w, x)))
 * vmap(grad(loss), { inAxes: [null, 0] })(np.array(1), np.array([1, 2, 3]))   // [2, 8, 18], per example
 * vmap(np.dot)(np.ones([8, 3]), np.ones([8, 3])).shape   // [8]
 */
export const vmap = <A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  given: VmapOptions<A, R> | InAxes = {},
): ((...args: A) => Differential<R>) => {
  checkFunction('vmap', f)
  const { inAxes = 0, outAxes = 0, axisName, axisSize } = vmapOptions('vmap', given) as VmapOptions<A, R>
  return (...args) => {
    const perArgument: unknown[] = Array.isArray(inAxes) ? [...inAxes] : args.map(() => inAxes)
    if (perArgument.length !== args.length)
      fail(
        ValueError,
        `vmap: inAxes has ${perArgument.length} ${perArgument.length === 1 ? 'entry' : 'entries'} for ${args.length} argument${args.length === 1 ? '' : 's'}`,
        {
          fix: 'one axis, null or tree of them per argument',
        },
      )
    // An argument that is wholly shared is passed as it is: it need not be a tree.
    const mapped = range(args.length).filter((k) => perArgument[k] !== null)
    const chosen = mapped.map((k): unknown => args[k])
    const { leaves, structure } = flattenTensors(chosen)
    const axes = spread(
      'inAxes',
      mapped.map((k) => perArgument[k]),
      structure,
    ).map((a, i) => (a === null ? null : axisOf('inAxes', a, leaves[i]!, i)))
    const size = batchSize(leaves, axes, axisSize)
    const flat = onLeaves((tree: readonly unknown[]) => {
      const full: unknown[] = [...args]
      mapped.forEach((k, i) => {
        full[k] = tree[i]
      })
      return f(...(full as unknown as A))
    }, structure)
    const run = batch(
      'vmap',
      flat.call,
      leaves.map((x, i) => (axes[i] === null ? x : toFront(x, axes[i]!))),
      axes.map((a) => a !== null),
      size,
      axisName,
    )
    const outs = spread('outAxes', outAxes, flat.structure())
    return flat.result(
      run.outputs.map((y, i) => {
        const axis = outs[i]!
        if (axis !== null) {
          const stacked = run.batched[i] ? y : repeat(y, size)
          return fromFront(stacked, axisOf('outAxes', axis, stacked, i))
        }
        if (run.batched[i])
          fail(ValueError, 'vmap: outAxes is null for a result that depends on the batch', { args: { y: y.aval }, fix: 'an axis for it' })
        return y
      }),
    ) as Differential<R>
  }
}
