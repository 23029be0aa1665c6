import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jit, jvp, np, vmap, whileLoop } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { f64, near } from './recurrence.js'

/** a, a^2, a^3, ... up to the first that is not below 100. */
const power = (a: Tensor): Tensor =>
  whileLoop(
    (v: Tensor) => np.less(v, 100),
    (v) => np.mul(v, a),
    a,
  )

describe('whileLoop', () => {
  it('goes on while the condition holds, and not once more', () => {
    expectClose(power(f64(1.5)), 1.5 ** 12, near)
    expectClose(power(f64(2)), 128, near)
    expectClose(power(f64(10)), 100, near)
    expectClose(power(f64(100)), 100, near)
    expectClose(jit(power)(f64(1.5)), 1.5 ** 12, near)
  })
  it('has a forward derivative, to the second order', () => {
    const slope = (a: Tensor): Tensor => jvp(power, [a], [f64(1)])[1]
    expectClose(slope(f64(1.5)), 12 * 1.5 ** 11, near)
    expectClose(jvp(slope, [f64(1.5)], [f64(1)])[1], 132 * 1.5 ** 10, near)
    expectClose(jit(slope)(f64(1.5)), 12 * 1.5 ** 11, near)
  })
  it('batched, each example stops when it is done', () => {
    expectClose(vmap(power)(f64([1.5, 2, 10])), [1.5 ** 12, 128, 100], near)
    expectClose(jit(vmap(power))(f64([1.5, 2, 10])), [1.5 ** 12, 128, 100], near)
    expectClose(jvp(vmap(power), [f64([1.5, 2])], [f64([1, 1])])[1], [12 * 1.5 ** 11, 7 * 2 ** 6], near)
  })
  it('batched in what only the body closes over, all stop together', () => {
    const f = (step: Tensor): readonly [Tensor, Tensor] =>
      whileLoop(
        ([i]: readonly [Tensor, Tensor]) => np.less(i, 3),
        ([i, s]) => [np.add(i, 1), np.add(s, step)],
        [np.array(0, { dtype: 'int32' }), f64(0)] as const,
      )
    const [i, s] = vmap(f)(f64([1, 10]))
    expectClose(s, [3, 30], near)
    expect(np.min(i).item()).toBe(3)
  })
  it('has no reverse mode, and says what has', () => {
    expect(() => grad(power)(f64(2))).toThrow(/whileLoop: reverse mode/)
    expect(() => grad(jit(power))(f64(2))).toThrow(/foriLoop/)
  })
  it('wants a bool scalar as condition', () => {
    expect(() =>
      whileLoop(
        (v: Tensor) => v,
        (v) => v,
        f64(1),
      ),
    ).toThrow(/one bool scalar/)
    expect(() =>
      whileLoop(
        (v: Tensor) => np.less(v, 0),
        (v) => v,
        f64([1, 2]),
      ),
    ).toThrow(/one bool scalar/)
  })
})
