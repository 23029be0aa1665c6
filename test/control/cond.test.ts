import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { cond, grad, jit, linearize, np, switch_, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { f64, near } from './recurrence.js'

const f = (y: Tensor): Tensor =>
  cond(
    np.less(y, 0),
    (v: Tensor) => np.square(v),
    (v) => np.sin(v),
    y,
  )

describe('cond', () => {
  for (const [name, g] of Object.entries({ plain: f, jitted: jit(f) }))
    it(`${name}: is the branch that was taken, and so are its derivatives`, () => {
      expectClose([Number(g(f64(-3))), Number(g(f64(1)))], [9, Math.sin(1)], near)
      expectClose([Number(grad(g)(f64(-3))), Number(grad(g)(f64(1)))], [-6, Math.cos(1)], near)
      expectClose([Number(grad(grad(g))(f64(-3))), Number(grad(grad(g))(f64(1)))], [2, -Math.sin(1)], near)
      expectClose(jit(grad(g))(f64(1)), Math.cos(1), near)
      expectClose(linearize(g, f64(1))[1](f64(2)), 2 * Math.cos(1), near)
      expectClose(vmap(g)(f64([-3, 1])), [9, Math.sin(1)], near)
      expectClose(vmap(grad(g))(f64([-3, 1])), [-6, Math.cos(1)], near)
    })
  it('one choice for a whole batch stays one', () => {
    const both = vmap(
      (flag: Tensor, x: Tensor) =>
        cond(
          flag,
          (v: Tensor) => np.mul(v, 2),
          (v: Tensor) => np.neg(v),
          x,
        ),
      { inAxes: [null, 0] },
    )
    expectClose(both(np.array(true), f64([1, 2])), [2, 4], near)
    expectClose(both(np.array(false), f64([1, 2])), [-1, -2], near)
  })
  it('differentiates what a branch closes over', () => {
    const g = (w: Tensor): Tensor =>
      cond(
        np.array(true),
        (v: Tensor) => np.mul(v, w),
        (v: Tensor) => np.add(v, w),
        f64(5),
      )
    expectClose(grad(g)(f64(2)), 5, near)
    const h = (w: Tensor): Tensor =>
      cond(
        np.array(false),
        (v: Tensor) => np.mul(v, w),
        (v: Tensor) => np.add(v, w),
        f64(5),
      )
    expectClose(grad(h)(f64(2)), 1, near)
  })
  it('wants branches of one structure', () => {
    expect(() =>
      cond(
        np.array(true),
        (v: Tensor) => v,
        (v: Tensor) => np.stack([v, v]) as never,
        f64(1),
      ),
    ).toThrow(/cond/)
  })
})

describe('switch_', () => {
  const pick = (i: Tensor, x: Tensor): Tensor =>
    switch_(i, [(v: Tensor) => np.mul(v, 10), (v: Tensor) => np.square(v), (v: Tensor) => np.neg(v)], x)
  const int = (n: unknown): Tensor => np.array(n as number, { dtype: 'int32' })
  it('takes the branch of a number, the nearest one where there is none', () => {
    expect([0, 1, 2, -4, 9].map((i) => Number(pick(int(i), f64(3))))).toEqual([30, 9, -3, 30, -3])
    expect([0, 1, 2].map((i) => Number(jit(pick)(int(i), f64(3))))).toEqual([30, 9, -3])
  })
  it('differentiates and batches', () => {
    expect([0, 1, 2].map((i) => Number(grad((x: Tensor) => pick(int(i), x))(f64(3))))).toEqual([10, 6, -1])
    expectClose(vmap(pick, { inAxes: [0, null] })(int([2, 0, 1]), f64(3)), [-3, 30, 9], near)
  })
})
