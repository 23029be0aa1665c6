/** The laws of random draws: pure functions of a key, the same however they are batched or compiled. */
import fc from 'fast-check'
import type { Tensor } from '../src/index.js'
import { jit, random, vmap } from '../src/index.js'
import { stack } from './batching.js'
import { callable, check } from './check.js'
import { elements, expectClose } from './compare.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawOptions } from './law.js'

/** Something drawn with a key. */
export type Draw = (key: Tensor) => Tensor

const showSeed = (seed: number): string => `random.key(${seed})`

/**
 * Law: a draw is a function of its key: the same key gives the same bits, alone, compiled, or in a batch of any size and
 * order of nesting; keys split from one key give different draws.
 */
export const streams = (draw: Draw, options?: LawOptions): void => {
  check('streams', 'draw', callable, draw)
  const given = lawOptions('streams', options)
  forAll(
    'random streams do not depend on batching',
    fc.nat(),
    showSeed,
    (seed) => {
      const key = random.key(seed)
      const keys = random.split(key, 4)
      const each = keys.map(draw)
      const expected = stack(each)
      const exact = { signedZeros: true } as const
      expectClose('the same key again', stack(keys.map(draw)), expected, exact)
      expectClose('a batch of keys', vmap(draw)(stack(keys)), expected, exact)
      expectClose(
        'a batch of batches',
        vmap(vmap(draw))(stack([stack(keys.slice(0, 2)), stack(keys.slice(2))])),
        stack([stack(each.slice(0, 2)), stack(each.slice(2))]),
        exact,
      )
      expectClose('compiled', jit(draw)(keys[0]), each[0]!, exact)
      expectClose('split to a tensor of keys', random.split(key, [4]), stack(keys), exact)
    },
    { numRuns: 20, ...given },
  )
}

/** Law: the keys that `split` makes of a key are all different and different from it, and so are those of `foldIn`. */
export const keys = (options?: LawOptions): void => {
  const given = lawOptions('keys', options)
  forAll(
    'keys are fresh',
    fc.nat(),
    showSeed,
    (seed) => {
      const key = random.key(seed)
      const ways = { split: random.split(key, 8), foldIn: Array.from({ length: 8 }, (_, i) => random.foldIn(key, i)) }
      for (const [name, made] of Object.entries(ways)) {
        const seen = new Set([key, ...made].map((k) => elements(k).join(',')))
        if (seen.size !== made.length + 1) broken(`${made.length + 1 - seen.size} of ${made.length + 1} keys are repeated by ${name}`)
      }
    },
    { numRuns: 50, ...given },
  )
}
