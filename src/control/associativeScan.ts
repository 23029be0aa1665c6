/** All prefixes of an associative operation, in logarithmic depth. */
import { normaliseAxis } from '../core/axis.js'
import { axis as anAxis, flag } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { concat, reshape, reverse, sliceAxis } from '../prim/structure.js'
import type { Differential } from '../transforms/flat.js'
import { checkFunction, flattenTensors, onLeaves } from '../transforms/flat.js'
import { listOf } from '../tree/structure.js'
import { unflatten } from '../tree/tree.js'

/** Options of `associativeScan`. */
export interface AssociativeScanOptions {
  /** Suffixes instead of prefixes. */
  readonly reverse?: boolean
  /** The axis of every leaf; 0 by default. */
  readonly axis?: number
}

type Leaves = readonly Tensor[]

/** `evens` and `odds` alternately along `axis`; `evens` may be one longer. */
const interleave = (evens: Tensor, odds: Tensor, axis: number): Tensor => {
  const n = odds.shape[axis]!
  const split = (x: Tensor): Tensor => reshape(x, [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)])
  const pairs = concat([split(sliceAxis(evens, axis, 0, n)), split(odds)], axis + 1)
  const woven = reshape(
    pairs,
    evens.shape.map((s, k) => (k === axis ? 2 * n : s)),
  )
  return evens.shape[axis]! > n ? concat([woven, sliceAxis(evens, axis, n, n + 1)], axis) : woven
}

const scanOptions = optionsOf<AssociativeScanOptions>({ reverse: flag, axis: anAxis })

/**
 * The running combination along an axis: `[x0, x0.x1, x0.x1.x2, ...]` for an associative `combine`, which gets
 * batches of elements and combines them element by element along the axis.
 *
 * @throws ShapeError when the leaves have different sizes along the axis
 * @example
 * associativeScan(np.mul, np.array([1, 2, 3, 4]))   // [1, 2, 6, 24]
 */
export const associativeScan = <X>(
  combine: (a: Differential<X>, b: Differential<X>) => unknown,
  xs: X,
  options: AssociativeScanOptions = {},
): Differential<X> => {
  const { reverse: backwards = false, axis: userAxis = 0 } = scanOptions('associativeScan', options)
  checkFunction('associativeScan', combine, 'combine')
  const { leaves, structure } = flattenTensors(xs)
  if (leaves.length === 0) return xs as Differential<X>
  const axis = normaliseAxis('associativeScan', userAxis, leaves[0]!.ndim)
  const length = leaves[0]!.shape[axis]!
  for (const x of leaves)
    if (x.shape[axis] !== length)
      fail(ShapeError, `associativeScan: sizes along axis ${axis} differ: ${length} and ${x.shape[axis]}`, { args: { x: x.aval } })
  const flat = onLeaves(
    ([a, b]: readonly [X, X]) => combine(a as Differential<X>, b as Differential<X>),
    listOf<readonly [X, X]>([structure, structure]),
  )
  const join = (a: Leaves, b: Leaves): Leaves => flat.call([...a, ...b])
  const cut = (x: Leaves, start: number, limit: number, step: number): Leaves => x.map((t) => sliceAxis(t, axis, start, limit, step))

  const prefixes = (x: Leaves): Leaves => {
    const n = x[0]!.shape[axis]!
    if (n < 2) return x
    const odds = prefixes(join(cut(x, 0, n - 1, 2), cut(x, 1, n, 2)))
    const m = odds[0]!.shape[axis]!
    const later = n % 2 === 0 ? join(cut(odds, 0, m - 1, 1), cut(x, 2, n, 2)) : join(odds, cut(x, 2, n, 2))
    return odds.map((o, k) => interleave(concat([sliceAxis(x[k]!, axis, 0, 1), later[k]!], axis), o, axis))
  }
  const flip = (x: Leaves): Leaves => (backwards ? x.map((t) => reverse(t, [axis])) : x)
  return unflatten(structure, flip(prefixes(flip(leaves)))) as unknown as Differential<X>
}
