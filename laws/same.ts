/** Equality of trees, as laws need it: structure, avals, and every element. */
import { isTensor, tree } from '../src/index.js'
import { checkAll, text } from './check.js'
import type { Closeness } from './compare.js'
import { closenessOf, expectClose, showTensor } from './compare.js'
import { broken } from './law.js'

/** A leaf as a law prints it. */
const showLeaf = (x: unknown): string => (isTensor(x) ? showTensor(x, 16) : String(x))

/** A tree as a law prints it: one leaf per line, with its path. */
export const showTree = (t: unknown): string => {
  const { leaves, structure } = tree.flatten(t)
  const paths = tree.structurePaths(structure)
  return [tree.show(structure), ...leaves.map((x, i) => `  ${paths[i] === '' ? 'leaf' : paths[i]!}: ${showLeaf(x)}`)].join('\n')
}

/**
 * Throws unless two trees have one structure and leaves that agree: tensors as `expectClose` says, other leaves by identity.
 *
 * @throws LawError naming the path.
 */
export const expectSame = (what: string, actual: unknown, expected: unknown, closeness: Closeness = { signedZeros: true }): void => {
  checkAll('expectSame', { what: [text, what] })
  closenessOf('expectSame', closeness)
  const [a, e] = [tree.flatten(actual), tree.flatten(expected)]
  if (!tree.equals(a.structure, e.structure)) broken(`${what}: structure ${tree.show(a.structure)}, expected ${tree.show(e.structure)}`)
  const paths = tree.structurePaths(e.structure)
  e.leaves.forEach((x, i) => {
    const y = a.leaves[i]!
    const where = paths[i] === '' ? what : `${what} at '${paths[i]!}'`
    if (isTensor(x) && isTensor(y)) expectClose(where, y, x, closeness)
    else if (!Object.is(x, y)) broken(`${where}: ${showLeaf(y)}, expected ${showLeaf(x)}`)
  })
}
