import { expect, it, describe } from 'vitest'
import '../../src/index.js'
import { add, mul } from '../../src/prim/arithmetic.js'
import { aval } from '../../src/core/aval.js'
import { hostTensor, type Tensor } from '../../src/core/tensor.js'
import * as T from '../../src/prim/trigonometric.js'
import { reduceSum } from '../../src/prim/structure.js'
import { grad, valueAndGrad } from '../../src/transforms/grad.js'
import { jvp } from '../../src/transforms/jvp.js'
import { vjp } from '../../src/transforms/vjp.js'
import { linearize, linearTranspose } from '../../src/transforms/linearize.js'
import { vmap } from '../../src/transforms/vmap.js'
import { hessian, jacfwd, jacrev, hvp } from '../../src/transforms/jacobian.js'
import { customVjp, customJvp } from '../../src/transforms/custom.js'
import { jit } from '../../src/control/jit.js'
import { checkpoint } from '../../src/control/checkpoint.js'
import { scan, foriLoop } from '../../src/control/loops.js'
import { whileLoop } from '../../src/control/whileLoop.js'
import { cond } from '../../src/control/cond.js'
import { associativeScan } from '../../src/control/associativeScan.js'
import { lt } from '../../src/prim/comparison.js'
import { like } from '../../src/prim/broadcast.js'

const t = (...xs: number[]): Tensor => hostTensor(aval([xs.length], 'float64'), Float64Array.from(xs))
const s = (x: number): Tensor => hostTensor(aval([], 'float64'), Float64Array.of(x))
const sum = (x: Tensor): Tensor =>
  reduceSum(
    x,
    x.shape.map((_, i) => i),
  )
const f = (x: Tensor): Tensor => sum(mul(T.sin(x), mul(x, x)))
const df = (x: number): number => Math.cos(x) * x * x + 2 * x * Math.sin(x)
const d2f = (x: number): number => -Math.sin(x) * x * x + 4 * x * Math.cos(x) + 2 * Math.sin(x)

describe('core', () => {
  it('differentiates', () => {
    const x = t(0.5, -1.25, 2)
    const want = [0.5, -1.25, 2].map(df)
    const close = (a: Tensor, b: number[]): void => {
      ;[...a.toTypedArray()].forEach((v, i) => {
        expect(v).toBeCloseTo(b[i]!, 10)
      })
    }
    close(grad(f)(x), want)
    close(grad(jit(f))(x), want)
    close(jit(grad(f))(x), want)
    close(jit(grad(jit(f)))(x), want)
    close(grad(checkpoint(f))(x), want)
    close(jit(grad(checkpoint(f)))(x), want)
    close(vjp(f, x)[1](s(1))[0], want)
    close(jvp(f, [x], [t(1, 0, 0)])[1], [want[0]!])
    close(linearize(f, x)[1](t(1, 0, 0)), [want[0]!])
    close(linearize(jit(f), x)[1](t(1, 0, 0)), [want[0]!])
    close(linearize(checkpoint(f), x)[1](t(1, 0, 0)), [want[0]!])
    const second = [0.5, -1.25, 2].map(d2f)
    const diag = [second[0]!, 0, 0, 0, second[1]!, 0, 0, 0, second[2]!]
    close(hessian(f)(x), diag)
    close(hessian(jit(f))(x), diag)
    close(jit(hessian(f))(x), diag)
    close(jacfwd(jacfwd(f))(x), diag)
    close(jacrev(jacrev(f))(x), diag)
    close(jacrev(jacfwd(jit(f)))(x), diag)
    close(jacrev(jacfwd(checkpoint(f)))(x), diag)
    close(hvp(f)(x, t(1, 1, 1)), second)
    close(
      grad((y: Tensor) => sum(vmap(f)(mul(y, y))))(hostTensor(aval([1, 3], 'float64'), Float64Array.of(1, 2, 3))),
      [1, 2, 3].map((v) => df(v * v) * 2 * v),
    )
    const g = customVjp(f, { fwd: (y: Tensor) => [f(y), y], bwd: (y: Tensor, c: Tensor) => [mul(grad(f)(y), like(y, c.item() as number))] })
    close(grad(g)(x), want)
    const g2 = customVjp(T.sin, { fwd: (y: Tensor) => [T.sin(y), y], bwd: (y: Tensor, c: Tensor) => [mul(T.cos(y), c)] })
    for (const h of [g2, jit(g2), customJvp(T.sin, ([y], [dy]) => [T.sin(y), mul(T.cos(y), dy)]), vmap(g2)]) {
      const k = (y: Tensor): Tensor => sum(mul(h(y), mul(y, y)))
      close(grad(k)(x), want)
      close(hessian(k)(x), diag)
      close(jit(hessian(k))(x), diag)
      close(jacfwd(jacfwd(k))(x), diag)
    }
    close(linearTranspose((y: Tensor) => mul(y, t(2, 3, 4)), x)(t(1, 1, 1))[0], [2, 3, 4])
    close(valueAndGrad((p: { a: Tensor; b: Tensor }) => sum(mul(p.a, p.b)))({ a: x, b: t(1, 2, 3) })[1].a, [1, 2, 3])
  })
  it('scans', () => {
    const x = t(0.5, -1.25, 2)
    const by = (y: Tensor): Tensor => {
      const [c, ys] = scan(
        (c: Tensor, e: Tensor) => {
          const v = T.sin(add(mul(c, e), e))
          return [v, mul(v, c)]
        },
        s(0.3),
        y,
      )
      return add(c, sum(ys))
    }
    const loop = (y: Tensor): Tensor => {
      const v = y.toTypedArray()
      let c = 0.3,
        total = 0
      for (const e of v) {
        const n = Math.sin(c * e + e)
        total += n * c
        c = n
      }
      return s(total + c)
    }
    expect(by(x).item()).toBeCloseTo(loop(x).item() as number, 12)
    const numeric = [0, 1, 2].map((i) => {
      const at = (h: number): number => {
        const v = [0.5, -1.25, 2]
        v[i]! += h
        return loop(t(...v)).item() as number
      }
      return (at(1e-5) - at(-1e-5)) / 2e-5
    })
    for (const k of [by, jit(by), checkpoint(by)]) {
      for (const g of [
        grad(k),
        jit(grad(k)),
        jacfwd(k),
        (y: Tensor) => vmap((v: Tensor) => grad(k)(v))(hostTensor(aval([1, 3], 'float64'), y.toTypedArray())),
      ])
        [...g(x).toTypedArray()].forEach((v, i) => {
          expect(v).toBeCloseTo(numeric[i]!, 8)
        })
      const h1 = hessian(k)(x).toTypedArray(),
        h2 = jacrev(jacrev(k))(x).toTypedArray(),
        h3 = jacfwd(jacfwd(k))(x).toTypedArray(),
        h4 = jacrev(jacfwd(k))(x).toTypedArray()
      h1.forEach((v, i) => {
        expect(h2[i]).toBeCloseTo(v, 10)
        expect(h3[i]).toBeCloseTo(v, 10)
        expect(h4[i]).toBeCloseTo(v, 10)
      })
      const [, push] = linearize(k, x)
      expect(push(t(0, 1, 0)).item()).toBeCloseTo(numeric[1]!, 8)
    }
    expect(foriLoop(0, 10, (i, v) => add(v, i), hostTensor(aval([], 'int32'), Int32Array.of(0))).item()).toBe(45)
    expect(
      whileLoop(
        (v: Tensor) => lt(v, s(100)),
        (v) => mul(v, s(1.5)),
        s(1),
      ).item(),
    ).toBeCloseTo(1.5 ** 12, 10)
    expect([...associativeScan((a, b) => mul(a, b), t(1, 2, 3, 4, 5)).toTypedArray()]).toEqual([1, 2, 6, 24, 120])
    const wl = (a: Tensor): Tensor =>
      whileLoop(
        (v: Tensor) => lt(v, s(100)),
        (v) => mul(v, a),
        a,
      )
    expect(jvp(wl, [s(1.5)], [s(1)])[1].item()).toBeCloseTo(12 * 1.5 ** 11, 6)
    expect([...vmap(wl)(t(1.5, 2, 10)).toTypedArray()].map((v) => Math.round(v))).toEqual([Math.round(1.5 ** 12), 128, 100])
    expect(() => grad(wl)(s(2))).toThrow(/reverse mode/)
    const c = (y: Tensor): Tensor =>
      cond(
        lt(y, s(0)),
        (v: Tensor) => mul(v, v),
        (v) => T.sin(v),
        y,
      )
    expect(grad(c)(s(-3)).item()).toBeCloseTo(-6, 12)
    expect(grad(grad(c))(s(-3)).item()).toBeCloseTo(2, 12)
    expect(grad(c)(s(1)).item()).toBeCloseTo(Math.cos(1), 12)
    expect([...vmap(grad(c))(t(-3, 1)).toTypedArray()][0]).toBeCloseTo(-6)
    expect(jit(grad(c))(s(1)).item()).toBeCloseTo(Math.cos(1), 12)
    expect(linearize(c, s(1))[1](s(2)).item()).toBeCloseTo(2 * Math.cos(1), 12)
  })
})
