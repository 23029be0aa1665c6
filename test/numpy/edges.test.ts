/** Infinities, NaN of both signs, zeros of both signs, subnormals and empty axes, beside NumPy and SciPy; derivatives at ties and at NaN. */
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jacfwd, jacrev, jit, np, special } from '../../src/index.js'

const I = Infinity
const f64 = (v: unknown): Tensor => np.array(v as number[], { dtype: 'float64' })
const f32 = (v: unknown): Tensor => np.array(v as number[], { dtype: 'float32' })
const numbers = (t: Tensor): readonly number[] => [...t.toTypedArray()].map(Number)
/** The same eagerly and compiled. */
const both = (f: (...xs: Tensor[]) => Tensor, ...xs: Tensor[]): readonly number[] => {
  const [eager, compiled] = [numbers(f(...xs)), numbers(jit(f)(...(xs as [Tensor])))]
  expect(compiled).toEqual(eager)
  return eager
}

describe('quotients and remainders', () => {
  for (const of of [f64, f32])
    it(`of ${of([0]).dtype} by 0, by infinity, and with the signs of zeros`, () => {
      const [x, y] = [of([5, -5, 0, 5, -5, -1, -0, 4, -4]), of([0, 0, 0, I, I, -5, 5, -2, 2])]
      expect(both(np.floorDivide, x, y)).toEqual([I, -I, NaN, 0, -1, 0, -0, -2, -2])
      expect(both(np.remainder, x, y)).toEqual([NaN, NaN, NaN, 5, I, -1, 0, -0, 0])
      expect(numbers(grad((z: Tensor) => np.sum(np.floorDivide(z, of(3))))(x))).toEqual(numbers(np.zerosLike(x)))
    })
  it('of integers', () => {
    const i32 = (v: number[]): Tensor => np.array(v, { dtype: 'int32' })
    expect(numbers(np.floorDivide(i32([-7, 7, -7]), i32([2, 2, -2])))).toEqual([-4, 3, 3])
  })
})

describe('ldexp', () => {
  it('reaches from subnormal to subnormal', () => {
    const e = np.array([1074, -1074, 2000, -2000, 1023, 0], { dtype: 'int32' })
    expect(both(np.ldexp, f64([5e-324, 1, 2 ** -1000, 2 ** 1000, 1.5, -3]), e)).toEqual([
      1,
      5e-324,
      2 ** 1000,
      2 ** -1000,
      1.5 * 2 ** 1023,
      -3,
    ])
    const short = np.array([149, -149, 250, 127], { dtype: 'int32' })
    expect(both(np.ldexp, f32([2 ** -149, 1, 2 ** -125, 1.5]), short)).toEqual([1, 2 ** -149, 2 ** 125, 1.5 * 2 ** 127])
  })
  it('rounds once', () => {
    // 0.7 and its neighbours, halfway cases at the lowest bits
    const x = [0.7, 1 + 2 ** -52, 1.9999999999999998, 1 / 3]
    for (const e of [-1023, -1030, -1050, -1073, -1074, -1075])
      expect(numbers(np.ldexp(f64(x), np.array(e, { dtype: 'int32' })))).toEqual(x.map((v) => v * 2 ** (e + 1000) * 2 ** -1000))
  })
  it('derivatives, and what is no number', () => {
    expect(numbers(np.ldexp(f64([I, -0, NaN, 1]), f64([-3000, 5, 1, NaN])))).toEqual([I, -0, NaN, NaN])
    expect(grad(np.ldexp)(f64(3), f64(4)).item()).toBe(16)
    expect(grad(np.ldexp, { argnums: 1 })(f64(3), f64(4)).item()).toBeCloseTo(48 * Math.LN2, 12)
  })
})

describe('signs', () => {
  const nans32 = (): Tensor => np.array(new Float32Array(new Uint32Array([0xffc00000, 0x7fc00000, 0x80000000, 0, 0x80000001, 1]).buffer))
  const nans64 = (): Tensor =>
    np.array(new Float64Array(new BigUint64Array([0xfff8000000000000n, 0x7ff8000000000000n, 1n << 63n, 0n, (1n << 63n) + 1n, 1n]).buffer))
  it('of NaN, zeros and subnormals', () => {
    for (const x of [nans32(), nans64()]) {
      expect(numbers(np.signbit(x))).toEqual([1, 0, 1, 0, 1, 0])
      expect(numbers(np.copysign(np.onesLike(x), x))).toEqual([-1, 1, -1, 1, -1, 1])
    }
    expect(numbers(np.signbit(f64([I, -I, 3, -3])))).toEqual([0, 1, 0, 1])
  })
  it('of fractional parts', () => {
    const [part, whole] = np.modf(f64([I, -I, -3, 3, -0, -1.5, NaN]))
    expect(numbers(part)).toEqual([0, -0, -0, 0, -0, -0.5, NaN])
    expect(numbers(whole)).toEqual([I, -I, -3, 3, -0, -1, NaN])
  })
})

describe('moments', () => {
  const mask = np.array([true, false, true])
  it('leave out what the mask says, in values and derivatives', () => {
    for (const bad of [NaN, I, -I]) {
      const x = f64([1, bad, 3])
      expect(np.var(x, { where: mask }).item()).toBe(1)
      for (const g of [grad((y: Tensor) => np.var(y, { where: mask })), jit(grad((y: Tensor) => np.var(y, { where: mask })))])
        expect(numbers(g(x))).toEqual([-1, 0, 1])
      expect(numbers(grad((y: Tensor) => np.std(y, { where: mask }))(x))).toEqual([-0.5, 0, 0.5])
      expect(numbers(grad((y: Tensor) => np.mean(y, { where: mask }))(x))).toEqual([0.5, 0, 0.5])
      expect(numbers(grad((y: Tensor) => np.prod(y, { where: mask }))(x))).toEqual([3, 0, 1])
      expect(numbers(grad((y: Tensor) => np.max(y, { where: mask, initial: 0 }))(x))).toEqual([0, 0, 1])
      const weights = f64([1, 0, 3])
      expect(np.average(x, { weights }).item()).toBe(2.5)
      expect(numbers(grad((y: Tensor) => np.average(y, { weights }))(x))).toEqual([0.25, 0, 0.75])
    }
    const byWeight = grad((w: Tensor) => np.average(f64([1, 5, 3]), { weights: w }))(f64([1, 0, 3]))
    expect(numbers(byWeight)).toEqual([-0.375, 0.625, 0.125])
  })
  it('second derivatives beside what is left out', () => {
    const second = jacfwd(jacrev((y: Tensor) => np.var(y, { where: mask })))(f64([1, NaN, 3]))
    expect(numbers(second)).toEqual([0.5, 0, -0.5, 0, 0, 0, -0.5, 0, 0.5])
  })
  it('of fewer elements than degrees of freedom', () => {
    expect(np.var(f64([5, 7]), { ddof: 2 }).item()).toBe(I)
    expect(np.var(f64([5, 7]), { ddof: 3 }).item()).toBe(I)
    expect(np.var(f64([5]), { ddof: 1 }).item()).toBeNaN()
    expect(np.var(f64([1, NaN, 3]), { ddof: 3, where: mask }).item()).toBe(I)
  })
  it('of nothing, and of what does not vary', () => {
    expect([np.mean(f64([])), np.var(f64([])), np.std(f64([]))].map((t) => t.item())).toEqual([NaN, NaN, NaN])
    expect(numbers(grad(np.std)(f64([2, 2])))).toEqual([0, 0])
    expect(numbers(grad(np.nanstd)(f64([2, NaN, 2])))).toEqual([0, 0, 0])
  })
})

describe('extremes at NaN and at ties', () => {
  const jacobians = (f: (x: Tensor) => Tensor, x: Tensor): readonly number[] => {
    const [reverse, forward] = [numbers(jacrev(f)(x)), numbers(jacfwd(f)(x))].map((m) => m.map((v) => v + 0)) as [number[], number[]]
    expect(forward).toEqual(reverse)
    return reverse
  }
  it('running ones belong to the first NaN from where it stands', () => {
    expect(jacobians(np.cummax, f64([1, NaN, 3]))).toEqual([1, 0, 0, 0, 1, 0, 0, 1, 0])
    expect(jacobians(np.cummin, f64([NaN, 2, 1]))).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0])
    expect(jacobians(np.cummax, f64([2, 2, 1]))).toEqual([1, 0, 0, 0.5, 0.5, 0, 0.5, 0.5, 0])
    expect(jacobians((x) => np.cummax(x, { reverse: true }), f64([1, NaN, 3]))).toEqual([0, 1, 0, 0, 1, 0, 0, 0, 1])
    expect(jacobians(np.cummax, f64([-I, -I]))).toEqual([1, 0, 0.5, 0.5])
  })
  it('of all elements, and of two', () => {
    expect(jacobians(np.max, f64([1, NaN, 3]))).toEqual([0, 1, 0])
    expect(jacobians(np.min, f64([NaN, NaN, 3]))).toEqual([0.5, 0.5, 0])
    for (const f of [np.maximum, np.minimum]) {
      expect(jacobians((x) => f(x, f64([1, NaN, NaN, 2])), f64([NaN, 1, NaN, 2])).filter((_, k) => k % 5 === 0)).toEqual([1, 0, 0.5, 0.5])
      expect(jacobians((x) => f(f64([1, NaN, NaN, 2]), x), f64([NaN, 1, NaN, 2])).filter((_, k) => k % 5 === 0)).toEqual([1, 0, 0.5, 0.5])
    }
    expect(jacobians((x) => np.maximum(x, 0), f64([-I, -0, I]))).toEqual([0, 0, 0, 0, 0.5, 0, 0, 0, 1])
  })
})

describe('sums of exponentials', () => {
  it('of infinities', () => {
    expect(both(np.logaddexp, f64([-I, I, I, 1, -I, NaN]), f64([-I, I, -I, I, 2, 1]))).toEqual([-I, I, I, I, 2, NaN])
    expect(both(np.logaddexp2, f64([-I, I, I, 1, -I, 3]), f64([-I, I, -I, I, 2, 3]))).toEqual([-I, I, I, I, 2, 4])
    const slopes = grad((x: Tensor) => np.sum(np.logaddexp(x, f64([-I, I, I, -I]))))(f64([-I, I, 1, 2]))
    expect(numbers(slopes)).toEqual([0, 0.5, 0, 1])
    expect(numbers(grad(np.logsumexp)(f64([-I, -I])))).toEqual([0, 0])
  })
  it('keep what is small beside 1', () => {
    expect(np.logsumexp(f64([0, -40, -41])).item()).toBeCloseTo(Math.exp(-40) + Math.exp(-41), 30)
    expect((np.logsumexp(f64([0, -40])).item() as number) / Math.exp(-40)).toBeCloseTo(1, 14)
    expect((np.logaddexp2(0, f64(-60)).item() as number) / (2 ** -60 / Math.LN2)).toBeCloseTo(1, 14)
  })
  it('second derivatives at ties', () => {
    expect(grad(grad((x: Tensor) => np.logaddexp(x, f64(1))))(f64(1)).item()).toBe(0.25)
  })
})

describe('special functions', () => {
  it('digamma at its poles', () => {
    for (const of of [f64, f32]) expect(both(special.digamma, of([0, -0, -1, -2, I]))).toEqual([-I, I, NaN, NaN, I])
    expect(grad(special.digamma)(f64(0)).item()).toBe(I)
  })
  it('entropies and logarithms of probabilities', () => {
    expect(both(special.entr, f64([0, -1, 1, I, NaN]))).toEqual([0, -I, -0, -I, NaN])
    expect(both(special.xlogy, f64([0, 0, 0, 0, 1]), f64([0, -1, I, NaN, 0]))).toEqual([0, 0, 0, NaN, -I])
    expect(both(special.logit, f64([0, 1, 0.5, 2, NaN]))).toEqual([-I, I, 0, NaN, NaN])
    expect(both(special.ndtr, f64([-I, 0, I, NaN]))).toEqual([0, 0.5, 1, NaN])
  })
  it('sinc at whole numbers and infinity', () => {
    expect(both(np.sinc, f64([0, 1, -2, 1000, I, -I, NaN])).map((v) => v + 0)).toEqual([1, 0, 0, 0, 0, 0, NaN])
    expect(grad(np.sinc)(f64(256)).item()).toBe(1 / 256)
  })
  it('arctan2 at infinity has no derivative left', () => {
    expect(grad(np.arctan2)(f64(1), f64(I)).item()).toBe(0)
    expect(Math.abs(grad(np.arctan2, { argnums: 1 })(f64(1), f64(-I)).item() as number)).toBe(0)
  })
})
