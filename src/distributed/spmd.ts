/** One program, multiple data: a function that threads run, each with its part of the arguments, and that speaks across them. */
import { text, wholeWithin } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { recordOf } from '../core/options.js'
import { Tensor } from '../core/tensor.js'
import { staged } from '../control/staged.js'
import { bindAll } from '../ir/bind.js'
import { reshape, sliceAxis } from '../prim/structure.js'
import type { Args, Differential } from '../transforms/flat.js'
import { checkFunction, flattenTensors } from '../transforms/flat.js'
import { axesOf, batchSize, perArgument, placed, someAxes, toFront } from '../transforms/mapped.js'
import type { VmapOptions } from '../transforms/vmap.js'
import { unflatten } from '../tree/tree.js'
import { differing, inside, memberAval, spmdP } from './primitive.js'

/** Options of `spmd`. */
export interface SpmdOptions<A extends Args, R> extends Pick<VmapOptions<A, R>, 'inAxes' | 'outAxes'> {
  /** The name of the axis that the members make up, for collectives. */
  readonly axisName: string
  /** How many members there are, from 1 to 64: the size of the mapped axes. */
  readonly size: number
}

interface AnySpmdOptions {
  readonly inAxes?: unknown
  readonly outAxes?: unknown
  readonly axisName: string
  readonly size: number
}

const spmdOptions = recordOf<AnySpmdOptions>({ inAxes: someAxes, outAxes: someAxes, axisName: text, size: wholeWithin(1, 64) }, [
  'axisName',
  'size',
])

/** A tensor of which only the aval is asked. */
const shapeOnly = (x: Tensor, mapped: boolean): Tensor => new Tensor(memberAval(x, mapped), null, null, null)

/**
 * `f` mapped over an axis of its arguments, as `vmap(f, { axisName })` maps it and with the same results, by `size` members that run at the
 * same time, each a thread of this process. `f` is traced once for the shapes that a member sees; members get the Program and keep it. They
 * compute on one thread each, with the backend that is active here. What `f` closes over, and arguments whose axis is `null`, they have in
 * common. Collectives (`psum`, `allGather`, ...) speak across the members, in the order of the Program: conditions of `whileLoop` and `cond`
 * around them must be equal for all members. Sums add in the order of positions, so they do not depend on who is first. It has derivatives
 * in both modes, and can be batched and jitted.
 *
 * The calling thread waits. Pages must not wait for threads: there, and wherever Node's `receiveMessageOnPort` is missing, it throws.
 *
 * @throws ShapeError when the mapped axes are not of `size`; DeviceError where there are no threads, and when a member fails, with its error;
 *   ValueError for options that do not fit, and for functions that no member can call (`pureCallback`, another `spmd`)
 * @example
 * const f = spmd((x: Tensor) => np.div(x, psum(x, 'i')), { axisName: 'i', size: 2 })
 * f(np.array([1, 3]))   // [0.25, 0.75]
 */
export const spmd = <A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  options: SpmdOptions<A, R>,
): ((...args: A) => Differential<R>) => {
  checkFunction('spmd', f)
  const { inAxes = 0, outAxes = 0, axisName, size } = spmdOptions('spmd', options)
  const stage = staged('spmd', f)
  return (...args) => {
    const { leaves, structure } = flattenTensors<Args>(args)
    const axes = axesOf('spmd', perArgument('spmd', inAxes, args), structure, leaves)
    const found = batchSize('spmd', leaves, axes, axes.every((a) => a === null) ? size : undefined)
    if (found !== size)
      fail(ShapeError, `spmd: '${axisName}' has ${size} member${size === 1 ? '' : 's'}, but the mapped axes have size ${found}`, {
        args: Object.fromEntries(leaves.map((x, i) => [`x${i}`, x.aval])),
        fix: 'one entry for each member: np.reshape(x, [size, -1, ...]), and vmap inside',
      })
    const mapped = axes.map((a) => a !== null)
    const xs = leaves.map((x, i) => (axes[i] === null ? x : toFront(x, axes[i]!)))
    const shapes = unflatten(
      structure,
      xs.map((x, i) => shapeOnly(x, mapped[i]!)),
    ) as unknown as A
    const { entry } = inside({ axisName, size }, () => stage(shapes))
    const { program, captures, params } = entry
    const p = { program, name: params.name, axisName, size, mapped: [...captures.map(() => false), ...mapped] }
    const outputs = bindAll(spmdP, [...captures, ...xs], p)
    const batched = typeof outAxes === 'number' ? outputs.map(() => true) : differing(p)
    const own = outputs.map((y, k) => (batched[k] ? y : reshape(sliceAxis(y, 0, 0, 1), y.shape.slice(1))))
    const result = flattenTensors(entry.result(own)).structure
    return unflatten(result, placed('spmd', outAxes, result, size, { outputs: own, batched }))
  }
}
