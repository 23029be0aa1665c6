import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { data, np, random } from '../../src/index.js'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const later = (): Promise<void> => new Promise((done) => setTimeout(done, 1))
const rowsOf = (batches: readonly Tensor[]): number[] => batches.flatMap((b) => [...b.toTypedArray()])

/** A stream of 0 .. n-1 that remembers what was asked of it. */
const watched = (n: number) => {
  const log = { started: 0, given: 0, closed: 0 }
  const source = data.stream(async function* () {
    log.started++
    try {
      for (const i of range(n)) {
        log.given++
        await later()
        yield i
      }
    } finally {
      log.closed++
    }
  })
  return { log, source }
}

describe('streams', () => {
  it('start anew every time, also after a break, through every step', async () => {
    const { source, log } = watched(7)
    const steps = data.prefetch(
      data.mapStream(data.shuffleStream(source, { buffer: 3, key: random.key(1) }), (n) => n * 10, { concurrency: 2 }),
      { ahead: 2 },
    )
    const first = await data.collect(steps)
    expect([...first].sort((a, b) => a - b)).toEqual(range(7).map((n) => n * 10))
    let seen = 0
    for await (const item of steps) {
      expect(item).toBe(first[seen])
      if (++seen === 3) break
    }
    expect(log.closed).toBe(2)
    expect(await data.collect(steps)).toEqual(first)
    expect(log.started).toBe(3)
  })

  it('prefetch keeps to its bound and to the order', async () => {
    for (const ahead of [1, 2, 5]) {
      const { source, log } = watched(20)
      let taken = 0
      for await (const item of data.prefetch(source, { ahead })) {
        expect(item).toBe(taken++)
        await later()
        await later()
        expect(log.given - taken).toBeLessThanOrEqual(ahead)
      }
      expect([taken, log.closed]).toEqual([20, 1])
    }
  })

  it('prefetch runs ahead while the consumer is busy', async () => {
    const { source, log } = watched(10)
    for await (const item of data.prefetch(source, { ahead: 3 })) {
      expect(item).toBe(0)
      await new Promise((done) => setTimeout(done, 60))
      expect(log.given).toBe(4)
      break
    }
    expect(log.closed).toBe(1)
  })

  it('an error arrives in its place, once', async () => {
    const failing = data.stream(async function* () {
      yield 1
      yield 2
      await later()
      throw new Error('the disk is gone')
    })
    const got: number[] = []
    const read = async (): Promise<void> => {
      for await (const item of data.prefetch(failing, { ahead: 5 })) got.push(item)
    }
    await expect(read()).rejects.toThrow('the disk is gone')
    expect(got).toEqual([1, 2])
    await expect(
      data.collect(data.mapStream([1, 2], (n) => (n === 2 ? Promise.reject(new Error('no')) : n), { concurrency: 4 })),
    ).rejects.toThrow('no')
  })

  it('mapStream keeps the order with many under way, and its bound', async () => {
    let running = 0
    let most = 0
    const slow = async (n: number): Promise<number> => {
      most = Math.max(most, ++running)
      await new Promise((done) => setTimeout(done, (7 - n) * 2))
      running--
      return n
    }
    expect(await data.collect(data.mapStream(range(7), slow, { concurrency: 3 }))).toEqual(range(7))
    expect(most).toBe(3)
  })

  it('batchStream partitions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 5 }), fc.boolean(), async (n, size, dropLast) => {
        const examples = data.mapStream(range(n), (i) => np.array(i, { dtype: 'int32' }))
        const batches = await data.collect(data.batchStream(examples, { size, dropLast }))
        expect(batches.length).toBe(dropLast ? Math.floor(n / size) : Math.ceil(n / size))
        expect(rowsOf(batches)).toEqual(range(dropLast ? n - (n % size) : n))
      }),
      { numRuns: 30 },
    )
  })

  it('shuffleStream is a permutation, the same for the same key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 10 }), fc.nat(99), async (n, buffer, seed) => {
        const shuffled = data.shuffleStream(range(n), { buffer, key: random.key(seed) })
        const items = await data.collect(shuffled)
        expect([...items].sort((a, b) => a - b)).toEqual(range(n))
        expect(await data.collect(shuffled)).toEqual(items)
        if (buffer === 1) expect(items).toEqual(range(n))
      }),
      { numRuns: 30 },
    )
    const order = (seed: number) => data.collect(data.shuffleStream(range(3000), { buffer: 100, key: random.key(seed) }))
    expect(await order(0)).not.toEqual(await order(1))
  })

  it('rejects sizes that make no sense', () => {
    expect(() => data.prefetch([], { ahead: 0 })).toThrow(/prefetch: ahead must be a whole number from 1, got 0/)
    expect(() => data.mapStream([], Number, { concurrency: -1 })).toThrow(/mapStream: concurrency/)
    expect(() => data.batchStream([], { size: 0.5 })).toThrow(/batchStream: size/)
    expect(() => data.shuffleStream([], { buffer: 0, key: random.key(0) })).toThrow(/shuffleStream: buffer/)
  })
})
