/** Communication between the members of a named axis of `vmap`. */
import { isInexact } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { div } from '../prim/arithmetic.js'
import { like } from '../prim/broadcast.js'
import { allGather as gatherAll, axisIndex as indexAlong, psum as sumAlong } from '../prim/collective.js'
import { cast } from '../prim/select.js'
import { unflatten } from '../tree/tree.js'
import { axisSize } from './batch.js'
import { flattenTensors, type Differential } from './flat.js'

const onEach = <T>(tree: T, f: (x: Tensor) => Tensor): Differential<T> => {
  const { leaves, structure } = flattenTensors(tree)
  return unflatten(structure, leaves.map(f)) as Differential<T>
}

/**
 * The sum of every leaf over the members of the named axis, the same for each of them.
 *
 * @throws TraceError when no enclosing `vmap` has that `axisName`
 * @example
 * vmap((x) => np.div(x, psum(x, 'i')), { axisName: 'i' })(np.array([1, 3]))   // [0.25, 0.75]
 */
export const psum = <T>(tree: T, axisName: string): Differential<T> => {
  axisSize('psum', axisName)
  return onEach(tree, (x) => sumAlong(x, axisName))
}

/**
 * The mean of every leaf over the members of the named axis.
 *
 * @throws TraceError when no enclosing `vmap` has that `axisName`
 * @example
 * vmap((x) => np.sub(x, pmean(x, 'i')), { axisName: 'i' })(np.array([1, 3]))   // [-1, 1]
 */
export const pmean = <T>(tree: T, axisName: string): Differential<T> => {
  const n = axisSize('pmean', axisName)
  return onEach(tree, (x) => {
    const total = sumAlong(isInexact(x.dtype) ? x : cast(x, 'float32'), axisName)
    return div(total, like(total, n))
  })
}

/**
 * Every leaf of all members of the named axis, stacked along a new leading axis, the same for each of them.
 *
 * @throws TraceError when no enclosing `vmap` has that `axisName`
 * @example
 * vmap((x) => allGather(x, 'i'), { axisName: 'i', outAxes: null })(np.array([1, 3]))   // [1, 3]
 */
export const allGather = <T>(tree: T, axisName: string): Differential<T> => {
  const n = axisSize('allGather', axisName)
  return onEach(tree, (x) => gatherAll(x, axisName, n))
}

/**
 * The position of this member along the named axis, int32.
 *
 * @throws TraceError when no enclosing `vmap` has that `axisName`
 * @example
 * vmap((x) => np.add(x, axisIndex('i')), { axisName: 'i' })(np.zeros([3]))   // [0, 1, 2]
 */
export const axisIndex = (axisName: string): Tensor => indexAlong(axisName, axisSize('axisIndex', axisName))
