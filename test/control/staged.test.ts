import { describe, expect, it } from 'vitest'
import { jit, np } from '../../src/index.js'

describe('static arguments', () => {
  it('are found again: NaN, infinities, fractions and objects by identity', () => {
    let traced = 0
    const f = jit(
      (x: ReturnType<typeof np.ones>, k: unknown) => {
        traced++
        return np.mul(x, typeof k === 'number' ? k : 1)
      },
      { static: [1] },
    )
    const x = np.ones([3])
    const config = { a: 1 }
    for (let round = 0; round < 3; round++) for (const k of [NaN, Infinity, -Infinity, 0.1, 0, -0, config, 'text', undefined]) f(x, k)
    expect(traced).toBe(9)
    f(x, { a: 1 })
    expect(traced).toBe(10)
  })
  it('do not pile up: the least recently used goes', () => {
    let traced = 0
    const f = jit(
      (x: ReturnType<typeof np.ones>, k: number) => {
        traced++
        return np.add(x, k)
      },
      { static: [1] },
    )
    const x = np.ones([2])
    for (let k = 0; k < 200; k++) f(x, k)
    expect(traced).toBe(200)
    f(x, 199)
    f(x, 150)
    expect(traced).toBe(200)
    f(x, 0)
    expect(traced).toBe(201)
  })
})

describe('a hundred thousand arguments', () => {
  it('are spread, traced and compiled', () => {
    const xs = Array.from({ length: 100_000 }, (_, i) => np.array(i))
    const y = jit((all: readonly (typeof xs)[0][]) => np.stack(all))(xs)
    expect(y.shape).toEqual([100_000])
    expect(y.toTypedArray()[99_999]).toBe(99_999)
    const z = jit((...all: readonly (typeof xs)[0][]) => np.stack(all))(...xs.slice(0, 50_000))
    expect(z.toTypedArray()[49_999]).toBe(49_999)
  })
})
