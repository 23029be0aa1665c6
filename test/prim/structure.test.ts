import { describe, expect, it } from 'vitest'
import type { Shape } from '../../src/core/shape.js'
import { DTypeError, ShapeError } from '../../src/core/errors.js'
import { scalar, type Tensor } from '../../src/core/tensor.js'
import {
  broadcast,
  concat,
  full,
  iota,
  like,
  moveAxis,
  pad,
  padAxis,
  reduceSum,
  replicate,
  reshape,
  reverse,
  slice,
  sliceAxis,
  transpose,
  type PadParams,
} from '../../src/prim/structure.js'
import { build, dyadic, expectBatching, expectClose, expectDerivatives, read, tensor, values, type Subject } from './subject.js'

const counted = (shape: Shape): Tensor =>
  tensor(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1),
  )

/** Derivatives and batching of a function of tensors of `shapes`. */
const lawful = (f: Subject, ...shapes: readonly Shape[]): void => {
  const xs = shapes.map((shape, k) => dyadic(shape, 5 + k))
  expectDerivatives(f, xs)
  expectBatching(f, xs, (k, shape) => dyadic(shape, 31 + k))
}

describe('broadcast and reduceSum', () => {
  it('broadcast places axes', () => {
    expectClose(broadcast(counted([2]), [3, 2], [1]), tensor([3, 2], [1, 2, 1, 2, 1, 2]))
    expectClose(broadcast(counted([2]), [2, 3], [0]), tensor([2, 3], [1, 1, 1, 2, 2, 2]))
    expectClose(broadcast(counted([]), [2], []), tensor([2], [1, 1]))
    expectClose(broadcast(counted([2]), [0, 2], [1]), tensor([0, 2], []))
    lawful((x) => [broadcast(x, [4, 2, 3, 5], [1, 2])], [2, 3])
    lawful((x) => [broadcast(x, [2], [])], [])
  })
  it('broadcast stretches nothing and permutes nothing', () => {
    expect(() => broadcast(counted([1]), [3], [0])).toThrow(ShapeError)
    expect(() => broadcast(counted([2, 3]), [3, 2, 4], [1, 0])).toThrow(ShapeError)
  })
  it('reduceSum', () => {
    expectClose(reduceSum(counted([2, 3]), [0]), tensor([3], [5, 7, 9]))
    expectClose(reduceSum(counted([2, 3]), [1]), tensor([2], [6, 15]))
    expectClose(reduceSum(counted([2, 3]), [0, 1]), tensor([], [21]))
    expectClose(reduceSum(counted([2, 3]), [1, 0]), tensor([], [21]))
    expectClose(reduceSum(counted([2, 0]), [1]), tensor([2], [0, 0]))
    expect(values(reduceSum(tensor([3], [1, 2, 3], 'int32'), [0]))).toEqual([6])
    for (const axes of [[0], [1], [2], [0, 2], [0, 1, 2]]) lawful((x) => [reduceSum(x, axes)], [2, 3, 4])
    lawful((x) => [reduceSum(x, [0])], [0, 2])
    expect(() => reduceSum(counted([2]), [1])).toThrow(ShapeError)
    expect(() => reduceSum(tensor([1], [1], 'bool'), [0])).toThrow(DTypeError)
  })
  it('2^25 ones in float32 sum to 33554432', () => {
    expect(values(reduceSum(full([2 ** 25], 1, 'float32'), [0]))).toEqual([33554432])
  })
  it('constants', () => {
    expect(values(like(counted([2]), 3))).toEqual([3, 3])
    expect(full([2], 1, 'bool').dtype).toBe('bool')
    expect(values(iota([2, 3], 'int32', 1))).toEqual([0, 1, 2, 0, 1, 2])
    expect(values(iota([2, 2], 'float32', 0))).toEqual([0, 0, 1, 1])
    expect(replicate(counted([2]), 3).shape).toEqual([3, 2])
    expect(() => iota([2], 'int32', 1)).toThrow(ShapeError)
  })
})

describe('reshape, transpose, reverse', () => {
  it('reshape', () => {
    expectClose(reshape(counted([2, 3]), [3, 2]), counted([3, 2]))
    lawful((x) => [reshape(x, [6])], [2, 3])
    lawful((x) => [reshape(x, [])], [1, 1])
    expect(() => reshape(counted([2, 3]), [4])).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: reshape: [4] has 4 elements, x has 6
        x: float64[2,3]]
    `)
  })
  it('transpose', () => {
    expectClose(transpose(counted([2, 3]), [1, 0]), tensor([3, 2], [1, 4, 2, 5, 3, 6]))
    const x = dyadic([2, 3, 4])
    expectClose(
      transpose(x, [2, 0, 1]),
      build([4, 2, 3], ([k, i, j]) => read(x, [i!, j!, k!])),
    )
    expect(moveAxis(x, 0, 2).shape).toEqual([3, 4, 2])
    expect(moveAxis(x, 2, 0).shape).toEqual([4, 2, 3])
    lawful((y) => [transpose(y, [2, 0, 1])], [2, 3, 4])
    expect(() => transpose(counted([2, 3]), [0, 0])).toThrow(ShapeError)
  })
  it('reverse', () => {
    expectClose(reverse(counted([2, 3]), [1]), tensor([2, 3], [3, 2, 1, 6, 5, 4]))
    expectClose(reverse(counted([2, 3]), [0, 1]), tensor([2, 3], [6, 5, 4, 3, 2, 1]))
    expectClose(reverse(counted([0]), [0]), counted([0]))
    lawful((x) => [reverse(x, [0, 2])], [2, 3, 4])
  })
})

describe('slice and pad', () => {
  it('slice', () => {
    expectClose(slice(counted([5]), [1], [5], [2]), tensor([2], [2, 4]))
    expectClose(slice(counted([5]), [0], [5], [2]), tensor([3], [1, 3, 5]))
    expectClose(slice(counted([5]), [2], [2]), tensor([0], []))
    expectClose(sliceAxis(counted([2, 3]), 1, 1, 3), tensor([2, 2], [2, 3, 5, 6]))
    lawful((x) => [slice(x, [1, 0], [4, 6], [2, 3])], [5, 6])
    lawful((x) => [slice(x, [1, 2], [4, 2], [1, 1])], [5, 6])
    expect(() => slice(counted([5]), [1], [6])).toThrow(ShapeError)
    expect(() => slice(counted([5]), [1], [3], [0])).toThrow(ShapeError)
  })

  const padded = (x: Tensor, value: number, { low, high, interior }: PadParams): Tensor => {
    const size = (k: number): number => (x.shape[k] === 0 ? 0 : x.shape[k]! + (x.shape[k]! - 1) * interior[k]!)
    return build(
      x.shape.map((_, k) => low[k]! + size(k) + high[k]!),
      (at) => {
        const from = at.map((i, k) => (i - low[k]!) / (interior[k]! + 1))
        return from.every(Number.isInteger) ? read(x, from, value) : value
      },
    )
  }
  const cases: readonly (readonly [Shape, PadParams])[] = [
    [[3], { low: [1], high: [2], interior: [0] }],
    [[3], { low: [1], high: [2], interior: [2] }],
    [[3], { low: [-1], high: [2], interior: [1] }],
    [[3], { low: [1], high: [-2], interior: [1] }],
    [[3], { low: [-1], high: [-2], interior: [2] }],
    [[3], { low: [-2], high: [-1], interior: [0] }],
    [[4], { low: [-5], high: [4], interior: [1] }],
    [[0], { low: [1], high: [2], interior: [3] }],
    [[2, 3], { low: [1, -1], high: [0, 2], interior: [1, 0] }],
    [[2, 3], { low: [0, 0], high: [0, 0], interior: [0, 0] }],
    [[], { low: [], high: [], interior: [] }],
  ]
  for (const [shape, p] of cases)
    it(`pad [${shape.join(',')}] low ${p.low.join(',')} high ${p.high.join(',')} interior ${p.interior.join(',')}`, () => {
      const x = dyadic(shape)
      expectClose(pad(x, scalar(7, 'float64', false), p), padded(x, 7, p))
      lawful((y, v) => [pad(y, v, p)], shape, [])
      lawful((y) => [pad(y, scalar(1, 'float64'), p)], shape)
      lawful((v) => [pad(x, v, p)], [])
    })
  it('padding beside Infinity leaves no NaN in the derivative', () => {
    expect(values(padAxis(tensor([1], [Infinity]), 0, 1, 0))).toEqual([0, Infinity])
  })
  it('pad refuses', () => {
    const one = scalar(1, 'float64')
    expect(() => pad(counted([2]), one, { low: [-2], high: [-2], interior: [0] })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: pad: axis 0 would have size -2 + 2 + -2 = -2
        x: float64[2]   value: float64*[]]
    `)
    expect(() => pad(counted([2]), scalar(1, 'int32'), { low: [0], high: [0], interior: [0] })).toThrow(DTypeError)
    expect(() => pad(counted([2]), counted([1]), { low: [0], high: [0], interior: [0] })).toThrow(ShapeError)
    expect(() => pad(counted([2]), one, { low: [0], high: [0], interior: [-1] })).toThrow(ShapeError)
  })
})

describe('concat', () => {
  it('joins along an axis', () => {
    const xs = [dyadic([2, 1], 1), dyadic([2, 0], 2), dyadic([2, 3], 3)]
    expectClose(
      concat(xs, 1),
      build([2, 4], ([i, j]) => (j === 0 ? read(xs[0]!, [i!, 0]) : read(xs[2]!, [i!, j! - 1]))),
    )
    expectClose(concat([counted([2]), counted([1])], 0), tensor([3], [1, 2, 1]))
    expectClose(concat([counted([0]), counted([0])], 0), tensor([0], []))
    lawful((x, y, z) => [concat([x, y, z], 1)], [2, 1], [2, 2], [2, 3])
    lawful((x, y) => [concat([x, y], 0)], [0, 2], [2, 2])
    lawful((x) => [concat([x, dyadic([2]), x], 0)], [2])
  })
  it('refuses', () => {
    expect(() => concat([counted([2, 2]), counted([2, 3])], 0)).toThrow(ShapeError)
    expect(() => concat([counted([2]), tensor([1], [1], 'int32')], 0)).toThrow(DTypeError)
    expect(() => concat([], 0)).toThrow(ShapeError)
    expect(() => concat([counted([2]), counted([2])], 1)).toThrow(ShapeError)
  })
})
