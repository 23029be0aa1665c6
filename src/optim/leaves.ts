/** Trees of tensors, leaf by leaf: what optimizers do to parameters. Booleans are static here, as in transforms. */
import { fail, ShapeError } from '../core/errors.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { lift } from '../numpy/lift.js'
import { structurePaths } from '../tree/path.js'
import type { Structure } from '../tree/structure.js'
import { checkSame, flattenTraced, unflatten } from '../tree/tree.js'

/** The structure of a tree of parameters. */
export const structureOf = <T>(t: T): Structure<T> => flattenTraced(t).structure

/** The paths of the leaves, in the order of `tensors`. */
export const pathsOf = (t: unknown): readonly string[] => structurePaths(structureOf(t))

type Leaves = (...leaves: readonly Tensor[]) => Tensor

const mapped = <T>(
  f: Leaves,
  first: T,
  rest: readonly unknown[],
  what: string,
  fits?: (leaf: Tensor, other: Tensor, path: () => string) => void,
): T => {
  const { leaves, structure } = flattenTraced(first)
  const others = rest.map((t) => {
    const flat = flattenTraced(t)
    checkSame(what, structure, flat.structure)
    return flat.leaves
  })
  return unflatten(
    structure,
    leaves.map((leaf, i) => {
      const [x, ys] = [lift(leaf), others.map((o) => lift(o[i]!))]
      if (fits !== undefined) ys.forEach((y) => fits(x, y, () => structurePaths(structure)[i]!))
      return f(x, ...ys)
    }),
  )
}

const sameShapes =
  (what: string, fix: string) =>
  (x: Tensor, y: Tensor, path: () => string): void => {
    if (x.aval === y.aval || sameShape(x.shape, y.shape)) return
    const at = path()
    fail(
      ShapeError,
      `${what}: ${at === '' ? 'the leaf' : `'${at}'`} is [${x.shape.join(',')}] in one tree and [${y.shape.join(',')}] in another`,
      {
        args: { first: x, other: y },
        fix,
      },
    )
  }

const ofThese = sameShapes('optim', 'gradients of these very parameters, and the state of this very optimizer: optimizer.init(params)')

/**
 * `f` of the leaves at the same place in every tree; the result has the first tree's type.
 *
 * @throws TreeError when a structure differs, ShapeError when leaves of one place differ in shape: nothing is broadcast.
 */
export const mapLeaves = <T>(f: Leaves, first: T, ...rest: readonly unknown[]): T => mapped(f, first, rest, 'optim', ofThese)

/** As `mapLeaves` in the name of a function that users call. `also` checks more of two leaves, by their path. */
export const mapLeavesOf = <T>(
  what: string,
  fix: string,
  f: Leaves,
  first: T,
  rest: readonly unknown[],
  also?: (leaf: Tensor, other: Tensor, path: () => string) => void,
): T => {
  const same = sameShapes(what, fix)
  return mapped(f, first, rest, what, (x, y, path) => {
    same(x, y, path)
    also?.(x, y, path)
  })
}

/** As `mapLeaves`, of leaves whose shapes may differ. */
export const mapPlaces = <T>(f: Leaves, first: T, ...rest: readonly unknown[]): T => mapped(f, first, rest, 'optim')

/** The leaves as tensors, keys sorted. */
export const tensors = (t: unknown): readonly Tensor[] => flattenTraced(t).leaves.map((leaf) => lift(leaf))
