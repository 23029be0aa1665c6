/** Circular and hyperbolic functions, element by element; angles in radians. */
import { bind } from '../ir/bind.js'
import { none } from '../ir/primitive.js'
import * as P from '../prim/elementwise.js'
import { like } from '../prim/structure.js'
import type { Binary, Unary } from './dual.js'
import { toFloat } from './lift.js'
import { floatBinary, floatUnary } from './ufunc.js'

/**
 * Sine.
 *
 * @example
 * np.sin(np.array([0, Math.PI / 2]))   // [0, 1]
 */
export const sin: Unary = /* @__PURE__ */ floatUnary('sin', P.sinP)

/**
 * Cosine.
 *
 * @example
 * np.cos(np.array([0, Math.PI]))   // [1, -1]
 */
export const cos: Unary = /* @__PURE__ */ floatUnary('cos', P.cosP)

/**
 * Tangent.
 *
 * @example
 * np.tan(np.array([0, Math.PI / 4]))   // [0, 1]
 */
export const tan: Unary = /* @__PURE__ */ floatUnary('tan', P.tanP)

/**
 * Inverse sine, in [-pi/2, pi/2]; NaN outside [-1, 1].
 *
 * @example
 * np.arcsin(np.array([0, 1]))   // [0, 1.5707964]
 */
export const arcsin: Unary = /* @__PURE__ */ floatUnary('arcsin', P.asinP)

/**
 * Inverse cosine, in [0, pi]; NaN outside [-1, 1].
 *
 * @example
 * np.arccos(np.array([1, -1]))   // [0, 3.1415927]
 */
export const arccos: Unary = /* @__PURE__ */ floatUnary('arccos', P.acosP)

/**
 * Inverse tangent, in [-pi/2, pi/2].
 *
 * @example
 * np.arctan(np.array([0, 1]))   // [0, 0.7853982]
 */
export const arctan: Unary = /* @__PURE__ */ floatUnary('arctan', P.atanP)

/**
 * Hyperbolic sine.
 *
 * @example
 * np.sinh(np.array([0, 1]))   // [0, 1.1752012]
 */
export const sinh: Unary = /* @__PURE__ */ floatUnary('sinh', P.sinhP)

/**
 * Hyperbolic cosine.
 *
 * @example
 * np.cosh(np.array([0, 1]))   // [1, 1.5430807]
 */
export const cosh: Unary = /* @__PURE__ */ floatUnary('cosh', P.coshP)

/**
 * Hyperbolic tangent.
 *
 * @example
 * np.tanh(np.array([0, 1]))   // [0, 0.7615942]
 */
export const tanh: Unary = /* @__PURE__ */ floatUnary('tanh', P.tanhP)

/**
 * Inverse hyperbolic sine.
 *
 * @example
 * np.arcsinh(np.array([0, 1]))   // [0, 0.8813736]
 */
export const arcsinh: Unary = /* @__PURE__ */ floatUnary('arcsinh', P.asinhP)

/**
 * Inverse hyperbolic cosine; NaN below 1.
 *
 * @example
 * np.arccosh(np.array([1, 2]))   // [0, 1.316958]
 */
export const arccosh: Unary = /* @__PURE__ */ floatUnary('arccosh', P.acoshP)

/**
 * Inverse hyperbolic tangent; NaN outside [-1, 1].
 *
 * @example
 * np.arctanh(np.array([0, 0.5]))   // [0, 0.54930615]
 */
export const arctanh: Unary = /* @__PURE__ */ floatUnary('arctanh', P.atanhP)

/**
 * The angle of the point (x, y) given as `arctan2(y, x)`, in (-pi, pi].
 *
 * @example
 * np.arctan2(np.array([1, -1]), np.array([-1, -1]))   // [2.3561945, -2.3561945]
 */
export const arctan2: Binary = /* @__PURE__ */ floatBinary('arctan2', P.atan2P)

const times =
  (name: string, factor: number): Unary =>
  (x) => {
    const t = toFloat(x, name)
    return bind(P.mulP, [t, like(t, factor)], none)
  }

/**
 * Radians to degrees.
 *
 * @example
 * np.degrees(Math.PI)   // 180
 */
export const degrees: Unary = /* @__PURE__ */ times('degrees', 180 / Math.PI)

/**
 * Degrees to radians.
 *
 * @example
 * np.radians(180)   // 3.1415927
 */
export const radians: Unary = /* @__PURE__ */ times('radians', Math.PI / 180)

/** `(-1)^k / (2k+1)!`: the series of `sin(z) / z` in powers of `z^2`, for z below 2. */
const series: readonly number[] = /* @__PURE__ */ ((): readonly number[] => {
  const terms = [1]
  for (let k = 1; k < 13; k++) terms.push(-terms[k - 1]! / (2 * k * (2 * k + 1)))
  return terms
})()

/**
 * `sin(pi x) / (pi x)`, 1 at 0, 0 at all other whole numbers and at infinity; near 0 a series, so that derivatives of every order are
 * right there.
 *
 * @example
 * np.sinc(np.array([0, 0.5]))   // [1, 0.63661975]
 */
export const sinc: Unary = (x) => {
  const given = toFloat(x, 'sinc')
  const infinite = P.eq(P.abs(given), like(given, Infinity))
  const t = P.select(infinite, like(given, 1), given)
  const z = P.mul(t, like(t, Math.PI))
  const u = P.mul(z, z)
  const near = P.lt(u, like(u, 4))
  const safe = P.select(near, like(z, 1), z)
  const polynomial = series.reduceRight((acc, c) => P.add(P.mul(acc, u), like(u, c)), like(u, 0))
  // the sine of pi times the distance to the nearest whole number, which is exact; negative beside odd ones
  const whole = P.round(t)
  const odd = P.ne(P.rem(whole, like(t, 2)), like(t, 0))
  const wave = P.sin(P.mul(P.sub(t, whole), like(t, Math.PI)))
  const far = P.div(P.select(odd, P.neg(wave), wave), safe)
  return P.select(infinite, like(t, 0), P.select(near, polynomial, far))
}

/**
 * The array API's name of `arcsin`.
 *
 * @example
 * np.asin(0)   // 0
 */
export const asin: Unary = arcsin

/**
 * The array API's name of `arccos`.
 *
 * @example
 * np.acos(0)   // 1.5707964
 */
export const acos: Unary = arccos

/**
 * The array API's name of `arctan`.
 *
 * @example
 * np.atan(0)   // 0
 */
export const atan: Unary = arctan

/**
 * The array API's name of `arcsinh`.
 *
 * @example
 * np.asinh(0)   // 0
 */
export const asinh: Unary = arcsinh

/**
 * The array API's name of `arccosh`.
 *
 * @example
 * np.acosh(1)   // 0
 */
export const acosh: Unary = arccosh

/**
 * The array API's name of `arctanh`.
 *
 * @example
 * np.atanh(0)   // 0
 */
export const atanh: Unary = arctanh

/**
 * The array API's name of `arctan2`.
 *
 * @example
 * np.atan2(0, 1)   // 0
 */
export const atan2: Binary = arctan2
