/** Counts, shifts and places as numbers and as tensors, and bool scalars as indices: NumPy's call forms. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { checkGrads } from '../../laws/index.js'
import { expectClose } from '../expectClose.js'
import { grad, jit, lax, np, ShapeError, TraceError, ValueError, vmap } from '../../src/index.js'

const i32 = (v: readonly number[] | number): Tensor => np.array(v, { dtype: 'int32' })
const f64 = (v: readonly number[] | number): Tensor => np.array(v, { dtype: 'float64' })

describe('whole numbers in tensors', () => {
  const x = np.array([1, 2, 3])

  it('repeat takes a tensor of repeats, and with a total a traced one', () => {
    expect(np.repeat(x, i32([1, 0, 2])).toArray()).toEqual([1, 3, 3])
    expect(np.repeat(x, i32(2)).toArray()).toEqual([1, 1, 2, 2, 3, 3])
    expect(np.repeat(5, 3, { axis: 0 }).toArray()).toEqual([5, 5, 5])
    const fixed = (r: Tensor): Tensor => np.repeat(x, r, { totalRepeatLength: 4 })
    for (const f of [fixed, jit(fixed)]) {
      expect(f(i32([1, 0, 2])).toArray()).toEqual([1, 3, 3, 3])
      expect(f(i32([3, 3, 3])).toArray()).toEqual([1, 1, 1, 2])
      expect(f(i32(2)).toArray()).toEqual([1, 1, 2, 2])
    }
    expect(np.repeat(np.reshape(np.arange(4), [2, 2]), [1, 2], { axis: 1, totalRepeatLength: 3 }).toArray()).toEqual([
      [0, 1, 1],
      [2, 3, 3],
    ])
    expect(() => jit((r: Tensor) => np.repeat(x, r))(i32([1, 0, 2]))).toThrow(TraceError)
    expect(() => np.repeat(x, 1.5)).toThrow(/repeat: repeats must be whole numbers, got 1.5/)
    expect(() => np.repeat(x, -1)).toThrow(ValueError)
    expect(() => np.repeat(x, i32([1, 2]))).toThrow(ShapeError)
  })

  it('roll takes a tensor, a traced one too', () => {
    expect(np.roll(x, i32(1)).toArray()).toEqual([3, 1, 2])
    const by = jit((s: Tensor) => np.roll(x, s))
    for (const s of [0, 1, -1, 4, -7]) expect(by(i32(s)).toArray()).toEqual(np.roll(x, s).toArray())
    const m = np.reshape(np.arange(6), [2, 3])
    const both = jit((s: Tensor) => np.roll(m, s, { axis: [0, 1] }))
    expect(both(i32([1, 2])).toArray()).toEqual(np.roll(m, [1, 2], { axis: [0, 1] }).toArray())
    expect(vmap((s: Tensor) => np.roll(x, s))(i32([0, 1])).toArray()).toEqual([
      [1, 2, 3],
      [3, 1, 2],
    ])
    expect(() => np.roll(x, 1.5)).toThrow(ValueError)
  })

  it('split, arraySplit and tile take no fractions', () => {
    expect(np.split(x, i32([1])).map((t) => t.toArray())).toEqual([[1], [2, 3]])
    expect(np.tile(x, i32(2)).toArray()).toEqual([1, 2, 3, 1, 2, 3])
    expect(() => np.split(x, 1.5)).toThrow(/split: sections must be whole numbers, got 1.5/)
    expect(() => np.split(x, [1.5])).toThrow(ValueError)
    expect(() => np.split(x, 0)).toThrow(ValueError)
    expect(() => np.arraySplit(x, 1.5)).toThrow(ValueError)
    expect(() => np.tile(x, 1.5)).toThrow(ValueError)
    expect(() => np.tile(x, [1, -1])).toThrow(ValueError)
    expect(() => np.split(x, NaN)).toThrow(ValueError)
  })
})

describe('quantiles at a tensor of fractions', () => {
  const x = f64([3, 1, 4, 1.5, 9])
  const methods = ['linear', 'lower', 'higher', 'midpoint', 'nearest'] as const

  it.each(methods)('%s is the same for numbers, tensors and traced tensors', (method) => {
    const qs = [0, 0.1, 0.25, 0.375, 0.5, 0.625, 0.9, 1]
    const want = qs.map((q) => np.quantile(x, q, { method }).item())
    expect(np.quantile(x, f64(qs), { method }).toArray()).toEqual(want)
    expectClose(jit((q: Tensor) => np.quantile(x, q, { method }))(f64(qs)), want as number[], { rtol: 1e-14, dtype: 'float64' })
  })

  it('has the shape of the fractions, then what is left of x', () => {
    const m = np.reshape(np.arange(12, { dtype: 'float64' }), [3, 4])
    const q = np.full([2, 5], 0.5, { dtype: 'float64' })
    expect(np.quantile(m, q, { axis: 0 }).shape).toEqual([2, 5, 4])
    expect(jit((p: Tensor) => np.quantile(m, p, { axis: 0 }))(q).shape).toEqual([2, 5, 4])
    expect(np.quantile(m, f64(0.5)).item()).toBe(5.5)
    expect(np.percentile(m, f64(50)).item()).toBe(5.5)
    expect(np.percentile(x, [0, 100]).toArray()).toEqual([1, 9])
    expect(np.quantile(m, f64([0.5]), { axis: 1, keepdims: true }).shape).toEqual([1, 3, 1])
    expect(np.quantile(m, []).shape).toEqual([0])
  })

  it('is differentiable in the fractions, NaN outside, and refuses known ones there', () => {
    checkGrads((q: Tensor) => np.sum(np.quantile(x, q)), [f64([0.3, 0.6])], { order: 1 })
    expect(grad((q: Tensor) => np.quantile(x, q))(f64(0.3)).item()).toBeCloseTo(4 * 1.5, 10)
    expect(jit((q: Tensor) => np.quantile(x, q))(f64([1.5, 0.5, NaN])).toArray()).toEqual([NaN, 3, NaN])
    expect(() => np.quantile(x, f64(1.5))).toThrow(ValueError)
    expect(() => np.quantile(x, 0.5, { method: 'best' as 'linear' })).toThrow(/there is no method 'best'|method must be/)
    expect(np.isnan(np.quantile(f64([1, NaN]), f64([0, 1]))).toArray()).toEqual([true, true])
  })
})

describe('scalars and pairs', () => {
  it('bool scalars are an axis of one element, or of none', () => {
    const x = np.array([1, 2])
    expect(np.index(x, np.array(true)).toArray()).toEqual([[1, 2]])
    expect(np.index(x, true).toArray()).toEqual([[1, 2]])
    expect(np.index(x, false).shape).toEqual([0, 2])
    expect(np.index(x, np.array(false)).shape).toEqual([0, 2])
    expect(np.index(np.array(3), true).toArray()).toEqual([3])
    const m = np.ones([2, 3])
    expect(np.index(m, '...', true).shape).toEqual([2, 3, 1])
    expect(np.index(m, 0, true).shape).toEqual([1, 3])
    expect(np.index(m, true, [0, 1]).shape).toEqual([2, 3])
    expect(np.index(m, true, true).shape).toEqual([1, 2, 3])
    expect(np.at(x, true).set(5).toArray()).toEqual([5, 5])
    expect(np.at(x, false).set(5).toArray()).toEqual([1, 2])
    expect(np.at(x, np.array(true)).add(1).toArray()).toEqual([2, 3])
    expect(() => jit((c: Tensor) => np.index(x, c))(np.array(true))).toThrow(TraceError)
  })

  it('one pair of widths is for all axes', () => {
    expect(np.pad(np.zeros([1, 2, 3]), [[0, 1]]).shape).toEqual([2, 3, 4])
    expect(np.pad(np.zeros([1, 2]), [2]).shape).toEqual([5, 6])
    expect(np.pad(np.zeros([1, 2]), [[1], [2]]).shape).toEqual([3, 6])
    expect(np.pad(np.zeros([1, 2]), [[1, 0]], { mode: 'edge' }).shape).toEqual([2, 3])
    expect(() => np.pad(np.zeros([2]), [[1, 2, 3]] as never)).toThrow(ValueError)
  })

  it('running sums take a scalar for a vector of one, and no shape has no indices', () => {
    for (const f of [np.cumsum, np.cumprod, np.cummax, np.cummin]) {
      expect(f(5, { axis: 0 }).toArray()).toEqual([5])
      expect(f(5, { axis: -1 }).toArray()).toEqual([5])
      expect(() => f(5, { axis: 1 })).toThrow(ShapeError)
    }
    expect(np.indices([]).shape).toEqual([0])
  })

  it('windows are multiplied, and no other reduction is taken for another', () => {
    const x = f64([2, 3, 4])
    expect(lax.reduceWindow(x, 'prod', { window: [2] }).toArray()).toEqual([6, 12])
    expect(lax.reduceWindow(x, 'prod', { window: [2], padding: [[1, 0]] }).toArray()).toEqual([2, 6, 12])
    expect(lax.reduceWindow(i32([2, 3, 4]), 'prod', { window: [3] }).toArray()).toEqual([24])
    checkGrads((t: Tensor) => np.sum(lax.reduceWindow(t, 'prod', { window: [2], strides: 1 })), [f64([0, 3, 0, 2])], { order: 2 })
    for (const kind of ['mul', 'mean', 'and', undefined, 'toString'])
      expect(() => lax.reduceWindow(x, kind as 'sum', { window: [2] })).toThrow(ValueError)
  })
})
