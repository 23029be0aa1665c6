import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { jit, np, vjp } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { curve, f64, near, point, slope, value } from './curve.js'

describe('vjp', () => {
  it.each([
    ['plain', curve],
    ['of a jitted function', jit(curve)],
  ])('gives the value and pulls cotangents back: %s', (_, f) => {
    const [y, pull] = vjp(f, point)
    expectClose(y, value, near)
    expectClose(
      pull(f64(-2))[0],
      slope.map((v) => -2 * v),
      near,
    )
  })
  it('pulls as often as one likes, linearly', () => {
    const [, pull] = vjp((x: Tensor) => np.square(x), point)
    expectClose(pull(f64([1, 0, 0]))[0], [1, 0, 0], { atol: 0 })
    expectClose(pull(f64([0, 2, 3]))[0], [0, -5, 12], { atol: 0 })
  })
  it('has one cotangent per argument, each with its tree', () => {
    const f = (p: { w: Tensor }, x: Tensor): readonly [Tensor, Tensor] => [np.matmul(x, p.w), np.sum(x)]
    const [[y, s], pull] = vjp(f, { w: f64([[1], [2]]) }, f64([[3, 4]]))
    expectClose(y, [[11]], { atol: 0 })
    expect(Number(s)).toBe(7)
    const [dp, dx] = pull([f64([[10]]), f64(1)])
    expectClose(dp.w, [[30], [40]], { atol: 0 })
    expectClose(dx, [[11, 21]], { atol: 0 })
  })
  it('gives zeros to what nothing depends on', () => {
    const [, pull] = vjp((x: Tensor, _y: Tensor) => np.mul(x, 2), f64([1]), f64([5, 6]))
    const [dx, dy] = pull(f64([1]))
    expectClose(dx, [2], { atol: 0 })
    expectClose(dy, [0, 0], { atol: 0, dtype: 'float64' })
  })
  it('says which cotangent does not fit', () => {
    const [, pull] = vjp(curve, point)
    expect(() => pull(f64([1, 2]))).toThrow(/cotangent/)
  })
})

describe('vjp with hasAux', () => {
  it('hands what else was computed through', () => {
    const [y, pull, aux] = vjp((x: Tensor) => [curve(x), { doubled: np.mul(x, 2) }] as const, point, { hasAux: true })
    expectClose(y, value, near)
    expectClose(pull(f64(1))[0], slope, near)
    expectClose(aux.doubled, [1, -2.5, 4], { atol: 0 })
  })
})
