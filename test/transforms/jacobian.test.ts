import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { checkpoint, hessian, hvp, jacfwd, jacrev, jit, np } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { bend, bendOfOnes, curve, f64, near, point } from './curve.js'

describe('hessian', () => {
  it.each([
    ['hessian', () => hessian(curve)],
    ['of a jitted function', () => hessian(jit(curve))],
    ['of a checkpointed function', () => hessian(checkpoint(curve))],
    ['jitted', () => jit(hessian(curve))],
    ['forward over forward', () => jacfwd(jacfwd(curve))],
    ['reverse over reverse', () => jacrev(jacrev(curve))],
    ['forward over reverse', () => jacfwd(jacrev(curve))],
    ['reverse over forward, jitted inside', () => jacrev(jacfwd(jit(curve)))],
    ['reverse over forward, checkpointed inside', () => jacrev(jacfwd(checkpoint(curve)))],
  ])('is the same in every mode: %s', (_, made) => {
    // Made here: what is derived from a jitted function lives as long as the function.
    expectClose(made()(point), bend, near)
  })
  it('of trees has a block for each pair of leaves', () => {
    const f = (p: { a: Tensor; b: Tensor }): Tensor => np.add(np.sum(np.mul(p.a, np.sum(p.b))), np.sum(np.square(p.b)))
    const h = hessian(f)({ a: f64([1, 2, 3]), b: f64([4, 5]) })
    expectClose(h.a.a, np.zeros([3, 3]), { atol: 0 })
    expectClose(h.a.b, np.ones([3, 2]), { atol: 0 })
    expectClose(h.b.a, np.ones([2, 3]), { atol: 0 })
    expectClose(
      h.b.b,
      [
        [2, 0],
        [0, 2],
      ],
      { atol: 0 },
    )
  })
  it('times a vector, without the matrix', () => {
    expectClose(hvp(curve)(point, f64([1, 1, 1])), bendOfOnes, near)
    expectClose(jit(hvp(curve))(point, f64([0, 1, 0])), [0, bendOfOnes[1]!, 0], near)
  })
})

describe('jacobians', () => {
  const f = (x: Tensor, y: Tensor): Tensor => np.stack([np.sum(np.mul(x, y)), np.prod(y)])
  const [x, y] = [f64([1, 2, 3]), f64([4, 5, 6])]
  const byX = [
    [4, 5, 6],
    [0, 0, 0],
  ]
  const byY = [
    [1, 2, 3],
    [30, 24, 20],
  ]
  it.each([
    ['forward', jacfwd],
    ['reverse', jacrev],
  ] as const)('have the axes of the result, then those of the argument: %s', (_, jacobian) => {
    expectClose(jacobian(f)(x, y), byX, near)
    expectClose(jacobian(f, { argnums: 1 })(x, y), byY, near)
    const [dy, dx] = jacobian(f, { argnums: [1, 0] })(x, y)
    expectClose(dy, byY, near)
    expectClose(dx, byX, near)
    const square = jacobian((a: Tensor) => np.mul(a, a))(
      f64([
        [1, 2],
        [3, 4],
      ]),
    )
    expect(square.shape).toEqual([2, 2, 2, 2])
    expectClose(np.reshape(square, [4, 4]), np.diag(f64([2, 4, 6, 8])), { atol: 0 })
  })
})
