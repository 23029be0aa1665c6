import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { associativeScan, grad, jit, np, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { f64, near } from './recurrence.js'

describe('associativeScan', () => {
  it.each([0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17])('is every prefix of %i elements', (n) => {
    const xs = Array.from({ length: n }, (_, i) => 1 + i / 8)
    let product = 1
    const products = xs.map((x) => (product *= x))
    const got = associativeScan((a: Tensor, b: Tensor) => np.mul(a, b), f64(xs))
    expectClose(got, products, { rtol: 1e-14, atol: 0, dtype: 'float64' })
  })
  it('or every suffix, along any axis', () => {
    const xs = f64([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expectClose(
      associativeScan(np.add, xs, { axis: 1, reverse: true }),
      [
        [6, 5, 3],
        [15, 11, 6],
      ],
      near,
    )
    expectClose(
      associativeScan(np.add, xs, { axis: -2 }),
      [
        [1, 2, 3],
        [5, 7, 9],
      ],
      near,
    )
  })
  it('keeps the order of what does not commute', () => {
    // Affine maps x -> a x + b, the earlier one first.
    type Map = { a: Tensor; b: Tensor }
    const after = (f: Map, g: Map): Map => ({ a: np.mul(f.a, g.a), b: np.add(np.mul(g.a, f.b), g.b) })
    const { a, b } = associativeScan(after, { a: f64([2, 3, 5]), b: f64([1, 10, 100]) })
    expectClose(a, [2, 6, 30], near)
    expectClose(b, [1, 13, 165], near)
  })
  it('differentiates, batches and compiles', () => {
    const last = (x: Tensor): Tensor =>
      np.index(
        associativeScan((a: Tensor, b: Tensor) => np.mul(a, b), x),
        -1,
      )
    expectClose(grad(last)(f64([2, 3, 5])), [15, 10, 6], near)
    expectClose(
      jit(vmap(last))(
        f64([
          [2, 3, 5],
          [1, 1, 7],
        ]),
      ),
      [30, 7],
      near,
    )
  })
  it('wants one length', () => {
    expect(() => associativeScan((a) => a, { a: f64([1]), b: f64([1, 2]) })).toThrow(/sizes along axis 0 differ: 1 and 2/)
  })
})
