/** Places in a tree: `'l1/w'`, `'layers/0/b'`. */
import { callable, check, either, listOf, text, whole } from '../core/check.js'
import { fail, TreeError } from '../core/errors.js'
import type { Structure } from './structure.js'
import { aStructure } from './structure.js'
import type { LeafOf, Mapped } from './tree.js'
import { flatten, structure, unflatten } from './tree.js'

/** A place as text, `'layers/0/w'`, or as keys, for keys that contain a slash. The empty path is the root. */
export type Path = string | readonly (string | number)[]

const places = either(text, listOf(either(text, whole)))

const keysOfPath = (name: string, path: Path): readonly string[] => {
  check(name, 'path', places, path)
  return typeof path !== 'string' ? path.map(String) : path === '' ? [] : path.split('/')
}

/** The paths of a structure's leaves, in the order of its leaves. */
export const structurePaths = (s: Structure): readonly string[] => {
  check('structurePaths', 's', aStructure, s)
  const visit = (node: Structure, path: string): readonly string[] => {
    if (node.kind === 'leaf') return [path]
    return node.children.flatMap((c, i) => {
      const key = node.sorted[i] ?? String(i)
      return visit(c, path === '' ? key : `${path}/${key}`)
    })
  }
  return visit(s, '')
}

/**
 * The path of every leaf, in the order of `tree.leaves`.
 *
 * @example
 * tree.paths({ l1: { w: x, b: y }, l2: [z] })   // ['l1/b', 'l1/w', 'l2/0']
 */
export const paths = (tree: unknown): readonly string[] => structurePaths(structure(tree))

/**
 * Applies `f` to every leaf and its path.
 *
 * @example
 * tree.mapWithPath((path) => !path.endsWith('/b'), params)   // a mask that spares the biases
 */
export const mapWithPath = <T, L>(f: (path: string, leaf: LeafOf<T>) => L, tree: T): Mapped<T, L> => {
  check('mapWithPath', 'f', callable, f)
  const { leaves, structure: s } = flatten(tree)
  const names = structurePaths(s)
  return unflatten(
    s,
    leaves.map((leaf, i) => f(names[i]!, leaf as LeafOf<T>)),
  ) as Mapped<T, L>
}

const isContainer = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null

const step = (name: string, tree: unknown, keys: readonly string[], depth: number): unknown => {
  const key = keys[depth]!
  if (isContainer(tree) && Object.hasOwn(tree, key)) return tree[key]
  const here = keys.slice(0, depth).join('/')
  const s = structure(tree)
  const known = s.kind === 'record' ? s.keys.join(', ') : s.kind === 'list' ? `0 to ${s.children.length - 1}` : ''
  return fail(TreeError, `${name}: path leads nowhere: there is no '${key}' in ${here === '' ? 'the tree' : `'${here}' of the tree`}`, {
    fix: known === '' ? 'a shorter path: this is not a container' : `one of: ${known}`,
  })
}

/**
 * The leaf or subtree at `path`.
 *
 * @throws TreeError when there is none.
 * @example
 * tree.get({ l1: { w: x } }, 'l1/w')   // x
 */
export const get = (tree: unknown, path: Path): unknown =>
  keysOfPath('get', path).reduce((node, _, depth, keys) => step('get', node, keys, depth), tree)

/**
 * The tree with the leaf or subtree at `path` replaced by `update` of it. Everything off the path is shared, nothing is mutated.
 *
 * @throws TreeError when there is nothing at `path`.
 * @example
 * tree.at(params, 'l1/w', np.zerosLike)
 */
export const at = <T>(tree: T, path: Path, update: (old: never) => unknown): T => {
  const keys = keysOfPath('at', path)
  check('at', 'update', callable, update)
  const visit = (node: unknown, depth: number): unknown => {
    if (depth === keys.length) return update(node as never)
    const value = visit(step('at', node, keys, depth), depth + 1)
    const key = keys[depth]!
    return Array.isArray(node) ? node.map((x: unknown, i) => (String(i) === key ? value : x)) : { ...(node as object), [key]: value }
  }
  return visit(tree, 0) as T
}
