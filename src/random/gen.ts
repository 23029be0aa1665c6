/** Random values as programs: `Gen<A>` threads a key, so that nobody splits by hand. It is fp-ts's `State<Key, A>`. */
import type { Applicative1 } from 'fp-ts/lib/Applicative.js'
import * as S from 'fp-ts/lib/State.js'
import type { Mapped } from '../tree/index.js'
import * as tree from '../tree/index.js'
import type { Key } from './key.js'
import { split } from './key.js'

/** A random `A`: from a key to a value and the key for what follows. A value of fp-ts's `State`, with all its combinators. */
export type Gen<A> = S.State<Key, A>

/** A key of one's own. */
export const fresh: Gen<Key> = (key) => {
  const [next, own] = split(key)
  return [own, next]
}

/**
 * The program of a function of a key.
 *
 * @example
 * gen.lift((key) => random.normal(key, [784, 256]))
 */
export const lift = <A>(f: (key: Key) => A): Gen<A> => S.map(f)(fresh)

/** The program that always gives `a` and uses no key. */
export const of =
  <A>(a: A): Gen<A> =>
  (key) => [a, key]

/** The value that a program makes of a key. */
export const run =
  (key: Key) =>
  <A>(gen: Gen<A>): A =>
    gen(key)[0]

/** Programs one after the other; their values as a list of the same length. */
export const sequence =
  <T extends readonly Gen<unknown>[]>(...gens: T): Gen<{ readonly [K in keyof T]: T[K] extends Gen<infer A> ? A : never }> =>
  (key) => {
    const [values, last] = gens.reduce<readonly [readonly unknown[], Key]>(
      ([done, k], gen) => {
        const [value, next] = gen(k)
        return [[...done, value], next]
      },
      [[], key],
    )
    return [values as never, last]
  }

/**
 * A record of programs as a program of records, in the order of the keys.
 *
 * @example
 * gen.struct({ w: gen.lift((key) => random.normal(key, [2, 3])), b: gen.of(np.zeros([3])) })
 */
export const struct = <R extends Readonly<Record<string, Gen<unknown>>>>(
  gens: R,
): Gen<{ readonly [K in keyof R]: R[K] extends Gen<infer A> ? A : never }> => {
  const names = Object.keys(gens)
  return S.map((values: readonly unknown[]) => Object.fromEntries(names.map((name, i) => [name, values[i]])) as never)(
    sequence(...names.map((name) => gens[name]!)),
  )
}

declare module 'fp-ts/HKT' {
  interface URItoKind<A> {
    readonly 'adjoint/Gen': Gen<A>
  }
}

/** `Gen` as an applicative functor. */
export const Applicative: Applicative1<'adjoint/Gen'> = {
  URI: 'adjoint/Gen',
  of,
  map: (fa, f) => S.map(f)(fa),
  ap: (fab, fa) => S.ap(fa)(fab),
}

/**
 * A tree with a random value for every leaf of another: noise of the shape of each parameter, a key for each layer.
 *
 * @example
 * gen.traverse((p: Tensor) => gen.lift((key) => random.normal(key, p.shape)))(params)
 */
export const traverse = <L, B>(f: (leaf: L) => Gen<B>): (<T>(t: T) => Gen<Mapped<T, B>>) => tree.traverse(Applicative)(f)
