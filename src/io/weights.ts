/** Trees as flat records of named tensors, the form in which weights are stored: `{ l0: { w } }` is `{ 'l0/w': w }`. */
import { check, record } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import { fail, TreeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor, scalar } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import * as tree from '../tree/index.js'

/** Tensors by path. */
export type Weights = Readonly<Record<string, Tensor>>

/**
 * The leaves of a tree by path. Numbers become float32 scalars and booleans bool ones; empty subtrees and static
 * leaves (strings, functions) have no name: `restore` takes them from its template.
 *
 * @throws TreeError when two leaves have one path: keys with a slash, `{ 'a/b': x, a: { b: y } }`; or when the tree is itself a leaf.
 * @example
 * Object.keys(toWeights({ l0: { w: x, b: y }, rest: [z] }))   // ['l0/b', 'l0/w', 'rest/0']
 */
export const toWeights = (params: unknown): Weights => {
  const { leaves, structure } = tree.flatten(params)
  const paths = tree.structurePaths(structure)
  const seen = new Set<string>()
  for (const path of paths) {
    if (path === '') fail(TreeError, 'toWeights: params is a leaf alone, which has no name', { fix: '{ x: leaf }' })
    if (seen.has(path)) fail(TreeError, `toWeights: two leaves are called '${path}'`, { fix: 'keys without slashes' })
    seen.add(path)
  }
  const tensorOf = (leaf: tree.Leaf): Tensor =>
    isTensor(leaf) ? leaf : typeof leaf === 'number' ? scalar(leaf, 'float32', false) : scalar(leaf ? 1 : 0, 'bool', false)
  // `__proto__` is a name like any other: fromEntries defines, it does not assign.
  return Object.fromEntries(leaves.map((leaf, i) => [paths[i]!, tensorOf(leaf)]))
}

/** A tree whose leaves are tensors, of records and lists. */
export type WeightTree = Tensor | readonly WeightTree[] | { readonly [key: string]: WeightTree }

/** Nesting that no model has; deeper names are not from a tree. */
const deepest = 128

interface Node {
  readonly children: Map<string, Node | Tensor>
}

const isNode = (x: Node | Tensor): x is Node => !isTensor(x)

/** Keys `0` to `n - 1`, every one of them, make a list. They are distinct, so the largest says it. */
const isList = (keys: readonly string[]): boolean =>
  keys.length > 0 && keys.every((k) => /^(0|[1-9]\d{0,8})$/.test(k) && Number(k) < keys.length)

const build = (x: Node | Tensor): WeightTree => {
  if (!isNode(x)) return x
  const keys = [...x.children.keys()]
  return isList(keys)
    ? keys.map((_, i) => build(x.children.get(String(i))!))
    : Object.fromEntries(keys.map((k) => [k, build(x.children.get(k)!)]))
}

/**
 * The tree of a record of named tensors: the inverse of `toWeights`, up to empty subtrees and static leaves. Keys that are exactly `0` to `n - 1` make a list.
 * A name that is also the beginning of another one is `Corrupt`. To get the tree of a model, with its type, use `restore`.
 *
 * @example
 * fromWeights({ 'l0/w': x, 'l0/b': y })   // a Right of { l0: { w, b } }
 */
export const fromWeights = (weights: Weights): E.Either<DataFault, WeightTree> => {
  check('fromWeights', 'weights', record, weights)
  const root: Node = { children: new Map() }
  for (const [path, tensor] of Object.entries(weights)) {
    const keys = path.split('/')
    if (keys.length > deepest) return E.left(fault('Corrupt', `'${path.slice(0, 80)}...' is a path of ${keys.length} steps`))
    const clash = (): E.Either<DataFault, never> => E.left(fault('Corrupt', `'${path}' is a tensor and has parts, or is there twice`))
    let node = root
    for (const key of keys.slice(0, -1)) {
      const next: Node | Tensor = node.children.get(key) ?? { children: new Map() }
      if (!isNode(next)) return clash()
      node.children.set(key, next)
      node = next
    }
    const last = keys[keys.length - 1]!
    if (node.children.has(last)) return clash()
    node.children.set(last, tensor)
  }
  return E.right(build(root))
}
