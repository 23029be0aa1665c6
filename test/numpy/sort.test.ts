import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShapeError, ValueError, grad, jit, np, vmap } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { elements, filledShapes, numbered } from './nested.js'

const numbers = fc.array(fc.constantFrom(-2, -1, 0, 1, 1.5, 3, Infinity, -Infinity), { minLength: 1, maxLength: 12 })
const f64 = (xs: readonly number[]): Tensor => np.array(Float64Array.from(xs))

describe('sort', () => {
  it('orders lines, NaN last, and keeps equals in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(2, 1, 3, NaN, 1, 2), { minLength: 1, maxLength: 12 }), fc.boolean(), (xs, descending) => {
        const rank = (v: number): number => (Number.isNaN(v) ? 9 : v)
        const order = xs.map((_, i) => i).sort((i, j) => (descending ? rank(xs[j]!) - rank(xs[i]!) : rank(xs[i]!) - rank(xs[j]!)) || i - j)
        expect(elements(np.argsort(f64(xs), { descending }))).toEqual(order)
        expect(elements(np.sort(f64(xs), { descending }))).toEqual(order.map((i) => xs[i]))
      }),
    )
  })

  it('sorts along any axis, or everything', () => {
    fc.assert(
      fc.property(filledShapes(2, 3), fc.nat(2), (shape, a) => {
        const axis = a % shape.length
        const x = numbered(shape)
        const moved = np.sort(np.moveaxis(x, axis, -1))
        expect(np.sort(x, { axis }).toArray()).toEqual(np.moveaxis(moved, -1, axis).toArray())
        expect(np.takeAlongAxis(x, np.argsort(x, { axis }), { axis }).toArray()).toEqual(np.sort(x, { axis }).toArray())
        expect(elements(np.sort(x, { axis: null }))).toEqual([...elements(x)].sort((p, q) => p - q))
      }),
    )
    expect(np.sort(np.array([true, false])).toArray()).toEqual([false, true])
  })

  it('has the derivative of a permutation', () => {
    const w = np.array([1, 10, 100])
    expect(grad((x: Tensor) => np.sum(np.mul(np.sort(x), w)))(np.array([3, 1, 2])).toArray()).toEqual([100, 1, 10])
    expect(grad((x: Tensor) => np.sum(np.mul(np.topK(x, 2)[0], np.array([1, 10]))))(np.array([3, 1, 2])).toArray()).toEqual([1, 0, 10])
    expect(
      vmap((x: Tensor) => np.sort(x))(
        np.array([
          [2, 1],
          [3, 4],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  it('sorts by several keys, the last one first', () => {
    expect(np.lexsort([np.array([2, 1, 0]), np.array([0, 0, 1])]).toArray()).toEqual([1, 0, 2])
    expect(() => np.lexsort([])).toThrow(ValueError)
  })

  it('finds the largest', () => {
    const [values, places] = np.topK(np.array([3, 9, 5, 9]), 3)
    expect(values.toArray()).toEqual([9, 9, 5])
    expect(places.toArray()).toEqual([1, 3, 2])
    expect(np.topK(np.ones([2, 3]), 1, { axis: 0 })[0].shape).toEqual([1, 3])
    expect(() => np.topK(np.ones([2]), 3)).toThrow(ShapeError)
  })
})

describe('searchsorted', () => {
  it('counts what is smaller', () => {
    fc.assert(
      fc.property(numbers, numbers, (table, xs) => {
        const sorted = [...table].sort((p, q) => (p < q ? -1 : p > q ? 1 : 0))
        expect(elements(np.searchsorted(f64(sorted), f64(xs)))).toEqual(xs.map((x) => table.filter((t) => t < x).length))
        expect(elements(np.searchsorted(f64(sorted), f64(xs), { side: 'right' }))).toEqual(
          xs.map((x) => table.filter((t) => t <= x).length),
        )
      }),
    )
    expect(np.searchsorted(f64([1, NaN]), f64([NaN])).toArray()).toEqual([1])
    expect(np.searchsorted(f64([1, NaN]), f64([NaN]), { side: 'right' }).toArray()).toEqual([2])
    expect(np.digitize(np.array([0.5, 2]), np.array([0, 1, 2])).toArray()).toEqual([1, 3])
    expect(np.digitize(np.array([0.5, 2]), np.array([0, 1, 2]), { right: true }).toArray()).toEqual([1, 2])
    expect(() => np.searchsorted(np.ones([2, 2]), 1)).toThrow(ShapeError)
  })
})

describe('quantiles', () => {
  it('lie between the neighbours', () => {
    const x = np.array([4, 1, 3, 2])
    expect(np.median(x).item()).toBe(2.5)
    expect(np.quantile(x, [0, 0.5, 1]).toArray()).toEqual([1, 2.5, 4])
    expect(np.percentile(x, 25).item()).toBe(1.75)
    const methods = ['lower', 'higher', 'midpoint', 'nearest'] as const
    expect(methods.map((method) => np.quantile(x, 0.4, { method }).item())).toEqual([2, 3, 2.5, 2])
    expect(
      np
        .quantile(
          np.array([
            [1, 5],
            [3, 7],
          ]),
          0.5,
          { axis: 0, keepdims: true },
        )
        .toArray(),
    ).toEqual([[2, 6]])
    expect(np.median(np.array([1, NaN, 2])).item()).toBeNaN()
    expect(np.median(np.arange(3)).dtype).toBe('float32')
    expect(grad((v: Tensor) => np.median(v))(x).toArray()).toEqual([0, 0, 0.5, 0.5])
    expect(jit((v: Tensor) => np.median(v, { axis: 0 }))(x).item()).toBe(2.5)
    expect(() => np.median(np.zeros([0]))).toThrow(ShapeError)
    expect(() => np.quantile(x, 50)).toThrow(/percentile/)
  })
})

describe('percentile', () => {
  it('counts in hundredths, one number or a list', () => {
    const x = np.array([4, 1, 3, 2, 5], { dtype: 'float64' })
    expect(np.percentile(x, 25).item()).toBe(2)
    expect(np.percentile(x, [0, 25, 62.5, 100]).toArray()).toEqual([1, 2, 3.5, 5])
    expect(np.percentile(x, [50]).toArray()).toEqual(np.quantile(x, [0.5]).toArray())
  })
})
