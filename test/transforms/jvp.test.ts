import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, jvp, np } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { bendOfOnes, curve, f64, near, point, slope, value } from './curve.js'

const ones = f64([1, 1, 1])

describe('jvp', () => {
  it.each([
    ['plain', curve],
    ['of a jitted function', jit(curve)],
  ])('gives the value and the derivative along the tangent: %s', (_, f) => {
    const [y, dy] = jvp(f, [point], [f64([1, 0, -2])])
    expectClose(y, value, near)
    expectClose(dy, slope[0]! - 2 * slope[2]!, { ...near, dtype: 'float64' })
  })
  it('of a gradient is a Hessian times the tangent', () => {
    expectClose(jvp(grad(curve), [point], [ones])[1], bendOfOnes, near)
  })
  it('inside jvp: second derivatives along two directions', () => {
    const along = (x: Tensor): Tensor => jvp(curve, [x], [ones])[1]
    expectClose(
      jvp(along, [point], [ones])[1],
      bendOfOnes.reduce((a, b) => a + b),
      near,
    )
  })
  it('does not confuse its tangents with those of a jvp around it', () => {
    // d/dx (x * d/dy (x y)) = d/dx x^2
    const f = (x: Tensor): Tensor => np.mul(x, jvp((y: Tensor) => np.mul(x, y), [f64(3)], [f64(1)])[1])
    expect(Number(jvp(f, [f64(5)], [f64(1)])[1])).toBe(10)
  })
  it('takes trees and gives them back, with zeros for what does not depend on them', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }): { sum: Tensor; constant: Tensor } => ({
      sum: np.add(a, np.mul(b, b)),
      constant: np.ones([2]),
    })
    const [y, dy] = jvp(f, [{ a: f64([1, 2]), b: f64([3, 4]) }], [{ a: f64([1, 0]), b: f64([0, 1]) }])
    expectClose(y.sum, [10, 18], { atol: 0 })
    expectClose(dy.sum, [1, 8], { atol: 0 })
    expectClose(dy.constant, [0, 0], { atol: 0 })
  })
  it('hands what else was computed through', () => {
    const [y, dy, aux] = jvp((x: Tensor) => [curve(x), np.sum(np.ones(x.shape))] as const, [point], [ones], { hasAux: true })
    expectClose(y, value, near)
    expectClose(
      dy,
      slope.reduce((a, b) => a + b),
      near,
    )
    expect(Number(aux)).toBe(3)
  })
  it('says which tangent does not fit', () => {
    expect(() => jvp(curve, [point], [f64([1, 2])])).toThrow(/tangent/)
  })
})
