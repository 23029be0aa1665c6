import { describe, expect, it } from 'vitest'
import { jit } from '../../src/control/jit.js'
import { aval } from '../../src/core/aval.js'
import { DTypeError, ShapeError } from '../../src/core/errors.js'
import type { Tensor } from '../../src/core/tensor.js'
import { argmax, argmin, logsumexp, reduceMax, reduceMin, reduceProd } from '../../src/prim/reduce.js'
import { cast } from '../../src/prim/select.js'
import { jvp } from '../../src/transforms/jvp.js'
import { vjp } from '../../src/transforms/vjp.js'
import { apart, dyadic, expectBatching, expectClose, expectDerivatives, tensor, values } from './subject.js'

const step = 2 ** -10
const some = [[0], [1], [2], [0, 2], [2, 1], [0, 1, 2]]
const pulled = (f: (x: Tensor) => Tensor, xs: readonly number[]): number[] => {
  const [y, pull] = vjp(f, tensor([xs.length], xs))
  return values(
    pull(
      tensor(
        y.shape,
        values(y).map(() => 1),
      ),
    )[0],
  )
}
const pushed = (f: (x: Tensor) => Tensor, xs: readonly number[], dxs: readonly number[]): number =>
  values(jvp(f, [tensor([xs.length], xs)], [tensor([dxs.length], dxs)])[1])[0]!

describe('reduceMax and reduceMin', () => {
  it('values', () => {
    expectClose(reduceMax(tensor([2, 2], [1, 4, 3, 2]), [0]), tensor([2], [3, 4]))
    expectClose(reduceMin(tensor([2, 2], [1, 4, 3, 2]), [0, 1]), tensor([], [1]))
    expect(values(reduceMax(tensor([2], [1, NaN]), [0]))).toEqual([NaN])
    expect(values(reduceMax(tensor([2], [-Infinity, -Infinity]), [0]))).toEqual([-Infinity])
    expect(values(reduceMax(tensor([2, 2], [0, 1, 0, 0], 'bool'), [1]))).toEqual([1, 0])
    expect(values(reduceMin(tensor([2, 2], [1, 1, 1, 0], 'bool'), [1]))).toEqual([1, 0])
    expect(values(reduceMin(tensor([2], [-5, 3], 'int32'), [0]))).toEqual([-5])
    expect(reduceMax(tensor([3, 0], []), [0]).shape).toEqual([0])
  })
  for (const axes of some)
    it(`laws over [${axes.join(',')}]`, () => {
      for (const f of [reduceMax, reduceMin]) {
        expectDerivatives((x) => [f(x, axes)], [apart([2, 3, 4])], 2, step)
        expectBatching(
          (x) => [f(x, axes)],
          [apart([2, 3, 4])],
          (_, shape) => dyadic(shape, 7),
        )
      }
    })
  it('ties share evenly', () => {
    for (const f of [(x: Tensor) => reduceMax(x, [0]), (x: Tensor) => reduceMin(x, [0])]) {
      expect(pulled(f, [2, 2, 2, 2])).toEqual([0.25, 0.25, 0.25, 0.25])
      expect(pushed(f, [2, 2], [1, 3])).toBe(2)
    }
    expect(pulled((x) => reduceMax(x, [0]), [1, 3, 3])).toEqual([0, 0.5, 0.5])
    expect(pulled((x) => reduceMax(x, [0]), [Infinity, 1, Infinity])).toEqual([0.5, 0, 0.5])
  })
  it('nothing has no largest', () => {
    expect(() => reduceMax(tensor([0, 3], []), [0])).toThrow(ShapeError)
    expect(() => reduceMax(tensor([0, 3], []), [0])).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: reduceMax: axis 0 is empty and reduceMax of nothing is undefined
        x: float64[0,3]]
    `)
    expect(() => argmin(tensor([0], []), 0)).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: argmin: axis 0 is empty and argmin of nothing is undefined
        x: float64[0]]
    `)
  })
})

describe('reduceProd', () => {
  it('values', () => {
    expectClose(reduceProd(tensor([2, 3], [1, 2, 3, 4, 5, 6]), [1]), tensor([2], [6, 120]))
    expectClose(reduceProd(tensor([0], []), [0]), tensor([], [1]))
    expect(values(reduceProd(tensor([3], [2, 3, 4], 'int32'), [0]))).toEqual([24])
  })
  for (const axes of some)
    it(`laws over [${axes.join(',')}]`, () => {
      expectDerivatives((x) => [reduceProd(x, axes)], [dyadic([2, 3, 4])], 2, step)
      expectBatching(
        (x) => [reduceProd(x, axes)],
        [dyadic([2, 3, 4])],
        (_, shape) => dyadic(shape, 7),
      )
    })
  it('exact with zeros, to third order', () => {
    const f = (x: Tensor): Tensor => reduceProd(x, [0])
    expect(pulled(f, [2, 0, 3])).toEqual([0, 6, 0])
    expect(pulled(f, [0, 0, 3])).toEqual([0, 0, 0])
    expect(pulled(f, [5])).toEqual([1])
    for (const xs of [[2, 0, 3], [0, 0, 3], [0, 0, 0], [0], [1, 0, 2, 0, 3]])
      expectDerivatives((x) => [f(x)], [tensor([xs.length], xs)], 3, step)
    expectDerivatives((x) => [reduceProd(x, [1])], [tensor([2, 0], [])])
  })
})

describe('argmax and argmin', () => {
  it('find the first', () => {
    const x = tensor([2, 4], [1, 3, 3, 0, 5, 4, 5, 4])
    expect(values(argmax(x, 1))).toEqual([1, 0])
    expect(values(argmin(x, 1))).toEqual([3, 1])
    expect(values(argmax(x, 0))).toEqual([1, 1, 1, 1])
    expect(argmax(x, 0).dtype).toBe('int32')
    expect(values(argmax(tensor([3], [1, NaN, NaN]), 0))).toEqual([1])
    expect(values(argmin(tensor([3], [1, NaN, -Infinity]), 0))).toEqual([1])
    expect(values(argmax(tensor([3], [-Infinity, -Infinity, -Infinity]), 0))).toEqual([0])
    expect(values(argmax(tensor([3], [0, 1, 1], 'bool'), 0))).toEqual([1])
    expect(values(argmin(tensor([2], [7, -7], 'int32'), 0))).toEqual([1])
  })
  it('batch and have no derivative', () => {
    for (const f of [argmax, argmin]) {
      expectBatching(
        (x) => [f(x, 1)],
        [dyadic([2, 3])],
        (_, shape) => dyadic(shape, 7),
      )
      expect(pulled((x) => cast(f(x, 0), 'float64'), [1, 2])).toEqual([0, 0])
    }
  })
})

describe('logsumexp', () => {
  const f = (x: Tensor): Tensor => logsumexp(x, [0])
  it('is -Infinity over nothing, compiled too, and not weak', () => {
    for (const g of [f, jit(f)]) {
      const y = g(tensor([0, 2], []))
      expect(y.toArray()).toEqual([-Infinity, -Infinity])
      expect(y.aval).toBe(aval([2], 'float64'))
    }
  })
  const at = (...xs: number[]): number => values(f(tensor([xs.length], xs)))[0]!
  it('values', () => {
    expect(at(0, 0)).toBeCloseTo(Math.LN2, 15)
    expect(at(1000, 1000)).toBeCloseTo(1000 + Math.LN2, 12)
    expect(at(-1000, -1000)).toBeCloseTo(-1000 + Math.LN2, 12)
    expect(at(1, -Infinity)).toBe(1)
    expect(at(-Infinity, -Infinity)).toBe(-Infinity)
    expect(at(Infinity, 1)).toBe(Infinity)
    expect(at(Infinity, -Infinity)).toBe(Infinity)
    expect(at(NaN, 1)).toBeNaN()
    expect(at()).toBe(-Infinity)
  })
  for (const axes of some)
    it(`laws over [${axes.join(',')}]`, () => {
      expectDerivatives((x) => [logsumexp(x, axes)], [dyadic([2, 3, 4])], 3, step)
      expectBatching(
        (x) => [logsumexp(x, axes)],
        [dyadic([2, 3, 4])],
        (_, shape) => dyadic(shape, 7),
      )
    })
  it('derivatives at infinities and far apart', () => {
    expect(pulled(f, [1, -Infinity])).toEqual([1, 0])
    expect(pulled(f, [-Infinity, -Infinity])).toEqual([0, 0])
    expect(pulled(f, [Infinity, 1, Infinity])).toEqual([0.5, 0, 0.5])
    expect(pulled(f, [-Infinity])).toEqual([1])
    expect(pulled(f, [Infinity, 0])).toEqual([1, 0])
    expect(pulled(f, [800, -800])).toEqual([1, 0])
    const [p, q] = pulled(f, [0, -40]) as [number, number]
    expect(q / Math.exp(-40)).toBeCloseTo(1, 12)
    expect(p + q).toBe(1)
    expect(pushed(f, [1, -Infinity], [3, 4])).toBe(3)
  })
  it('second derivatives with a masked entry', () => {
    const g = (x: Tensor): Tensor => vjp(f, x)[1](tensor([], [1]))[0]
    const x = [3]
    const second = vjp(g, tensor(x, [0, 0, -Infinity]))[1](tensor(x, [1, 0, 0]))[0]
    expectClose(second, tensor(x, [0.25, -0.25, 0]))
  })
  it('of integers', () => {
    expect(() => logsumexp(tensor([1], [1], 'int32'), [0])).toThrow(DTypeError)
  })
})
