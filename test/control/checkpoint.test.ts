import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { checkpoint, grad, jit, jvp, linearize, np, trace, vjp, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'
import { bend, curve, f64, near, point, slope, value } from '../transforms/curve.js'

const kept = checkpoint(curve)

describe('checkpoint', () => {
  it('is the function, value and derivatives, batched and compiled', () => {
    expectClose(kept(point), value, near)
    expectClose(grad(kept)(point), slope, near)
    expectClose(jit(grad(kept))(point), slope, near)
    expectClose(jvp(kept, [point], [f64([0, 1, 0])])[1], slope[1]!, near)
    expectClose(vmap(grad(kept))(np.stack([point, point])), [slope, slope], near)
    expectClose(vjp(grad(kept), point)[1](f64([1, 0, 0]))[0], bend[0]!, near)
  })
  it('computes again in the reverse pass instead of keeping', () => {
    const deep = (x: Tensor): Tensor => np.sin(np.exp(np.tanh(x)))
    const count = (f: (x: Tensor) => Tensor): number => {
      const { program } = trace(
        grad((x: Tensor) => np.sum(f(x))),
        f64([1, 2]),
      )
      const all = (p: typeof program): number =>
        p.equations.reduce(
          (n, e) =>
            n + (e.prim.name === 'exp' ? 1 : 0) + (e.params['program'] === undefined ? 0 : all(e.params['program'] as typeof program)),
          0,
        )
      return all(program)
    }
    expect(count(deep)).toBe(1)
    expect(count(checkpoint(deep))).toBe(2)
  })
  it('takes several arguments, of which some are not differentiated', () => {
    const f = checkpoint((x: Tensor, n: Tensor) => np.sum(np.mul(np.square(x), n)))
    const n = np.array([3, 4], { dtype: 'int32' })
    expectClose(grad(f)(f64([1, 2]), n), [6, 16], near)
    // The recorded map, pushed: tangents of what is not differentiated are left out.
    const scaled = checkpoint((m: Tensor, x: Tensor, k: Tensor) => np.mul(np.mul(np.square(x), m), k))
    const [y, push] = linearize((x: Tensor, k: Tensor) => scaled(n, x, k), f64([1, 2]), f64([5, 7]))
    expectClose(y, [15, 112], near)
    expectClose(push(f64([1, 10]), f64([0, 1])), [30, 1136], near)
  })
  it('traces once per kind of arguments', () => {
    let runs = 0
    const f = checkpoint((x: Tensor) => {
      runs++
      return np.sin(x)
    })
    f(f64([1, 2]))
    f(f64([3, 4]))
    expect(runs).toBe(1)
    f(f64([1, 2, 3]))
    expect(runs).toBe(2)
  })
})
