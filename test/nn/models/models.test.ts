import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../../src/index.js'
import { grad, models, nn, np, random, tree } from '../../../src/index.js'
import { checkGrads } from '../../../laws/index.js'
import { thrown } from '../../errors/thrown.js'

const key = random.key(0)
const int = (x: readonly (readonly number[])[]): Tensor => np.array(x, { dtype: 'int32' })

describe('mlp', () => {
  it('is dense layers with an activation between', () => {
    const model = models.mlp([3, 4, 2], { activation: np.tanh })
    const params = model.init(key)
    const same = nn.sequential(nn.dense(3, 4), np.tanh, nn.dense(4, 2))
    const x = random.normal(random.key(1), [5, 3])
    expect(model.apply(params)(x).toArray()).toEqual(same.apply(same.init(key))(x).toArray())
    expect(models.countParameters(model)).toBe(3 * 4 + 4 + 4 * 2 + 2)
  })
  it('needs two sizes', () => {
    expect(thrown(() => models.mlp([3]))).toMatch(/ValueError: mlp: at least two sizes, got \[3\]/)
  })
})

describe('charLstm', () => {
  const model = models.charLstm(5, { hidden: 4 })
  const params = model.init(key)
  const text = int([
    [0, 3, 1, 4],
    [2, 2, 0, 1],
  ])
  it('is LSTMs on one-hot vectors under a dense layer', () => {
    const low = nn.lstm(5, 4).apply(params.lstm[0]!)(nn.oneHot(text, 5))
    const right = nn.linear(params.head, nn.lstm(4, 4).apply(params.lstm[1]!)(low))
    expect(model.apply(params)(text).toArray()).toEqual(right.toArray())
    expect(models.countParameters(model)).toBe(4 * 4 * (5 + 4 + 1) + 4 * 4 * (4 + 4 + 1) + 5 * 5)
  })
  it('goes on where a text left off', () => {
    const [start, rest] = np.split(text, 2, { axis: 1 }) as [Tensor, Tensor]
    const [, state] = model.applyWithState(params, { state: model.initState([2, 2]) })(start)
    const y = model.apply(params, { state })(rest)
    expect(np.allclose(y, np.index(model.apply(params)(text), ':', '2:'), { rtol: 1e-6 })).toBe(true)
  })
  it('draws forget biases of 1, and has gradients everywhere', () => {
    expect(np.index(params.lstm[0]!.b, '4:8').toArray()).toEqual([1, 1, 1, 1])
    const slopes = grad((p: typeof params) => np.sum(np.square(model.apply(p)(text))))(params)
    expect(tree.leaves(slopes).every((g) => Number(np.sum(np.abs(g))) > 0)).toBe(true)
  })
  it('needs a layer', () => {
    expect(thrown(() => models.charLstm(5, { layers: 0 }))).toMatch(/ValueError: charLstm: layers must be a whole number from 1, got 0/)
  })
})

describe('autoencoders', () => {
  const x = random.normal(random.key(1), [3, 6])
  it('have a way in and a way back', () => {
    const model = models.autoencoder([6, 4, 2], { activation: np.tanh })
    const params = model.init(key)
    expect(model.apply(params)(x).shape).toEqual([3, 6])
    expect(models.countParameters(model)).toBe(28 + 10 + 12 + 30)
    checkGrads((p: typeof params) => model.apply(p)(x), [params], { order: 1 })
  })
  it('with a distribution in the middle: derivatives pass through the draw', () => {
    const model = models.vae([6, 4, 2], { activation: np.tanh })
    const params = model.init(key)
    const code = model.encode(params)(x)
    expect([code.mean.shape, code.logVar.shape]).toEqual([
      [3, 2],
      [3, 2],
    ])
    const loss = (p: typeof params): Tensor => {
      const c = model.encode(p)(x)
      return np.add(np.sum(np.square(model.decode(p)(models.reparameterize(key, c)))), np.sum(models.gaussianKl(c)))
    }
    checkGrads(loss, [params], { order: 1 })
  })
  it('the draw has the mean and the deviation it is told', () => {
    const z = models.reparameterize(key, { mean: np.full([20000], 3), logVar: np.full([20000], Math.log(4)) })
    expect(Number(np.mean(z))).toBeCloseTo(3, 1)
    expect(Number(np.std(z))).toBeCloseTo(2, 1)
  })
  it('the divergence is 0 for the standard normal distribution and as the formula says elsewhere', () => {
    expect(models.gaussianKl({ mean: np.zeros([2, 3]), logVar: np.zeros([2, 3]) }).toArray()).toEqual([0, 0])
    const one = Number(models.gaussianKl({ mean: np.array([0.5]), logVar: np.array([Math.log(0.25)]) }))
    expect(one).toBeCloseTo(0.5 * (0.25 + 0.25 - 1 - Math.log(0.25)), 6)
  })
})
