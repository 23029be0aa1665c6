import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aval } from '../../../src/core/aval.js'
import type { DType } from '../../../src/core/dtype.js'
import { sizeOf, stridesOf } from '../../../src/core/shape.js'
import { routine, value, type Value } from './compute.js'

interface Contraction {
  readonly lhsContract: readonly number[]
  readonly rhsContract: readonly number[]
  readonly lhsBatch: readonly number[]
  readonly rhsBatch: readonly number[]
}

const free = (ndim: number, used: readonly number[]): number[] => Array.from({ length: ndim }, (_, k) => k).filter((k) => !used.includes(k))

const outShape = (x: Value, y: Value, c: Contraction): number[] => [
  ...c.lhsBatch.map((k) => x.aval.shape[k]!),
  ...free(x.aval.shape.length, [...c.lhsBatch, ...c.lhsContract]).map((k) => x.aval.shape[k]!),
  ...free(y.aval.shape.length, [...c.rhsBatch, ...c.rhsContract]).map((k) => y.aval.shape[k]!),
]

const dot = (x: Value, y: Value, c: Contraction): number[] =>
  Array.from(routine('dotGeneral', [x, y], { ...c }, [aval(outShape(x, y, c), x.aval.dtype)])[0]!)

/** The definition: one sum per position of the output. */
const naive = (x: Value, y: Value, c: Contraction): number[] => {
  const shape = outShape(x, y, c)
  const [sx, sy] = [stridesOf(x.aval.shape), stridesOf(y.aval.shape)]
  const xFree = free(x.aval.shape.length, [...c.lhsBatch, ...c.lhsContract])
  const yFree = free(y.aval.shape.length, [...c.rhsBatch, ...c.rhsContract])
  const inner = c.lhsContract.map((k) => x.aval.shape[k]!)
  const unravel = (p: number, sizes: readonly number[]): number[] => stridesOf(sizes).map((s, k) => Math.floor(p / s) % sizes[k]!)
  return Array.from({ length: sizeOf(shape) }, (_, p) => {
    const at = unravel(p, shape)
    const nb = c.lhsBatch.length
    let sum = 0
    for (let q = 0; q < sizeOf(inner); q++) {
      const k = unravel(q, inner)
      const px =
        c.lhsBatch.reduce((o, a, j) => o + at[j]! * sx[a]!, 0) +
        xFree.reduce((o, a, j) => o + at[nb + j]! * sx[a]!, 0) +
        c.lhsContract.reduce((o, a, j) => o + k[j]! * sx[a]!, 0)
      const py =
        c.rhsBatch.reduce((o, a, j) => o + at[j]! * sy[a]!, 0) +
        yFree.reduce((o, a, j) => o + at[nb + xFree.length + j]! * sy[a]!, 0) +
        c.rhsContract.reduce((o, a, j) => o + k[j]! * sy[a]!, 0)
      sum += x.data[px]! * y.data[py]!
    }
    return sum
  })
}

const digits = (shape: readonly number[], dtype: DType, seed: number): Value =>
  value(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919 + seed) % 19) - 9),
    dtype,
  )

/** Axes of both operands in any order, with roles. */
const contractions = fc
  .record({
    batch: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    inner: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 2 }),
    rows: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 2 }),
    columns: fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 2 }),
  })
  .chain((sizes) => {
    const left = [
      ...sizes.batch.map((n, k) => ['b', k, n] as const),
      ...sizes.inner.map((n, k) => ['k', k, n] as const),
      ...sizes.rows.map((n, k) => ['f', k, n] as const),
    ]
    const right = [
      ...sizes.batch.map((n, k) => ['b', k, n] as const),
      ...sizes.inner.map((n, k) => ['k', k, n] as const),
      ...sizes.columns.map((n, k) => ['f', k, n] as const),
    ]
    const all = <T>(a: readonly T[]) => fc.shuffledSubarray([...a], { minLength: a.length })
    return fc.tuple(all(left), all(right)).map(([l, r]) => {
      const where = (axes: typeof l, role: string, count: number) =>
        Array.from({ length: count }, (_, k) => axes.findIndex((a) => a[0] === role && a[1] === k))
      return {
        xShape: l.map((a) => a[2]),
        yShape: r.map((a) => a[2]),
        c: {
          lhsBatch: where(l, 'b', sizes.batch.length),
          rhsBatch: where(r, 'b', sizes.batch.length),
          lhsContract: where(l, 'k', sizes.inner.length),
          rhsContract: where(r, 'k', sizes.inner.length),
        },
      }
    })
  })

describe('dotGeneral', () => {
  for (const dtype of ['float64', 'int32'] as const)
    it(`agrees with the definition in ${dtype}`, () => {
      fc.assert(
        fc.property(contractions, ({ xShape, yShape, c }) => {
          const [x, y] = [digits(xShape, dtype, 1), digits(yShape, dtype, 5)]
          expect(dot(x, y, c)).toEqual(naive(x, y, c))
        }),
        { numRuns: 300 },
      )
    })

  it('agrees for blocked sizes with every remainder, plain and transposed', () => {
    for (const [m, n, k] of [
      [16, 16, 16],
      [17, 19, 23],
      [2, 1001, 3],
      [31, 3, 40],
      [1, 64, 64],
      [64, 1, 64],
      [33, 5, 33],
    ] as const)
      for (const [lhsContract, rhsContract] of [
        [[1], [0]],
        [[1], [1]],
        [[0], [0]],
        [[0], [1]],
      ] as const) {
        const x = digits(lhsContract[0] === 1 ? [m, k] : [k, m], 'float32', 3)
        const y = digits(rhsContract[0] === 0 ? [k, n] : [n, k], 'float32', 8)
        const c = { lhsContract, rhsContract, lhsBatch: [], rhsBatch: [] }
        expect(dot(x, y, c)).toEqual(naive(x, y, c))
      }
  })

  it('keeps infinities out of the padding of edge blocks', () => {
    const x = value([15, 15], new Array<number>(225).fill(Infinity))
    const got = dot(x, value([15, 13], new Array<number>(195).fill(1)), { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] })
    expect(got.every((v) => v === Infinity)).toBe(true)
  })

  it('wraps integers and accumulates float32 in float64', () => {
    const c = { lhsContract: [0], rhsContract: [0], lhsBatch: [], rhsBatch: [] }
    expect(dot(value([2], [2147483647, 1], 'int32'), value([2], [2, 3], 'int32'), c)).toEqual([1])
    expect(dot(value([3], [1e8, 1, -1e8]), value([3], [1, 1, 1]), c)).toEqual([1])
    expect(dot(value([3], [1, 0, 1], 'bool'), value([3], [1, 1, 1], 'bool'), c)).toEqual([1])
  })
})
