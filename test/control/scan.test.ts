import { describe, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { checkpoint, grad, hessian, jacfwd, jacrev, jit, linearize, np, scan, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { byHand, f64, near, places, recurrence } from './recurrence.js'

const x = f64(places)
const { value, slope } = byHand(places)

describe('the scan primitive', () => {
  for (const [name, f] of Object.entries({
    plain: (y: Tensor): Tensor => recurrence(y),
    jitted: jit((y: Tensor) => recurrence(y)),
    checkpointed: checkpoint((y: Tensor) => recurrence(y)),
    'checkpointed step by step': (y: Tensor): Tensor => recurrence(y, { checkpoint: true }),
  })) {
    it(`${name}: value and first derivatives in every mode`, () => {
      expectClose(f(x), value, near)
      expectClose(grad(f)(x), slope, near)
      expectClose(jit(grad(f))(x), slope, near)
      expectClose(jacfwd(f)(x), slope, near)
      expectClose(vmap(grad(f))(f64([places, places])), [slope, slope], near)
      expectClose(linearize(f, x)[1](f64([0, 1, 0])), slope[1]!, near)
    })
    it(`${name}: second derivatives are the same in every nesting of modes, and symmetric`, () => {
      const h = hessian(f)(x)
      const step = 1e-5
      const column = (k: number): number[] => {
        const at = (d: number): readonly number[] => byHand(places.map((p, i) => (i === k ? p + d : p))).slope
        return at(step).map((v, i) => (v - at(-step)[i]!) / (2 * step))
      }
      expectClose(h, [column(0), column(1), column(2)], { atol: 1e-8 })
      expectClose(h, np.transpose(h), { atol: 1e-12 })
      expectClose(jacrev(jacrev(f))(x), h, { atol: 1e-12 })
      expectClose(jacfwd(jacfwd(f))(x), h, { atol: 1e-12 })
      expectClose(jacrev(jacfwd(f))(x), h, { atol: 1e-12 })
    })
  }
  it('sums the derivatives of what every step closes over', () => {
    const f = (w: Tensor): Tensor => scan((c: Tensor, e: Tensor) => [np.add(np.mul(c, w), e), null], f64(1), f64([1, 2]))[0]
    // ((w + 1) w + 2), its derivative 2w + 1
    expectClose(f(f64(3)), 14, near)
    expectClose(grad(f)(f64(3)), 7, near)
    expectClose(jit(jacfwd(f))(f64(3)), 7, near)
  })
  it('batches what it carries, what it runs over, and what it closes over', () => {
    const f = (c: Tensor, xs: Tensor, w: Tensor): readonly [Tensor, Tensor] =>
      scan((s: Tensor, e: Tensor) => [np.add(np.mul(s, w), e), s], c, xs)
    const [last, all] = vmap(f, { inAxes: [0, null, null] })(f64([0, 1]), f64([1, 2]), f64(10))
    expectClose(last, [12, 112], near)
    expectClose(
      all,
      [
        [0, 1],
        [1, 11],
      ],
      near,
    )
    expectClose(
      vmap(f, { inAxes: [null, 1, null] })(
        f64(0),
        f64([
          [1, 5],
          [2, 6],
        ]),
        f64(10),
      )[0],
      [12, 56],
      near,
    )
    expectClose(vmap(f, { inAxes: [null, null, 0] })(f64(1), f64([1, 2]), f64([10, 0]))[0], [112, 2], near)
  })
})
