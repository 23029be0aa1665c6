/** Examples, one tree of tensors each, made into a batch. */
import { fail, TreeError, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { stack } from '../numpy/join.js'
import * as tree from '../tree/index.js'

/** The tensors of `examples` stacked along a new first axis; `name` is the function that errors speak of. */
export const stackExamples = <B>(name: string, examples: readonly B[]): B => {
  const flat = examples.map((example) => tree.flatten(example))
  const first = flat[0]
  if (first === undefined) return fail(ValueError, `${name}: a batch of no rows has no shape`, { fix: 'at least one row' })
  const { structure } = first
  if (structure.statics.length > 0)
    fail(TreeError, `${name}: an example holds what is no tensor: ${tree.show(structure)}`, {
      fix: 'encode text as numbers, np.array(indices)',
    })
  const names = tree.structurePaths(structure)
  flat.forEach((example, i) => {
    if (!tree.equals(example.structure, structure))
      fail(TreeError, `${name}: examples 0 and ${i} of a batch differ: ${tree.show(structure)} and ${tree.show(example.structure)}`)
  })
  const column = (k: number): Tensor =>
    stack(
      flat.map(({ leaves }): Tensor => {
        const leaf = leaves[k]
        return isTensor(leaf)
          ? leaf
          : fail(TreeError, `${name}: ${names[k] === '' ? 'an example' : names[k]!} is no tensor`, { fix: 'np.array(value, { dtype })' })
      }),
    )
  return tree.unflatten(
    structure,
    first.leaves.map((_, k) => column(k)),
  )
}
