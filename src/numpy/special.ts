/** Functions of SciPy's `special`, element by element. */
import * as P from '../prim/elementwise.js'
import { like } from '../prim/structure.js'
import type { Binary, Unary } from './dual.js'
import { composedBinary, floatUnary } from './ufunc.js'
import { toFloat } from './lift.js'

/**
 * Error function, the integral of the bell curve from 0.
 *
 * @example
 * special.erf(np.array([0, 1]))   // [0, 0.84270078]
 */
export const erf: Unary = /* @__PURE__ */ floatUnary('erf', P.erfP)

/**
 * `1 - erf(x)`, exact for large `x`.
 *
 * @example
 * special.erfc(10)   // 2.0884875e-45
 */
export const erfc: Unary = /* @__PURE__ */ floatUnary('erfc', P.erfcP)

/**
 * Inverse of `erf`, on (-1, 1).
 *
 * @example
 * special.erfinv(np.array([0, 0.5]))   // [0, 0.47693628]
 */
export const erfinv: Unary = /* @__PURE__ */ floatUnary('erfinv', P.erfInvP)

/**
 * Logarithm of the absolute value of the gamma function.
 *
 * @example
 * special.gammaln(np.array([1, 5]))   // [0, 3.1780539]
 */
export const gammaln: Unary = /* @__PURE__ */ floatUnary('gammaln', P.lgammaP)

/**
 * Derivative of `gammaln`.
 *
 * @example
 * special.digamma(1)   // -0.5772157
 */
export const digamma: Unary = /* @__PURE__ */ floatUnary('digamma', P.digammaP)

/**
 * The logistic sigmoid, `1 / (1 + exp(-x))`.
 *
 * @example
 * special.expit(np.array([0, 100]))   // [0.5, 1]
 */
export const expit: Unary = /* @__PURE__ */ floatUnary('expit', P.sigmoidP)

/**
 * Inverse of `expit`: `log(p / (1 - p))`.
 *
 * @example
 * special.logit(np.array([0.5, 0.75]))   // [0, 1.0986123]
 */
export const logit: Unary = /* @__PURE__ */ floatUnary('logit', P.logitP)

/**
 * `log(expit(x))`, exact for large negative `x`.
 *
 * @example
 * special.logExpit(-100)   // -100
 */
export const logExpit: Unary = (x) => P.neg(P.softplus(P.neg(toFloat(x, 'logExpit'))))

/**
 * Distribution function of the standard normal.
 *
 * @example
 * special.ndtr(np.array([0, 1.96]))   // [0.5, 0.9750021]
 */
export const ndtr: Unary = /* @__PURE__ */ floatUnary('ndtr', P.ndtrP)

/**
 * `x * log(y)`, 0 where `x` is 0 whatever `y` is, NaN excepted.
 *
 * @example
 * special.xlogy(np.array([0, 1]), np.array([0, Math.E]))   // [0, 1]
 */
export const xlogy: Binary = /* @__PURE__ */ composedBinary('xlogy', (x, y) => {
  const extreme = P.or(P.le(y, like(y, 0)), P.eq(y, like(y, Infinity)))
  return P.mul(x, P.log(P.select(P.and(P.eq(x, like(x, 0)), extreme), like(y, 1), y)))
})

/**
 * Entropy of one probability, `-x * log(x)`: 0 at 0, and so is its derivative there; `-Infinity` below 0.
 *
 * @example
 * special.entr(np.array([0, 0.5]))   // [0, 0.34657359]
 */
export const entr: Unary = /* @__PURE__ */ floatUnary('entr', P.entrP)
