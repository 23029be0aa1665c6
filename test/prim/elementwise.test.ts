import { describe, expect, it } from 'vitest'
import type { DType } from '../../src/core/dtype.js'
import { DTypeError, ShapeError } from '../../src/core/errors.js'
import type { Tensor } from '../../src/core/tensor.js'
import * as p from '../../src/prim/elementwise.js'
import { jvp } from '../../src/transforms/jvp.js'
import { vjp } from '../../src/transforms/vjp.js'
import { expectBatching, expectClose, expectDerivatives, tensor, values } from './subject.js'

type Unary = (x: Tensor) => Tensor
type Binary = (x: Tensor, y: Tensor) => Tensor

const vector = (xs: readonly number[], dtype: DType = 'float64'): Tensor => tensor([xs.length], xs, dtype)
const line = [-2.25, -1, -0.5, -0.125, 0, 0.25, 0.75, 1.5, 3]
const smooth = [-2.25, -1.125, -0.5, -0.125, 0.25, 0.75, 1.5, 3]
const positive = [0.125, 0.5, 1, 1.75, 4, 9]
const open = [-0.875, -0.5, -0.125, 0, 0.25, 0.75]
const logistic = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))

/** Every differentiable function of one argument: what it is, and where it is smooth. */
const unary: Record<string, readonly [Unary, ((x: number) => number) | null, readonly number[]]> = {
  neg: [p.neg, (x) => -x, line],
  abs: [p.abs, Math.abs, smooth],
  sqrt: [p.sqrt, Math.sqrt, positive],
  rsqrt: [p.rsqrt, (x) => 1 / Math.sqrt(x), positive],
  cbrt: [p.cbrt, Math.cbrt, smooth],
  exp: [p.exp, Math.exp, line],
  exp2: [p.exp2, (x) => 2 ** x, line],
  expm1: [p.expm1, Math.expm1, line],
  log: [p.log, Math.log, positive],
  log2: [p.log2, Math.log2, positive],
  log10: [p.log10, Math.log10, positive],
  log1p: [p.log1p, Math.log1p, [-0.5, 0, 0.25, 3]],
  sin: [p.sin, Math.sin, line],
  cos: [p.cos, Math.cos, line],
  tan: [p.tan, Math.tan, [-1, -0.5, 0, 0.25, 1]],
  asin: [p.asin, Math.asin, open],
  acos: [p.acos, Math.acos, open],
  atan: [p.atan, Math.atan, line],
  sinh: [p.sinh, Math.sinh, line],
  cosh: [p.cosh, Math.cosh, line],
  tanh: [p.tanh, Math.tanh, line],
  asinh: [p.asinh, Math.asinh, line],
  acosh: [p.acosh, Math.acosh, [1.25, 2, 5]],
  atanh: [p.atanh, Math.atanh, open],
  sigmoid: [p.sigmoid, logistic, line],
  softplus: [p.softplus, (x) => Math.log1p(Math.exp(x)), line],
  silu: [p.silu, (x) => x * logistic(x), line],
  geluErf: [p.geluErf, null, line],
  geluTanh: [p.geluTanh, (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))), line],
  erf: [p.erf, null, line],
  erfc: [p.erfc, null, line],
  erfInv: [p.erfInv, null, [-0.75, -0.25, 0, 0.125, 0.75]],
  lgamma: [p.lgamma, null, [-1.5, -0.5, 0.25, 0.75, 1.5, 3, 20]],
  digamma: [p.digamma, null, [-1.5, -0.5, 0.25, 0.75, 1.5, 3, 20]],
  'integerPow 3': [(x) => p.integerPow(x, 3), (x) => x ** 3, line],
  'integerPow -2': [(x) => p.integerPow(x, -2), (x) => x ** -2, [0.5, 1, 1.75, 4]],
  'integerPow 0': [(x) => p.integerPow(x, 0), () => 1, line],
  reciprocal: [p.reciprocal, (x) => 1 / x, [-3, -0.75, 0.5, 1, 1.75, 4]],
}

const pairs = (f: (x: number, y: number) => boolean): readonly [readonly number[], readonly number[]] => {
  const all = [-2.25, -1.25, -0.5, 0.25, 0.75, 1.5, 3].flatMap((x) => [-1.75, -0.625, 0.375, 1, 2.5].map((y) => [x, y] as const))
  const kept = all.filter(([x, y]) => f(x, y))
  return [kept.map(([x]) => x), kept.map(([, y]) => y)]
}

/** Every differentiable function of two arguments. */
const binary: Record<string, readonly [Binary, (x: number, y: number) => number, ReturnType<typeof pairs>]> = {
  add: [p.add, (x, y) => x + y, pairs(() => true)],
  sub: [p.sub, (x, y) => x - y, pairs(() => true)],
  mul: [p.mul, (x, y) => x * y, pairs(() => true)],
  div: [p.div, (x, y) => x / y, pairs(() => true)],
  rem: [p.rem, (x, y) => x % y, pairs((x, y) => Math.abs(x / y - Math.round(x / y)) > 0.05)],
  max: [p.max, Math.max, pairs((x, y) => x !== y)],
  min: [p.min, Math.min, pairs((x, y) => x !== y)],
  pow: [p.pow, (x, y) => x ** y, pairs((x) => x > 0)],
  atan2: [p.atan2, Math.atan2, pairs(() => true)],
  hypot: [p.hypot, Math.hypot, pairs(() => true)],
}

const derivative = (f: Unary, x: number, dtype: DType = 'float64'): number => {
  const at = tensor([], [x], dtype)
  const one = tensor([], [1], dtype)
  const pushed = values(jvp(f, [at], [one])[1])[0]!
  const pulled = values(vjp(f, at)[1](one)[0])[0]!
  if (!Object.is(pushed, pulled)) expect(pulled).toBeCloseTo(pushed, 12)
  return pulled
}

const nth = (f: Unary, order: number): Unary => (order === 0 ? f : (x) => jvp(nth(f, order - 1), [x], [tensor([], [1])])[1])

const step = 2 ** -12

describe('functions of one argument', () => {
  for (const [name, [f, g, domain]] of Object.entries(unary)) {
    if (g !== null)
      it(`${name}: value`, () => {
        expectClose(f(vector(domain)), vector(domain.map(g)), 1e-13)
      })
    it(`${name}: derivatives to third order`, () => {
      expectDerivatives((x) => [f(x)], [vector(domain)], 3, step)
    })
    it(`${name}: batching`, () => {
      expectBatching(
        (x) => [f(x)],
        [vector(domain)],
        (_, shape) => tensor(shape, Array.from({ length: shape[0]! }, () => domain).flat()),
      )
    })
    it(`${name}: keeps float32`, () => {
      expect(f(vector(domain, 'float32')).dtype).toBe('float32')
    })
  }
})

describe('functions of two arguments', () => {
  for (const [name, [f, g, [xs, ys]]] of Object.entries(binary)) {
    it(`${name}: value`, () => {
      expectClose(f(vector(xs), vector(ys)), vector(xs.map((x, i) => g(x, ys[i]!))), 1e-13)
    })
    it(`${name}: derivatives to third order`, () => {
      expectDerivatives((x, y) => [f(x, y)], [vector(xs), vector(ys)], 3, step)
    })
    it(`${name}: batching`, () => {
      expectBatching(
        (x, y) => [f(x, y)],
        [vector(xs), vector(ys)],
        (k, shape) => tensor(shape, Array.from({ length: shape[0]! }, () => (k === 0 ? xs : ys)).flat()),
      )
    })
  }
})

describe('derivatives where a formula breaks down', () => {
  it('abs and sign at 0', () => {
    expect(derivative(p.abs, 0)).toBe(0)
    expect(derivative(p.sign, 2)).toBe(0)
  })
  it('square and cube root at 0', () => {
    expect(derivative(p.sqrt, 0)).toBe(Infinity)
    expect(derivative(p.cbrt, 0)).toBe(Infinity)
    expect(derivative(p.rsqrt, 0)).toBe(-Infinity)
  })
  it('max and min share ties', () => {
    const half = (f: Binary): readonly number[] => {
      const [x, y] = [tensor([], [3]), tensor([], [3])]
      return vjp(f, x, y)[1](tensor([], [1])).map((c) => values(c)[0]!)
    }
    expect(half(p.max)).toEqual([0.5, 0.5])
    expect(half(p.min)).toEqual([0.5, 0.5])
    expect(derivative((x) => p.max(x, tensor([], [Infinity])), Infinity)).toBe(0.5)
  })
  it('max propagates NaN', () => {
    expect(values(p.max(vector([NaN, 1]), vector([1, NaN])))).toEqual([NaN, NaN])
    expect(values(p.min(vector([NaN, 1]), vector([1, NaN])))).toEqual([NaN, NaN])
  })
  it('powers of 0 follow the polynomial, to every order', () => {
    for (const n of [0, 1, 2, 3])
      for (const f of [(x: Tensor) => p.pow(x, tensor([], [n])), (x: Tensor) => p.integerPow(x, n)])
        for (let order = 0; order <= 4; order++) {
          const exact = order === n ? [1, 1, 2, 6][n]! : 0
          expect(values(nth(f, order)(tensor([], [0])))[0], `x^${n}, order ${order}`).toBeCloseTo(exact, 15)
        }
    // d/dy d/dx x^y = x^(y-1) (1 + y log x), at y = 0 too
    expect(derivative((y) => jvp((x: Tensor) => p.pow(x, y), [tensor([], [4])], [tensor([], [1])])[1], 0)).toBe(0.25)
    expect(derivative((y) => p.pow(tensor([], [0]), y), 2)).toBe(0)
    expect(derivative((y) => p.pow(tensor([], [0]), y), 0)).toBe(0)
    expect(derivative((x) => p.pow(x, tensor([], [2])), -3)).toBe(-6)
  })
  it('hypot and atan2 at the origin are 0', () => {
    const zero = tensor([], [0])
    for (const f of [p.hypot, p.atan2]) {
      expect(derivative((x) => f(x, zero), 0)).toBeCloseTo(0, 300)
      expect(derivative((y) => f(zero, y), 0)).toBeCloseTo(0, 300)
    }
    expect(derivative((x) => p.hypot(x, tensor([], [1e200])), 1e200)).toBeCloseTo(Math.SQRT1_2, 12)
    expect(derivative((x) => p.atan2(x, tensor([], [1e-200])), 1e-200) * 1e-200).toBeCloseTo(0.5, 12)
  })
  it('bounded functions far from 0', () => {
    for (const x of [-Infinity, -1e30, -1001, -90, 90, 1001, 1e30, Infinity]) {
      for (const f of [p.tanh, p.erf, p.atan, p.sigmoid]) expect(Math.abs(derivative(f, x))).toBeLessThan(2e-4)
      for (const f of [p.softplus, p.silu, p.geluErf, p.geluTanh]) {
        for (const dtype of ['float32', 'float64'] as const) {
          expect(derivative(f, x, dtype)).toBeCloseTo(x > 0 ? 1 : 0, 12)
          expect(values(f(tensor([], [x], dtype)))[0]).toBeCloseTo(x > 0 ? (dtype === 'float32' ? Math.fround(x) : x) : 0, 12)
        }
        expect(values(nth(f, 3)(tensor([], [x])))[0]).toBeCloseTo(0, 12)
      }
    }
    expect(derivative(p.sigmoid, -90)).toBeCloseTo(Math.exp(-90), 50)
    expect(values(p.softplus(tensor([], [89], 'float32')))[0]).toBe(89)
    expect(values(p.softplus(tensor([], [-700])))[0]! / Math.exp(-700)).toBeCloseTo(1, 12)
    expect(values(p.silu(tensor([], [-Infinity])))[0]).toBeCloseTo(0)
    expect(values(p.geluErf(tensor([], [-10])))[0]! / -7.619853024160527e-23).toBeCloseTo(1, 10)
  })
  it('products with a vanishing sigmoid keep their digits down to the smallest number', () => {
    const halves = (x: number): number => x * Math.exp(x / 2) * Math.exp(x / 2)
    const cases = [
      ['float32', 110, 2 ** -149, 3 * 2 ** -24],
      ['float64', 755, 2 ** -1074, 4 * 2 ** -53], // of which up to 3 are of what is expected
    ] as const
    for (const [dtype, reach, unit, relative] of cases) {
      const xs = Array.from({ length: 400 }, (_, i) => Math.fround(-60 - ((reach - 60) * i) / 400))
      const got = values(p.silu(tensor([400], xs, dtype)))
      expect(got.length).toBe(xs.length)
      xs.forEach((x, i) => {
        const expected = halves(x)
        const bound = Math.max(unit, Math.abs(expected) * relative)
        expect(Math.abs(got[i]! - expected), `silu(${x}) of ${dtype}: ${got[i]} for ${expected}`).toBeLessThanOrEqual(bound)
      })
    }
    // The sigmoid is subnormal from about -10 on; the last of these results is 4 units.
    for (const x of [-9.9, -10, -10.1, -10.3, -10.5, -10.6]) {
      const f = Math.fround(x)
      const expected = f * Math.exp(Math.sqrt(8 / Math.PI) * f * (1 + 0.044715 * f * f))
      const got = values(p.geluTanh(tensor([], [f], 'float32')))[0]!
      expect(Math.abs(got - expected)).toBeLessThanOrEqual(Math.max(2 ** -149, Math.abs(expected) * 1e-5))
    }
  })
  it('inverse functions far from 0 and near their ends', () => {
    expect(derivative(p.asinh, 1e200) * 1e200).toBeCloseTo(1, 12)
    expect(derivative(p.acosh, 1e200) * 1e200).toBeCloseTo(1, 12)
    const near = 1 - 2 ** -40
    expect(derivative(p.asin, near) * Math.sqrt((1 - near) * (1 + near))).toBeCloseTo(1, 14)
    expect(derivative(p.atanh, near) * (1 - near) * (1 + near)).toBeCloseTo(1, 14)
    expect(derivative(p.atanh, 0)).toBe(1)
  })
  it('division by a tiny number', () => {
    expect(derivative((y) => p.div(tensor([], [1e-200]), y), 1e-200)).toBeCloseTo(-1e200, -190)
  })
  it('trigamma', () => {
    // DLMF 5.15: trigamma(1) = pi^2 / 6, trigamma(1/2) = pi^2 / 2
    expect(derivative(p.digamma, 1)).toBeCloseTo(Math.PI ** 2 / 6, 14)
    expect(derivative(p.digamma, 0.5)).toBeCloseTo(Math.PI ** 2 / 2, 13)
    expect(derivative(p.digamma, -0.5)).toBeCloseTo(Math.PI ** 2 / 2 + 4, 12)
    // polygamma(2, 1) = -2 zeta(3), polygamma(3, 1) = pi^4 / 15
    expect(values(nth(p.digamma, 2)(tensor([], [1])))[0]).toBeCloseTo(-2.4041138063191885, 12)
    expect(values(nth(p.digamma, 3)(tensor([], [1])))[0]).toBeCloseTo(Math.PI ** 4 / 15, 11)
  })
})

describe('functions without a derivative', () => {
  it('rounding', () => {
    const x = vector([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.75])
    expect(values(p.floor(x))).toEqual([-3, -2, -1, 0, 1, 2, 2])
    expect(values(p.ceil(x))).toEqual([-2, -1, -0, 1, 2, 3, 3])
    expect(values(p.round(x))).toEqual([-2, -2, -0, 0, 2, 2, 3])
    expect(values(p.trunc(x))).toEqual([-2, -1, -0, 0, 1, 2, 2])
    for (const f of [p.floor, p.ceil, p.round, p.trunc, p.sign]) expect(derivative(f, 0.25)).toBe(0)
  })
  it('comparisons, with NaN', () => {
    const [x, y] = [vector([1, 2, 3, NaN]), vector([2, 2, 2, NaN])]
    expect(values(p.eq(x, y))).toEqual([0, 1, 0, 0])
    expect(values(p.ne(x, y))).toEqual([1, 0, 1, 1])
    expect(values(p.lt(x, y))).toEqual([1, 0, 0, 0])
    expect(values(p.le(x, y))).toEqual([1, 1, 0, 0])
    expect(values(p.gt(x, y))).toEqual([0, 0, 1, 0])
    expect(values(p.ge(x, y))).toEqual([0, 1, 1, 0])
    expect(p.lt(x, y).dtype).toBe('bool')
    for (const f of [p.eq, p.ne, p.lt, p.le, p.gt, p.ge])
      expectBatching(
        (a, b) => [f(a, b)],
        [x, y],
        (k, s) =>
          tensor(
            s,
            Array.from({ length: s[0]! * 4 }, (_, i) => (i * 7 + k * 3) % 5),
          ),
      )
  })
  it('bits', () => {
    const [x, y] = [vector([12, -1, 5], 'int32'), vector([10, 3, 1], 'int32')]
    expect(values(p.and(x, y))).toEqual([8, 3, 1])
    expect(values(p.or(x, y))).toEqual([14, -1, 5])
    expect(values(p.xor(x, y))).toEqual([6, -4, 4])
    expect(values(p.not(x))).toEqual([-13, 0, -6])
    expect(values(p.not(vector([0, 1], 'bool')))).toEqual([1, 0])
    expect(values(p.shl(x, y))).toEqual([12288, -8, 10])
    expect(values(p.shr(x, y))).toEqual([0, -1, 2])
    expect(values(p.shr(vector([0xffffffff], 'uint32'), vector([4], 'uint32')))).toEqual([0x0fffffff])
    expect(values(p.popcount(x))).toEqual([2, 32, 2])
    expect(values(p.clz(x))).toEqual([28, 0, 29])
    expectBatching(
      (a, b) => [p.xor(a, b)],
      [x, y],
      (k, s) =>
        tensor(
          s,
          Array.from({ length: s[0]! * 3 }, (_, i) => i * 7 + k),
          'int32',
        ),
    )
  })
  it('integer arithmetic', () => {
    const [x, y] = [vector([7, -7, 7], 'int32'), vector([2, 2, -2], 'int32')]
    expect(values(p.div(x, y))).toEqual([3, -3, -3])
    expect(values(p.rem(x, y))).toEqual([1, -1, 1])
    expect(values(p.integerPow(x, 3))).toEqual([343, -343, 343])
  })
  it('nextafter', () => {
    expect(values(p.nextafter(vector([1]), vector([2])))).toEqual([1 + Number.EPSILON])
  })
})

describe('select, cast, bitcast, stopGradient', () => {
  const test = vector([1, 0, 1], 'bool')
  const [x, y] = [vector([1, 2, 3]), vector([-1, -2, -3])]
  it('select chooses, and its derivative does', () => {
    expect(values(p.select(test, x, y))).toEqual([1, -2, 3])
    expectDerivatives((a, b) => [p.select(test, a, b)], [x, y])
    expectDerivatives((a) => [p.select(test, a, y)], [x])
    expectDerivatives((b) => [p.select(test, x, b)], [y])
    expectBatching(
      (t, a, b) => [p.select(t, a, b)],
      [test, x, y],
      (k, s) =>
        tensor(
          s,
          Array.from({ length: s[0]! * 3 }, (_, i) => (k === 0 ? i % 2 : i * k)),
          k === 0 ? 'bool' : 'float64',
        ),
    )
  })
  it('cast is linear between floats and constant otherwise', () => {
    expect(values(p.cast(vector([1.75, -1.75, NaN]), 'int32'))).toEqual([1, -1, 0])
    expect(values(p.cast(x, 'bool'))).toEqual([1, 1, 1])
    expect(derivative((v) => p.cast(p.cast(v, 'float32'), 'float64'), 0.5)).toBe(1)
    expect(derivative((v) => p.cast(p.cast(v, 'int32'), 'float64'), 0.5)).toBe(0)
    expectBatching(
      (v) => [p.cast(v, 'int32')],
      [x],
      (_, s) =>
        tensor(
          s,
          Array.from({ length: s[0]! * 3 }, (_, i) => i),
        ),
    )
  })
  it('bitcast', () => {
    expect(values(p.bitcast(vector([1], 'float32'), 'uint32'))).toEqual([0x3f800000])
    expectBatching(
      (v) => [p.bitcast(v, 'int32')],
      [vector([1], 'float32')],
      (_, s) =>
        tensor(
          s,
          Array.from({ length: s[0]! }, (_, i) => i),
          'float32',
        ),
    )
    expect(() => p.bitcast(x, 'int32')).toThrow(DTypeError)
  })
  it('stopGradient', () => {
    expect(values(p.stopGradient(x))).toEqual([1, 2, 3])
    expect(derivative((v) => p.mul(v, p.stopGradient(v)), 3)).toBe(3)
  })
})

describe('errors', () => {
  it('names both operands', () => {
    expect(() => p.add(vector([1, 2]), vector([1, 2, 3]))).toThrow(ShapeError)
    expect(() => p.add(vector([1, 2]), vector([1, 2, 3]))).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: add: operands differ in shape: [2] and [3]
        x: float64[2]   y: float64[3]
        try: np.add, which broadcasts]
    `)
    expect(() => p.mul(vector([1]), vector([1], 'int32'))).toThrowErrorMatchingInlineSnapshot(`
      [DTypeError: mul: operands differ in dtype: float64 and int32
        x: float64[1]   y: int32[1]
        try: np.mul, which promotes]
    `)
  })
  it('refuses dtypes', () => {
    expect(() => p.sin(vector([1], 'int32'))).toThrow(DTypeError)
    expect(() => p.sin(vector([1], 'int32'))).toThrowErrorMatchingInlineSnapshot(`
      [DTypeError: sin: needs float32 or float64, got int32
        x: int32[1]
        try: cast to 'float32' first]
    `)
    expect(() => p.shl(vector([1]), vector([1]))).toThrow(DTypeError)
    expect(() => p.add(vector([1], 'bool'), vector([1], 'bool'))).toThrow(DTypeError)
    expect(() => p.select(vector([1]), vector([1]), vector([1]))).toThrow(DTypeError)
    expect(() => p.select(vector([1, 0], 'bool'), vector([1]), vector([1]))).toThrow(ShapeError)
    expect(() => p.integerPow(vector([2], 'int32'), -1)).toThrow(DTypeError)
  })
})
