import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { nn, np, random } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const key = random.key(7)
const flat = (t: Tensor): number[] => [...t.toTypedArray()]

/** jax.nn.initializers of JAX 0.10.2, key 7, shape (2, 3). */
const drawn: Readonly<Record<string, readonly [nn.Initializer, readonly number[]]>> = {
  glorotUniform: [
    nn.init.glorotUniform(),
    [0.3814118802547455, 1.0398335456848145, -0.43194812536239624, -0.12278073281049728, 0.505847156047821, 0.2868523597717285],
  ],
  glorotNormal: [
    nn.init.glorotNormal(),
    [0.3087109327316284, 1.204251766204834, -0.35282623767852783, -0.09669744223356247, 0.41988056898117065, 0.22905078530311584],
  ],
  heUniform: [
    nn.init.heUniform(),
    [0.6030651330947876, 1.6441210508346558, -0.682969868183136, -0.19413337111473083, 0.7998145818710327, 0.4535534083843231],
  ],
  heNormal: [
    nn.init.heNormal(),
    [0.4881148636341095, 1.9040892124176025, -0.5578673481941223, -0.1528920978307724, 0.6638895273208618, 0.3621610999107361],
  ],
  lecunUniform: [
    nn.init.lecunUniform(),
    [0.42643144726753235, 1.162569284439087, -0.4829326570034027, -0.13727302849292755, 0.5655543208122253, 0.320710688829422],
  ],
  lecunNormal: [
    nn.init.lecunNormal(),
    [0.34514930844306946, 1.3463943004608154, -0.3944717347621918, -0.10811103135347366, 0.469440758228302, 0.2560865581035614],
  ],
}

describe('initialisers', () => {
  for (const [name, [initializer, expected]] of Object.entries(drawn))
    it(`${name} draws what JAX draws`, () => {
      expectClose(initializer(key, [2, 3]), expected, { atol: 1e-6, dtype: 'float32' })
    })

  it('count the receptive field of a convolution, on the axes they are told', () => {
    const conv = nn.init.heNormal({ inAxis: 1, outAxis: 0 })(key, [1, 2, 2, 1])
    const expected = [0.34514930844306946, 1.3463943004608154, -0.3944717347621918, -0.10811103135347366]
    expectClose(conv, expected, { atol: 1e-6 })
  })
  it.each([
    [nn.init.heNormal(), 2 / 300],
    [nn.init.lecunUniform(), 1 / 300],
    [nn.init.glorotNormal(), 2 / 500],
    [nn.init.varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'normal' }), 3 / 200],
    [nn.init.normal(0.2), 0.04],
    [nn.init.uniform(0.6), 0.03],
  ] as const)('have the promised variance (%#)', (initializer, variance) => {
    expect(Number(np.var(initializer(key, [300, 200]))) / variance).toBeCloseTo(1, 1)
  })
  it('zeros, ones, constants, dtypes', () => {
    expect([nn.init.zeros, nn.init.ones, nn.init.constant(3)].map((f) => flat(f(key, [1], 'float64')))).toEqual([[0], [1], [3]])
    expect(nn.init.heNormal()(key, [2, 2], 'float64').dtype).toBe('float64')
  })
  it('reject vectors', () => {
    expect(() => nn.init.heNormal()(key, [3])).toThrow(/at least 2 axes/)
  })
})
