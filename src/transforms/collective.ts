/** Communication between the members of named axes. */
import { normaliseAxis } from '../core/axis.js'
import { axis as anAxis, check, flag, list } from '../core/check.js'
import { describe } from '../core/describe.js'
import { dtypes, isBool, isInexact } from '../core/dtype.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { axisSize } from '../ir/axes.js'
import { add, div, mul } from '../prim/arithmetic.js'
import { like } from '../prim/broadcast.js'
import * as prim from '../prim/collective.js'
import { moveAxis, reshape } from '../prim/layout.js'
import { cast } from '../prim/select.js'
import { unflatten } from '../tree/tree.js'
import { flattenTensors, type Differential } from './flat.js'

/** The name of an axis; a list of names stands for the axis of all their members, those of the last name next to each other. */
export type AxisName = string | readonly string[]

/** Options of `allToAll`. */
export interface TiledOptions {
  /** Cut up and lengthen axes that are there, instead of taking one away and adding one; `false` by default. */
  readonly tiled?: boolean
}

/** Options of `allGather`. */
export interface GatherOptions extends TiledOptions {
  /** Where the members lie in the result; 0 by default. */
  readonly axis?: number
}

/** Options of `psumScatter`. */
export interface PsumScatterOptions extends TiledOptions {
  /** The axis whose parts the members get; 0 by default. */
  readonly scatterDimension?: number
}

/** One named axis in force. */
interface Named {
  readonly axisName: string
  readonly size: number
}

/** The axes that the names stand for, outermost first. */
const axesOf = (name: string, axisName: AxisName): readonly Named[] => {
  const names = typeof axisName === 'string' || !Array.isArray(axisName) ? [axisName as string] : (axisName as readonly string[])
  const axes = names.map((n) => ({ axisName: n, size: axisSize(name, n) }))
  const twice = names.find((n, i) => names.indexOf(n) !== i)
  if (twice !== undefined) fail(ValueError, `${name}: axis '${twice}' is named twice`, { fix: 'every name once' })
  return axes
}

const sizeOf = (axes: readonly Named[]): number => axes.reduce((n, { size }) => n * size, 1)

const onEach = <T>(tree: T, f: (x: Tensor) => Tensor): Differential<T> => {
  const { leaves, structure } = flattenTensors(tree)
  return unflatten(structure, leaves.map(f)) as Differential<T>
}

/** `x` with its axis `at` as several of `sizes`. */
const cut = (x: Tensor, at: number, ...sizes: readonly number[]): Tensor =>
  reshape(x, [...x.shape.slice(0, at), ...sizes, ...x.shape.slice(at + 1)])

/** `x` with `count` axes from `at` as one. */
const merge = (x: Tensor, at: number, count = 2): Tensor =>
  reshape(x, [...x.shape.slice(0, at), x.shape.slice(at, at + count).reduce((a, b) => a * b, 1), ...x.shape.slice(at + count)])

/** Throws unless axis `at` of `x` is as long as there are members, or a multiple of them where it is tiled. */
const checkParts = (name: string, x: Tensor, at: number, members: number, tiled: boolean): void => {
  const n = x.shape[at]!
  if (tiled ? members === 0 || n % members !== 0 : n !== members)
    fail(
      ShapeError,
      `${name}: axis ${at} has size ${n}, which ${tiled ? 'does not divide by' : 'is not'} the number of members, ${members}`,
      {
        args: { x: x.aval },
        fix: tiled ? 'np.pad to a multiple' : 'one entry for each member; or { tiled: true } for a multiple of them',
      },
    )
}

/** Blocks along the leading axis, one for each member of all `axes`, given `f`, which goes along one of them. */
const alongAll = (x: Tensor, axes: readonly Named[], f: (x: Tensor, a: Named) => Tensor): Tensor => {
  const sizes = axes.map(({ size }) => size)
  let y = cut(x, 0, ...sizes)
  axes.forEach((a, k) => {
    y = moveAxis(f(moveAxis(y, k, 0), a), 0, k)
  })
  return merge(y, 0, axes.length)
}

/**
 * The sum of every leaf over the members of the named axis, the same for each of them. Sums of booleans count, in int32.
 *
 * @throws TraceError when nothing around has that `axisName`
 * @example
 * vmap((x) => np.div(x, psum(x, 'i')), { axisName: 'i' })(np.array([1, 3]))   // [0.25, 0.75]
 */
export const psum = <T>(tree: T, axisName: AxisName): Differential<T> => {
  const axes = axesOf('psum', axisName)
  return onEach(tree, (x) => axes.reduceRight((y, a) => prim.psum(y, a.axisName), isBool(x.dtype) ? cast(x, dtypes.bool.wide) : x))
}

/**
 * The mean of every leaf over the members of the named axis.
 *
 * @throws TraceError when nothing around has that `axisName`
 * @example
 * vmap((x) => np.sub(x, pmean(x, 'i')), { axisName: 'i' })(np.array([1, 3]))   // [-1, 1]
 */
export const pmean = <T>(tree: T, axisName: AxisName): Differential<T> => {
  const axes = axesOf('pmean', axisName)
  const n = sizeOf(axes)
  return onEach(tree, (x) => {
    const total = axes.reduceRight((y, a) => prim.psum(y, a.axisName), isInexact(x.dtype) ? x : cast(x, 'float32'))
    return div(total, like(total, n))
  })
}

/**
 * The largest of every element over the members of the named axis; NaN if there is one. Members that attain it share its derivative evenly,
 * as entries do in `np.max`; JAX refuses to differentiate it.
 *
 * @throws TraceError when nothing around has that `axisName`
 * @example
 * vmap((x) => np.sub(x, pmax(x, 'i')), { axisName: 'i' })(np.array([1, 3]))   // [-2, 0]
 */
export const pmax = <T>(tree: T, axisName: AxisName): Differential<T> => {
  const axes = axesOf('pmax', axisName)
  return onEach(tree, (x) => axes.reduceRight((y, a) => prim.pmax(y, a.axisName), x))
}

/**
 * The smallest of every element over the members of the named axis; NaN if there is one. Members that attain it share its derivative
 * evenly, as entries do in `np.min`; JAX refuses to differentiate it.
 *
 * @throws TraceError when nothing around has that `axisName`
 * @example
 * vmap((x) => np.sub(x, pmin(x, 'i')), { axisName: 'i' })(np.array([1, 3]))   // [0, 2]
 */
export const pmin = <T>(tree: T, axisName: AxisName): Differential<T> => {
  const axes = axesOf('pmin', axisName)
  return onEach(tree, (x) => axes.reduceRight((y, a) => prim.pmin(y, a.axisName), x))
}

const gatherOptions = optionsOf<GatherOptions>({ axis: anAxis, tiled: flag })

/**
 * Every leaf of all members of the named axis, the same for each of them: stacked along a new axis, the first unless `axis` says otherwise,
 * or with `tiled` laid end to end along an axis that is there.
 *
 * @throws TraceError when nothing around has that `axisName`; ShapeError for an axis that a leaf does not have
 * @example
 * vmap((x) => allGather(x, 'i'), { axisName: 'i', outAxes: null })(np.array([1, 3]))   // [1, 3]
 * const x = np.array([[1, 2], [3, 4]])
 * vmap((row) => allGather(row, 'i', { tiled: true }), { axisName: 'i', outAxes: null })(x)   // [1, 2, 3, 4]
 */
export const allGather = <T>(tree: T, axisName: AxisName, options?: GatherOptions): Differential<T> => {
  const axes = axesOf('allGather', axisName)
  const { axis = 0, tiled = false } = gatherOptions('allGather', options)
  return onEach(tree, (x) => {
    const at = normaliseAxis('allGather', axis, tiled ? x : x.ndim + 1)
    const all = axes.reduceRight((y, a) => prim.allGather(y, a.axisName, a.size), x)
    const placed = moveAxis(merge(all, 0, axes.length), 0, at)
    return tiled ? merge(placed, at) : placed
  })
}

const scatterOptions = optionsOf<PsumScatterOptions>({ scatterDimension: anAxis, tiled: flag })

/**
 * The sum of every leaf over the members of the named axis, of which each member gets its part along `scatterDimension`: one entry, and the
 * axis is gone, or with `tiled` as many entries as there are for each. `allGather` of it is `psum`.
 *
 * @throws TraceError when nothing around has that `axisName`; ShapeError where the axis does not exist, or its size is not the number of
 *   members (with `tiled`, a multiple of it)
 * @example
 * const x = np.array([[1, 2], [3, 4]])
 * vmap((row) => psumScatter(row, 'i'), { axisName: 'i' })(x)   // [4, 6]
 */
export const psumScatter = <T>(tree: T, axisName: AxisName, options?: PsumScatterOptions): Differential<T> => {
  const axes = axesOf('psumScatter', axisName)
  const { scatterDimension = 0, tiled = false } = scatterOptions('psumScatter', options)
  const n = sizeOf(axes)
  return onEach(tree, (x) => {
    const at = normaliseAxis('psumScatter', scatterDimension, x)
    checkParts('psumScatter', x, at, n, tiled)
    const blocks = moveAxis(tiled ? cut(x, at, n, x.shape[at]! / n) : x, at, 0)
    return axes.reduce((y, a) => prim.psumScatter(y, a.axisName, a.size), cut(blocks, 0, ...axes.map(({ size }) => size)))
  })
}

/** The one axis that a name stands for. */
const oneAxis = (name: string, axisName: AxisName): Named => {
  const axes = axesOf(name, axisName)
  return axes.length === 1
    ? axes[0]!
    : fail(ValueError, `${name}: axisName must be one name, got ${describe(axisName)}`, {
        fix: 'one call for each axis, or one axis of all members',
      })
}

const checkPerm = (name: string, perm: readonly (readonly number[])[]): void => {
  check(name, 'perm', list, perm)
  const other = perm.find((pair) => !Array.isArray(pair) || pair.length !== 2)
  if (other !== undefined)
    fail(ValueError, `${name}: perm is a list of pairs [source, destination], got ${describe(other)} in it`, { fix: '[[0, 1], [1, 0]]' })
}

/**
 * Every leaf from the member that sends to this one: `perm` has pairs `[source, destination]` of positions along the named axis. A member
 * that no pair names as destination gets zeros.
 *
 * @throws TraceError when nothing around has that `axisName`; ValueError for a position out of range, or one that sends or receives twice
 * @example
 * vmap((x) => ppermute(x, 'i', [[0, 1], [1, 2]]), { axisName: 'i' })(np.array([1, 2, 3]))   // [0, 1, 2]
 */
export const ppermute = <T>(
  tree: T,
  axisName: AxisName,
  perm: readonly (readonly [source: number, destination: number])[],
): Differential<T> => {
  const { axisName: name, size } = oneAxis('ppermute', axisName)
  checkPerm('ppermute', perm)
  prim.checkRoutes({ axisName: name, size, perm })
  return onEach(tree, (x) => prim.ppermute(x, name, size, perm))
}

/**
 * Every leaf from member `perm[k]`, for the member at position `k` of the named axis.
 *
 * @throws TraceError when nothing around has that `axisName`; ValueError where `perm` is no permutation of its members
 * @example
 * vmap((x) => pshuffle(x, 'i', [2, 0, 1]), { axisName: 'i' })(np.array([1, 2, 3]))   // [3, 1, 2]
 */
export const pshuffle = <T>(tree: T, axisName: AxisName, perm: readonly number[]): Differential<T> => {
  const { size } = oneAxis('pshuffle', axisName)
  check('pshuffle', 'perm', list, perm)
  if (perm.length !== size || perm.some((m, i) => !Number.isInteger(m) || m < 0 || m >= size || perm.indexOf(m) !== i))
    fail(ValueError, `pshuffle: [${perm.map(describe).join(', ')}] is not a permutation of the ${size} members`, {
      fix: 'every position once; ppermute for some of them',
    })
  return ppermute(
    tree,
    axisName,
    perm.map((from, to) => [from, to]),
  )
}

const tiledOptions = optionsOf<TiledOptions>({ tiled: flag })

/**
 * Every leaf transposed over the named axis: `splitAxis` is cut into one part for each member, and the parts that a member gets lie by their
 * senders along `concatAxis`. Without `tiled`, `splitAxis` has one entry for each member and goes, and `concatAxis` is a new axis; with it
 * both are there before and after.
 *
 * @throws TraceError when nothing around has that `axisName`; ShapeError where an axis does not exist, or the size of `splitAxis` is not the
 *   number of members (with `tiled`, a multiple of it)
 * @example
 * const x = np.array([[1, 2], [3, 4]])
 * vmap((row) => allToAll(row, 'i', 0, 0), { axisName: 'i' })(x)   // [[1, 3], [2, 4]]
 */
export const allToAll = <T>(
  tree: T,
  axisName: AxisName,
  splitAxis: number,
  concatAxis: number,
  options?: TiledOptions,
): Differential<T> => {
  const axes = axesOf('allToAll', axisName)
  check('allToAll', 'splitAxis', anAxis, splitAxis)
  check('allToAll', 'concatAxis', anAxis, concatAxis)
  const { tiled = false } = tiledOptions('allToAll', options)
  const n = sizeOf(axes)
  return onEach(tree, (x) => {
    const from = normaliseAxis('allToAll', splitAxis, x)
    const to = normaliseAxis('allToAll', concatAxis, x)
    checkParts('allToAll', x, from, n, tiled)
    const blocks = moveAxis(tiled ? cut(x, from, n, x.shape[from]! / n) : x, from, 0)
    const got = alongAll(blocks, axes, (y, a) => prim.allToAll(y, a.axisName, a.size))
    const placed = moveAxis(got, 0, to)
    return tiled ? merge(placed, to) : placed
  })
}

/**
 * The position of this member along the named axis, int32.
 *
 * @throws TraceError when nothing around has that `axisName`
 * @example
 * vmap((x) => np.add(x, axisIndex('i')), { axisName: 'i' })(np.zeros([3]))   // [0, 1, 2]
 */
export const axisIndex = (axisName: AxisName): Tensor => {
  const [first, ...rest] = axesOf('axisIndex', axisName)
  const at = ({ axisName: name, size }: Named): Tensor => prim.axisIndex(name, size)
  if (first === undefined) return fail(ValueError, 'axisIndex: axisName is an empty list', { fix: 'the name of an axis' })
  return rest.reduce((k, a) => {
    const own = at(a)
    return add(mul(k, like(own, a.size)), own)
  }, at(first))
}
