import { describe, expect, it } from 'vitest'
import { DTypeError, ShapeError } from '../../src/core/errors.js'
import type { Shape } from '../../src/core/shape.js'
import type { Tensor } from '../../src/core/tensor.js'
import { dotGeneral, matmul, type Dot } from '../../src/prim/dot.js'
import { build, dyadic, expectBatching, expectClose, expectDerivatives, indices, read, tensor, values } from './subject.js'

/** By the definition, one sum per output element. */
const naive = (x: Tensor, y: Tensor, p: Dot): Tensor => {
  const free = (t: Tensor, taken: readonly number[]): number[] => t.shape.map((_, k) => k).filter((k) => !taken.includes(k))
  const [xf, yf] = [free(x, [...p.lhsBatch, ...p.lhsContract]), free(y, [...p.rhsBatch, ...p.rhsContract])]
  const size = (t: Tensor, axes: readonly number[]): number[] => axes.map((k) => t.shape[k]!)
  const [nb, nx] = [p.lhsBatch.length, xf.length]
  return build([...size(x, p.lhsBatch), ...size(x, xf), ...size(y, yf)], (at) => {
    const xs = new Array<number>(x.ndim)
    const ys = new Array<number>(y.ndim)
    p.lhsBatch.forEach((k, i) => {
      xs[k] = at[i]!
    })
    p.rhsBatch.forEach((k, i) => {
      ys[k] = at[i]!
    })
    xf.forEach((k, i) => {
      xs[k] = at[nb + i]!
    })
    yf.forEach((k, i) => {
      ys[k] = at[nb + nx + i]!
    })
    return indices(size(x, p.lhsContract)).reduce((sum, r) => {
      p.lhsContract.forEach((k, i) => {
        xs[k] = r[i]!
      })
      p.rhsContract.forEach((k, i) => {
        ys[k] = r[i]!
      })
      return sum + read(x, xs) * read(y, ys)
    }, 0)
  })
}

const dot = (lhsContract: number[], rhsContract: number[], lhsBatch: number[] = [], rhsBatch: number[] = []): Dot => ({
  lhsContract,
  rhsContract,
  lhsBatch,
  rhsBatch,
})
const cases: Record<string, readonly [Shape, Shape, Dot]> = {
  matrices: [[2, 3], [3, 4], dot([1], [0])],
  'transposed on both sides': [[3, 2], [4, 3], dot([0], [1])],
  vectors: [[3], [3], dot([0], [0])],
  'outer product': [[2], [3], dot([], [])],
  scalars: [[], [], dot([], [])],
  'matrix and vector': [[2, 3], [3], dot([1], [0])],
  'batch in front': [[5, 2, 3], [5, 3, 4], dot([2], [1], [0], [0])],
  'batch anywhere': [[2, 5, 3], [3, 4, 5], dot([2], [0], [1], [2])],
  'two batches crossed': [[2, 3, 4], [3, 4, 2, 2], dot([2], [1], [0, 1], [2, 0])],
  'two contractions crossed': [[2, 3, 4], [4, 5, 3], dot([1, 2], [2, 0])],
  'all contracted': [[2, 3], [3, 2], dot([0, 1], [1, 0])],
  'contracted with free axes on all sides': [[2, 3, 4, 5], [6, 4, 1, 3], dot([2, 1], [1, 3])],
  'batch only': [[3, 2], [2, 3], dot([], [], [0, 1], [1, 0])],
  'empty contraction': [[2, 0], [0, 3], dot([1], [0])],
  'empty result': [[0, 2], [2, 3], dot([1], [0])],
}

describe('dotGeneral', () => {
  for (const [name, [xs, ys, p]] of Object.entries(cases))
    it(name, () => {
      const [x, y] = [dyadic(xs, 1), dyadic(ys, 2)]
      expectClose(dotGeneral(x, y, p), naive(x, y, p))
      expectDerivatives((a, b) => [dotGeneral(a, b, p)], [x, y])
      expectDerivatives((a) => [dotGeneral(a, y, p)], [x])
      expectDerivatives((b) => [dotGeneral(x, b, p)], [y])
      expectBatching(
        (a, b) => [dotGeneral(a, b, p)],
        [x, y],
        (k, shape) => dyadic(shape, 9 + k),
      )
    })
  it('of a tensor with itself', () => {
    expectDerivatives((x) => [matmul(x, x)], [dyadic([3, 3])], 3)
  })
  it('of integers', () => {
    expect(values(matmul(tensor([1, 2], [2, 3], 'int32'), tensor([2, 1], [4, 5], 'int32')))).toEqual([23])
  })
  it('refuses', () => {
    const [x, y] = [dyadic([2, 3]), dyadic([4, 5])]
    expect(() => matmul(x, y)).toThrow(ShapeError)
    expect(() => matmul(x, y)).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: dotGeneral: contracted sizes differ: 3 (x axis 1) and 4 (y axis 0)
        x: float64[2,3]   y: float64[4,5]]
    `)
    expect(() => dotGeneral(x, y, dot([0, 0], [0, 1]))).toThrow(ShapeError)
    expect(() => dotGeneral(x, y, dot([0], []))).toThrow(ShapeError)
    expect(() => matmul(x, tensor([3, 1], [1, 2, 3], 'float32'))).toThrow(DTypeError)
  })
})
