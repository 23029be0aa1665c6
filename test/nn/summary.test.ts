import { describe, expect, it } from 'vitest'
import { liveBuffers, np, nn, random } from 'adjoint'
import { checkGrads } from 'adjoint/laws'
import { thrown } from '../errors/thrown.js'

const key = random.key(0)

describe('summary', () => {
  const model = nn.sequential(
    nn.conv2d(4, 3, { padding: 'same' }),
    nn.residual(nn.sequential(nn.batchNorm(), nn.relu)),
    nn.flatten,
    nn.dropout(0.5),
    nn.dense(10),
  )
  it('lists parts with shapes, parameters and state', () => {
    const { rows, parameters, state, bytes } = nn.summary(model, [1, 3, 8, 8])
    expect(
      rows.map(({ path, name, outputShape, parameters: n, state: s }) => `${path} ${name} ${outputShape.join('x')} ${n} ${s}`),
    ).toEqual([
      ' sequential 1x10 2690 8',
      '0 conv2d 1x4x8x8 112 0',
      '1 residual 1x4x8x8 8 8',
      '1/body sequential 1x4x8x8 8 8',
      '1/body/0 batchNorm 1x4x8x8 8 8',
      '1/body/1 relu 1x4x8x8 0 0',
      '1/shortcut identity 1x4x8x8 0 0',
      '2 flatten 1x256 0 0',
      '3 dropout 1x256 0 0',
      '4 dense 1x10 2570 0',
    ])
    expect([parameters, state, bytes]).toEqual([2690, 8, 10760])
  })
  it('asks every layer for its shapes once, however deep it stands', () => {
    let asked = 0
    const counting = nn.layer(
      'counting',
      () => {
        asked++
        return random.gen.of(null)
      },
      () => (x) => x,
    )
    const askedAt = (depth: number): number => {
      let model: nn.Layer<unknown, unknown> = nn.sequential(counting, nn.relu) as never
      for (let k = 0; k < depth; k++) model = nn.sequential(model, nn.relu) as never
      asked = 0
      nn.summary(model, [1, 3])
      return asked
    }
    expect(askedAt(6)).toBeLessThanOrEqual(2 * askedAt(2))
  })
  it('prints a table', () =>
    expect(String(nn.summary(nn.sequential(nn.dense(784, 1000), np.tanh, nn.dense(1000, 10)), [32, 784]))).toBe(
      [
        'layer       output     parameters',
        'sequential  32 x 10       795 010',
        '  0 dense   32 x 1000     785 000',
        '  1 tanh    32 x 1000           0',
        '  2 dense   32 x 10        10 010',
        'parameters: 795 010 (3.2 MB)',
      ].join('\n'),
    ))
  it('takes no memory, however large the model', () => {
    const before = liveBuffers().bytes
    expect(nn.summary(nn.sequential(nn.embedding(1e6, 1e6), nn.dense(1e6, 1e6)), [1, 2]).parameters).toBe(2e12 + 1e6)
    expect(liveBuffers().bytes - before).toBeLessThan(1e4)
  })
  it('throws where the input does not fit', () =>
    expect(thrown(() => nn.summary(nn.sequential(nn.dense(3, 4), nn.dense(5, 6)), [1, 3]))).toMatch(/in: sequential \/ dense\[1\]/))
})

describe('activations that gate, shrink and learn', () => {
  const x = np.array([-2, -0.25, 0.25, 2], { dtype: 'float64' })
  const at = (f: (v: number) => number) => np.array([-2, -0.25, 0.25, 2].map(f), { dtype: 'float64' })
  it('are their formulas', () => {
    const same = (a: ReturnType<typeof nn.mish>, f: (v: number) => number) =>
      expect(np.allclose(a, at(f), { rtol: 1e-12, atol: 0 })).toBe(true)
    same(nn.mish(x), (v) => v * Math.tanh(Math.log1p(Math.exp(v))))
    same(nn.squareplus(x), (v) => (v + Math.sqrt(v * v + 4)) / 2)
    same(nn.tanhShrink(x), (v) => v - Math.tanh(v))
    expect(nn.hardShrink(x).toArray()).toEqual([-2, 0, 0, 2])
    expect(nn.softShrink(x).toArray()).toEqual([-1.5, 0, 0, 1.5])
    expect(
      np.allclose(
        nn.glu(x),
        [-2 / (1 + Math.exp(-0.25)), -0.25 / (1 + Math.exp(-2))].reduce((t, v) => np.concatenate([t, np.array([v])]), np.zeros([0])),
      ),
    ).toBe(true)
    expect(nn.glu(x, { gate: nn.identity }).toArray()).toEqual([-0.5, -0.5])
  })
  it('have derivatives to second order', () => {
    for (const f of [nn.mish, nn.squareplus, nn.tanhShrink, nn.softShrink, nn.hardShrink])
      checkGrads((v: typeof x) => f(v), [x], { order: 2 })
    checkGrads((v: typeof x) => nn.glu(v, { gate: nn.silu }), [x], { order: 2 })
  })
  it('prelu has one slope, or one per channel', () => {
    const one = nn.prelu()
    expect(
      one
        .apply(one.init(key))(np.array([-4, 2]))
        .toArray(),
    ).toEqual([-1, 2])
    const slope = np.array([0.5, 0])
    expect(
      nn
        .prelu(2)
        .apply({ slope })(np.full([1, 2, 2], -2))
        .toArray(),
    ).toEqual([
      [
        [-1, -1],
        [-0, -0],
      ],
    ])
    expect(thrown(() => nn.prelu(2).apply({ slope })(np.ones([1, 3])))).toMatch(/axis 1 does not have 2 channels/)
    expect(thrown(() => nn.glu(np.ones([3])))).toMatch(/^ShapeError: split/)
  })
})
