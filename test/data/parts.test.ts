import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { data, np, random } from '../../src/index.js'
import { laws } from '../../laws/index.js'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const numbers = (x: Tensor): number[] => [...x.toTypedArray()]
const counting = (n: number, from = 0) => data.fromColumns({ y: np.array(Int32Array.from(range(n), (i) => i + from)) })
const options = { numRuns: 20, seed: 1 }

describe('lazy data sets', () => {
  it('make only what is asked for', () => {
    const asked: number[] = []
    const set = data.lazy(1000, (row) => {
      asked.push(row)
      return { x: np.full([2], row), y: np.array(row, { dtype: 'int32' }) }
    })
    const { x, y } = set.take([999, 3])
    expect([x.shape, x.dtype, numbers(x), y.dtype, numbers(y), asked]).toEqual([
      [2, 2],
      'float32',
      [999, 999, 3, 3],
      'int32',
      [999, 3],
      [999, 3],
    ])
    laws.dataset(set, options)
  })
  it('say what is wrong', () => {
    expect(() => data.lazy(-1, () => np.zeros([]))).toThrow(/lazy: length must be a whole number from 0, got -1/)
    expect(() => data.lazy(2, () => np.zeros([])).take([2])).toThrow(/there is no row 2/)
    expect(() => data.lazy(2, () => np.zeros([])).take([])).toThrow(/a batch of no rows/)
    expect(() => data.lazy(2, (i) => (i === 0 ? { x: np.zeros([]) } : { z: np.zeros([]) })).take([0, 1])).toThrow(
      /examples 0 and 1 of a batch differ/,
    )
    expect(() => data.lazy(2, () => ({ x: 1 })).take([0])).toThrow(/lazy: x is no tensor/)
  })
})

describe('concat and split', () => {
  it('rows keep their order over the seams', () => {
    const set = data.concat(
      counting(3),
      counting(0),
      counting(4, 3),
      data.lazy(2, (i) => ({ y: np.array(7 + i, { dtype: 'int32' }) })),
    )
    expect([set.length, numbers(data.all(set).y)]).toEqual([9, range(9)])
    expect(numbers(set.take([8, 0, 4, 4, 2, 3]).y)).toEqual([8, 0, 4, 4, 2, 3])
    expect(set.take([]).y.shape).toEqual([0])
    laws.dataset(set, options)
    expect(() => data.concat()).toThrow(/at least one/)
    const floats = data.map(counting(2), ({ y }) => ({ y: np.astype(y, 'float32') }))
    expect(() => data.all(data.concat(counting(1), floats))).toThrow(/concat: parts of different dtype: int32 and float32/)
    expect(() => data.all(data.concat<unknown>(counting(1), data.fromColumns(np.zeros([1]))))).toThrow(/concat: batches differ/)
  })
  it('split is a partition', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.nat(20), fc.boolean(), (n, c, shuffle) => {
        const count = Math.min(c, n)
        const parts = data.split(counting(n), count, shuffle ? { key: random.key(n) } : {})
        const rows = parts.flatMap((p) => numbers(data.all(p).y))
        expect(parts.map((p) => p.length)).toEqual([count, n - count])
        expect(shuffle ? [...rows].sort((a, b) => a - b) : rows).toEqual(range(n))
      }),
      options,
    )
    expect(() => data.split(counting(2), 3)).toThrow(/count must be a whole number from 0 to 2, got 3/)
  })
})

describe('sequences', () => {
  it('every row continues the same row of the batch before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 8 }), (n, size) => {
        const batches = [...data.sequenceBatches(counting(n), { size })].map(({ y }) => numbers(y))
        expect(batches.length).toBe(Math.ceil(n / size))
        batches.slice(1).forEach((batch, i) => {
          expect(batch).toEqual(batches[i]!.map((row) => (row + 1) % n))
        })
        if (n % size === 0) expect(new Set(batches.flat()).size).toBe(n)
      }),
      options,
    )
    laws.restartable(data.sequenceBatches(counting(10), { size: 3 }), { numRuns: 5, seed: 1 })
    expect(() => data.sequenceBatches(counting(3), { size: 0 })).toThrow(/sequenceBatches: size/)
  })
  it('windows are stretches and what follows them', () => {
    const set = data.windows([5, 6, 7, 8, 9], { length: 2 })
    expect([set.length, numbers(data.all(set).x), numbers(data.all(set).y)]).toEqual([3, [5, 6, 6, 7, 7, 8], [6, 7, 7, 8, 8, 9]])
    expect(numbers(data.all(data.windows(range(10), { length: 3, stride: 3 })).x)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    laws.dataset(set, options)
    expect(() => data.windows([1, 2], { length: 2 })).toThrow(/2 tokens have no window of 2 and one more/)
    expect(() => data.windows([1, 2], { length: 0 })).toThrow(/length must be a whole number from 1/)
    expect(() => data.windows([1, 2], { length: 1, stride: 0 })).toThrow(/stride must be a whole number from 1/)
  })
})

describe('sinCurve is DeZero’s after numpy.random.seed(0), bit for bit', () => {
  const sha256 = (x: Tensor): string => createHash('sha256').update(new Uint8Array(x.toTypedArray().buffer)).digest('hex')
  // Hashes of the little-endian bytes of SinCurve.data and SinCurve.label, NumPy 2.4.6.
  const published = {
    train: [
      'e6827837922d83f21b7736bcc3e85e16e1248507fad0836c798a7ee7a8d0816c',
      '6c34b9bbcc4b2770f1fcdad5969d7e68f63a3fc7d7a9955a58fba5de8154489e',
    ],
    test: [
      '8696ec1044d56fd89d1e0ec52818c55ca30e51a1d72c146306f568742ade6da6',
      'e3f33f777aa6a6e0b78ea9e311f0d0387af2d272d1a159fa36dd820b8b9fb83f',
    ],
  }
  for (const which of ['train', 'test'] as const)
    it(which, () => {
      const { x, y } = data.all(data.sinCurve({ train: which === 'train' }))
      expect([x.shape, x.dtype, y.shape]).toEqual([[999, 1], 'float64', [999, 1]])
      // The sine of point 373 is 0.5009 of a unit in the last place away from what glibc, and so NumPy on Linux, makes of it: it is ours that is rounded correctly.
      const columns = [x, y].map((column) => column.toTypedArray().slice())
      if (which === 'train')
        [373, 372].forEach((row, k) => {
          expect(columns[k]![row]).toBe(0.7279027419717353)
          columns[k]![row] = 0.7279027419717352
        })
      expect(columns.map((column) => sha256(np.array(column)))).toEqual(published[which])
    })
  it('has noise of its own for every seed, and within its bounds', () => {
    const curve = (seed: number) => numbers(data.all(data.sinCurve({ train: true, seed })).x)
    expect(curve(1)).not.toEqual(curve(0))
    expect(curve(1).every((v, i) => Math.abs(v - Math.sin((i * 2 * Math.PI) / 999)) <= 0.05 + 1e-12)).toBe(true)
    expect(() => data.sinCurve({ train: true, seed: -1 })).toThrow(/seed/)
  })
})
