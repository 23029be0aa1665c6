import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, np, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { curve, f64, near, point, slope } from './curve.js'

const m = f64([
  [1, 2, 3],
  [4, 5, 6],
])
const exact = { atol: 0 } as const

describe('vmap', () => {
  it('is the stack of what the function gives for each row', () => {
    expectClose(vmap((row: Tensor) => np.sum(row))(m), [6, 15], exact)
    expectClose(vmap(grad(curve))(np.stack([point, point])), [slope, slope], near)
    expectClose(jit(vmap(grad(curve)))(np.stack([point, point])), [slope, slope], near)
  })
  it('takes any axis of an argument, counted from the end too, and puts the new one where it is told', () => {
    const twice = (column: Tensor): Tensor => np.mul(column, 2)
    expectClose(vmap((column: Tensor) => np.sum(column), { inAxes: [1] })(m), [5, 7, 9], exact)
    expectClose(vmap((column: Tensor) => np.sum(column), { inAxes: [-1] })(m), [5, 7, 9], exact)
    expectClose(vmap(twice, { inAxes: [1], outAxes: 0 })(m), np.transpose(np.mul(m, 2)), exact)
    expectClose(vmap(twice, { inAxes: [1], outAxes: 1 })(m), np.mul(m, 2), exact)
  })
  it('shares the arguments whose axis is null', () => {
    const rows = vmap((x: Tensor, y: Tensor) => np.mul(x, y), { inAxes: [0, null] })(m, f64([1, 10, 100]))
    expectClose(
      rows,
      [
        [1, 20, 300],
        [4, 50, 600],
      ],
      exact,
    )
    expectClose(vmap((x: Tensor, y: Tensor) => np.sum(np.mul(x, y)), { inAxes: [null, 1] })(f64([1, 10]), m), [41, 52, 63], exact)
  })
  it('nests: every pair of rows', () => {
    const pairs = vmap((x: Tensor) => vmap((y: Tensor) => np.sum(np.mul(x, y)))(m))(m)
    expectClose(pairs, np.matmul(m, np.transpose(m)), exact)
  })
  it('takes trees, and repeats what does not depend on the row', () => {
    const { both, constant } = vmap(({ a, b }: { a: Tensor; b: Tensor }) => ({ both: np.add(a, np.sum(b)), constant: np.array(7) }))({
      a: f64([1, 2]),
      b: m,
    })
    expectClose(both, [7, 17], exact)
    expectClose(constant, [7, 7], exact)
  })
  it('of no rows has none', () => {
    expect(vmap((x: Tensor) => np.mul(x, x))(np.zeros([0, 3])).shape).toEqual([0, 3])
  })
  it('wants one size', () => {
    expect(() => vmap((x: Tensor, y: Tensor) => np.add(np.sum(x), y))(m, f64([1, 2, 3]))).toThrow(/sizes?/)
    expect(() => vmap((x: Tensor) => x)(f64(1))).toThrow(/axis|axes/)
  })
})
