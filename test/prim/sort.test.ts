import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/core/tensor.js'
import { mul } from '../../src/prim/elementwise.js'
import { sort } from '../../src/prim/sort.js'
import { vjp } from '../../src/transforms/vjp.js'
import { apart, dyadic, expectBatching, expectClose, expectDerivatives, indices, read, tensor, values } from './subject.js'

/** One lane at a time: order places by the keys, NaN last, ties by place. */
const naive = (xs: readonly Tensor[], axis: number, keys: number): Tensor[] => {
  const shape = xs[0]!.shape
  const out = xs.map((x) => values(x))
  const flat = (at: readonly number[]): number => at.reduce((o, i, k) => o * shape[k]! + i, 0)
  const less = (a: number, b: number): number =>
    Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a < b ? -1 : a > b ? 1 : 0
  for (const lane of indices(shape.map((n, k) => (k === axis ? Math.min(n, 1) : n)))) {
    const place = (i: number): number[] => lane.map((n, k) => (k === axis ? i : n))
    const order = Array.from({ length: shape[axis]! }, (_, i) => i).sort((i, j) => {
      for (const x of xs.slice(0, keys)) {
        const c = less(read(x, place(i)), read(x, place(j)))
        if (c !== 0) return c
      }
      return i - j
    })
    order.forEach((from, to) => {
      xs.forEach((x, k) => {
        out[k]![flat(place(to))] = read(x, place(from))
      })
    })
  }
  return xs.map((x, k) => tensor(shape, out[k]!, x.dtype))
}

describe('sort', () => {
  for (const shape of [[5], [5, 3], [2, 4, 3], [1, 2], [0, 3], [3, 0]])
    for (const axis of shape.keys())
      it(`[${shape.join(',')}] along axis ${axis}`, () => {
        const [x, y, z] = [apart(shape, 3), dyadic(shape, 4), dyadic(shape, 5)]
        expectClose(sort([y], { axis, keys: 1 })[0]!, naive([y], axis, 1)[0]!)
        sort([x, y, z], { axis, keys: 1 }).forEach((t, k) => {
          expectClose(t, naive([x, y, z], axis, 1)[k]!)
        })
        expectDerivatives((a) => sort([a], { axis, keys: 1 }), [x], 2)
        expectDerivatives((a, b) => sort([mul(a, mul(a, a)), mul(b, b)], { axis, keys: 1 }), [x, y], 2, 1 / 256)
        expectBatching(
          (a, b) => sort([a, b], { axis, keys: 2 }),
          [y, z],
          (k, s) => dyadic(s, 7 + k),
        )
      })

  it('is stable, by several keys, of any dtype', () => {
    const a = tensor([6], [1, 0, 1, 0, 1, 0], 'int32')
    const b = tensor([6], [2, 1, 1, 1, 2, 0], 'float32')
    const c = tensor([6], [0, 1, 2, 3, 4, 5], 'uint32')
    expect(sort([a, b, c], { axis: 0, keys: 2 }).map(values)).toEqual([
      [0, 0, 0, 1, 1, 1],
      [0, 1, 1, 1, 2, 2],
      [5, 1, 3, 2, 0, 4],
    ])
    expect(sort([a, b, c], { axis: 0, keys: 1 }).map(values)).toEqual([
      [0, 0, 0, 1, 1, 1],
      [1, 1, 0, 2, 1, 2],
      [1, 3, 5, 0, 2, 4],
    ])
    expect(values(sort([tensor([4], [1, 0, 1, 0], 'bool')], { axis: 0, keys: 1 })[0]!)).toEqual([0, 0, 1, 1])
    expect(values(sort([tensor([3], [2 ** 32 - 1, 1, 2 ** 31], 'uint32')], { axis: 0, keys: 1 })[0]!)).toEqual([1, 2 ** 31, 2 ** 32 - 1])
  })

  it('puts NaN last and leaves -0 beside 0 where it was', () => {
    const x = tensor([7], [NaN, 1, 0, -0, -Infinity, NaN, Infinity])
    const [y, order] = sort([x, tensor([7], [0, 1, 2, 3, 4, 5, 6], 'int32')], { axis: 0, keys: 1 })
    expect(values(y!)).toEqual([-Infinity, 0, -0, 1, Infinity, NaN, NaN])
    expect(values(order!)).toEqual([4, 2, 3, 1, 6, 0, 5])
  })

  it('sends cotangents back where elements came from, ties in order', () => {
    const [, pull] = vjp((x: Tensor) => sort([x], { axis: 0, keys: 1 })[0]!, tensor([4], [1, 0, 1, 0]))
    expect(values(pull(tensor([4], [1, 2, 3, 4]))[0])).toEqual([3, 1, 4, 2])
  })

  it('says what does not fit', () => {
    expect(() => sort([dyadic([2]), dyadic([3])], { axis: 0, keys: 1 })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: sort: operands have different shapes
        x0: float64[2]   x1: float64[3]]
    `)
    expect(() => sort([dyadic([2])], { axis: 1, keys: 1 })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: sort: axis 1 is out of range for 1 dimensions
        x0: float64[2]]
    `)
    expect(() => sort([dyadic([2])], { axis: 0, keys: 2 })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: sort: 2 keys among 1 operands
        try: at least one key]
    `)
  })
})
