import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, hessian, nn, np } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (data: readonly (number | readonly number[])[]): Tensor => np.array(data, { dtype: 'float64' })
const flat = (t: Tensor): number[] => [...t.toTypedArray()]

describe('softmax and logSoftmax', () => {
  it('do not overflow and lose no digits to large inputs', () => {
    const [p, l] = [nn.softmax(f64([1000, 1001, 998])), nn.logSoftmax(f64([1000, 1001, 998]))]
    const [q, m] = [nn.softmax(f64([2, 3, 0])), nn.logSoftmax(f64([2, 3, 0]))]
    expect(flat(p)).toEqual(flat(q))
    expect(flat(l)).toEqual(flat(m))
    expect(flat(np.sum(p))[0]).toBeCloseTo(1, 15)
    expect(flat(nn.logSoftmax(f64([0, 1000])))).toEqual([-1000, 0])
  })
  it('take minus infinity as an impossible class', () => {
    expect(flat(nn.softmax(f64([0, -Infinity, 0])))).toEqual([0.5, 0, 0.5])
    expect(flat(grad((x: Tensor) => np.sum(np.mul(nn.softmax(x), f64([1, 2, 3]))))(f64([0, -Infinity, 0])))).toEqual([-0.5, 0, 0.5])
  })
  it('have the closed-form derivatives', () => {
    const x = f64([0.3, -1.2, 2])
    const p = flat(nn.softmax(x))
    const atol = 5e-15
    const first = (f: (v: Tensor) => Tensor): Tensor => grad((v: Tensor) => np.sum(np.mul(f(v), f64([1, 0, 0]))))(x)
    expectClose(
      first((v) => nn.softmax(v)),
      p.map((q, k) => p[0]! * ((k === 0 ? 1 : 0) - q)),
      { atol },
    )
    expectClose(
      first((v) => nn.logSoftmax(v)),
      p.map((q, k) => (k === 0 ? 1 : 0) - q),
      { atol },
    )
    const h = hessian((v: Tensor) => nn.logsumexp(v))(x)
    expect(h.shape).toEqual([3, 3])
    expectClose(
      h,
      p.map((q, i) => p.map((r, k) => (i === k ? q : 0) - q * r)),
      { atol },
    )
  })
  it('work along any axis, or several', () => {
    const x = f64([
      [1, 2],
      [3, 5],
    ])
    expect(flat(nn.softmax(x, { axis: 0 }))[0]).toBeCloseTo(1 / (1 + Math.exp(2)), 14)
    expect(flat(np.sum(nn.softmax(x, { axis: [0, 1] })))[0]).toBeCloseTo(1, 14)
    expect(() => nn.softmax(x, { axis: 2 })).toThrow(/axis 2 is out of range/)
  })
})

describe('standardize', () => {
  it('gives mean 0 and variance 1 along the axis', () => {
    const y = nn.standardize(
      f64([
        [1, 2, 3, 6],
        [10, 10, 10, 14],
      ]),
      { epsilon: 0 },
    )
    const rows = y.shape[0]!
    expectClose(np.mean(y, { axis: 1 }), np.zeros([rows]), { atol: 5e-15 })
    expectClose(np.var(y, { axis: 1 }), np.ones([rows]), { atol: 5e-15 })
  })
  it('is finite for constants', () => {
    expect(flat(nn.standardize(f64([3, 3, 3])))).toEqual([0, 0, 0])
  })
})

describe('oneHot', () => {
  const labels = np.array([2, 0, 5, -1], { dtype: 'int32' })
  it('puts 1 at the label, nothing for labels outside', () => {
    expect(nn.oneHot(labels, 3).toArray()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(nn.oneHot(labels, 3, { axis: 0, dtype: 'int32' }).toArray()).toEqual([
      [0, 1, 0, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 0],
    ])
    expect(nn.oneHot(np.array(1, { dtype: 'int32' }), 2).toArray()).toEqual([0, 1])
  })
  it('rejects floats', () => {
    expect(() => nn.oneHot(np.array([0.5]), 3)).toThrow(/expected integers/)
  })
})
