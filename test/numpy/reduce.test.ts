import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShapeError, grad, jit, np, vmap } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { element, elements, filledShapes, modelOf, numbered, places, shapes } from './nested.js'

/** A shape, and some of its axes, some counted from the end. */
const reductions = (filled: boolean) =>
  (filled ? filledShapes(0, 4, 4) : shapes(4, 4)).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, k) => k)), fc.boolean(), fc.boolean()).map(([s, axes, keepdims, negative]) => ({
      shape: s,
      axes,
      axis: axes.map((a) => (negative ? a - s.length : a)),
      keepdims,
    })),
  )

/** The elements that a reduction over `axes` combines, per element of its result. */
const groups = (x: Tensor, axes: readonly number[]): readonly (readonly number[])[] => {
  const model = modelOf(x)
  const kept = x.shape.map((_, k) => k).filter((k) => !axes.includes(k))
  return places(kept.map((k) => x.shape[k]!)).map((outer) =>
    places(axes.map((a) => x.shape[a]!)).map((inner) =>
      element(
        model,
        x.shape.map((_, k) => (axes.includes(k) ? inner[axes.indexOf(k)]! : outer[kept.indexOf(k)]!)),
      ),
    ),
  )
}

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)
const average = (xs: readonly number[]): number => total(xs) / xs.length
const spread = (xs: readonly number[]): number => average(xs.map((x) => (x - average(xs)) ** 2))

const models: readonly (readonly [
  string,
  (x: Tensor, o: { axis: readonly number[]; keepdims: boolean }) => Tensor,
  (xs: readonly number[]) => number,
  boolean,
])[] = [
  ['sum', np.sum, total, false],
  ['prod', np.prod, (xs) => xs.reduce((a, b) => a * b, 1), false],
  ['mean', np.mean, average, false],
  ['var', np.var, spread, false],
  ['std', np.std, (xs) => Math.sqrt(spread(xs)), false],
  ['max', np.max, (xs) => Math.max(...xs), true],
  ['min', np.min, (xs) => Math.min(...xs), true],
  ['ptp', np.ptp, (xs) => Math.max(...xs) - Math.min(...xs), true],
  ['any', np.any, (xs) => Number(xs.some((x) => x !== 0)), false],
  ['all', np.all, (xs) => Number(xs.every((x) => x !== 0)), false],
  ['countNonzero', np.countNonzero, (xs) => xs.filter((x) => x !== 0).length, false],
  ['logsumexp', np.logsumexp, (xs) => Math.log(total(xs.map(Math.exp))), false],
]

describe('reductions', () => {
  it.each(models)('%s agrees with the definition for every shape and axes', (_, f, model, filled) => {
    fc.assert(
      fc.property(reductions(filled), ({ shape, axes, axis, keepdims }) => {
        const x = numbered(shape)
        const y = f(x, { axis, keepdims })
        expect(y.shape).toEqual(keepdims ? shape.map((n, k) => (axes.includes(k) ? 1 : n)) : shape.filter((_n, k) => !axes.includes(k)))
        const want = groups(x, axes).map(model)
        const got = elements(y)
        expect(got.length).toBe(want.length)
        got.forEach((v, i) => expect(Object.is(v, want[i]) || Math.abs(v - want[i]!) <= 1e-12 * Math.max(1, Math.abs(want[i]!))).toBe(true))
      }),
    )
  })

  it('reduces everything by default', () => {
    expect(np.sum(np.ones([2, 3])).item()).toBe(6)
    expect(np.mean(np.arange(4)).item()).toBe(1.5)
    expect(
      np
        .max(
          np.array([
            [1, 9],
            [3, 2],
          ]),
        )
        .item(),
    ).toBe(9)
  })

  it('chooses dtypes: bools are counted, means of integers are floats', () => {
    expect(np.sum(np.array([true, true])).aval).toBe(np.zeros([], { dtype: 'int32' }).aval)
    expect(np.mean(np.array([true, false])).item()).toBe(0.5)
    expect(np.mean(np.arange(3)).dtype).toBe('float32')
    expect(np.prod(np.array([true, false])).dtype).toBe('int32')
    expect(np.max(np.array([true, false])).item()).toBe(true)
    expect(np.argmax(np.ones([2])).dtype).toBe('int32')
  })

  it('subtracts the mean first, so that variances do not cancel', () => {
    const x = np.array(new Float64Array([1e9, 1e9 + 1, 1e9 + 2]))
    expect(np.var(x).item()).toBeCloseTo(2 / 3, 12)
    expect(np.var(x, { ddof: 1 }).item()).toBe(1)
    const y = np.array([10000, 10001, 10002])
    expect(np.var(y, { ddof: 1 }).item()).toBe(1)
  })

  it('sums many ones exactly in float32', () => {
    expect(np.sum(np.ones([2 ** 25])).item()).toBe(2 ** 25)
  })

  it('leaves out what a mask hides', () => {
    const x = np.array([
      [1, NaN],
      [3, 4],
    ])
    const mask = np.logicalNot(np.isnan(x))
    expect(np.sum(x, { where: mask, axis: 0 }).toArray()).toEqual([4, 4])
    expect(np.mean(x, { where: mask, axis: 1 }).toArray()).toEqual([1, 3.5])
    expect(np.max(x, { where: mask, initial: -Infinity }).item()).toBe(4)
    expect(np.var(x, { where: mask, axis: 1 }).toArray()).toEqual([0, 0.25])
    expect(grad((v: Tensor) => np.sum(np.mean(v, { where: mask, axis: 1 })))(x).toArray()).toEqual([
      [1, 0],
      [0.5, 0.5],
    ])
    expect(np.any(x, { where: false }).item()).toBe(false)
    expect(np.all(np.array([0]), { where: false }).item()).toBe(true)
  })

  it('leaves NaN out in the nan-variants', () => {
    const x = np.array([
      [1, NaN, 3],
      [NaN, NaN, NaN],
    ])
    expect(np.nansum(x, { axis: 1 }).toArray()).toEqual([4, 0])
    expect(np.nanprod(x, { axis: 1 }).toArray()).toEqual([3, 1])
    expect(np.nanmean(x, { axis: 1 }).toArray()).toEqual([2, NaN])
    expect(np.nanmax(x, { axis: 1 }).toArray()).toEqual([3, NaN])
    expect(np.nanmin(x, { axis: 1 }).toArray()).toEqual([1, NaN])
    expect(np.nanvar(x, { axis: 1 }).toArray()).toEqual([1, NaN])
    expect(np.nanmax(np.array([-Infinity, NaN])).item()).toBe(-Infinity)
    expect(np.nansum(np.arange(3)).item()).toBe(3)
  })

  it('weighs averages', () => {
    expect(np.average(np.array([1, 2, 3]), { weights: np.array([0, 1, 3]) }).item()).toBe(2.75)
    expect(
      np
        .average(
          np.array([
            [1, 2],
            [3, 4],
          ]),
          { weights: np.array([1, 3]), axis: 0 },
        )
        .toArray(),
    ).toEqual([2.5, 3.5])
  })

  it('splits cotangents evenly among ties', () => {
    expect(grad((x: Tensor) => np.max(x))(np.array([1, 3, 3, 2])).toArray()).toEqual([0, 0.5, 0.5, 0])
    expect(
      grad((x: Tensor) => np.sum(np.min(x, { axis: 1 })))(
        np.array([
          [1, 1],
          [2, 5],
        ]),
      ).toArray(),
    ).toEqual([
      [0.5, 0.5],
      [1, 0],
    ])
    expect(grad((x: Tensor) => np.prod(x))(np.array([0, 2, 3])).toArray()).toEqual([6, 0, 0])
    expect(grad((x: Tensor) => np.prod(x))(np.array([0, 0, 3])).toArray()).toEqual([0, 0, 0])
  })

  it('says what is wrong with empty reductions and axes', () => {
    expect(() => np.max(np.zeros([0]))).toThrow(/max: the max of no elements is undefined[^]*float32\[0\][^]*initial/)
    expect(() => np.min(np.zeros([2, 0]), { axis: 1 })).toThrow(ShapeError)
    expect(np.min(np.zeros([2, 0]), { axis: 0 }).shape).toEqual([0])
    expect(np.max(np.zeros([2, 0]), { axis: 1, initial: 7 }).toArray()).toEqual([7, 7])
    expect(() => np.argmax(np.zeros([0]))).toThrow(ShapeError)
    expect(() => np.sum(np.ones([2, 3]), { axis: 2 })).toThrow(/sum: axis 2 is out of range for 2 dimensions/)
    expect(() => np.sum(np.ones([2, 3]), { axis: [0, -2] })).toThrow(ShapeError)
    expect(() => np.mean(np.array(1), { axis: 0 })).toThrow(/a scalar has no axes/)
    expect(np.mean(np.zeros([0])).item()).toBeNaN()
  })

  it('finds the first extreme, NaN before all', () => {
    fc.assert(
      fc.property(
        filledShapes(1, 3).chain((s) => fc.tuple(fc.constant(s), fc.nat(s.length - 1))),
        ([shape, axis]) => {
          const x = np.remainder(numbered(shape), 2)
          const want = groups(x, [axis])
          expect(elements(np.argmax(x, { axis }))).toEqual(want.map((g) => g.indexOf(Math.max(...g))))
          expect(elements(np.argmin(x, { axis }))).toEqual(want.map((g) => g.indexOf(Math.min(...g))))
          expect(np.argmax(x, { axis, keepdims: true }).shape).toEqual(shape.map((n, k) => (k === axis ? 1 : n)))
        },
      ),
    )
    expect(np.argmax(np.array([1, NaN, 3, NaN])).item()).toBe(1)
    expect(np.argmin(np.array([-Infinity, NaN, 1])).item()).toBe(1)
    const table = np.reshape(np.array([1, 3, 3, 0, NaN, 5, NaN, 9, -1, -1, -2, -2]), [3, 4])
    expect(np.argmax(table, { axis: 1 }).toArray()).toEqual([1, 0, 0])
    expect(np.argmin(table, { axis: 1 }).toArray()).toEqual([3, 0, 2])
    expect(np.argmax(table, { axis: 0 }).toArray()).toEqual([1, 1, 1, 1])
    expect(
      np
        .argmin(
          np.array([
            [1, 9],
            [0, 2],
          ]),
        )
        .item(),
    ).toBe(2)
  })

  it('goes through vmap and jit', () => {
    const x = numbered([3, 4, 2])
    expect(vmap((v: Tensor) => np.sum(v, { axis: 0 }))(x).toArray()).toEqual(np.sum(x, { axis: 1 }).toArray())
    expect(jit((v: Tensor) => np.var(v, { axis: [0, 2] }))(x).toArray()).toEqual(np.var(x, { axis: [0, 2] }).toArray())
  })
})

describe('running combinations', () => {
  it('agree with loops along every axis, forwards and backwards', () => {
    const steps: readonly (readonly [typeof np.cumsum, (a: number, b: number) => number])[] = [
      [np.cumsum, (a, b) => a + b],
      [np.cumprod, (a, b) => a * b],
      [np.cummax, (a, b) => Math.max(a, b)],
      [np.cummin, (a, b) => Math.min(a, b)],
    ]
    fc.assert(
      fc.property(
        filledShapes(1, 3).chain((s) => fc.tuple(fc.constant(s), fc.nat(s.length - 1))),
        fc.constantFrom(...steps),
        fc.boolean(),
        ([shape, axis], [f, step], reverse) => {
          const x = numbered(shape)
          const y = modelOf(f(x, { axis, reverse }))
          const model = modelOf(x)
          const n = shape[axis]!
          for (const at of places(shape)) {
            const upTo = Array.from({ length: n }, (_, i) => i).filter((i) => (reverse ? i >= at[axis]! : i <= at[axis]!))
            const line = (reverse ? upTo.reverse() : upTo).map((i) =>
              element(
                model,
                at.map((v, k) => (k === axis ? i : v)),
              ),
            )
            expect(element(y, at)).toBe(line.reduce((p, q) => step(p, q)))
          }
        },
      ),
    )
  })

  it('flatten without an axis, count booleans', () => {
    expect(
      np
        .cumsum(
          np.array([
            [1, 2],
            [3, 4],
          ]),
        )
        .toArray(),
    ).toEqual([1, 3, 6, 10])
    expect(np.cumsum(np.array([true, true])).toArray()).toEqual([1, 2])
    expect(np.diff(np.array([1, 4, 9]), { n: 2 }).toArray()).toEqual([2])
    expect(np.diff(np.array([true, false, false])).toArray()).toEqual([true, false])
    expect(np.diff(np.array([1]), { n: 3 }).shape).toEqual([0])
    expect(np.gradient(np.array([1, 4, 9, 16])).toArray()).toEqual([3, 4, 6, 7])
    expect(() => np.gradient(np.array([1]))).toThrow(ShapeError)
  })
})
