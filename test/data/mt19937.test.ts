import { describe, expect, it } from 'vitest'
import { randomState } from '../../src/data/mt19937.js'

/** Drawn from numpy.random.seed(0): rand(4), randn(5), permutation(10), uniform(-.05, .05, 3). */
describe('randomState replays NumPy', () => {
  it('seed 0: rand, randn, permutation, uniform in one sequence', () => {
    const r = randomState(0)
    expect(Array.from({ length: 4 }, () => r.uniform())).toEqual([
      0.5488135039273248, 0.7151893663724195, 0.6027633760716439, 0.5448831829968969,
    ])
    expect(Array.from({ length: 5 }, () => r.normal())).toEqual([
      1.8675579901499675, -0.977277879876411, 0.9500884175255894, -0.1513572082976979, -0.10321885179355784,
    ])
    expect([...r.permutation(10)]).toEqual([5, 2, 3, 4, 1, 0, 9, 8, 7, 6])
    expect(Array.from({ length: 3 }, () => r.uniform(-0.05, 0.05))).toEqual([
      -0.016260383958273165, 0.014817187205119722, -0.013175846015945201,
    ])
  })

  it('knows the words of MT19937 for seed 5489', () => {
    const r = randomState(5489)
    expect([r.word(), r.word(), r.word()]).toEqual([3499211612, 581869302, 3890346734])
    for (let i = 3; i < 9999; i++) r.word()
    expect(r.word()).toBe(4123659995)
  })

  it('rejects seeds that NumPy rejects', () => {
    for (const seed of [-1, 2 ** 32, 0.5, Number.NaN]) expect(() => randomState(seed)).toThrow(/seed must be an integer/)
  })
})
