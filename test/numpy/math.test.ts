import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DTypeError, ValueError, grad, hessian, np, special } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { elements } from './nested.js'

const edges = [0, -0, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.5, 3, 1e-300, 1e300, Infinity, -Infinity, NaN]
const f64 = (xs: readonly number[]): Tensor => np.array(Float64Array.from(xs))
const i32 = (xs: readonly number[]): Tensor => np.array(xs, { dtype: 'int32' })

/** Within 4 ulp, or both NaN; zeros with their sign. */
const near = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 4 * Number.EPSILON * Math.abs(b)

describe('unary functions', () => {
  const sameAsMath = [
    'abs',
    'sign',
    'floor',
    'ceil',
    'trunc',
    'sqrt',
    'cbrt',
    'exp',
    'expm1',
    'log',
    'log2',
    'log10',
    'log1p',
    'sin',
    'cos',
    'tan',
    'sinh',
    'cosh',
    'tanh',
    'asin',
    'acos',
    'atan',
    'asinh',
    'acosh',
    'atanh',
  ] as const

  it.each(sameAsMath)('%s agrees with Math, at edges and anywhere', (name) => {
    // Huge angles lose their last digits in different ways.
    const domain = ['sin', 'cos', 'tan'].includes(name) ? edges.filter((x) => !(Math.abs(x) > 1e9) || !Number.isFinite(x)) : edges
    const check = (xs: readonly number[]): void => {
      const got = elements(np[name](f64(xs)))
      expect(got.length).toBe(xs.length)
      xs.forEach((x, i) => expect(near(got[i]!, Math[name](x)), `${name}(${x}) = ${got[i]}, Math says ${Math[name](x)}`).toBe(true))
    }
    check(domain)
    fc.assert(fc.property(fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 20 }), check))
  })

  it('names of the array API and of NumPy are one function', () => {
    expect([np.asin, np.acos, np.atan, np.asinh, np.acosh, np.atanh, np.atan2, np.mod]).toEqual([
      np.arcsin,
      np.arccos,
      np.arctan,
      np.arcsinh,
      np.arccosh,
      np.arctanh,
      np.arctan2,
      np.remainder,
    ])
  })

  it('rounds halves to even', () => {
    expect(elements(np.rint(f64([0.5, 1.5, 2.5, -0.5, -1.5])))).toEqual([0, 2, 2, -0, -2])
    expect(elements(np.round(f64([0.125, 1.25, 12.345]), { decimals: 1 }))).toEqual([0.1, 1.2, 12.3])
    expect(elements(np.round(f64([1234, 1250]), { decimals: -2 }))).toEqual([1200, 1200])
  })

  it('tells NaN, infinities and signs of zero apart', () => {
    const x = f64([NaN, Infinity, -Infinity, 0, -0, -1])
    expect(elements(np.isnan(x))).toEqual([1, 0, 0, 0, 0, 0])
    expect(elements(np.isinf(x))).toEqual([0, 1, 1, 0, 0, 0])
    expect(elements(np.isfinite(x))).toEqual([0, 0, 0, 1, 1, 1])
    expect(elements(np.isposinf(x))).toEqual([0, 1, 0, 0, 0, 0])
    expect(elements(np.isneginf(x))).toEqual([0, 0, 1, 0, 0, 0])
    expect(elements(np.signbit(x)).slice(1)).toEqual([0, 1, 0, 1, 1])
    expect(elements(np.isfinite(i32([1])))).toEqual([1])
    expect(elements(np.nanToNum(x))).toEqual([0, Number.MAX_VALUE, -Number.MAX_VALUE, 0, -0, -1])
    expect(np.nanToNum(np.array([Infinity])).toArray()).toEqual([3.4028234663852886e38])
  })
})

describe('binary functions', () => {
  const whole = fc.integer({ min: -50, max: 50 })

  it('divides whole numbers as Python does', () => {
    fc.assert(
      fc.property(
        whole,
        whole.filter((y) => y !== 0),
        (x, y) => {
          const [q, r] = np.divmod(i32([x]), i32([y]))
          expect(q.toArray()).toEqual([Math.floor(x / y) + 0])
          expect(r.toArray()).toEqual([x - y * Math.floor(x / y)])
          expect(elements(np.fmod(i32([x]), i32([y])))[0]! + 0).toBe((x % y) + 0)
          const [fq, fr] = np.divmod(f64([x / 4]), f64([y / 4]))
          expect(elements(fq)[0]! + 0).toBe(Math.floor(x / y) + 0)
          expect(elements(fr)[0]! + 0).toBe((x - y * Math.floor(x / y)) / 4)
        },
      ),
    )
  })

  it('raises integers to integers', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 9 }), (x, n) => {
        expect(np.pow(i32([x]), i32([n])).toArray()).toEqual([x ** n])
        expect(np.pow(i32([x]), n).toArray()).toEqual([x ** n])
      }),
    )
    expect(np.pow(i32([2]), 3).dtype).toBe('int32')
    expect(() => np.pow(i32([2]), -1)).toThrow(ValueError)
    expect(np.floatPower(i32([2]), -1).toArray()).toEqual([0.5])
  })

  it('has exact powers at zero and of negative bases, with derivatives', () => {
    expect(elements(np.pow(f64([-2, 0, 3]), 3))).toEqual([-8, 0, 27])
    expect(elements(np.pow(f64([-2, 4]), -2))).toEqual([0.25, 0.0625])
    const cube = (x: Tensor): Tensor => np.pow(x, 3)
    expect(grad(cube)(np.array(0)).item()).toBe(0)
    expect(grad(grad(cube))(np.array(-2)).item()).toBe(-12)
    expect(grad((x: Tensor) => np.pow(x, 0))(np.array(0)).item()).toBe(0)
    expect(grad((y: Tensor) => np.pow(0, y))(np.array(2)).item()).toBe(0)
  })

  it('adds in logarithms without overflow, with derivatives at infinity and at ties', () => {
    expect(elements(np.logaddexp(f64([1000, -Infinity, -Infinity]), f64([1000, -Infinity, 3])))).toEqual([1000 + Math.LN2, -Infinity, 3])
    expect(grad(np.logaddexp)(np.array(2), np.array(2)).item()).toBe(0.5)
    expect(grad(np.logaddexp)(np.array(3), np.array(-Infinity)).item()).toBe(1)
    expect(grad(np.logaddexp, { argnums: 1 })(np.array(3), np.array(-Infinity)).item()).toBe(0)
    expect(elements(np.logaddexp2(f64([3]), f64([3])))[0]).toBeCloseTo(4, 14)
  })

  it('lets NaN through maximum and keeps it out of fmax', () => {
    expect(elements(np.maximum(f64([NaN, 1]), f64([1, NaN])))).toEqual([NaN, NaN])
    expect(elements(np.fmax(f64([NaN, 1, NaN]), f64([1, NaN, NaN])))).toEqual([1, 1, NaN])
    expect(elements(np.fmin(f64([NaN, 1]), f64([1, NaN])))).toEqual([1, 1])
    expect(grad(np.maximum)(np.array(1), np.array(1)).item()).toBe(0.5)
  })

  it('works on bits of integers only', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer({ min: 0, max: 31 }), (x, y, n) => {
        const [a, b] = [i32([x]), i32([y])]
        expect(np.bitwiseAnd(a, b).toArray()).toEqual([x & y])
        expect(np.bitwiseOr(a, b).toArray()).toEqual([x | y])
        expect(np.bitwiseXor(a, b).toArray()).toEqual([x ^ y])
        expect(np.bitwiseNot(a).toArray()).toEqual([~x])
        expect(np.leftShift(a, n).toArray()).toEqual([x << n])
        expect(np.rightShift(a, n).toArray()).toEqual([x >> n])
      }),
    )
    expect(np.rightShift(np.array([0x80000000], { dtype: 'uint32' }), 31).toArray()).toEqual([1])
    expect(np.bitwiseCount(i32([7, -8])).toArray()).toEqual([3, 1])
    expect(() => np.bitwiseAnd(f64([1]), 1)).toThrow(DTypeError)
    expect(() => np.leftShift(i32([1]), 0.5)).toThrow(DTypeError)
  })
})

describe('comparisons', () => {
  it('agree with JavaScript, NaN included', () => {
    const number = fc.constantFrom(...edges)
    fc.assert(
      fc.property(number, number, (x, y) => {
        const [a, b] = [f64([x]), f64([y])]
        expect(np.equal(a, b).toArray()).toEqual([x === y])
        expect(np.notEqual(a, b).toArray()).toEqual([x !== y])
        expect(np.less(a, b).toArray()).toEqual([x < y])
        expect(np.lessEqual(a, b).toArray()).toEqual([x <= y])
        expect(np.greater(a, b).toArray()).toEqual([x > y])
        expect(np.greaterEqual(a, b).toArray()).toEqual([x >= y])
        expect(np.logicalAnd(a, b).toArray()).toEqual([x !== 0 && y !== 0])
        expect(np.logicalOr(a, b).toArray()).toEqual([x !== 0 || y !== 0])
        expect(np.logicalXor(a, b).toArray()).toEqual([(x !== 0) !== (y !== 0)])
        expect(np.where(np.less(a, b), a, b).toArray()).toEqual([x < y ? x : y])
      }),
    )
    expect(np.logicalNot(np.array([0, 2, NaN])).toArray()).toEqual([true, false, false])
  })

  it('measure closeness relative to the second', () => {
    expect(np.isclose(f64([1, 1, NaN, Infinity, Infinity]), f64([1 + 1e-6, 1.1, NaN, Infinity, 1])).toArray()).toEqual([
      true,
      false,
      false,
      true,
      false,
    ])
    expect(np.allclose(f64([1, NaN]), f64([1, NaN]))).toBe(false)
    expect(np.allclose(f64([1, NaN]), f64([1, NaN]), { equalNan: true })).toBe(true)
    expect(np.allclose(f64([1]), f64([1.05]), { rtol: 0.1 })).toBe(true)
    expect(np.arrayEqual(i32([1, 2]), f64([1, 2]))).toBe(true)
    expect(np.arrayEqual(f64([1, 2]), f64([1]))).toBe(false)
    expect(np.arrayEqual(f64([NaN]), f64([NaN]), { equalNan: true })).toBe(true)
  })

  it('stop the cotangent at the side not chosen, even when it is NaN there', () => {
    const f = (x: Tensor): Tensor => np.sum(np.where(np.greater(x, 0), np.mul(x, 3), 0))
    expect(grad(f)(np.array([-1, 2])).toArray()).toEqual([0, 3])
  })
})

describe('special points', () => {
  it('sinc has all its derivatives at 0', () => {
    const second = grad(grad(np.sinc))
    expect(np.sinc(np.array(new Float64Array([0, 0.5, 1]))).toArray()).toEqual([1, expect.closeTo(2 / Math.PI, 14), expect.closeTo(0, 14)])
    expect(grad(np.sinc)(0).item()).toBe(0)
    expect(second(0).item()).toBeCloseTo(-(Math.PI ** 2) / 3, 5)
    // Both sides of the border between the series and the quotient.
    for (const z of [0.4999, 0.5001]) {
      const x = np.reshape(f64([z / Math.PI]), [])
      expect(second(x).item()).toBeCloseTo(Math.PI ** 2 * ((2 * Math.sin(z)) / z ** 3 - (2 * Math.cos(z)) / z ** 2 - Math.sin(z) / z), 10)
    }
  })

  it('xlogy and entropy are 0 at 0', () => {
    expect(special.xlogy(f64([0, 0, 2]), f64([0, Infinity, Math.E])).toArray()).toEqual([0, 0, 2])
    expect(special.xlogy(0, NaN).item()).toBeNaN()
    expect(grad(special.xlogy, { argnums: 1 })(np.array(0), np.array(0)).item()).toBe(0)
    expect(grad(special.xlogy)(np.array(0), np.array(Math.E)).item()).toBeCloseTo(1, 6)
    expect(special.entr(f64([0, 1, -1])).toArray()).toEqual([0, -0, -Infinity])
    expect(special.xlogy(0, -1).item()).toBe(0)
  })

  it('logarithms of probabilities are exact far out', () => {
    expect(special.logExpit(-1000).item()).toBe(-1000)
    expect(special.ndtr(np.reshape(f64([-38]), [])).item()).toBeGreaterThan(0)
    expect(elements(special.logit(special.expit(f64([-3, 0, 5]))))).toEqual([expect.closeTo(-3, 12), 0, expect.closeTo(5, 12)])
  })

  it('norms have a derivative of 0 at the origin', () => {
    expect(grad(np.hypot)(np.array(0), np.array(0)).item()).toBe(0)
    expect(grad(np.abs)(np.array(0)).item()).toBe(0)
  })

  it('clip halves the cotangent at a limit', () => {
    expect(grad((x: Tensor) => np.sum(np.clip(x, -1, 1)))(np.array([-2, -1, 0, 1, 2])).toArray()).toEqual([0, 0.5, 1, 0.5, 0])
    expect(elements(hessian((x: Tensor) => np.sum(np.clip(x, -1, 1)))(np.array([0, 5])))).toEqual([0, 0, 0, 0])
  })
})

describe('heaviside', () => {
  it('is 0 below zero, 1 above, the second argument at both zeros, NaN at NaN', () => {
    expect(np.heaviside(f64([-Infinity, -2, -0, 0, 3, Infinity, NaN]), 0.25).toArray()).toEqual([0, 0, 0.25, 0.25, 1, 1, NaN])
    expect(np.heaviside(i32([-1, 0, 1]), 0.5)).toMatchObject({ dtype: 'float32' })
    expect(np.heaviside(np.zeros([2, 1]), np.array([1, 2])).toArray()).toEqual([
      [1, 2],
      [1, 2],
    ])
  })
  it('is flat in its first argument, and passes its second on where the first is zero', () => {
    const of = (x: Tensor, h: Tensor): Tensor => np.sum(np.heaviside(x, h))
    const at = f64([-1, 0, 2])
    expect(grad(of)(at, f64([5, 6, 7])).toArray()).toEqual([0, 0, 0])
    expect(grad(of, { argnums: 1 })(at, f64([5, 6, 7])).toArray()).toEqual([0, 1, 0])
  })
})
