import { describe, expect, it } from 'vitest'
import type { Tensor } from 'adjoint'
import { grad, jit, np, nn, random, vmap } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import { thrown } from '../errors/thrown.js'

const f64 = { dtype: 'float64' } as const
const draw = (k: number, shape: readonly number[]): Tensor => random.normal(random.key(k), shape, f64)
const close = (a: Tensor, b: Tensor) => np.allclose(a, b, { rtol: 1e-10, atol: 1e-10 })
const key = random.key(0)
const [q, k, v] = [draw(0, [2, 3, 4, 5]), draw(1, [2, 6, 4, 5]), draw(2, [2, 6, 4, 2])]
/** One head of one example, by the formula. */
const head = (n: number, h: number) => {
  const of = (t: Tensor) => np.index(t, n, ':', h)
  return np.matmul(nn.softmax(np.div(np.matmul(of(q), np.transpose(of(k))), Math.sqrt(5))), of(v))
}

describe('dotProductAttention', () => {
  it('is softmax(q k / sqrt(d)) v for every head', () => {
    const y = nn.dotProductAttention(q, k, v)
    expect(y.shape).toEqual([2, 3, 4, 2])
    for (const [n, h] of [
      [0, 0],
      [1, 3],
    ] as const)
      expect(close(np.index(y, n, ':', h), head(n, h))).toBe(true)
    expect(close(vmap((a: Tensor, b: Tensor, c: Tensor) => nn.dotProductAttention(a, b, c))(q, k, v), y)).toBe(true)
  })
  it('sees nothing behind a mask', () => {
    const mask = np.reshape(np.array([true, true, true, false, false, false]), [1, 1, 1, 6])
    const three = ':3'
    const right = nn.dotProductAttention(q, np.index(k, ':', three), np.index(v, ':', three))
    expect(close(nn.dotProductAttention(q, k, v, { mask }), right)).toBe(true)
    const causal = nn.dotProductAttention(q, k, v, { isCausal: true })
    expect(close(causal, nn.dotProductAttention(q, k, v, { mask: nn.causalMask(3, 6) }))).toBe(true)
    expect(close(np.index(causal, ':', 0), np.index(v, ':', 0))).toBe(true)
  })
  it('gives zeros, and finite derivatives, to a query that sees nothing', () => {
    const mask = np.zeros([1, 1, 1, 6], { dtype: 'bool' })
    const f = (a: Tensor) => np.sum(nn.dotProductAttention(a, k, v, { mask }))
    expect([Number(f(q)), Number(np.max(np.abs(grad(f)(q))))]).toEqual([0, 0])
  })
  it('shares heads of keys among heads of queries', () => {
    const [few, fewer] = [np.index(k, ':', ':', ':2'), np.index(v, ':', ':', ':2')]
    const repeated = nn.dotProductAttention(q, np.repeat(few, 2, { axis: 2 }), np.repeat(fewer, 2, { axis: 2 }))
    expect(close(nn.dotProductAttention(q, few, fewer), repeated)).toBe(true)
  })
  it('takes bias, scale and dropout', () => {
    const zero = np.zeros([6], f64)
    expect(close(nn.dotProductAttention(q, k, v, { bias: zero, scale: 1 / Math.sqrt(5) }), nn.dotProductAttention(q, k, v))).toBe(true)
    expect(close(nn.dotProductAttention(q, k, v, { dropout: { key, rate: 1 } }), np.zeros([2, 3, 4, 2], f64))).toBe(true)
  })
  it('has derivatives to second order', () => {
    const one = (t: Tensor) => np.index(t, ':1', ':', ':1', ':2')
    checkGrads((a: Tensor, b: Tensor, c: Tensor) => nn.dotProductAttention(a, b, c, { isCausal: true }), [one(q), one(k), one(v)], {
      order: 2,
    })
  })
  it('says what does not fit', () => {
    expect(thrown(() => nn.dotProductAttention(q, np.ones([2, 6, 3, 5]), np.ones([2, 6, 3, 5])))).toMatch(
      /4 heads of queries do not share 3/,
    )
    expect(thrown(() => nn.dotProductAttention(q, np.ones([2, 6, 4, 4]), v))).toMatch(/features differ: 5 \(query\) and 4 \(key\)/)
    expect(thrown(() => nn.dotProductAttention(q, k, np.ones([2, 5, 4, 2])))).toMatch(/keys and values differ in number/)
    expect(thrown(() => nn.dotProductAttention(np.ones([2]), k, v))).toMatch(
      /^ShapeError: dotProductAttention: query, key and value have 1, 4 and 4 axes/,
    )
  })
})

describe('multiHeadAttention', () => {
  const layer = nn.multiHeadAttention(8, 2, { isCausal: true, dtype: 'float64', rotary: true, kvHeads: 1 })
  const params = layer.init(key)
  const x = draw(3, [2, 5, 8])
  it('does not look ahead', () => {
    const later = np.concatenate([np.index(x, ':', ':3'), draw(4, [2, 2, 8])], { axis: 1 })
    expect(close(np.index(layer.apply(params)(x), ':', ':3'), np.index(layer.apply(params)(later), ':', ':3'))).toBe(true)
    expect(close(layer.apply(params)(x), layer.apply(params)(later))).toBe(false)
  })
  it('does not see padding, told by the context, inside models too', () => {
    const model = nn.sequential(nn.residual(nn.multiHeadAttention(8, 2, { dtype: 'float64' })))
    const p = model.init(key)
    const mask = np.array([
      [true, true, true, false, false],
      [true, true, true, false, false],
    ])
    const padded = np.index(model.apply(p, { mask })(x), ':', ':3')
    expect(close(padded, model.apply(p)(np.index(x, ':', ':3')))).toBe(true)
  })
  it('is the formula', () => {
    const plain = nn.multiHeadAttention(1, { dtype: 'float64' })
    const p = plain.init(key, [1, 5, 8])
    const [a, b, c] = [nn.linear(p.query, x), nn.linear(p.key, x), nn.linear(p.value, x)]
    const weights = nn.softmax(np.div(np.matmul(a, np.swapaxes(b, 1, 2)), Math.sqrt(8)))
    expect(close(plain.apply(p)(x), nn.linear(p.out, np.matmul(weights, c)))).toBe(true)
    expect(nn.attend(p, x, draw(5, [2, 7, 8]), { heads: 2 }).shape).toEqual([2, 5, 8])
  })
  it('has derivatives, and is the same compiled', () => {
    checkGrads((t: Tensor) => layer.apply(params)(t), [np.index(x, ':1', ':3')], { order: 2 })
    expect(close(jit(layer.apply(params))(x), layer.apply(params)(x))).toBe(true)
  })
  it('drops weights while training', () => {
    const all = nn.multiHeadAttention(8, 2, { dropout: 1, dtype: 'float64' })
    expect(close(all.apply(params.out && all.init(key), { train: true, key })(x), np.zeros([2, 5, 8], f64))).toBe(true)
    expect(thrown(() => all.apply(all.init(key), { train: true })(x))).toMatch(/training with dropout needs a key/)
  })
  it('says what does not fit', () => {
    expect(thrown(() => nn.multiHeadAttention(7, 2).init(key))).toMatch(/7 features do not divide into 2 heads/)
    expect(thrown(() => nn.multiHeadAttention(8, 4, { kvHeads: 3 }))).toMatch(/4 heads do not share 3/)
    expect(thrown(() => nn.multiHeadAttention(2).init(key))).toMatch(/number of features is unknown/)
  })
})

describe('positions', () => {
  it('sinusoids are sines and cosines of falling frequency', () => {
    const s = nn.sinusoids(3, 4, f64)
    const right = [0, 1, 2].map((p) => [Math.sin(p), Math.cos(p), Math.sin(p / 100), Math.cos(p / 100)])
    expect(close(s, np.array(right, f64))).toBe(true)
    expect(close(nn.sinusoidalPositions().apply(null)(np.ones([2, 3, 4], f64)), np.broadcastTo(np.add(s, 1), [2, 3, 4]))).toBe(true)
    expect(thrown(() => nn.sinusoids(3, 5))).toMatch(/5 features are not pairs/)
  })
  it('learned ones are rows of a table', () => {
    const table = draw(6, [5, 2])
    expect(close(nn.learnedPositions(5, 2).apply({ table })(np.zeros([3, 2])), np.index(table, ':3'))).toBe(true)
    expect(thrown(() => nn.learnedPositions(2, 2).apply({ table: draw(6, [2, 2]) })(np.zeros([3, 2])))).toMatch(
      /a sequence of 3 is longer than the 2/,
    )
  })
  it('rotary keeps lengths, and products depend on distances only', () => {
    const [a, b] = [draw(7, [1, 1, 6]), draw(8, [1, 1, 6])]
    for (const interleaved of [false, true]) {
      const at = (t: Tensor, p: number) => nn.rotary(t, { positions: np.array([p], { dtype: 'int32' }), interleaved })
      const product = (p: number, r: number) => Number(np.sum(np.mul(at(a, p), at(b, r))))
      expect(product(7, 4)).toBeCloseTo(product(3, 0), 10)
      expect(product(7, 4)).not.toBeCloseTo(product(7, 5), 3)
      expect(Number(np.sum(np.square(at(a, 9))))).toBeCloseTo(Number(np.sum(np.square(a))), 10)
      expect(close(at(a, 0), a)).toBe(true)
    }
    expect(
      close(
        nn.rotary(np.array([[[1, 0]]], f64), { positions: np.array([1], { dtype: 'int32' }) }),
        np.array([[[Math.cos(1), Math.sin(1)]]], f64),
      ),
    ).toBe(true)
    expect(thrown(() => nn.rotary(np.ones([2, 3])))).toMatch(/^ShapeError: rotary/)
  })
})

describe('embedding', () => {
  it('gives rows, and collects the derivatives of repeated ones', () => {
    const ids = np.array([2, 0, 2], { dtype: 'int32' })
    const layer = nn.embedding(3, 2)
    const { table } = layer.init(key)
    expect(layer.apply({ table })(ids).toArray()).toEqual(np.take(table, [2, 0, 2], { axis: 0 }).toArray())
    expect(grad((t: Tensor) => np.sum(layer.apply({ table: t })(ids)))(table).toArray()).toEqual([
      [1, 1],
      [0, 0],
      [2, 2],
    ])
  })
  it('starts a model whose later layers learn their sizes', () => {
    const model = nn.sequential(nn.embedding(5, 4), nn.layerNorm(), nn.dense(3))
    expect(model.init(key, [2, 7])[2].w.shape).toEqual([4, 3])
    expect(thrown(() => nn.embedding(3, 2).apply({ table: np.ones([3, 2]) })(np.ones([1])))).toMatch(/^DTypeError/)
  })
})
