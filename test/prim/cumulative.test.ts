import { describe, expect, it } from 'vitest'
import { DTypeError, ShapeError } from '../../src/core/errors.js'
import type { Tensor } from '../../src/core/tensor.js'
import { cummax, cummin, cumprod, cumsum } from '../../src/prim/cumulative.js'
import { vjp } from '../../src/transforms/vjp.js'
import { apart, dyadic, expectBatching, expectClose, expectDerivatives, tensor, values } from './subject.js'

const runs = { cumsum, cumprod, cummax, cummin }
const combine: Record<keyof typeof runs, (a: number, b: number) => number> = {
  cumsum: (a, b) => a + b,
  cumprod: (a, b) => a * b,
  cummax: Math.max,
  cummin: Math.min,
}
const step = 2 ** -10

describe('running combinations', () => {
  for (const name of Object.keys(runs) as (keyof typeof runs)[]) {
    const f = runs[name]
    it(`${name}: values`, () => {
      const xs = [3, -1, 4, 1, -5, 9]
      const forward = xs.reduce<number[]>((all, x, i) => [...all, i === 0 ? x : combine[name](all[i - 1]!, x)], [])
      expect(values(f(tensor([6], xs), 0))).toEqual(forward)
      expect(values(f(tensor([6], [...xs].reverse()), 0, true))).toEqual(forward.reverse())
      expect(f(tensor([0, 2], []), 0).shape).toEqual([0, 2])
      expect(values(f(tensor([3], [2, 3, 1], 'int32'), 0))).toEqual(values(f(tensor([3], [2, 3, 1]), 0)))
    })
    for (const axis of [0, 1, 2])
      for (const back of [false, true])
        it(`${name}: laws along ${axis}${back ? ' from the end' : ''}`, () => {
          expectDerivatives((x) => [f(x, axis, back)], [apart([2, 3, 5])], 2, step)
          expectBatching(
            (x) => [f(x, axis, back)],
            [apart([2, 3, 5])],
            (_, shape) => dyadic(shape, 3),
          )
        })
  }
  it('cumprod is exact with zeros, to third order', () => {
    for (const xs of [[2, 0, 3], [0, 0, 3, 1], [1, 0, 2, 0, 3, 1, 1], [0]])
      for (const back of [false, true]) expectDerivatives((x) => [cumprod(x, 0, back)], [tensor([xs.length], xs)], 3, step)
  })
  it('cummax shares ties evenly', () => {
    const pulled = (f: (x: Tensor) => Tensor, xs: readonly number[], cys: readonly number[]): number[] =>
      values(vjp(f, tensor([xs.length], xs))[1](tensor([cys.length], cys))[0])
    expect(pulled((x) => cummax(x, 0), [1, 1, 0, 1], [0, 0, 0, 3])).toEqual([1, 1, 0, 1])
    expect(pulled((x) => cummax(x, 0), [1, 1, 0, 2], [1, 0, 0, 3])).toEqual([1, 0, 0, 3])
    expect(pulled((x) => cummin(x, 0, true), [2, 2, 5], [4, 0, 1])).toEqual([2, 2, 1])
    expect(pulled((x) => cummax(x, 0), [-Infinity, -Infinity], [0, 1])).toEqual([0.5, 0.5])
  })
  it('cummax propagates NaN', () => {
    expect(values(cummax(tensor([4], [1, NaN, 2, 3]), 0))).toEqual([1, NaN, NaN, NaN])
    expect(values(cummin(tensor([4], [1, NaN, 2, 3]), 0, true))).toEqual([NaN, NaN, 2, 3])
  })
  it('refuse', () => {
    expect(() => cumsum(dyadic([2]), 1)).toThrow(ShapeError)
    expect(() => cumprod(tensor([1], [1], 'bool'), 0)).toThrow(DTypeError)
  })
  it('long', () => {
    expectClose(
      cumsum(
        tensor(
          [1000],
          Array.from({ length: 1000 }, () => 1),
        ),
        0,
      ),
      tensor(
        [1000],
        Array.from({ length: 1000 }, (_, i) => i + 1),
      ),
    )
  })
})
