import { describe, expect, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { np, nn, random } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import { thrown } from '../errors/thrown.js'

const key = random.key(0)
const f64 = { dtype: 'float64' } as const
const x = random.normal(random.key(1), [2, 4, 3], f64)
const close = (a: Tensor, b: Tensor) => np.allclose(a, b, { rtol: 1e-10, atol: 1e-10 })
const standard = (t: Tensor, axis: number | number[], epsilon = 1e-5) =>
  np.div(np.sub(t, np.mean(t, { axis, keepdims: true })), np.sqrt(np.add(np.var(t, { axis, keepdims: true }), epsilon)))

describe('layerNorm, rmsNorm, groupNorm, instanceNorm', () => {
  it('standardise what they say', () => {
    expect(close(nn.layerNorm(3, { affine: false }).apply(null)(x), standard(x, -1))).toBe(true)
    expect(close(nn.layerNorm([4, 3], { affine: false, epsilon: 0.5 }).apply(null)(x), standard(x, [1, 2], 0.5))).toBe(true)
    expect(close(nn.instanceNorm(4, { affine: false }).apply(null)(x), standard(x, 2))).toBe(true)
    const groups = np.reshape(standard(np.reshape(x, [2, 2, 6]), 2), [2, 4, 3])
    expect(close(nn.groupNorm(2, 4, { affine: false }).apply(null)(x), groups)).toBe(true)
    const rms = np.div(x, np.sqrt(np.add(np.mean(np.square(x), { axis: -1, keepdims: true }), 1e-6)))
    expect(close(nn.rmsNorm().apply({ scale: np.ones([3], f64) })(x), rms)).toBe(true)
  })
  it('scale and shift, per feature or per channel', () => {
    const [scale, bias] = [np.array([1, 2, 3, 4], f64), np.array([0, 1, 0, -1], f64)]
    const column = (t: Tensor) => np.reshape(t, [1, 4, 1])
    const right = np.add(np.mul(standard(x, 2), column(scale)), column(bias))
    expect(close(nn.instanceNorm(4).apply({ scale, bias })(x), right)).toBe(true)
    const rows = np.swapaxes(x, 1, 2)
    expect(close(nn.layerNorm(4).apply({ scale, bias })(rows), np.add(np.mul(standard(rows, -1), scale), bias))).toBe(true)
  })
  it('take sizes from the input shape', () => {
    expect(nn.layerNorm().init(key, [2, 5]).scale.shape).toEqual([5])
    expect(nn.groupNorm(2).init(key, [2, 6, 3, 3]).bias.shape).toEqual([6])
    expect(nn.instanceNorm().init(key, [2, 6, 3]).scale.shape).toEqual([6])
    expect(nn.rmsNorm().init(key, [2, 5]).scale.shape).toEqual([5])
  })
  it('have derivatives to second order', () => {
    const gn = nn.groupNorm(2, 4, f64)
    const small = np.index(x, ':1')
    checkGrads((p: nn.ScaleAndBias, t: Tensor) => gn.apply(p)(t), [gn.init(key), small], { order: 2 })
    checkGrads((t: Tensor) => nn.rmsNorm(3).apply({ scale: np.ones([3], f64) })(t), [small], { order: 2 })
  })
  it('say what does not fit', () => {
    expect(thrown(() => nn.layerNorm().init(key))).toMatch(/^ShapeError: layerNorm: the number of features is unknown/)
    expect(thrown(() => nn.layerNorm(4, { affine: false }).apply(null)(x))).toMatch(/the last axes are not \[4\]/)
    expect(thrown(() => nn.groupNorm(3, 4, { affine: false }).apply(null)(x))).toMatch(/4 channels do not divide into 3 groups/)
  })
})
