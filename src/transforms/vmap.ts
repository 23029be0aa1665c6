/** Vectorisation: a function of single examples becomes a function of batches. */
import { count, text } from '../core/check.js'
import { optionsOrNumbers } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { batch } from './batch.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenTensors, onLeaves } from './flat.js'
import type { Axes } from './mapped.js'
import { axesOf, batchSize, perArgument, placed, someAxes, toFront } from './mapped.js'

export type { Axes } from './mapped.js'

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

/** Axes of the arguments in the place of the options, as in JAX: one for all, or one (or `null`, shared) for each. */
type InAxes = number | readonly (number | null)[]

interface AnyVmapOptions {
  readonly inAxes?: unknown
  readonly outAxes?: unknown
  readonly axisName?: string
  readonly axisSize?: number
}

const vmapOptions = optionsOrNumbers<AnyVmapOptions, 'inAxes'>(
  { inAxes: someAxes, outAxes: someAxes, axisName: text, axisSize: count },
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
    const each = perArgument('vmap', inAxes, args)
    // An argument that is wholly shared is passed as it is: it need not be a tree.
    const mapped = range(args.length).filter((k) => each[k] !== null)
    const chosen = mapped.map((k): unknown => args[k])
    const { leaves, structure } = flattenTensors(chosen)
    const axes = axesOf(
      'vmap',
      mapped.map((k) => each[k]),
      structure,
      leaves,
    )
    const size = batchSize('vmap', leaves, axes, axisSize)
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
    return flat.result(placed('vmap', outAxes, flat.structure(), size, run)) as Differential<R>
  }
}
