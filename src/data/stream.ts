/** Data that comes one item after the other: async iterables that start anew every time they are iterated. */
import type { Meaning } from '../core/check.js'
import { callable, check, flag, positiveWhole, tensor } from '../core/check.js'
import { optionsOf, recordOf } from '../core/options.js'
import { peek } from '../core/tensor.js'
import { bits } from '../random/bits.js'
import type { Key } from '../random/key.js'
import { foldIn } from '../random/key.js'
import { stackExamples } from './examples.js'

/** Items one after the other; iterating twice runs the source twice. */
export type Stream<A> = AsyncIterable<A>

/** Anything that can be iterated with `for await`. */
export type Source<A> = Iterable<A> | AsyncIterable<A>

/** What can be iterated. */
const sources: Meaning = {
  says: 'a stream, or what can be iterated',
  fix: 'a list, data.batches(...), or data.stream(async function* () { ... })',
  accepts: (x) => typeof x === 'object' && x !== null && (Symbol.asyncIterator in x || Symbol.iterator in x),
}
const aheads = optionsOf<{ readonly ahead?: number }>({ ahead: positiveWhole })
const concurrencies = optionsOf<{ readonly concurrency?: number }>({ concurrency: positiveWhole })
const sizes = recordOf<{ readonly size: number; readonly dropLast?: boolean }>({ size: positiveWhole, dropLast: flag }, ['size'])
const buffers = recordOf<{ readonly buffer: number; readonly key: Key }>({ buffer: positiveWhole, key: tensor }, ['buffer', 'key'])

const iteratorOf = <A>(source: Source<A>): Iterator<A> | AsyncIterator<A> =>
  Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()

/**
 * The stream that `start` begins, called once for each iteration: a generator over a file's records, rows of a database, a socket.
 *
 * @example
 * const numbers = data.stream(async function* () { yield* [1, 2, 3] })
 * for await (const n of numbers) break
 * await data.collect(numbers)   // [1, 2, 3]
 */
export const stream = <A>(start: () => Source<A>): Stream<A> => {
  check('stream', 'start', callable, start)
  return {
    async *[Symbol.asyncIterator]() {
      yield* start()
    },
  }
}

/** All items of a stream, in order. */
export const collect = async <A>(source: Source<A>): Promise<readonly A[]> => {
  check('collect', 'source', sources, source)
  const items: A[] = []
  for await (const item of source) items.push(item)
  return items
}

/**
 * The same items, asked for up to `ahead` before they are wanted, so that reading and decoding go on while a step runs. Order and
 * errors are the source's; a loop that is left early closes it.
 *
 * @throws ValueError unless `ahead` is a positive integer.
 * @example
 * await data.collect(data.prefetch(data.batches(np.arange(4), { size: 2 }), { ahead: 1 })).then((all) => all.length)   // 2
 */
export const prefetch = <A>(source: Source<A>, options: { readonly ahead?: number } = {}): Stream<A> => {
  check('prefetch', 'source', sources, source)
  const { ahead = 2 } = aheads('prefetch', options)
  return {
    async *[Symbol.asyncIterator]() {
      const iterator = iteratorOf(source)
      const asked: Promise<IteratorResult<A>>[] = []
      const ask = (): void => {
        const item = Promise.resolve().then(() => iterator.next())
        // An item that is never reached must not end the process when it fails; one that is reached throws where it is awaited.
        item.catch(() => undefined)
        asked.push(item)
      }
      try {
        while (asked.length < ahead) ask()
        for (let item = await asked.shift()!; !item.done; item = await asked.shift()!) {
          ask()
          yield item.value
        }
      } finally {
        await iterator.return?.()
      }
    },
  }
}

/**
 * `f` of every item, in order, with up to `concurrency` of them under way: decoding in workers, requests to a server.
 *
 * @throws ValueError unless `concurrency` is a positive integer.
 * @example
 * const doubled = data.mapStream([1, 2, 3], async (n) => 2 * n, { concurrency: 2 })
 * await data.collect(doubled)   // [2, 4, 6]
 */
export const mapStream = <A, B>(
  source: Source<A>,
  f: (item: A) => B | Promise<B>,
  options: { readonly concurrency?: number } = {},
): Stream<B> => {
  check('mapStream', 'source', sources, source)
  check('mapStream', 'f', callable, f)
  const { concurrency = 1 } = concurrencies('mapStream', options)
  return {
    async *[Symbol.asyncIterator]() {
      const running: Promise<B>[] = []
      for await (const item of source) {
        const result = Promise.resolve().then(() => f(item))
        result.catch(() => undefined)
        running.push(result)
        if (running.length >= concurrency) yield await running.shift()!
      }
      while (running.length > 0) yield await running.shift()!
    },
  }
}

/**
 * Examples stacked to batches of `size`; the last one is smaller when they do not come out even, or left out with `dropLast`.
 *
 * @throws ValueError unless `size` is a positive integer.
 * @example
 * const examples = data.mapStream([1, 2, 3], (n) => ({ x: np.array([n, n]) }))
 * await data.collect(data.batchStream(examples, { size: 2 })).then((all) => all.map(({ x }) => x.shape))   // [[2, 2], [1, 2]]
 */
export const batchStream = <B>(source: Source<B>, options: { readonly size: number; readonly dropLast?: boolean }): Stream<B> => {
  check('batchStream', 'source', sources, source)
  const { size, dropLast = false } = sizes('batchStream', options)
  return {
    async *[Symbol.asyncIterator]() {
      let examples: B[] = []
      for await (const example of source) {
        examples.push(example)
        if (examples.length < size) continue
        yield stackExamples('batchStream', examples)
        examples = []
      }
      if (examples.length > 0 && !dropLast) yield stackExamples('batchStream', examples)
    },
  }
}

/**
 * Items in random order as far as a store of `buffer` of them allows: each is exchanged for a random one of the store. The same key,
 * the same order. A buffer as long as the stream shuffles it whole.
 *
 * @throws ValueError unless `buffer` is a positive integer.
 * @example
 * const shuffled = data.shuffleStream([1, 2, 3, 4], { buffer: 4, key: random.key(0) })
 * await data.collect(shuffled).then((all) => [...all].sort())   // [1, 2, 3, 4]
 */
export const shuffleStream = <A>(source: Source<A>, options: { readonly buffer: number; readonly key: Key }): Stream<A> => {
  check('shuffleStream', 'source', sources, source)
  const { buffer, key } = buffers('shuffleStream', options)
  const drawn = 1024
  return {
    async *[Symbol.asyncIterator]() {
      let words: ArrayLike<number> = []
      let at = 0
      const below = (n: number): number => {
        if (at % drawn === 0) words = peek(bits(foldIn(key, at / drawn), [drawn]))
        return Math.floor((words[at++ % drawn]! / 2 ** 32) * n)
      }
      const store: A[] = []
      for await (const item of source) {
        if (store.length < buffer) {
          store.push(item)
          continue
        }
        const place = below(buffer)
        const out = store[place]!
        store[place] = item
        yield out
      }
      while (store.length > 0) {
        const place = below(store.length)
        const out = store[place]!
        store[place] = store[store.length - 1]!
        store.pop()
        yield out
      }
    },
  }
}
