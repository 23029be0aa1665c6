/** Sums, products, quotients, remainders and powers, element by element. */
import { dtypes, isBool, isDouble, isInexact, isInteger, isReal, isUnsigned } from '../core/dtype.js'
import { fail, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import { none } from '../ir/primitive.js'
import * as P from '../prim/elementwise.js'
import { like } from '../prim/structure.js'
import type { Binary, Unary } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike } from './lift.js'
import { align, alignFloats, as, commonKind, lift, toFloat } from './lift.js'
import { floatBinary, floatUnary, numberBinary, numberUnary } from './ufunc.js'

/**
 * Sum. Of two booleans, their disjunction. Arithmetic of integers is modulo 2^32: what leaves the dtype comes in at its other end.
 *
 * @throws ShapeError when the shapes do not broadcast; ValueError for a number that the integers' dtype cannot hold.
 * @example
 * np.add(np.array([1, 2]), 10)              // [11, 12]
 * pipe(np.array([1, 2]), np.add(10))        // [11, 12]
 */
export const add: Binary = /* @__PURE__ */ numberBinary('add', P.addP, P.orP)

/**
 * Difference `x - y`; data-last, `pipe(x, np.sub(y))`, too.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for booleans.
 * @example
 * np.sub(np.array([5, 7]), np.array([1, 2]))   // [4, 5]
 */
export const sub: Binary = /* @__PURE__ */ numberBinary('sub', P.subP)

/**
 * Product. Of two booleans, their conjunction.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * np.mul(np.array([[1], [2]]), np.array([10, 20]))   // [[10, 20], [20, 40]]
 */
export const mul: Binary = /* @__PURE__ */ numberBinary('mul', P.mulP, P.andP)

/**
 * Quotient `x / y`; of integers, a float32.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * np.div(np.array([1, 2], { dtype: 'int32' }), 4)   // [0.25, 0.5]
 */
export const div: Binary = /* @__PURE__ */ floatBinary('div', P.divP)

/**
 * The opposite, `-x`.
 *
 * @throws DTypeError for booleans.
 * @example
 * np.neg(np.array([1, -2]))   // [-1, 2]
 */
export const neg: Unary = /* @__PURE__ */ numberUnary('neg', P.negP)

/**
 * Absolute value; its derivative at 0 is 0.
 *
 * @example
 * np.abs(np.array([1, -2]))   // [1, 2]
 */
export const abs: Unary = /* @__PURE__ */ numberUnary('abs', P.absP, 'same')

/**
 * -1, 0 or 1 by sign; NaN for NaN.
 *
 * @example
 * np.sign(np.array([-3, 0, 2]))   // [-1, 0, 1]
 */
export const sign: Unary = /* @__PURE__ */ numberUnary('sign', P.signP)

const integerPower = (x: Tensor, n: number): Tensor => P.integerPow(x, n)

/**
 * `x * x`.
 *
 * @example
 * np.square(np.array([1, -2]))   // [1, 4]
 */
export const square: Unary = (x) => {
  const t = lift(x, 'square')
  return isBool(t.dtype) ? t : isInexact(t.dtype) ? integerPower(t, 2) : P.mul(t, t)
}

/**
 * `1 / x`; integers become float32.
 *
 * @example
 * np.reciprocal(np.array([2, 4]))   // [0.5, 0.25]
 */
export const reciprocal: Unary = (x) => integerPower(toFloat(x, 'reciprocal'), -1)

/** `x` to a whole power, modulo 2^32, by squaring. */
const wholePower = (x: Tensor, n: number): Tensor => {
  let result = like(x, 1)
  let base = x
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = P.mul(result, base)
    if (rest > 1) base = P.mul(base, base)
  }
  return result
}

/**
 * `x` to integer exponents, modulo 2^32, by squaring. Of a negative exponent the result is `1 / x^|y|` cut off: 0 for every base but
 * 1 and -1 (of base 0 too).
 */
const integerToInteger = (x: Tensor, y: Tensor): Tensor => {
  const [zero, one] = [like(x, 0), like(x, 1)]
  let result = one
  let base = x
  let rest = y
  for (let bit = 0; bit < 32; bit++) {
    result = P.select(P.eq(P.and(rest, one), one), P.mul(result, base), result)
    base = P.mul(base, base)
    rest = P.shr(rest, one)
  }
  return isUnsigned(y.dtype) ? result : P.select(P.and(P.lt(y, zero), P.ne(P.abs(x), one)), zero, result)
}

/**
 * `x` to the power `y`. A whole JavaScript number as exponent is a product, right for negative bases and at 0 to every order.
 *
 * Integers to integers are counted modulo 2^32, as all their arithmetic; to a negative one of a tensor, `1 / x^|y|` cut off.
 *
 * @throws ShapeError when the shapes do not broadcast; ValueError for integers to a power that is a negative number.
 * @example
 * np.pow(np.array([1, 2, 3]), 2)         // [1, 4, 9]
 * np.pow(2, np.array([0.5, 2]))          // [1.4142135, 4]
 */
export const pow: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const t = lift(x, 'pow')
  if (typeof y === 'number' && Number.isInteger(y) && Math.abs(y) <= 64 && isInexact(t.dtype)) return integerPower(t, y)
  const [a, b] = align('pow', [x, y]) as [Tensor, Tensor]
  if (isInexact(a.dtype)) return P.pow(a, b)
  if (typeof y === 'number' && y < 0)
    return fail(ValueError, `pow: integers to the negative power ${y} are not integers`, {
      args: { x: t },
      fix: "a float base: np.astype(x, 'float32')",
    })
  const base = as(a, dtypes[a.dtype].wide)
  return typeof y === 'number' ? wholePower(base, y) : integerToInteger(base, as(b, dtypes[b.dtype].wide))
}, 'pow')

/**
 * `x` to the power `y`, always in floats.
 *
 * @example
 * np.floatPower(np.array([2, 3], { dtype: 'int32' }), -1)   // [0.5, 0.33333334]
 */
export const floatPower: Binary = /* @__PURE__ */ dual(
  (x: TensorLike, y: TensorLike) => pow(toFloat(x, 'floatPower'), typeof y === 'number' ? y : toFloat(y, 'floatPower', 'y')),
  'floatPower',
)

/**
 * Square root; NaN below 0.
 *
 * @example
 * np.sqrt(np.array([4, 9]))   // [2, 3]
 */
export const sqrt: Unary = /* @__PURE__ */ floatUnary('sqrt', P.sqrtP)

/**
 * Cube root, of negative numbers too.
 *
 * @example
 * np.cbrt(np.array([-8, 27]))   // [-2, 3]
 */
export const cbrt: Unary = /* @__PURE__ */ floatUnary('cbrt', P.cbrtP)

/**
 * Remainder with the sign of the dividend, as C's `fmod` and JavaScript's `%`. Of integers by 0 it is `x`.
 *
 * @example
 * np.fmod(np.array([-7, 7]), 3)   // [-1, 1]
 */
export const fmod: Binary = /* @__PURE__ */ numberBinary('fmod', P.remP)

/** What to add to a truncated remainder or quotient to make it a floored one applies where this is true. */
const crosses = (r: Tensor, y: Tensor): Tensor => {
  const zero = like(r, 0)
  return P.and(P.ne(r, zero), P.ne(P.lt(r, zero), P.lt(y, zero)))
}

/**
 * Remainder with the sign of the divisor, as Python's `%`. Of integers by 0 it is `x`, and 0 by -1.
 *
 * @example
 * np.remainder(np.array([-7, 7]), 3)   // [2, 1]
 */
export const remainder: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b] = align('remainder', [x, y]) as [Tensor, Tensor]
  const r = P.rem(a, b)
  const floored = P.select(crosses(r, b), P.add(r, b), r)
  // an exact division leaves a zero with the divisor's sign, as in Python
  return isReal(a.dtype) ? P.select(P.eq(r, like(r, 0)), copysign(floored, b), floored) : floored
}, 'remainder')

/**
 * Another name of `remainder`.
 *
 * @example
 * np.mod(np.array([-7, 7]), 3)   // [2, 1]
 */
export const mod: Binary = remainder

/**
 * The largest whole number not above `x / y`, as Python's `//`; its derivative is zero. Of integers by 0 it is -1 (all bits set:
 * 4294967295 in `uint32`), as in XLA, and the smallest int32 by -1 is itself: its opposite has no place.
 *
 * @example
 * np.floorDivide(np.array([-7, 7]), 2)   // [-4, 3]
 */
export const floorDivide: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b] = align('floorDivide', [x, y]) as [Tensor, Tensor]
  const r = P.rem(P.stopGradient(a), P.stopGradient(b))
  if (!isReal(a.dtype)) {
    const exact = P.div(a, b)
    const floors = P.and(crosses(r, b), P.ne(b, like(b, 0)))
    return P.select(floors, P.sub(exact, like(exact, 1)), exact)
  }
  const [p, q] = [P.stopGradient(a), P.stopGradient(b)]
  const quotient = P.div(p, q)
  const exact = P.round(P.div(P.sub(p, r), q))
  const floored = P.select(crosses(r, q), P.sub(exact, like(exact, 1)), exact)
  // no remainder by 0 exists, the quotient does; a zero has the quotient's sign
  return P.select(P.eq(q, like(q, 0)), quotient, P.select(P.eq(floored, like(floored, 0)), copysign(floored, quotient), floored))
}, 'floorDivide')

/**
 * `floorDivide` and `remainder` at once.
 *
 * @example
 * np.divmod(7, 2)   // [3, 1]
 */
export const divmod = (x: TensorLike, y: TensorLike): readonly [Tensor, Tensor] => [floorDivide(x, y), remainder(x, y)]

/** A number beside integers that is a limit which none of them reaches. `side` is -1 for below, 1 for above. */
const isBeyond = (x: TensorLike, y: TensorLike, side: number): y is number => {
  if (typeof y !== 'number' || !isTensor(x) || !Number.isInteger(y) || !isInteger(x.dtype)) return false
  const { min, max } = dtypes[x.dtype]
  return side < 0 ? y < min : y > max
}

/** `f`, which gives integers back as they are beside a number beyond all of them on `side`. */
const limiting = (name: string, f: Binary, side: number): Binary =>
  dual((x: TensorLike, y: TensorLike) => (isBeyond(x, y, side) ? lift(x) : isBeyond(y, x, side) ? lift(y) : f(x, y)), name)

/**
 * The larger of two; NaN when one is. At ties the cotangent is split evenly. A number below all that an integer dtype holds changes
 * nothing.
 *
 * @throws ShapeError when the shapes do not broadcast; ValueError for a number above all that the integers' dtype holds.
 * @example
 * np.maximum(np.array([1, 5]), 3)   // [3, 5]
 */
export const maximum: Binary = /* @__PURE__ */ limiting('maximum', numberBinary('maximum', P.maxP, P.orP), -1)

/**
 * The smaller of two; NaN when one is. At ties the cotangent is split evenly. A number above all that an integer dtype holds changes
 * nothing.
 *
 * @throws ShapeError when the shapes do not broadcast; ValueError for a number below all that the integers' dtype holds.
 * @example
 * np.minimum(np.array([1, 5]), 3)   // [1, 3]
 */
export const minimum: Binary = /* @__PURE__ */ limiting('minimum', numberBinary('minimum', P.minP, P.andP), 1)

const ignoringNan = (name: string, f: Binary): Binary =>
  dual((x: TensorLike, y: TensorLike) => {
    if (!isInexact(commonKind([x, y].map((v) => (isTensor(v) ? v : typeof v === 'number' ? v : lift(v, name)))).dtype)) return f(x, y)
    const [a, b] = align(name, [x, y]) as [Tensor, Tensor]
    return P.select(P.ne(a, a), b, P.select(P.ne(b, b), a, f(a, b)))
  })

/**
 * The larger of two; a NaN gives way to the other.
 *
 * @example
 * np.fmax(np.array([1, NaN]), 0)   // [1, 0]
 */
export const fmax: Binary = /* @__PURE__ */ ignoringNan('fmax', maximum)

/**
 * The smaller of two; a NaN gives way to the other.
 *
 * @example
 * np.fmin(np.array([1, NaN]), 5)   // [1, 5]
 */
export const fmin: Binary = /* @__PURE__ */ ignoringNan('fmin', minimum)

/**
 * `sqrt(x^2 + y^2)` without overflow.
 *
 * @example
 * np.hypot(3, 4)   // 5
 */
export const hypot: Binary = /* @__PURE__ */ floatBinary('hypot', P.hypotP)

/**
 * The next float after `x` towards `y`.
 *
 * @example
 * np.nextafter(1, 2)   // 1.0000001
 */
export const nextafter: Binary = /* @__PURE__ */ floatBinary('nextafter', P.nextafterP)

/**
 * `|x|` with the sign of `y`.
 *
 * @example
 * np.copysign(np.array([1, -2]), -1)   // [-1, -2]
 */
export const copysign: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b] = alignFloats('copysign', [x, y]) as [Tensor, Tensor]
  return P.select(P.eq(signbit(a), signbit(b)), a, P.neg(a))
}, 'copysign')

/**
 * True where the sign is negative: below zero, for `-0`, and for a NaN with the sign bit.
 *
 * @example
 * np.signbit(np.array([-1, -0, 0]))   // [true, true, false]
 */
export const signbit: Unary = (x) => {
  const bits = P.bitcast(P.cast(toFloat(x, 'signbit'), 'float32'), 'int32')
  return P.lt(bits, like(bits, 0))
}

/**
 * `x * 2^y`.
 *
 * @example
 * np.ldexp(np.array([1, 3]), 2)   // [4, 12]
 */
export const ldexp: Binary = /* @__PURE__ */ dual((x: TensorLike, y: TensorLike) => {
  const [a, b] = alignFloats('ldexp', [x, y]) as [Tensor, Tensor]
  // Factors that are normal numbers; downwards such that only the last product is rounded to a subnormal.
  const [least, most, down] = isDouble(a.dtype) ? [-1022, 1023, -969] : [-126, 127, -102]
  let [product, rest] = [a, b]
  for (const below of [down, down, least]) {
    const [low, high] = [P.lt(rest, like(rest, least)), P.gt(rest, like(rest, most))]
    const step = P.select(high, like(rest, most), P.select(low, like(rest, below), rest))
    product = P.mul(product, bind(P.exp2P, [step], none))
    rest = P.sub(rest, step)
  }
  return product
}, 'ldexp')
