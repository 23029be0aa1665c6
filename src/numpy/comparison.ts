/** Comparisons and truth, element by element: bool tensors. */
import { flag, nonNegative } from '../core/check.js'
import { isBool, isInexact } from '../core/dtype.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { AnyPrimitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import * as P from '../prim/elementwise.js'
import { full, like } from '../prim/structure.js'
import type { Binary, Unary } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike } from './lift.js'
import { align, as, commonKind, commonShape, lift, spread, toFloat } from './lift.js'
import { comparison } from './ufunc.js'

/**
 * Where `x == y`; NaN equals nothing. Integers are compared by value, with numbers that their dtype cannot hold too.
 *
 * @example
 * np.equal(np.array([1, 2]), 2)   // [false, true]
 */
export const equal: Binary = /* @__PURE__ */ comparison('equal', P.eqP, (a, b) => a === b)

/**
 * Where `x != y`.
 *
 * @example
 * np.notEqual(np.array([1, 2]), 2)   // [true, false]
 */
export const notEqual: Binary = /* @__PURE__ */ comparison('notEqual', P.neP, (a, b) => a !== b)

/**
 * Where `x < y`.
 *
 * @example
 * np.less(np.array([1, 2]), 2)   // [true, false]
 */
export const less: Binary = /* @__PURE__ */ comparison('less', P.ltP, (a, b) => a < b, Math.floor, Math.ceil)

/**
 * Where `x <= y`.
 *
 * @example
 * np.lessEqual(np.array([1, 2]), 2)   // [true, true]
 */
export const lessEqual: Binary = /* @__PURE__ */ comparison('lessEqual', P.leP, (a, b) => a <= b, Math.ceil, Math.floor)

/**
 * Where `x > y`.
 *
 * @example
 * np.greater(np.array([1, 2]), 1)   // [false, true]
 */
export const greater: Binary = /* @__PURE__ */ comparison('greater', P.gtP, (a, b) => a > b, Math.ceil, Math.floor)

/**
 * Where `x >= y`.
 *
 * @example
 * np.greaterEqual(np.array([1, 2]), 2)   // [false, true]
 */
export const greaterEqual: Binary = /* @__PURE__ */ comparison('greaterEqual', P.geP, (a, b) => a >= b, Math.floor, Math.ceil)

/** Booleans of `x`: true where it is not 0. */
export const truth = (x: TensorLike, name?: string, parameter?: string): Tensor => {
  const t = lift(x, name, parameter)
  return isBool(t.dtype) ? t : P.ne(t, like(t, 0))
}

const logical = (name: string, prim: AnyPrimitive): Binary =>
  dual((x: TensorLike, y: TensorLike) => bind(prim, align(name, [truth(x, name), truth(y, name, 'y')]), none), name)

/**
 * Where both are true; a number is true when it is not 0.
 *
 * @example
 * np.logicalAnd(np.array([true, true]), np.array([true, false]))   // [true, false]
 */
export const logicalAnd: Binary = /* @__PURE__ */ logical('logicalAnd', P.andP)

/**
 * Where one or both are true.
 *
 * @example
 * np.logicalOr(np.array([false, true]), false)   // [false, true]
 */
export const logicalOr: Binary = /* @__PURE__ */ logical('logicalOr', P.orP)

/**
 * Where exactly one is true.
 *
 * @example
 * np.logicalXor(np.array([false, true]), true)   // [true, false]
 */
export const logicalXor: Binary = /* @__PURE__ */ logical('logicalXor', P.xorP)

/**
 * Where `x` is false or 0.
 *
 * @example
 * np.logicalNot(np.array([0, 2]))   // [true, false]
 */
export const logicalNot: Unary = (x) => P.not(truth(x, 'logicalNot'))

/** A test of floats that holds for no integer. */
const floatTest =
  (name: string, test: (t: Tensor) => Tensor, otherwise: 0 | 1): Unary =>
  (x) => {
    const t = lift(x, name)
    return isInexact(t.dtype) ? test(t) : full(t.shape, otherwise, 'bool', false)
  }

/**
 * Where `x` is NaN.
 *
 * @example
 * np.isnan(np.array([NaN, 1]))   // [true, false]
 */
export const isnan: Unary = /* @__PURE__ */ floatTest('isnan', (t) => P.ne(t, t), 0)

/**
 * Where `x` is infinite, of either sign.
 *
 * @example
 * np.isinf(np.array([-Infinity, 1]))   // [true, false]
 */
export const isinf: Unary = /* @__PURE__ */ floatTest('isinf', (t) => P.eq(P.abs(t), like(t, Infinity)), 0)

/**
 * Where `x` is neither infinite nor NaN.
 *
 * @example
 * np.isfinite(np.array([NaN, Infinity, 1]))   // [false, false, true]
 */
export const isfinite: Unary = /* @__PURE__ */ floatTest('isfinite', (t) => P.lt(P.abs(t), like(t, Infinity)), 1)

/**
 * Where `x` is `Infinity`.
 *
 * @example
 * np.isposinf(np.array([-Infinity, Infinity]))   // [false, true]
 */
export const isposinf: Unary = /* @__PURE__ */ floatTest('isposinf', (t) => P.eq(t, like(t, Infinity)), 0)

/**
 * Where `x` is `-Infinity`.
 *
 * @example
 * np.isneginf(np.array([-Infinity, Infinity]))   // [true, false]
 */
export const isneginf: Unary = /* @__PURE__ */ floatTest('isneginf', (t) => P.eq(t, like(t, -Infinity)), 0)

/** Tolerances of `isclose` and `allclose`. */
export interface Tolerance {
  /** Relative to `y`. */
  readonly rtol?: number
  readonly atol?: number
  /** Whether NaN is close to NaN. */
  readonly equalNan?: boolean
}

/** The options of comparisons within a tolerance, checked. */
export const tolerances = optionsOf<Tolerance>({ rtol: nonNegative, atol: nonNegative, equalNan: flag })

/**
 * Where `|x - y| <= atol + rtol * |y|`.
 *
 * @example
 * np.isclose(np.array([1, 2]), np.array([1.000001, 2.1]))   // [true, false]
 */
export const isclose = (x: TensorLike, y: TensorLike, options: Tolerance = {}): Tensor =>
  closeness('isclose', x, y, tolerances('isclose', options))

/** `isclose` of options that are checked already, for functions of other names. */
export const closeness = (
  name: string,
  x: TensorLike,
  y: TensorLike,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: Tolerance,
): Tensor => {
  const [a, b] = align(name, [toFloat(x, name), toFloat(y, name, 'y')]) as [Tensor, Tensor]
  const within = P.le(P.abs(P.sub(a, b)), P.add(like(b, atol), P.mul(like(b, rtol), P.abs(b))))
  const infinity = like(a, Infinity)
  const bounded = P.and(P.lt(P.abs(a), infinity), P.lt(P.abs(b), infinity))
  const same = P.or(P.and(within, bounded), P.eq(a, b))
  return equalNan ? P.or(same, P.and(P.ne(a, a), P.ne(b, b))) : same
}

/**
 * `x` where `condition` is true, `y` elsewhere; all three broadcast. The cotangent goes to the chosen side only.
 *
 * @throws ShapeError when the shapes do not broadcast; ValueError for a number that the dtype of the other cannot hold.
 * @example
 * const x = np.array([-1, 2])
 * np.where(np.greater(x, 0), x, 0)   // [0, 2]
 */
export const where = (condition: TensorLike, x: TensorLike, y: TensorLike): Tensor => {
  const [a, b] = promoteTwo(x, y)
  const test = truth(condition, 'where', 'condition')
  const ts = [test, a, b]
  const shape = commonShape('where', ts, ['condition', 'x', 'y'])
  return P.select(spread(test, shape), spread(a, shape), spread(b, shape))
}

const promoteTwo = (x: TensorLike, y: TensorLike): readonly [Tensor, Tensor] => {
  const { dtype } = commonKind([x, y].map((v, k) => (typeof v === 'number' ? v : lift(v, 'where', k === 0 ? 'x' : 'y'))))
  return [as(x, dtype, 'where'), as(y, dtype, 'where')]
}
