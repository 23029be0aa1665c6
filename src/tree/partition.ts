/** A tree as two of the same form, each with some of its leaves, and back: what is trained beside what is not. */
import { callable, check } from '../core/check.js'
import { fail, TreeError } from '../core/errors.js'
import { isTensor } from '../core/tensor.js'
import { structurePaths } from './path.js'
import { show, type Static } from './structure.js'
import { flatten, structure, unflatten, type Leaf, type LeafOf, type Tree } from './tree.js'

declare const whole: unique symbol

type Leaves<T> = Tree extends T ? T : T extends Leaf ? T | null : T extends Static | null | undefined ? T : { [K in keyof T]: Leaves<T[K]> }

/** A part of a `T`: the tree with `null` in place of the leaves that are in the other part. */
export type PartOf<T> = Leaves<T> & { readonly [whole]?: T }

/**
 * The tree twice: with the leaves that `predicate` chooses, and with the others; `null`, an empty subtree, stands where a
 * leaf is in the other half. Static leaves are in both, so both halves are of the same kind. `tree.combine` is the inverse.
 *
 * @param predicate gets a leaf and its path
 * @example
 * const [trained, frozen] = tree.partition(params, (_, path) => path.startsWith('l2/'))
 * trained.l1.w   // null
 * tree.combine(trained, frozen).l1.w === params.l1.w   // true
 */
export const partition = <T>(
  tree: T,
  predicate: (leaf: LeafOf<T>, path: string) => boolean,
): readonly [chosen: PartOf<T>, rest: PartOf<T>] => {
  check('partition', 'predicate', callable, predicate)
  const { leaves, structure: s } = flatten(tree)
  const paths = structurePaths(s)
  const chosen = leaves.map((leaf, i): boolean => predicate(leaf as LeafOf<T>, paths[i]!))
  const half = (which: boolean): PartOf<T> =>
    unflatten(
      s,
      leaves.map((leaf, i) => (chosen[i] === which ? leaf : null)),
    ) as unknown as PartOf<T>
  return [half(true), half(false)]
}

const isContainer = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !isTensor(x)

const join = (a: unknown, b: unknown, path: string): unknown => {
  if (a === null || a === undefined) return b ?? a
  if (b === null || b === undefined) return a
  if (isContainer(a) && isContainer(b) && Array.isArray(a) === Array.isArray(b)) {
    const keys = Object.keys(a)
    if (keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k))) {
      const inside = (key: string): string => (path === '' ? key : `${path}/${key}`)
      const entries = keys.map((k) => [k, join(a[k], b[k], inside(k))] as const)
      return Array.isArray(a) ? entries.map(([, v]) => v) : Object.fromEntries(entries)
    }
  }
  if (Object.is(a, b) && structure(a).kind === 'static') return a
  return fail(
    TreeError,
    `combine: chosen and rest cannot be joined${path === '' ? '' : ` at '${path}'`}: ${show(structure(a))} and ${show(structure(b))}`,
    {
      fix: 'halves of one tree, as tree.partition makes them: every leaf in one of the two',
    },
  )
}

/**
 * The tree of two halves: at every place the leaf of the half that has one. The inverse of `tree.partition`.
 *
 * @throws TreeError when both halves have a leaf at one place, or their keys, lengths or static leaves differ.
 * @example
 * tree.combine({ w: x, b: null }, { w: null, b: y })   // { w: x, b: y }
 */
export const combine: {
  <T>(chosen: PartOf<T>, rest: PartOf<T>): T
  <A, B>(chosen: A, rest: B): unknown
} = (chosen: unknown, rest: unknown): never => join(chosen, rest, '') as never
