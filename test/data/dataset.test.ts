import * as fc from 'fast-check'
import { flow } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import type { Backend } from '../../src/compile/backend.js'
import { device, devices } from '../../src/device/select.js'
import { configure, data, np, random } from '../../src/index.js'
import { fastest } from '../device/counting.js'

const ints = (values: readonly number[]): Tensor => np.array(values, { dtype: 'int32' })
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const columns = (n: number) => ({ x: np.reshape(np.arange(2 * n, { dtype: 'float32' }), [n, 2]), y: ints(range(n)) })
const rowsOf = (batches: Iterable<{ y: Tensor }>): number[][] => Array.from(batches, (b) => [...b.y.toTypedArray()])

describe('data sets in memory', () => {
  it('take rows of every column', () => {
    const points = data.fromColumns(columns(4))
    expect(points.length).toBe(4)
    const { x, y } = points.take([3, 0])
    expect([x.toArray(), y.toArray(), x.dtype, y.dtype]).toEqual([
      [
        [6, 7],
        [0, 1],
      ],
      [3, 0],
      'float32',
      'int32',
    ])
    expect(data.all(points).x.toArray()).toEqual(columns(4).x.toArray())
  })
  it('read a computed column once, however many batches and epochs', () => {
    const before = device()
    let reads = 0
    const counting: Backend = {
      ...devices['wasm']!,
      get: (buffer, a) => {
        reads++
        return devices['wasm']!.get(buffer, a)
      },
    }
    configure({ backend: counting })
    try {
      const x = np.reshape(np.add(np.arange(60_000), 1), [30_000, 2])
      for (let epoch = 0; epoch < 3; epoch++) {
        let rows = 0
        for (const batch of data.batches({ x }, { size: 1000 })) {
          expect(batch.x.toArray()).toHaveLength(1000)
          rows += batch.x.shape[0]!
        }
        expect(rows).toBe(30_000)
      }
      expect(reads).toBe(1)
    } finally {
      configure({ backend: before })
    }
  })
  it('makes batches of thousands of computed examples', () => {
    const rows = data.lazy(10_000, (i) => ({ x: np.array([i, i + 1]), y: np.array(i) }))
    const [batch] = [...data.batches(rows, { size: 4096, dropLast: true })]
    expect(batch!.x.shape).toEqual([4096, 2])
    expect(batch!.x.toTypedArray().slice(-2)).toEqual(Float32Array.of(4095, 4096))
    expect(batch!.y.toTypedArray()[4095]).toBe(4095)
    const take = (n: number) => (): void => {
      rows.take(Array.from({ length: n }, (_, i) => i))
    }
    expect(fastest(take(8000))).toBeLessThan(16 * fastest(take(2000)) + 20)
  })
  it('map and subset', () => {
    const doubled = data.map(data.fromColumns(columns(4)), ({ y }) => np.mul(y, 2))
    expect(data.all(data.subset(doubled, [2, 1])).toArray()).toEqual([4, 2])
    expect(data.subset(doubled, [2, 1]).take([1]).toArray()).toEqual([2])
  })
  it('reject columns that do not fit, scalars, and rows that are not there', () => {
    expect(() => data.fromColumns({ x: np.zeros([3]), y: np.zeros([4]) })).toThrow(/columns of different length: 3 and 4/)
    expect(() => data.fromColumns({ x: np.zeros([]) })).toThrow(/x is a scalar/)
    expect(() => data.fromColumns({})).toThrow(/at least one tensor/)
    for (const row of [4, -1, 0.5]) expect(() => data.fromColumns(columns(4)).take([row])).toThrow(/there is no row/)
  })
})

describe('batches', () => {
  it('has the published sizes: 300 rows by 32', () => {
    const b = data.batches(columns(300), { size: 32 })
    expect([b.length, rowsOf(b).map((r) => r.length)]).toEqual([10, [32, 32, 32, 32, 32, 32, 32, 32, 32, 12]])
  })

  it('is a partition of the rows, whatever the sizes; dropLast leaves whole batches', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        fc.boolean(),
        (n, size, dropLast, shuffle) => {
          const b = data.batches(columns(n), { size, dropLast, ...(shuffle ? { key: random.key(n) } : {}) })
          const rows = rowsOf(b)
          expect(rows.length).toBe(b.length)
          expect(rows.flat().length).toBe(b.rows)
          expect(new Set(rows.flat()).size).toBe(b.rows)
          if (dropLast) expect(rows.every((r) => r.length === size)).toBe(true)
          else expect(rows.flat().sort((p, q) => p - q)).toEqual(range(n))
          if (!shuffle) expect(rows.flat()).toEqual(range(b.rows))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('starts anew after a break, with the same batches', () => {
    const b = data.batches(columns(10), { size: 3, key: random.key(1) })
    const first = rowsOf(b)
    for (const batch of b) {
      expect(batch.y.size).toBe(3)
      break
    }
    expect(rowsOf(b)).toEqual(first)
    const [one, two] = [b[Symbol.iterator](), b[Symbol.iterator]()]
    one.next()
    one.next()
    expect([...(two.next().value as { y: Tensor }).y.toTypedArray()]).toEqual(first[0])
  })

  it('shuffles by key: other key, other order; order by hand', () => {
    const order = (seed: number) => rowsOf(data.batches(columns(50), { size: 50, key: random.key(seed) })).flat()
    expect(order(0)).not.toEqual(order(1))
    expect(rowsOf(data.batches(columns(4), { size: 3, order: [2, 0, 3] }))).toEqual([[2, 0, 3]])
    expect(() => data.batches(columns(4), { size: 3, order: [1], key: random.key(0) })).toThrow(/one of them/)
  })

  it('lists no rows that come in their own order: a computed data set may be larger than memory', () => {
    const many = data.batches(
      data.lazy(1e12, (row) => ({ x: np.array(row) })),
      { size: 2 },
    )
    expect(many.length).toBe(5e11)
    for (const { x } of many) {
      expect(x.toArray()).toEqual([0, 1])
      break
    }
  })
  it('rejects sizes that make no batch', () => {
    expect(() => data.batches(columns(3), { size: 0 })).toThrow(/whole number from 1/)
  })
})

describe('transforms', () => {
  const x = np.reshape(np.arange(12, { dtype: 'float64' }), [3, 2, 2])
  it('normalise by channel', () => {
    expect(np.reshape(data.normalise({ mean: [1, 2, 3], std: [2, 4, 0.5] })(x), [-1]).toArray()).toEqual([
      -0.5, 0, 0.5, 1, 0.5, 0.75, 1, 1.25, 10, 12, 14, 16,
    ])
    expect(() => data.normalise({ mean: [1, 2] })(x)).toThrow(/2 numbers for 3 places on axis 0/)
  })
  it('compose', () => {
    const f = flow(data.flattenRows, data.normalise({ mean: 0, std: 255 }))
    expect(f(x).shape).toEqual([3, 4])
    expect([...f(x).toTypedArray()].map((v) => v * 255)).toEqual(range(12).map((v) => expect.closeTo(v, 12) as number))
  })
})
