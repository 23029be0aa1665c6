import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { checkpoint, grad, jit, np, valueAndGrad, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { curve, f64, near, point, slope, slopeOfSquares, value } from './curve.js'

describe('grad', () => {
  it.each([
    ['plain', grad(curve)],
    ['of a jitted function', grad(jit(curve))],
    ['jitted', jit(grad(curve))],
    ['jitted, of a jitted function', jit(grad(jit(curve)))],
    ['of a checkpointed function', grad(checkpoint(curve))],
    ['jitted, of a checkpointed function', jit(grad(checkpoint(curve)))],
  ])('is the slope: %s', (_, g) => {
    expectClose(g(point), slope, { ...near, dtype: 'float64' })
  })
  it('goes through vmap', () => {
    const g = grad((y: Tensor) => np.sum(vmap(curve)(np.square(y))))
    expectClose(g(f64([[1, 2, 3]])), [slopeOfSquares([1, 2, 3])], near)
  })
  it('nests as deep as one likes', () => {
    const third = grad(grad(grad((x: Tensor) => np.sin(x))))
    expectClose(third(f64(0.5)), -Math.cos(0.5), near)
  })
  it('takes the arguments that argnums names, in that order', () => {
    const f = (x: Tensor, y: Tensor, z: Tensor): Tensor => np.sum(np.mul(np.mul(x, y), np.square(z)))
    const [a, b, c] = [f64([1, 2]), f64([3, 4]), f64([5, 6])]
    expectClose(grad(f, { argnums: 1 })(a, b, c), [25, 72], { atol: 0 })
    const [dz, dx] = grad(f, { argnums: [2, 0] })(a, b, c)
    expectClose(dz, [30, 96], { atol: 0 })
    expectClose(dx, [75, 144], { atol: 0 })
  })
  it('has the tree of the argument, zeros where nothing depends on a leaf', () => {
    const g = grad((p: { a: Tensor; b: readonly [Tensor, Tensor] }) => np.sum(np.mul(p.a, p.b[1])))
    const slopes = g({ a: f64([1, 2]), b: [f64([9, 9, 9]), f64([3, 4])] })
    expectClose(slopes.a, [3, 4], { atol: 0 })
    expectClose(slopes.b[0], [0, 0, 0], { atol: 0, dtype: 'float64' })
    expectClose(slopes.b[1], [1, 2], { atol: 0 })
  })
  it('hands what else was computed through', () => {
    const [slopes, aux] = grad((x: Tensor) => [curve(x), { squares: np.square(x), none: null }] as const, { hasAux: true })(point)
    expectClose(slopes, slope, near)
    expectClose(aux.squares, [0.25, 1.5625, 4], { atol: 0 })
    expect(aux.none).toBe(null)
  })
  it('is for scalars of float arguments', () => {
    expect(() => grad((x: Tensor) => np.mul(x, 2))(point)).toThrow(/scalar/)
    expect(() => grad(((x: Tensor) => [np.sum(x), { b: x }]) as never)(point)).toThrow(/returned a tree of 2 leaves; a gradient needs one/)
    expect(() => grad((x: Tensor) => np.sum(x))(np.array([1, 2], { dtype: 'int32' }))).toThrow(/int32/)
  })
})

describe('valueAndGrad', () => {
  it('gives both, of one run', () => {
    let runs = 0
    const [y, slopes] = valueAndGrad((x: Tensor) => {
      runs++
      return curve(x)
    })(point)
    expectClose(y, value, near)
    expectClose(slopes, slope, near)
    expect(runs).toBe(1)
  })
  it('of trees', () => {
    const [y, slopes] = valueAndGrad((p: { a: Tensor; b: Tensor }) => np.sum(np.mul(p.a, p.b)))({ a: point, b: f64([1, 2, 3]) })
    expect(Number(y)).toBe(4)
    expectClose(slopes.a, [1, 2, 3], { atol: 0 })
    expectClose(slopes.b, point, { atol: 0 })
  })
  it('with what else was computed', () => {
    const [[y, aux], slopes] = valueAndGrad((x: Tensor) => [curve(x), np.max(x)] as const, { hasAux: true })(point)
    expectClose([Number(y), Number(aux)], [value, 2], near)
    expectClose(slopes, slope, near)
  })
})

describe('argnums', () => {
  const f = (x: Tensor, y: Tensor): Tensor => np.sum(np.mul(x, y))
  it.each([2, -1, 0.5, NaN])('%d names no argument', (argnums) => {
    expect(() => grad(f, { argnums })(point, point)).toThrow(/grad/)
  })
})
