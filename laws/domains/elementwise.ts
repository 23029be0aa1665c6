/** Domains of the primitives that work element by element. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType } from '../../src/index.js'
import { isReal } from '../../src/index.js'
import { anyNumbers, eighths, numbers, shapes } from '../arbitrary.js'
import type { Domain, ElementwiseOptions, None } from '../domain.js'
import { all, arithmetic, elementwise, floats, largeElementwise, operand, site } from '../domain.js'

const integers: readonly DType[] = ['int32', 'uint32']
const bits: readonly DType[] = ['int32', 'uint32', 'bool']

/** One float input; `smooth` are the numbers where its derivative is asked for. */
const unary = (smooth: Arbitrary<number> | null = eighths(), options: ElementwiseOptions<None> = {}): Domain<None> => ({
  ...elementwise(1, { smooth: smooth === null ? null : [smooth], ...options }),
  large: largeElementwise({}, 1, options.dtypes ?? floats),
})

const binary = (x: Arbitrary<number>, y: Arbitrary<number>, options: ElementwiseOptions<None> = {}): Domain<None> => ({
  ...elementwise(2, { smooth: [x, y], ...options }),
  large: largeElementwise({}, 2, options.dtypes ?? floats),
})

const within = (min: number, max: number): Arbitrary<number> => eighths(min, max)
/** Away from 0 by at least `gap`, on both sides. */
const away = (gap: number, max = 2): Arbitrary<number> => eighths(-max, max, (v) => Math.abs(v) >= gap)
const even = eighths(-2, 2, (v) => Number.isInteger(v * 4))
const odd = eighths(-2, 2, (v) => !Number.isInteger(v * 4))

const nonzeroIntegers = (dtype: DType): Arbitrary<number> =>
  fc.integer({ min: 1, max: 9 }).chain((v) => (dtype === 'int32' ? fc.constantFrom(v, -v) : fc.constant(v)))

/** Division and remainder: integer divisors are not 0, for which integers have no answer. */
const divisors = (dtype: DType, input: number): Arbitrary<number> =>
  isReal(dtype) || input === 0 ? (isReal(dtype) ? anyNumbers(dtype) : numbers(dtype)) : nonzeroIntegers(dtype)

const comparison = (): Domain<None> => ({
  ...elementwise(2, { smooth: null, dtypes: all }),
  large: largeElementwise({}, 2, all),
})

const shift = (): Domain<None> =>
  elementwise(2, { smooth: null, dtypes: integers, values: (d, k) => (k === 0 ? anyNumbers(d) : fc.integer({ min: 0, max: 31 })) })

/** Rounding to integers: its derivative is 0 except at the jumps. */
const rounding = (where: (v: number) => boolean): Domain<None> => unary(eighths(-2, 2, where))

const widths: Readonly<Record<DType, readonly DType[]>> = {
  float32: ['float32', 'int32', 'uint32'],
  int32: ['float32', 'int32', 'uint32'],
  uint32: ['float32', 'int32', 'uint32'],
  float64: ['float64'],
  bool: ['bool'],
}

/** Casts to an integer whose value does not fit saturate; that is a value like any other. */
const cast: Domain<{ readonly dtype: DType }> = {
  smooth: fc
    .tuple(
      shapes({ maxSize: 3 }),
      fc.constantFrom<readonly [DType, DType]>(['float64', 'float64'], ['float64', 'float32'], ['float32', 'float64']),
    )
    .map(([sh, [from, dtype]]) => site({ dtype }, [operand(sh, from)])),
  values: fc
    .tuple(shapes(), fc.constantFrom(...all), fc.constantFrom(...all))
    .map(([sh, from, dtype]) => site({ dtype }, [operand(sh, from, anyNumbers(from))])),
}

/** Bit patterns survive, NaN's payload excepted: it is left out of the inputs. */
const bitcast: Domain<{ readonly dtype: DType }> = {
  smooth: null,
  values: fc
    .tuple(shapes(), fc.constantFrom<DType>('float32', 'int32', 'uint32', 'float64'))
    .chain(([sh, from]) => fc.constantFrom(...widths[from]).map((dtype) => site({ dtype }, [operand(sh, from, anyNumbers(from))]))),
}

const select: Domain<None> = {
  smooth: shapes({ maxSize: 3 }).map((sh) => site({}, [operand(sh, 'bool'), operand(sh, 'float64'), operand(sh, 'float64')])),
  values: fc
    .tuple(shapes(), fc.constantFrom(...all))
    .map(([sh, d]) => site({}, [operand(sh, 'bool'), operand(sh, d, anyNumbers(d)), operand(sh, d, anyNumbers(d))])),
  large: all.map((d) => site({}, [operand([67, 501], 'bool'), operand([67, 501], d), operand([67, 501], d)])),
}

const exponent = (min: number) => fc.integer({ min, max: 5 }).map((n) => ({ n }))

const integerPow: Domain<{ readonly n: number }> = {
  smooth: fc.oneof(elementwise(1, { params: exponent(0) }).smooth!, elementwise(1, { params: exponent(-3), smooth: [away(0.75)] }).smooth!),
  values: elementwise(1, { params: exponent(-3) }).values,
}

/** What squareplus adds to the square. */
const bend = fc.constantFrom({ b: 4 }, { b: 0.25 })

const wide = fc.constantFrom(-1.5, -0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3)

/** Arithmetic and rounding. */
export const arithmeticDomains = {
  neg: unary(eighths(), { dtypes: arithmetic }),
  abs: unary(away(0.125), { dtypes: arithmetic }),
  sign: unary(away(0.125), { dtypes: arithmetic }),
  floor: rounding((v) => !Number.isInteger(v)),
  ceil: rounding((v) => !Number.isInteger(v)),
  round: rounding((v) => !Number.isInteger(v + 0.5)),
  trunc: rounding((v) => !Number.isInteger(v)),
  add: binary(eighths(), eighths(), { dtypes: arithmetic }),
  sub: binary(eighths(), eighths(), { dtypes: arithmetic }),
  fma: { ...elementwise(3, { smooth: [eighths(), eighths(), eighths()] }), large: largeElementwise({}, 3, floats) },
  mul: binary(eighths(), eighths(), { dtypes: arithmetic }),
  div: binary(eighths(), away(0.75), { dtypes: arithmetic, values: divisors }),
  rem: binary(odd, fc.constantFrom(1.5, -1.5, 2, -2, 2.5, 1), { dtypes: arithmetic, values: divisors }),
  max: binary(even, odd, { dtypes: arithmetic }),
  min: binary(even, odd, { dtypes: arithmetic }),
  shareOfMax: binary(even, odd, { dtypes: arithmetic }),
  pow: binary(within(0.75, 2), eighths()),
  integerPow,
  atan2: binary(away(0.625), away(0.625)),
  hypot: binary(away(0.625), away(0.625)),
  nextafter: elementwise(2, { smooth: null }),
}

/** Exponentials, logarithms, trigonometry, special functions. */
export const transcendentalDomains = {
  sqrt: unary(within(0.75, 3)),
  rsqrt: unary(within(0.75, 3)),
  cbrt: unary(away(0.75)),
  exp: unary(),
  exp2: unary(),
  expm1: unary(),
  log: unary(within(0.75, 3)),
  log2: unary(within(0.75, 3)),
  log10: unary(within(0.75, 3)),
  log1p: unary(within(-0.25, 2)),
  sin: unary(),
  cos: unary(),
  tan: unary(within(-0.75, 0.75)),
  asin: unary(within(-0.5, 0.5)),
  acos: unary(within(-0.5, 0.5)),
  atan: unary(),
  sinh: unary(),
  cosh: unary(),
  tanh: unary(),
  asinh: unary(),
  acosh: unary(within(1.625, 3)),
  atanh: unary(within(-0.5, 0.5)),
  sigmoid: unary(),
  erf: unary(),
  erfc: unary(),
  erfInv: unary(within(-0.5, 0.5)),
  lgamma: unary(wide),
  digamma: unary(within(1, 3)),
  softplus: unary(),
  silu: unary(),
  geluErf: unary(),
  geluTanh: unary(),
  mish: unary(),
  logisticDensity: unary(),
  sechSquare: unary(),
  gaussian: elementwise(1, { params: fc.constantFrom({ c: 1 }, { c: 0.5 }), smooth: [eighths()] }),
  ndtr: unary(),
  softSign: unary(away(0.125)),
  tanhShrink: unary(),
  logCosh: unary(),
  squareplus: elementwise(1, { params: bend, smooth: [eighths()] }),
  squareplusSlope: elementwise(1, { params: bend, smooth: [eighths()] }),
  entr: unary(within(0.25, 2)),
  oneMinusSquare: unary(),
  logit: unary(within(0.25, 0.75)),
  logitSlope: unary(within(0.25, 0.75)),
  logaddexp: binary(eighths(), eighths()),
  logaddexp2: binary(eighths(), eighths()),
}

/** Comparison, selection, bits, conversions. */
export const discreteDomains = {
  eq: comparison(),
  ne: comparison(),
  lt: comparison(),
  le: comparison(),
  gt: comparison(),
  ge: comparison(),
  and: elementwise(2, { smooth: null, dtypes: bits }),
  or: elementwise(2, { smooth: null, dtypes: bits }),
  xor: elementwise(2, { smooth: null, dtypes: bits }),
  not: elementwise(1, { smooth: null, dtypes: bits }),
  shl: shift(),
  shr: shift(),
  popcount: elementwise(1, { smooth: null, dtypes: integers }),
  clz: elementwise(1, { smooth: null, dtypes: integers }),
  select,
  cast,
  bitcast,
  stopGradient: elementwise(1, { smooth: null, dtypes: all }),
  threefry2x32: elementwise(4, { smooth: null, dtypes: ['uint32'] }),
  xlaLog: elementwise(1, { smooth: null, dtypes: ['float32'] }),
  xlaLog1p: elementwise(1, { smooth: null, dtypes: ['float32'] }),
  xlaErf: elementwise(1, { smooth: null, dtypes: ['float32'] }),
  xlaErfInv: elementwise(1, { smooth: null, dtypes: ['float32'] }),
}
