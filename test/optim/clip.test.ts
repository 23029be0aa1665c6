/** Clipping by norms that are no numbers. */
import { describe, expect, it } from 'vitest'
import type { GradientTransformation } from '../../src/optim.js'
import { np, optim } from '../../src/index.js'

const clipped = (t: GradientTransformation, a: number, b: number): readonly [number, number] => {
  const params = { a: np.array([3]), b: np.array([4]) }
  const [updates] = t.update({ a: np.array([a]), b: np.array([b]) }, t.init(params), params)
  return [updates.a.item() as number, updates.b.item() as number]
}

describe('clips', () => {
  it('of all together make all NaN beside a NaN', () => {
    expect(clipped(optim.clipByGlobalNorm(1), NaN, 1e6)).toEqual([NaN, NaN])
    expect(clipped(optim.clipByGlobalNorm(1), 3, 4)).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)])
    expect(clipped(optim.clipByGlobalNorm(1), 0, 0)).toEqual([0, 0])
  })
  it('of every leaf by itself leave the others alone', () => {
    for (const t of [optim.clipByNorm(1), optim.adaptiveGradClip(0.25), optim.clipByBlockRms(1)])
      expect(clipped(t, NaN, 1e6)).toEqual([NaN, expect.closeTo(1, 6)])
  })
  it('of a vector make all of it NaN', () => {
    for (const t of [optim.clipByNorm(1), optim.adaptiveGradClip(1), optim.clipByBlockRms(1)]) {
      const params = { a: np.ones([2]) }
      const [updates] = t.update({ a: np.array([NaN, 1e6]) }, t.init(params), params)
      expect([...updates.a.toTypedArray()]).toEqual([NaN, NaN])
    }
  })
})
