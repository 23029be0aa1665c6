/** Exponentials and logarithms, element by element. */
import * as P from '../prim/elementwise.js'
import type { Binary, Unary } from './dual.js'
import { floatBinary, floatUnary } from './ufunc.js'

/**
 * e to the power `x`.
 *
 * @example
 * np.exp(np.array([0, 1]))   // [1, 2.7182817]
 */
export const exp: Unary = /* @__PURE__ */ floatUnary('exp', P.expP)

/**
 * 2 to the power `x`.
 *
 * @example
 * np.exp2(np.array([3, -1]))   // [8, 0.5]
 */
export const exp2: Unary = /* @__PURE__ */ floatUnary('exp2', P.exp2P)

/**
 * `exp(x) - 1`, exact near 0.
 *
 * @example
 * np.expm1(1e-10)   // 1e-10
 */
export const expm1: Unary = /* @__PURE__ */ floatUnary('expm1', P.expm1P)

/**
 * Natural logarithm; `-Infinity` at 0, NaN below.
 *
 * @example
 * np.log(np.array([1, Math.E]))   // [0, 1]
 */
export const log: Unary = /* @__PURE__ */ floatUnary('log', P.logP)

/**
 * Logarithm to base 2.
 *
 * @example
 * np.log2(np.array([1, 8]))   // [0, 3]
 */
export const log2: Unary = /* @__PURE__ */ floatUnary('log2', P.log2P)

/**
 * Logarithm to base 10.
 *
 * @example
 * np.log10(np.array([1, 1000]))   // [0, 3]
 */
export const log10: Unary = /* @__PURE__ */ floatUnary('log10', P.log10P)

/**
 * `log(1 + x)`, exact near 0.
 *
 * @example
 * np.log1p(1e-10)   // 1e-10
 */
export const log1p: Unary = /* @__PURE__ */ floatUnary('log1p', P.log1pP)

/**
 * `log(exp(x) + exp(y))` without overflow.
 *
 * @example
 * np.logaddexp(1000, 1000)   // 1000.6931
 */
export const logaddexp: Binary = /* @__PURE__ */ floatBinary('logaddexp', P.logaddexpP)

/**
 * `log2(2^x + 2^y)` without overflow.
 *
 * @example
 * np.logaddexp2(3, 3)   // 4
 */
export const logaddexp2: Binary = /* @__PURE__ */ floatBinary('logaddexp2', P.logaddexp2P)
