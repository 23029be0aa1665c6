import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { explain, grad, jit, np, vmap } from '../../src/index.js'
import { stageOf } from '../../src/control/jit.js'
import { expectClose } from '../expectClose.js'
import { bend, curve, f64, near, point, slope, value } from '../transforms/curve.js'

describe('jit', () => {
  it('is the function, with its derivatives and batches, on either side', () => {
    expectClose(jit(curve)(point), value, near)
    expectClose(jit(grad(curve))(point), slope, near)
    expectClose(grad(jit(curve))(point), slope, near)
    expectClose(vmap(jit(curve))(np.stack([point, point])), [value, value], near)
    expectClose(jit(vmap(jit(grad(jit(curve)))))(np.stack([point, point])), [slope, slope], near)
    expectClose(grad((x: Tensor) => np.index(jit(grad(curve))(x), 1))(point), bend[1]!, near)
  })
  it('returns the tree that the function returns', () => {
    const { a, rest } = jit((x: Tensor) => ({ a: np.sum(x), rest: [x, null, np.neg(x)] as const }))(f64([1, 2]))
    expect([a.item(), rest[0].toArray(), rest[1], rest[2].toArray()]).toEqual([3, [1, 2], null, [-1, -2]])
  })
  it('is known by its stage; other functions have none', () => {
    expect(stageOf(jit(curve))).toBeDefined()
    expect(stageOf(curve)).toBeUndefined()
    expect(explain(jit(curve), point)).toBeDefined()
  })
  it('refuses what needs the value of a traced argument', () => {
    expect(() => jit((x: Tensor) => (Number(x) > 0 ? x : np.neg(x)))(f64(1))).toThrow(/traced|np\.where/)
  })
})
