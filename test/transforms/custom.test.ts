import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { customJvp, customVjp, grad, hessian, jacfwd, jit, jvp, np, vmap, whileLoop } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { bend, curve, f64, near, point, slope, value } from './curve.js'

const byPull = customVjp((y: Tensor) => np.sin(y), {
  fwd: (y: Tensor) => [np.sin(y), y],
  bwd: (y: Tensor, c: Tensor) => [np.mul(np.cos(y), c)],
})
const byPush = customJvp(
  (y: Tensor) => np.sin(y),
  ([y], [dy]) => [np.sin(y), np.mul(np.cos(y), dy)],
)

describe('functions with derivatives of their own', () => {
  for (const [name, sin] of Object.entries({ byPull, jitted: jit(byPull), byPush, batched: vmap(byPull), batchedPush: vmap(byPush) })) {
    const f = (y: Tensor): Tensor => np.sum(np.mul(sin(y), np.square(y)))
    it(`${name}: in both modes to the second order, compiled too`, () => {
      expectClose(f(point), value, near)
      expectClose(grad(f)(point), slope, near)
      expectClose(hessian(f)(point), bend, near)
      expectClose(jit(hessian(f))(point), bend, near)
      expectClose(jacfwd(jacfwd(f))(point), bend, near)
      expectClose(jvp(f, [point], [f64([0, 1, 0])])[1], slope[1]!, near)
    })
  }
  it('the rule is what is used: a wrong one shows, in both modes', () => {
    const doubled = customVjp((y: Tensor) => np.sin(y), {
      fwd: (y: Tensor) => [np.sin(y), y],
      bwd: (y: Tensor, c: Tensor) => [np.mul(np.mul(np.cos(y), c), 2)],
    })
    expectClose(grad(doubled)(f64(0.5)), 2 * Math.cos(0.5), near)
    expectClose(jvp(doubled, [f64(0.5)], [f64(1)])[1], 2 * Math.cos(0.5), near)
    const tripled = customJvp(
      (y: Tensor) => np.sin(y),
      ([y], [dy]) => [np.sin(y), np.mul(np.mul(np.cos(y), dy), 3)],
    )
    expectClose(grad(tripled)(f64(0.5)), 3 * Math.cos(0.5), near)
  })
  it('several arguments, null for one without derivative', () => {
    const scaled = customVjp((x: Tensor, by: Tensor) => np.mul(x, by), {
      fwd: (x: Tensor, by: Tensor) => [np.mul(x, by), by],
      bwd: (by: Tensor, c: Tensor) => [np.mul(c, by), null],
    })
    const [dx, dby] = grad((x: Tensor, by: Tensor) => np.sum(scaled(x, by)), { argnums: [0, 1] })(f64([1, 2]), f64([3, 4]))
    expectClose(dx, [3, 4], { atol: 0 })
    expectClose(dby, [0, 0], { atol: 0 })
  })
  it('trees in, trees out', () => {
    const parts = customVjp(({ a, b }: { a: Tensor; b: Tensor }) => ({ product: np.mul(a, b), sum: np.add(a, b) }), {
      fwd: ({ a, b }: { a: Tensor; b: Tensor }) => [
        { product: np.mul(a, b), sum: np.add(a, b) },
        { a, b },
      ],
      bwd: ({ a, b }: { a: Tensor; b: Tensor }, { product, sum }) => [
        { a: np.add(np.mul(product, b), sum), b: np.add(np.mul(product, a), sum) },
      ],
    })
    const slopes = grad((p: { a: Tensor; b: Tensor }) => {
      const { product, sum } = parts(p)
      return np.sum(np.add(product, np.mul(sum, 10)))
    })({ a: f64([1, 2]), b: f64([3, 4]) })
    expectClose(slopes.a, [13, 14], { atol: 0 })
    expectClose(slopes.b, [11, 12], { atol: 0 })
  })
  it('what bwd closes over is taken along when compiled', () => {
    const f = (x: Tensor, k: Tensor): Tensor => {
      const times = customVjp((y: Tensor) => np.mul(y, 2), {
        fwd: (y: Tensor) => [np.mul(y, 2), null],
        bwd: (_, c: Tensor) => [np.mul(c, k)],
      })
      return np.sum(times(x))
    }
    expectClose(jit((x: Tensor, k: Tensor) => grad(f)(x, k))(f64([1, 2]), f64([5, 7])), [5, 7], { atol: 0 })
  })
  it('gradients of a closure over what is differentiated are refused', () => {
    const f = (x: Tensor): Tensor => {
      const g = customVjp((y: Tensor) => np.mul(y, x), { fwd: (y: Tensor) => [np.mul(y, x), null], bwd: (_, c: Tensor) => [c] })
      return np.sum(g(np.ones([2], { dtype: 'float64' })))
    }
    expect(() => grad(jit(f))(f64([1, 2]))).toThrow(/closes over a value that is being differentiated/)
  })
  it('curve by a custom gradient', () => {
    const g = customVjp(curve, { fwd: (y: Tensor) => [curve(y), y], bwd: (y: Tensor, c: Tensor) => [np.mul(grad(curve)(y), c)] })
    expectClose(grad(g)(point), slope, near)
    expectClose(hessian(g)(point), bend, near)
  })
  it('a whileLoop in a rule works in the mode of the rule; the other mode says what would', () => {
    const halved = (v: Tensor): Tensor =>
      whileLoop(
        ({ i }: { i: Tensor; v: Tensor }) => np.less(i, 2),
        ({ i, v: w }) => ({ i: np.add(i, 1), v: np.mul(w, 0.5) }),
        { i: np.array(0, { dtype: 'int32' }), v },
      ).v
    const back = customVjp((y: Tensor) => np.mul(y, 0.25), {
      fwd: (y: Tensor) => [np.mul(y, 0.25), null],
      bwd: (_, c: Tensor) => [halved(c)],
    })
    expectClose(grad((y: Tensor) => np.sum(back(y)))(f64([1, 2])), [0.25, 0.25], { atol: 0 })
    for (const f of [back, jit(back)])
      expect(() => jvp(f, [f64([1, 2])], [f64([1, 1])])).toThrow(
        /bwd rule of customVjp holds a while .* transposed here[\s\S]*foriLoop with number bounds, or scan there; reverse mode \(grad, vjp\)/,
      )
    const forth = customJvp(
      (y: Tensor) => np.mul(y, 0.25),
      ([y], [dy]) => [np.mul(y, 0.25), halved(dy)],
    )
    expectClose(jvp(forth, [f64([1, 2])], [f64([1, 1])])[1], [0.25, 0.25], { atol: 0 })
    expect(() => grad((y: Tensor) => np.sum(forth(y)))(f64([1, 2]))).toThrow(
      /push of customJvp holds a while[\s\S]*forward mode \(jvp, jacfwd\)/,
    )
  })
  it('what a push closes over is taken along when compiled', () => {
    const f = (x: Tensor, k: Tensor): Tensor => {
      const times = customJvp(
        (y: Tensor) => np.mul(y, k),
        ([y], [dy]) => [np.mul(y, k), np.mul(dy, np.mul(k, 10))],
      )
      return jvp(times, [x], [f64([1, 2])])[1]
    }
    expectClose(jit(f)(f64([1, 2]), f64([5, 7])), [50, 140], { atol: 0 })
    expectClose(
      jit(
        grad((x: Tensor, k: Tensor) =>
          np.sum(
            customJvp(
              (y: Tensor) => np.mul(y, 2),
              ([y], [dy]) => [np.mul(y, 2), np.mul(dy, k)],
            )(x),
          ),
        ),
      )(f64([1, 2]), f64([5, 7])),
      [5, 7],
      { atol: 0 },
    )
  })
})
