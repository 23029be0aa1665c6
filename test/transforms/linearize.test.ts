import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { checkpoint, jit, linearize, linearTranspose, np } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { curve, f64, near, point, slope, value } from './curve.js'

describe('linearize', () => {
  it.each([
    ['plain', curve],
    ['of a jitted function', jit(curve)],
    ['of a checkpointed function', checkpoint(curve)],
  ])('gives the value and the linear map at the point, to be used often: %s', (_, f) => {
    const [y, push] = linearize(f, point)
    expectClose(y, value, near)
    expectClose(push(f64([1, 0, 0])), slope[0]!, near)
    expectClose(push(f64([0, 1, -2])), slope[1]! - 2 * slope[2]!, near)
  })
  it('runs the function once', () => {
    let runs = 0
    const [, push] = linearize((x: Tensor) => {
      runs++
      return np.sin(x)
    }, point)
    push(f64([1, 0, 0]))
    push(f64([0, 1, 0]))
    expect(runs).toBe(1)
  })
  it('takes several arguments', () => {
    const [, push] = linearize((x: Tensor, y: Tensor) => np.mul(x, y), f64([1, 2]), f64([3, 4]))
    expectClose(push(f64([1, 1]), f64([10, 10])), [13, 24], { atol: 0 })
  })
})

describe('linearTranspose', () => {
  it('turns the direction of a linear map', () => {
    const by = f64([2, 3, 4])
    expectClose(linearTranspose((y: Tensor) => np.mul(y, by), point)(f64([1, 1, 10]))[0], [2, 3, 40], { atol: 0 })
    const w = f64([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expectClose(linearTranspose((y: Tensor) => np.matmul(w, y), point)(f64([1, 10]))[0], [41, 52, 63], { atol: 0 })
  })
  it('refuses what is not linear', () => {
    expect(() => linearTranspose((y: Tensor) => np.mul(y, y), point)(f64([1, 1, 1]))).toThrow(/linear/)
    expect(() => linearTranspose((y: Tensor) => np.sin(y), point)(f64([1, 1, 1]))).toThrow(/linear/)
  })
  it('refuses what adds a constant, which no linear map does', () => {
    expect(() => linearTranspose((y: Tensor) => np.add(y, f64([1, 0, 0])), point)(f64([1, 1, 1]))).toThrow(/adds a constant/)
    expect(() => linearTranspose((y: Tensor) => np.concatenate([y, f64([2])]), point)(f64([1, 1, 1, 1]))).toThrow(/adds a constant/)
  })
})
