/** Norms of elements whose squares leave the range of their dtype, and their derivatives, beside float64 and closed forms. */
import { describe, expect, it } from 'vitest'
import type { DType, Tensor } from '../../src/index.js'
import { grad, hessian, jit, losses, np, optim } from '../../src/index.js'
import { norm, rootMeanSquare, unit } from '../../src/numpy/norm.js'
import { expectClose } from '../expectClose.js'

const of = (values: readonly number[], scale: number, dtype: DType = 'float32'): Tensor =>
  np.array(
    values.map((v) => v * scale),
    { dtype },
  )
const values = [3, -4, 12]

/** Powers of two near both ends of each dtype, and on both sides of where elements are scaled. */
const scales: readonly (readonly [DType, number])[] = [
  ...[-140, -125, -100, -64, -44, -42, -41, -40, 0, 36, 37, 38, 64, 100, 123].map((e) => ['float32', 2 ** e] as const),
  ...[-1060, -1000, -600, -402, -399, 0, 396, 399, 600, 1019].map((e) => ['float64', 2 ** e] as const),
]

describe('norms of every size', () => {
  for (const [dtype, scale] of scales)
    for (const compiled of [false, true])
      it(`${dtype} times 2^${Math.log2(scale)}${compiled ? ', compiled' : ''}`, () => {
        const now = <F extends (x: Tensor) => Tensor>(f: F): ((x: Tensor) => Tensor) => (compiled ? jit(f) : f)
        const x = of(values, scale, dtype)
        const close = { rtol: dtype === 'float32' ? 2e-7 : 4e-16, atol: 0 }
        expect(now((a) => norm(a))(x).item()).toBe(13 * scale)
        expect(now((a) => norm(a, { axis: 0 }))(x).item()).toBe(13 * scale)
        expect(now((a) => optim.globalNorm({ p: a, q: [np.zeros([0], { dtype })] }))(x).item()).toBe(13 * scale)
        expectClose(now(rootMeanSquare)(x), np.div(of([13], scale, dtype), np.sqrt(of([3], 1, dtype))).item() as number, {
          ...close,
          // a subnormal result has fewer digits
          atol: dtype === 'float32' ? 2 ** -149 : 2 ** -1074,
        })
        const direction = values.map((v) => v / 13)
        expectClose(now((a) => unit(a, 0))(x), direction, close)
        expectClose(now(grad((a: Tensor) => norm(a)))(x), direction, close)
      })

  it('the second derivative is the projection over the norm', () => {
    for (const scale of [1, 2 ** 50, 2 ** -50]) {
      const h = hessian((a: Tensor) => norm(a))(of([3, 4], scale))
      expectClose(
        np.mul(h, scale),
        [
          [16 / 125, -12 / 125],
          [-12 / 125, 9 / 125],
        ],
        { rtol: 1e-6, atol: 1e-8 },
      )
    }
  })
  it('at zero, at infinities, at NaN, of nothing', () => {
    expect(norm(np.zeros([2])).item()).toBe(0)
    expect(grad((a: Tensor) => norm(a))(np.zeros([2])).toArray()).toEqual([0, 0])
    expect(grad(rootMeanSquare)(np.zeros([2])).toArray()).toEqual([0, 0])
    expect(norm(np.array([-Infinity, 1])).item()).toBe(Infinity)
    expect(norm(np.array([NaN, 1e30])).item()).toBe(NaN)
    expect(norm(np.zeros([0])).item()).toBe(0)
    expect(norm(np.zeros([2, 0]), { axis: 1, keepdims: true }).shape).toEqual([2, 1])
    expect(norm(np.ones([2, 3, 4]), { axis: [0, 2] }).shape).toEqual([3])
    expect(optim.globalNorm({}).item()).toBe(0)
  })
  it('is taken by every row by itself', () => {
    const rows = np.array([
      [3e30, 4e30],
      [3e-30, 4e-30],
      [3, 4],
    ])
    expectClose(norm(rows, { axis: 1 }), [5e30, 5e-30, 5], { rtol: 2e-7, atol: 0 })
    const direction = [0.6, 0.8]
    expectClose(unit(rows, 1), [direction, direction, direction], { rtol: 2e-7 })
  })
})

describe('what is measured by norms', () => {
  it('clips to the bound whatever the size', () => {
    for (const clip of [optim.clipByGlobalNorm(1), optim.clipByNorm(1), optim.adaptiveGradClip(1, { eps: 1 })])
      for (const scale of [1e20, 1e37, 3e37]) {
        const g = { a: of([3, -4], scale) }
        const [{ a }] = clip.update(g, clip.init(g), { a: np.zeros([2]) })
        expectClose(a, [0.6, -0.8], { rtol: 3e-7, atol: 0 })
      }
    const tiny = { a: of([3, -4], 1e-25) }
    for (const clip of [optim.clipByGlobalNorm(1e-26), optim.clipByNorm(1e-26)])
      expectClose(clip.update(tiny, clip.init(tiny), tiny)[0].a, [0.6e-26, -0.8e-26], { rtol: 3e-7, atol: 0 })
    const kept = optim.clipByGlobalNorm(1).update(tiny, optim.clipByGlobalNorm(1).init(tiny), tiny)[0].a
    expect(kept.toArray()).toEqual(tiny.a.toArray())
  })
  it('clips leaves of two dtypes by the norm of both, and keeps their dtypes', () => {
    const g = { a: of([3], 1e30), b: of([4], 1e30, 'float64') }
    const clip = optim.clipByGlobalNorm(1)
    const [{ a, b }] = clip.update(g, clip.init(g), g)
    expectClose(a, np.array([0.6]), { rtol: 2e-7 })
    expectClose(b, np.array([0.8], { dtype: 'float64' }), { rtol: 1e-7 })
  })
  it('has the derivative of clipping, x / |x| to the power of -1 included', () => {
    const clip = optim.clipByGlobalNorm(1)
    // d of the first entry of g / |g|: (1 - u0^2, -u0 u1) / |g|
    for (const scale of [1, 1e25, 1e30]) {
      const g = of([3, 4], scale)
      const first = (x: Tensor): Tensor => np.index(clip.update(x, clip.init(x), x)[0], 0)
      expectClose(np.mul(grad(first)(g), scale), [0.128, -0.096], { rtol: 2e-6 })
    }
    const zero = np.zeros([2])
    expect(grad((x: Tensor) => np.sum(clip.update(x, clip.init(x), x)[0]))(zero).toArray()).toEqual([1, 1])
  })
  it('the distance of places and their angle', () => {
    for (const scale of [1e-25, 1, 1e25]) {
      const [a, b] = [of([1, 0], scale), of([1, 1], scale)]
      expectClose(losses.cosineDistance(a, b), 1 - Math.SQRT1_2, { rtol: 1e-6 })
    }
    const far = losses.triplet(np.zeros([2]), of([3, 4], 1e25), np.zeros([2]), { margin: 0 })
    expectClose(far, 5e25, { rtol: 2e-7 })
  })
  it('the trust ratio and blocks', () => {
    const [u, p] = [of([3, 4], 1e25), of([6, 8], 1e25)]
    for (const t of [optim.scaleByTrustRatio()]) expectClose(t.update(u, t.init(p), p)[0], np.mul(u, 2), { rtol: 2e-7 })
    const rms = optim.clipByBlockRms(1)
    expectClose(rms.update(u, rms.init(u), u)[0], np.div(of([3, 4], 1), Math.sqrt(12.5)), { rtol: 3e-7 })
  })
})
