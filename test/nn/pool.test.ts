import { describe, expect, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { grad, np, nn, random } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import { thrown } from '../errors/thrown.js'

const x = np.reshape(np.arange(16), [1, 1, 4, 4])
const flat = (t: Tensor): readonly number[] => Array.from(t.toTypedArray())

describe('pooling', () => {
  it('takes the maximum, sum or mean of windows that do not overlap, unless strides say so', () => {
    expect(flat(nn.maxPool(x, 2))).toEqual([5, 7, 13, 15])
    expect(flat(nn.sumPool(x, 2))).toEqual([10, 18, 42, 50])
    expect(flat(nn.avgPool(x, 2))).toEqual([2.5, 4.5, 10.5, 12.5])
    expect(nn.maxPool(x, 2, { strides: 1 }).shape).toEqual([1, 1, 3, 3])
    expect(flat(nn.maxPool(x, [1, 4], { strides: 1 }))).toEqual([3, 7, 11, 15])
    expect(flat(nn.maxPool(x, 2, { dilation: 2, strides: 1 }))).toEqual([10, 11, 14, 15])
  })
  it('never lets padding win a maximum', () => {
    expect(flat(nn.maxPool(np.full([1, 1, 3], -1), 3, { strides: 2, padding: 1 }))).toEqual([-1, -1])
  })
  it('counts padding in the mean, or not', () => {
    const line = np.reshape(np.array([2, 4, 6]), [1, 1, 3])
    expect(flat(nn.avgPool(line, 2, { padding: [[0, 1]] }))).toEqual([3, 3])
    expect(flat(nn.avgPool(line, 2, { padding: [[0, 1]], countIncludePad: false }))).toEqual([3, 6])
  })
  it('works on integers, the mean in floats', () => {
    const n = np.astype(x, 'int32')
    expect([nn.maxPool(n, 2).dtype, nn.sumPool(n, 2).dtype, nn.avgPool(n, 2).dtype]).toEqual(['int32', 'int32', 'float32'])
    expect(flat(nn.avgPool(n, 2))).toEqual([2.5, 4.5, 10.5, 12.5])
  })
  it('over everything leaves [N, C]', () => {
    const images = np.reshape(np.arange(12), [2, 1, 3, 2])
    expect(nn.globalAvgPool(images).toArray()).toEqual([[2.5], [8.5]])
    expect(nn.globalMaxPool(images).toArray()).toEqual([[5], [11]])
    expect(nn.globalAvgPool(images, { keepdims: true }).shape).toEqual([2, 1, 1, 1])
    expect(nn.sequential(nn.globalAvgPool).apply([null])(images).shape).toEqual([2, 1])
  })
  it('shares the derivative among ties', () => {
    expect(flat(grad((t: Tensor) => np.sum(nn.maxPool(t, 2)))(np.ones([1, 1, 4])))).toEqual([0.5, 0.5, 0.5, 0.5])
  })
  it('has derivatives to second order', () => {
    const t = random.normal(random.key(0), [1, 2, 5, 4], { dtype: 'float64' })
    const cubed = (f: (v: Tensor) => Tensor) => (v: Tensor) => f(np.pow(v, 3))
    checkGrads(
      cubed((v) => nn.maxPool(v, 2, { strides: 1, padding: 1 })),
      [t],
      { order: 2 },
    )
    checkGrads(
      cubed((v) => nn.avgPool(v, [3, 2], { strides: 2, padding: 1, countIncludePad: false })),
      [t],
      { order: 2 },
    )
    checkGrads(cubed(nn.globalAvgPool), [t], { order: 2 })
  })
  it('comes as layers for one, two and three spatial axes', () => {
    const shapes = [
      nn.maxPool1d(2).apply(null)(np.ones([1, 2, 6])),
      nn.avgPool1d(3).apply(null)(np.ones([1, 2, 6])),
      nn.sumPool1d(6).apply(null)(np.ones([1, 2, 6])),
      nn.maxPool2d([3, 2], { strides: 1 }).apply(null)(np.ones([1, 2, 6, 6])),
      nn.avgPool2d(2, { padding: 'same', strides: 2 }).apply(null)(np.ones([1, 2, 5, 5])),
      nn.sumPool2d(2).apply(null)(np.ones([1, 2, 6, 6])),
      nn.maxPool3d(2).apply(null)(np.ones([1, 2, 4, 4, 4])),
      nn.avgPool3d(2).apply(null)(np.ones([1, 2, 4, 4, 4])),
      nn.sumPool3d(2).apply(null)(np.ones([1, 2, 4, 4, 4])),
    ].map((t) => t.shape.slice(2).join('x'))
    expect(shapes).toEqual(['3', '2', '1', '4x5', '3x3', '3x3', '2x2x2', '2x2x2', '2x2x2'])
  })
  it('says what does not fit', () => {
    expect(thrown(() => nn.maxPool2d(2).apply(null)(np.ones([1, 2, 6])))).toMatch(
      /^ShapeError: maxPool2d: an input of 3 axes is not \[N, C, spatial, spatial\]/,
    )
    expect(thrown(() => nn.maxPool2d([2]))).toMatch(/window has 1 numbers for 2 spatial axes/)
    expect(thrown(() => nn.maxPool(np.ones([3]), 2))).toMatch(/is not \[N, C, spatial...\]/)
    expect(thrown(() => nn.globalAvgPool(np.ones([3])))).toMatch(/is not \[N, C, spatial...\]/)
    expect(thrown(() => nn.avgPool(np.ones([1, 1, 2]), 3))).toMatch(/^ShapeError/)
  })
})
