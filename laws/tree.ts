/** The laws of trees: a functor, a traversal, and places that can be read and replaced. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { tree } from '../src/index.js'
import { trees } from './arbitrary.js'
import { arbitrary, check } from './check.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawOptions } from './law.js'
import { expectSame, showTree } from './same.js'

/** Trees of integers: leaves that show where they came from. */
export const numberTrees: Arbitrary<unknown> = trees(fc.integer({ min: -9, max: 9 }))

const double = (x: unknown): number => Number(x) * 2
const next = (x: unknown): number => Number(x) + 1

const reordered = (t: unknown): unknown => {
  if (Array.isArray(t)) return t.map(reordered)
  if (typeof t !== 'object' || t === null) return t
  return Object.fromEntries(
    Object.entries(t)
      .reverse()
      .map(([k, v]): [string, unknown] => [k, reordered(v)]),
  )
}

/** Law: `map id = id`, `map (g . f) = map g . map f`, and mapping keeps the structure. */
export const functor = (subjects: Arbitrary<unknown> = numberTrees, options?: LawOptions): void => {
  check('functor', 'subjects', arbitrary, subjects)
  const given = lawOptions('functor', options)
  forAll(
    'trees are a functor',
    subjects,
    showTree,
    (t) => {
      expectSame(
        'map id',
        tree.map((x: unknown) => x as number, t),
        t,
      )
      expectSame(
        'map (g . f)',
        tree.map((x: unknown) => next(double(x)), t),
        tree.map(next, tree.map(double, t)),
      )
      if (!tree.sameStructure(tree.map(double, t), t)) broken('map changed the structure')
    },
    given,
  )
}

/**
 * Law: flatten and unflatten are inverse; leaves come in one order whatever the order of keys; folding in the monoid of lists
 * gives the leaves in that order, and traversing with the identity is mapping.
 */
export const traversal = (subjects: Arbitrary<unknown> = numberTrees, options?: LawOptions): void => {
  check('traversal', 'subjects', arbitrary, subjects)
  const given = lawOptions('traversal', options)
  const lists = { empty: [] as readonly unknown[], concat: (x: readonly unknown[], y: readonly unknown[]) => [...x, ...y] }
  forAll(
    'trees can be traversed',
    subjects,
    showTree,
    (t) => {
      const { leaves, structure } = tree.flatten(t)
      expectSame('unflatten of flatten', tree.unflatten(structure, leaves), t)
      if (structure.count !== leaves.length) broken(`the structure counts ${structure.count} leaves, flatten gives ${leaves.length}`)
      const other = tree.flatten(reordered(t))
      expectSame('leaves with keys in another order', other.leaves, leaves)
      if (!tree.equals(other.structure, structure)) broken('the order of keys changed the structure')
      const folded = tree.foldMap(lists)((x: unknown) => [x] as readonly unknown[])(t)
      expectSame('foldMap into lists', [...folded], leaves)
      expectSame(
        'reduce',
        tree.reduce((sum: number, x) => sum * 3 + Number(x), t, 1),
        leaves.reduce((sum: number, x) => sum * 3 + Number(x), 1),
      )
    },
    given,
  )
}

/** Law: every leaf has a path of its own; what is put at a path is found there, and nothing else changes. */
export const places = (subjects: Arbitrary<unknown> = numberTrees, options?: LawOptions): void => {
  check('places', 'subjects', arbitrary, subjects)
  const given = lawOptions('places', options)
  forAll(
    'paths are lenses',
    fc.record({ t: subjects, which: fc.nat(20) }),
    ({ t }) => showTree(t),
    ({ t, which }) => {
      const paths = tree.paths(t)
      const { leaves } = tree.flatten(t)
      if (paths.length !== leaves.length) broken(`${paths.length} paths for ${leaves.length} leaves`)
      // a key that contains a slash has no path as text
      const plain = paths.map((p, i) => ({ p, i })).filter(({ p }) => !p.includes('a/b'))
      if (plain.length === 0) return
      const { p, i } = plain[which % plain.length]!
      expectSame(`get '${p}'`, tree.get(t, p), leaves[i])
      const changed = tree.at(t, p, () => 77)
      expectSame(`get '${p}' of at '${p}'`, tree.get(changed, p), 77)
      expectSame(
        `the other leaves after at '${p}'`,
        tree.flatten(changed).leaves.filter((_, k) => k !== i),
        leaves.filter((_, k) => k !== i),
      )
      expectSame(
        'at with the same value',
        tree.at(t, p, (old: unknown) => old),
        t,
      )
    },
    given,
  )
}
