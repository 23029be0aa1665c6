/** Clipping: what the norms are, and norms that are no numbers. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import type { GradientTransformation } from '../../src/optim.js'
import { grad, np, optim } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

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

const f64 = (x: readonly number[]): Tensor => np.array(x, { dtype: 'float64' })
const leavesOf = (t: GradientTransformation, g: { readonly a: Tensor; readonly b: Tensor }) => t.update(g, t.init(g), g)[0]

describe('clipByGlobalNorm', () => {
  const g = { a: f64([3, 0]), b: f64([4]) }
  it('scales all leaves to the norm, and leaves smaller ones alone', () => {
    const { a, b } = leavesOf(optim.clipByGlobalNorm(1), g)
    expectClose(a, [0.6, 0], { rtol: 1e-15 })
    expectClose(b, [0.8], { rtol: 1e-15 })
    expect(leavesOf(optim.clipByGlobalNorm(5), g).a.toArray()).toEqual([3, 0])
    expect(leavesOf(optim.clipByGlobalNorm(5.1), g).b.toArray()).toEqual([4])
  })
  it('adds eps to the norm, before comparing and dividing', () => {
    const { a, b } = leavesOf(optim.clipByGlobalNorm(3, { eps: 1 }), g)
    expectClose(a, [1.5, 0], { rtol: 1e-15 })
    expectClose(b, [2], { rtol: 1e-15 })
    // The norm is 5: within 5.5, and not with eps.
    expectClose(leavesOf(optim.clipByGlobalNorm(5.5, { eps: 1 }), g).b, [(4 * 5.5) / 6], { rtol: 1e-15 })
    expect(leavesOf(optim.clipByGlobalNorm(5.5), g).b.toArray()).toEqual([4])
  })
  it('is differentiable at zero gradients', () => {
    const of = (a: Tensor): Tensor => np.sum(leavesOf(optim.clipByGlobalNorm(1), { a, b: f64([0]) }).a)
    expectClose(grad(of)(f64([0, 0])), [1, 1], { atol: 0 })
  })
})

describe('globalNorm', () => {
  it('is that of all leaves together', () => {
    expectClose(optim.globalNorm({ a: f64([2, -3]), b: [f64([6])] }), 7, { rtol: 1e-15 })
  })
})

describe('clip', () => {
  it('bounds every element from both sides', () => {
    const { a, b } = leavesOf(optim.clip(0.5), { a: f64([-2, 0.25]), b: f64([0.75]) })
    expect([a.toArray(), b.toArray()]).toEqual([[-0.5, 0.25], [0.5]])
  })
})
