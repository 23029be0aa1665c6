/** Trees under fp-ts: folds into a monoid, traversals under an applicative. For edges, not for inner loops. */
import { check, record } from '../core/check.js'
import type { Applicative, Applicative1, Applicative2, Applicative2C, Applicative3 } from 'fp-ts/lib/Applicative.js'
import type { HKT, Kind, Kind2, Kind3, URIS, URIS2, URIS3 } from 'fp-ts/HKT.js'
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import type { Mapped } from './tree.js'
import { flatten, unflatten } from './tree.js'

/**
 * Maps every leaf into a monoid and combines them, keys sorted.
 *
 * @example
 * tree.foldMap(MonoidSum)((x: Tensor) => x.size)(params)   // number of parameters
 */
export const foldMap = <M>(M: Monoid<M>) => {
  check('foldMap', 'M', record, M)
  return <L>(f: (leaf: L) => M) =>
    (tree: unknown): M => {
      let acc = M.empty
      for (const leaf of flatten(tree).leaves) acc = M.concat(acc, f(leaf as L))
      return acc
    }
}

/** A list that shares its tail, so that collecting n effects costs n steps. */
type Chain = { readonly value: unknown; readonly before: Chain } | null

const toArray = (chain: Chain, n: number): readonly unknown[] => {
  const out = new Array<unknown>(n)
  for (let i = n - 1, c = chain; c !== null; i--, c = c.before) out[i] = c.value
  return out
}

/**
 * Runs an effect for every leaf, keys sorted, and collects the results in a tree of the same shape:
 * loading each leaf from a file, drawing each from a generator, validating each with accumulated errors.
 *
 * @example
 * tree.traverse(O.Applicative)((x: number) => (x > 0 ? O.some(Math.log(x)) : O.none))({ a: 1, b: [2, 3] })
 */
export const traverse: {
  <F extends URIS3>(F: Applicative3<F>): <L, R, E, B>(f: (leaf: L) => Kind3<F, R, E, B>) => <T>(tree: T) => Kind3<F, R, E, Mapped<T, B>>
  <F extends URIS2, E>(F: Applicative2C<F, E>): <L, B>(f: (leaf: L) => Kind2<F, E, B>) => <T>(tree: T) => Kind2<F, E, Mapped<T, B>>
  <F extends URIS2>(F: Applicative2<F>): <L, E, B>(f: (leaf: L) => Kind2<F, E, B>) => <T>(tree: T) => Kind2<F, E, Mapped<T, B>>
  <F extends URIS>(F: Applicative1<F>): <L, B>(f: (leaf: L) => Kind<F, B>) => <T>(tree: T) => Kind<F, Mapped<T, B>>
  <F>(F: Applicative<F>): <L, B>(f: (leaf: L) => HKT<F, B>) => <T>(tree: T) => HKT<F, Mapped<T, B>>
} = <F>(F: Applicative<F>) => {
  check('traverse', 'F', record, F)
  return <L, B>(f: (leaf: L) => HKT<F, B>) =>
    <T>(tree: T): HKT<F, Mapped<T, B>> => {
      const { leaves, structure } = flatten(tree)
      let chain: HKT<F, Chain> = F.of(null)
      for (const leaf of leaves)
        chain = F.ap(
          F.map(chain, (before: Chain) => (value: B): Chain => ({ value, before })),
          f(leaf as L),
        )
      return F.map(chain, (c) => unflatten(structure, toArray(c, leaves.length)) as Mapped<T, B>)
    }
}
