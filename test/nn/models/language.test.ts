import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../../src/index.js'
import { grad, jit, losses, models, nn, np, optim, random, scan, tree, valueAndGrad, vmap } from '../../../src/index.js'
import { checkGrads, laws } from '../../../laws/index.js'
import fc from 'fast-check'
import { thrown } from '../../errors/thrown.js'

const key = random.key(0)
const small = { context: 6, features: 8, layers: 2, heads: 2 } as const
const text = random.randint(random.key(3), [2, 6], 0, 5)

describe('gpt', () => {
  /** The published counts of GPT-2's four models. */
  it.each([
    [124_439_808, { features: 768, layers: 12, heads: 12 }],
    [354_823_168, { features: 1024, layers: 24, heads: 16 }],
    [774_030_080, { features: 1280, layers: 36, heads: 20 }],
    [1_557_611_200, { features: 1600, layers: 48, heads: 25 }],
  ])('has %i parameters at the size of GPT-2', (count, sizes) => {
    expect(models.countParameters(models.gpt(50_257, { context: 1024, ...sizes }))).toBe(count)
  })
  it('counts with rotary positions and a head of its own, and as it is', () => {
    expect(models.countParameters(models.gpt(65))).toBe(12 * 4 * 128 ** 2 + 13 * 4 * 128 + (65 + 64 + 2) * 128)
    expect(models.countParameters(models.gpt(65, { positions: 'rotary' }))).toBe(12 * 4 * 128 ** 2 + 13 * 4 * 128 + (65 + 2) * 128)
    expect(models.countParameters(models.gpt(65, { tied: false }))).toBe(12 * 4 * 128 ** 2 + 13 * 4 * 128 + (2 * 65 + 64 + 2) * 128)
  })
  it('is embeddings, blocks that add what they read normalised, and the table again', () => {
    const model = models.gpt(5, small)
    const params = model.init(key)
    const block = (x: Tensor, p: models.GptBlockParams): Tensor => {
      const norm = nn.layerNorm(8)
      const at = norm.apply(p.norm1)(x)
      const y = np.add(x, nn.attend(p.attention, at, at, { heads: 2, isCausal: true }))
      return np.add(y, nn.linear(p.down, nn.gelu(nn.linear(p.up, norm.apply(p.norm2)(y)), { approximate: true })))
    }
    const x = np.add(np.take(params.tokens.table, text, { axis: 0 }), params.positions!.table)
    const last = nn.layerNorm(8).apply(params.norm)(params.blocks.reduce(block, x))
    const y = model.apply(params)(text)
    expect(np.allclose(y, np.matmul(last, np.transpose(params.tokens.table)), { rtol: 1e-5, atol: 1e-7 })).toBe(true)
    expect(y.shape).toEqual([2, 6, 5])
  })

  describe.each([
    ['learned positions', {}],
    ['rotary positions, a head of its own', { positions: 'rotary', tied: false }],
  ] as const)('with %s', (_, options) => {
    const model = models.gpt(5, { ...small, ...options })
    const params = model.init(key)
    const whole = model.apply(params)(text)

    it('never looks ahead', () => {
      const other = np.concatenate([np.index(text, ':', ':4'), np.index(np.sub(4, text), ':', '4:')], { axis: 1 })
      const same = np.index(np.equal(model.apply(params)(other), whole), ':', ':4')
      expect(Array.from(same.toTypedArray())).not.toContain(0)
      expect(np.allclose(model.apply(params)(other), whole)).toBe(false)
    })
    it('needs no batch', () => {
      expect(np.allclose(model.apply(params)(np.index(text, 1)), np.index(whole, 1), { rtol: 1e-5, atol: 1e-7 })).toBe(true)
    })
    it('goes on where a text left off, in pieces of any length, as the whole text in one', () => {
      for (const cuts of [[1, 2, 3, 4, 5], [2, 3], [4], []]) {
        const pieces = np.split(text, cuts, { axis: 1 })
        const [ys] = pieces.reduce<readonly [readonly Tensor[], ReturnType<typeof model.initState>]>(
          ([done, state], piece) => {
            const [y, next] = model.applyWithState(params, { state })(piece)
            return [[...done, y], next]
          },
          [[], model.initState([2, 1])],
        )
        expect(np.allclose(np.concatenate(ys, { axis: 1 }), whole, { rtol: 1e-5, atol: 1e-6 }), String(cuts)).toBe(true)
      }
    })
    it('gives the same cache whether it began with one or not; one without a batch serves any', () => {
      const part = np.index(text, ':', ':4')
      const [, fresh] = model.applyWithState(params)(part)
      const [, begun] = model.applyWithState(params, { state: model.initState([2, 4]) })(part)
      const [, unbatched] = model.applyWithState(params, { state: model.initState() })(part)
      expect([begun.length, unbatched.length]).toEqual([fresh.length, fresh.length])
      expect(fresh.length).toBeGreaterThan(0)
      for (const other of [begun, unbatched])
        for (const [i, cache] of fresh.entries())
          for (const name of ['keys', 'values', 'length'] as const)
            expect(np.allclose(other[i]![name], cache[name], { rtol: 1e-5, atol: 1e-7 })).toBe(true)
    })
    it('has gradients everywhere, right ones', () => {
      const loss = (p: typeof params): Tensor => losses.softmaxCrossEntropy(model.apply(p)(text), np.index(text, ':', '::-1'))
      const slopes = grad(loss)(params)
      const zero = tree.paths(slopes).filter((_p, i) => Number(np.max(np.abs(tree.leaves(slopes)[i] as Tensor))) < 1e-9)
      expect(zero.filter((p) => !p.endsWith('key/b'))).toEqual([]) // a bias of keys moves all logits of a query alike
      // Weights of a usual size, so that normalisation is not steep: differences are as good as derivatives there.
      const usual = tree.map((x: Tensor) => np.astype(x.ndim === 2 ? np.mul(x, 20) : x, 'float64'), params)
      checkGrads(loss, [usual], { order: 1 })
    })
    it('is the same compiled, and many models at once', () => {
      expect(np.allclose(jit((p: typeof params, x: Tensor) => model.apply(p)(x))(params, text), whole, { rtol: 1e-5, atol: 1e-6 })).toBe(
        true,
      )
      const keys = random.split(key, 3)
      const ensemble = vmap((k: Tensor) => model.init(k))(np.stack(keys))
      const ys = vmap((p: typeof params) => model.apply(p)(text))(ensemble)
      expect(ys.shape).toEqual([3, 2, 6, 5])
    })
  })

  it('keeps the laws of layers', () => {
    const inputs = fc.record({ n: fc.integer({ min: 1, max: 2 }), t: fc.integer({ min: 1, max: 4 }), seed: fc.nat(99) })
    laws.layer(
      models.gpt(3, { context: 4, features: 4, layers: 1, heads: 2, dropout: 0.5 }),
      inputs.map(({ n, t, seed }) => random.randint(random.key(seed), [n, t], 0, 3)),
      { numRuns: 8 },
    )
  })
  it('drops in training, by its key', () => {
    const model = models.gpt(5, { ...small, dropout: 0.5 })
    const params = model.init(key)
    const once = model.apply(params, { train: true, key })(text)
    expect(np.allclose(model.apply(params, { train: true, key })(text), once)).toBe(true)
    expect(np.allclose(model.apply(params, { train: true, key: random.key(9) })(text), once)).toBe(false)
    expect(np.allclose(model.apply(params)(text), model.apply(params, { key })(text))).toBe(true)
    expect(thrown(() => model.apply(params, { train: true }))).toMatch(/ValueError: gpt: training with dropout needs a key/)
  })
  it('says what does not fit', () => {
    const model = models.gpt(5, small)
    const params = model.init(key)
    expect(thrown(() => models.gpt(5, { features: 6, heads: 4 }))).toMatch(/ShapeError: gpt: 6 features do not divide into 4 heads/)
    expect(thrown(() => models.gpt(5, { layers: 0 }))).toMatch(/ValueError: gpt: layers must be a whole number from 1, got 0/)
    expect(thrown(() => models.gpt(5, { dropout: 2 }))).toMatch(/ValueError: gpt: dropout must be a number from 0 to 1, got 2/)
    expect(thrown(() => model.apply(params)(np.zeros([1, 7], { dtype: 'int32' })))).toMatch(
      /ShapeError: gpt: 7 tokens are more than the 6 of the context/,
    )
    const [, state] = model.applyWithState(params)(text)
    expect(thrown(() => model.apply(params, { state })(np.index(text, ':', ':1')))).toMatch(
      /ShapeError: gpt: 6 tokens and 1 tokens are more than the 6 of the context/,
    )
  })
  it('learns a sentence by heart, many steps as one program', () => {
    const model = models.gpt(5, small)
    const line = np.array([[0, 1, 2, 3, 4, 2, 0]], { dtype: 'int32' })
    const [x, y] = [np.index(line, ':', ':-1'), np.index(line, ':', '1:')]
    const optimizer = optim.adam(0.02)
    type Carry = readonly [ReturnType<typeof model.init>, ReturnType<typeof optimizer.init>]
    const train = jit((start: Carry) =>
      scan(
        ([params, state]: Carry, _: Tensor): readonly [Carry, Tensor] => {
          const [value, g] = valueAndGrad((p: Carry[0]) => losses.softmaxCrossEntropy(model.apply(p)(x), y))(params)
          const [updates, next] = optimizer.update(g, state, params)
          return [[optim.applyUpdates(params, updates), next], value]
        },
        start,
        np.arange(60),
      ),
    )
    const params = model.init(key)
    const [[learned], values] = train([params, optimizer.init(params)]) as unknown as readonly [Carry, Tensor]
    expect(Number(np.index(values, -1))).toBeLessThan(0.05)
    const written = models.sample(model, { temperature: 0 })(learned, key, np.index(line, ':', ':2'), 5)
    expect(written.toArray()).toEqual([[0, 1, 2, 3, 4, 2, 0]])
  })
})

describe('sample', () => {
  const gpt = models.gpt(5, { ...small, tied: false })
  const loud: ReturnType<typeof gpt.init> = tree.map((x: Tensor) => np.mul(x, 20), gpt.init(key))
  const lstm = models.charLstm(5, { hidden: 4 })
  const words = lstm.init(key)
  const prompt = np.array(
    [
      [0, 1],
      [3, 2],
    ],
    { dtype: 'int32' },
  )

  /** What greedy writing gives when the model reads everything again for every token. */
  const slowly = (apply: (x: Tensor) => Tensor, start: Tensor, count: number, last: (x: Tensor) => Tensor = (x) => x): Tensor =>
    Array.from({ length: count }).reduce<Tensor>((t) => {
      const next = np.argmax(np.index(apply(last(t)), ':', -1), { axis: -1 })
      return np.concatenate([t, np.expandDims(next, 1)], { axis: 1 })
    }, start)

  it('at temperature 0 takes the likeliest, by gpt and by charLstm, as if everything were read again', () => {
    expect(models.sample(gpt, { temperature: 0 })(loud, key, prompt, 4).toArray()).toEqual(slowly(gpt.apply(loud), prompt, 4).toArray())
    expect(models.sample(lstm, { temperature: 0 })(words, key, prompt, 9).toArray()).toEqual(slowly(lstm.apply(words), prompt, 9).toArray())
  })
  it('goes on beyond the context from its second half', () => {
    const written = models.sample(gpt, { temperature: 0 })(loud, key, prompt, 12)
    expect(written.shape).toEqual([2, 14])
    const first = slowly(gpt.apply(loud), prompt, 5)
    const again = slowly(gpt.apply(loud), np.index(first, ':', '4:'), 4)
    expect(np.index(written, ':', ':11').toArray()).toEqual(np.concatenate([np.index(first, ':', ':4'), again], { axis: 1 }).toArray())
    expect(models.sample(gpt, { temperature: 0 })(loud, key, written, 1).shape).toEqual([2, 15])
  })
  it('draws as the model says', () => {
    const many = np.broadcastTo(np.array([[2]], { dtype: 'int32' }), [4000, 1])
    const drawn = np.index(models.sample(gpt, { temperature: 0.7 })(loud, key, many, 1), ':', 1)
    const p = nn.softmax(np.div(np.index(gpt.apply(loud)(np.array([[2]], { dtype: 'int32' })), 0, 0), 0.7))
    const seen = np.mean(nn.oneHot(drawn, 5), { axis: 0 })
    expect(Number(np.max(np.abs(np.sub(seen, p))))).toBeLessThan(4 * Math.sqrt(0.25 / 4000))
  })
  it('with topK draws from the likeliest only', () => {
    const many = np.broadcastTo(np.array([[2]], { dtype: 'int32' }), [500, 1])
    const best = np.index(np.argsort(np.neg(np.index(gpt.apply(loud)(np.array([[2]], { dtype: 'int32' })), 0, 0))), ':2').toArray()
    const drawn = np.index(models.sample(gpt, { temperature: 5, topK: 2 })(loud, key, many, 1), ':', 1).toArray() as number[]
    expect([...new Set(drawn)].sort()).toEqual([...(best as number[])].sort())
  })
  it('is a function of its key; 0 tokens are none', () => {
    const write = models.sample(lstm)
    expect(write(words, key, prompt, 8).toArray()).toEqual(write(words, key, prompt, 8).toArray())
    expect(write(words, random.key(1), prompt, 8).toArray()).not.toEqual(write(words, key, prompt, 8).toArray())
    expect(write(words, key, prompt, 0).toArray()).toEqual(prompt.toArray())
  })
  it('says what it cannot do', () => {
    expect(thrown(() => models.sample(lstm, { temperature: -1 }))).toMatch(
      /ValueError: sample: temperature must be a number from 0, got -1/,
    )
    expect(thrown(() => models.sample(lstm, { topK: 6 }))).toMatch(/ValueError: sample: topK must be a whole number from 1 to 5, got 6/)
    expect(thrown(() => models.sample(lstm)(words, key, np.zeros([1, 0], { dtype: 'int32' }), 1))).toMatch(
      /ShapeError: sample: an empty prompt/,
    )
    expect(thrown(() => models.sample(lstm)(words, key, prompt, -1))).toMatch(
      /ValueError: sample: count must be a whole number from 0, got -1/,
    )
  })
})
