/** Trees of tensors, leaf by leaf: what optimizers do to parameters. */
import type { Tensor } from '../core/tensor.js'
import { lift } from '../numpy/lift.js'
import * as tree from '../tree/index.js'

/** `f` of the leaves at the same place in every tree; the result has the first tree's type. @throws TreeError when a structure differs. */
export const mapLeaves = <T>(f: (...leaves: readonly Tensor[]) => Tensor, first: T, ...rest: readonly unknown[]): T => {
  const { leaves, structure } = tree.flatten(first)
  const others = rest.map((t) => {
    const flat = tree.flatten(t)
    tree.checkSame('optim', structure, flat.structure)
    return flat.leaves
  })
  return tree.unflatten(
    structure,
    leaves.map((leaf, i) => f(lift(leaf), ...others.map((o) => lift(o[i]!)))),
  )
}

/** The leaves as tensors, keys sorted. */
export const tensors = (t: unknown): readonly Tensor[] => tree.flatten(t).leaves.map((leaf) => lift(leaf))
