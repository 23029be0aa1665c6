import { describe, expect, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { grad, jit, np, nn, random, vmap } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import { thrown } from '../errors/thrown.js'

const key = random.key(0)
const none: nn.None = null
const ones = np.ones([1000])
const trained = (rate: number, k: Tensor = key, options: nn.DropoutOptions = {}) =>
  nn.dropout(rate, options).apply(none, { train: true, key: k })

describe('dropout', () => {
  it('is the identity in evaluation, and for rate 0 while training', () => {
    expect(nn.dropout(0.5).apply(none, { key })(ones)).toBe(ones)
    expect(nn.dropout(0).apply(none, { train: true })(ones)).toBe(ones)
    expect(nn.drop(key, ones, 0)).toBe(ones)
  })
  it('keeps about 1 - rate of the elements, and the mean', () => {
    const y = trained(0.25)(ones)
    const values = new Set(y.toTypedArray())
    expect([...values].sort()).toEqual([0, Math.fround(1 / 0.75)])
    expect(Number(np.mean(y))).toBeCloseTo(1, 1)
  })
  it('drops the same for the same key, otherwise for another', () => {
    expect(trained(0.5)(ones).toArray()).toEqual(trained(0.5)(ones).toArray())
    expect(trained(0.5)(ones).toArray()).not.toEqual(trained(0.5, random.key(1))(ones).toArray())
  })
  it('gives zeros for rate 1, of infinities and NaN too, and zero derivatives', () => {
    const x = np.array([1, Infinity, NaN])
    expect(trained(1)(x).toArray()).toEqual([0, 0, 0])
    expect(nn.dropout(1).apply(none, { train: true })(x).toArray()).toEqual([0, 0, 0])
    expect(nn.dropWhere(x, np.array([true, true, false]), 1).toArray()).toEqual([0, 0, 0])
    expect(grad((v: Tensor) => np.sum(trained(1)(v)))(np.ones([3])).toArray()).toEqual([0, 0, 0])
  })
  it('drops whole channels when axes share a draw', () => {
    const y = trained(0.5, key, { broadcast: [2, 3] })(np.ones([4, 8, 3, 3]))
    expect(np.allclose(np.min(y, { axis: [2, 3] }), np.max(y, { axis: [2, 3] }))).toBe(true)
    expect(new Set(y.toTypedArray())).toEqual(new Set([0, 2]))
  })
  it('has derivatives, is the same compiled, and does not depend on batching', () => {
    const x = random.normal(key, [5], { dtype: 'float64' })
    checkGrads((v: Tensor) => trained(0.5)(np.square(v)), [x], { order: 2 })
    const f = (k: Tensor) => trained(0.5, k)(x)
    expect(jit(f)(key).toArray()).toEqual(f(key).toArray())
    const keys = random.split(key, [3])
    expect(np.index(vmap(f)(keys), 1).toArray()).toEqual(f(np.index(keys, 1)).toArray())
  })
  it('gives every layer of a model a key of its own', () => {
    const model = nn.parallel([nn.dropout(0.5), nn.dropout(0.5)])
    const [a, b] = np.split(model.apply([null, null], { train: true, key })(np.ones([1, 64])), 2, { axis: 1 })
    expect(a.toArray()).not.toEqual(b.toArray())
  })
  it('says what is wrong', () => {
    expect(thrown(() => nn.dropout(1.5))).toMatch(/^ValueError: dropout: rate must be a number from 0 to 1, got 1.5/)
    expect(thrown(() => nn.dropout(NaN))).toMatch(/got NaN/)
    expect(thrown(() => nn.dropout(0.5).apply(none, { train: true })(ones))).toMatch(
      /^ValueError: dropout: training needs a key[\s\S]*in: dropout[\s\S]*try: model.apply\(params, \{ train: true, key \}\)/,
    )
  })
})
