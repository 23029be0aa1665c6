import { describe, expect, it } from 'vitest'
import { grad, jit, np, random, tree, vmap } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'

const draws: Readonly<Record<string, (key: Tensor) => Tensor>> = {
  bits: (key) => random.bits(key, [3]),
  uniform: (key) => random.uniform(key, [3], { minval: -1 }),
  uniform64: (key) => random.uniform(key, [3], { dtype: 'float64' }),
  normal: (key) => random.normal(key, [2, 2]),
  normal64: (key) => random.normal(key, [2], { dtype: 'float64' }),
  bernoulli: (key) => random.bernoulli(key, 0.3, [5]),
  randint: (key) => random.randint(key, [4], 0, 100),
  permutation: (key) => random.permutation(key, 9),
  categorical: (key) => random.categorical(key, np.array([0.5, 1, -1]), { shape: [4] }),
  choice: (key) => random.choice(key, 7, [3], { replace: false }),
  truncatedNormal: (key) => random.truncatedNormal(key, -1, 2, [3]),
  split: (key) => random.split(key, [3]),
  foldIn: (key) => random.foldIn(key, 3),
}

describe('draws under transforms', () => {
  const keys = random.split(random.key(3), [4])
  for (const [name, draw] of Object.entries(draws)) {
    it(`${name}: jit gives the same numbers`, () => {
      expect(jit(draw)(random.key(3)).toArray()).toEqual(draw(random.key(3)).toArray())
    })
    it(`${name}: vmap over keys gives each key's numbers`, () => {
      const each = random.split(random.key(3), 4).map((k) => draw(k).toArray())
      expect(vmap(draw)(keys).toArray()).toEqual(each)
    })
  }

  it('foldIn takes a traced number', () => {
    const f = (i: Tensor) => random.uniform(random.foldIn(random.key(0), i), [2])
    const three = np.array(3, { dtype: 'int32' })
    expect(jit(f)(three).toArray()).toEqual(random.uniform(random.foldIn(random.key(0), 3), [2]).toArray())
  })

  it('is differentiable through parameters, not through keys', () => {
    const key = random.key(1)
    const scaled = (s: Tensor) => np.sum(np.mul(random.normal(key, [5]), s))
    expect(Number(grad(scaled)(np.array(2)))).toBeCloseTo(Number(np.sum(random.normal(key, [5]))), 5)
    const bound = (b: Tensor) => np.sum(random.truncatedNormal(key, -1, b, [4], { dtype: 'float64' }))
    const at = (b: number) => Number(bound(np.array(b, { dtype: 'float64' })))
    const slope = Number(grad(bound)(np.array(0.5, { dtype: 'float64' })))
    expect(slope).toBeGreaterThan(0)
    expect(slope).toBeCloseTo((at(0.5 + 1e-5) - at(0.5 - 1e-5)) / 2e-5, 8)
  })
})

describe('statistics of 100 000 draws', () => {
  const n = 100_000
  const moments = (x: Tensor): readonly [number, number] => [Number(np.mean(x)), Number(np.var(x))]
  it.each([
    ['normal', random.normal(random.key(5), [n]), 0, 1],
    ['exponential', random.exponential(random.key(5), [n]), 1, 1],
    ['gumbel', random.gumbel(random.key(5), [n]), 0.5772, Math.PI ** 2 / 6],
    ['uniform', random.uniform(random.key(5), [n]), 0.5, 1 / 12],
  ] as const)('%s', (_name, x, mean, variance) => {
    const [m, v] = moments(x)
    expect(Math.abs(m - mean)).toBeLessThan(0.015)
    expect(Math.abs(v - variance)).toBeLessThan(0.03)
  })
  it('permutations are permutations', () => {
    expect([...random.permutation(random.key(2), 1000).toTypedArray()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    )
  })
})

describe('gen threads a key', () => {
  const { gen } = random
  it('gives every draw its own key, the same from the same key', () => {
    const pair = gen.struct({ a: gen.lift((k) => random.normal(k, [3])), b: gen.lift((k) => random.normal(k, [3])), c: gen.of(7) })
    const once = gen.run(random.key(0))(pair)
    expect(once.c).toBe(7)
    expect(once.a.toArray()).not.toEqual(once.b.toArray())
    expect(gen.run(random.key(0))(pair).b.toArray()).toEqual(once.b.toArray())
  })
  it('traverses a tree and keeps its shape', () => {
    const params = { w: np.zeros([2, 3]), b: [np.zeros([3])] }
    const noise = gen.run(random.key(0))(gen.traverse((p: Tensor) => gen.lift((k) => random.normal(k, p.shape)))(params))
    expect(tree.map((x: Tensor) => x.shape.length, noise)).toEqual({ w: 2, b: [1] })
  })
  it('satisfies the laws of an applicative on values', () => {
    const { Applicative: A } = gen
    const draw = gen.lift((k) => Number(random.bits(k)))
    const run = gen.run(random.key(9))
    expect(run(A.map(draw, (x) => x))).toBe(run(draw))
    expect(
      run(
        A.ap(
          A.of((x: number) => x + 1),
          draw,
        ),
      ),
    ).toBe(run(draw) + 1)
  })
})
