/**
 * The meaning of scalar operations on float32 in the arithmetic of float32 and integers of 32 bits alone, for targets that have nothing wider.
 * Their errors, in units in the last place, are bounded by a test over all exponents; sums whose terms cancel are safe from regrouping.
 */
import { isDouble, isInteger, isReal } from '../../../core/dtype.js'
import type { Op } from '../../operations.js'
import type { Expr } from '../../scalar.js'
import type { OperationDefinition } from '../expand.js'
import { nextafter, rem, saturated } from './bits.js'
import { cos, sin, tan } from './circular.js'
import { erf, erfc, erfInv } from './erf.js'
import { cosh, exp, exp2, expm1, sigmoid, sinh, tanh } from './exp.js'
import { digamma, lgamma } from './gamma.js'
import { acos, asin, atan, atan2 } from './inverse.js'
import { acosh, asinh, atanh, log, log10, log1p, log2 } from './log.js'
import { cbrt, hypot, pow, rsqrt } from './power.js'

const isSingle = (x: Expr): boolean => isReal(x.dtype) && !isDouble(x.dtype)

const unary =
  (f: (x: Expr) => Expr): OperationDefinition =>
  (x) =>
    isSingle(x) ? f(x) : undefined
const binary =
  (f: (x: Expr, y: Expr) => Expr): OperationDefinition =>
  (x, y) =>
    isSingle(x) ? f(x, y) : undefined

/**
 * Operations on float32 that are defined by others on float32 and on integers: what the `definitions` of a target are made of that has no
 * float64. Errors in units in the last place: 1 or less for `exp`, `log`, `log2`, `log10`, `log1p`, `asinh`, `acosh`, `atanh`, `cbrt`, `pow`;
 * 2 or less for the others, but `erfc` and `tan` 3, and `lgamma` and `digamma` 4 and 6, of the larger of the result and of what it is the
 * difference of. `rem`, `nextafter` and conversions to integers are exact.
 *
 * @example
 * ```ts
 * const [sine] = expand([kernel.sin(kernel.input(0, 'float32'))], singleDefinitions)
 * nodesOf([sine!]).some((e) => e.op === 'sin') // false
 * ```
 */
export const singleDefinitions = {
  rsqrt: unary(rsqrt),
  cbrt: unary(cbrt),
  exp: unary(exp),
  exp2: unary(exp2),
  expm1: unary(expm1),
  log: unary(log),
  log2: unary(log2),
  log10: unary(log10),
  log1p: unary(log1p),
  sin: unary(sin),
  cos: unary(cos),
  tan: unary(tan),
  asin: unary(asin),
  acos: unary(acos),
  atan: unary(atan),
  sinh: unary(sinh),
  cosh: unary(cosh),
  tanh: unary(tanh),
  asinh: unary(asinh),
  acosh: unary(acosh),
  atanh: unary(atanh),
  sigmoid: unary(sigmoid),
  erf: unary(erf),
  erfc: unary(erfc),
  erfInv: unary(erfInv),
  lgamma: unary(lgamma),
  digamma: unary(digamma),
  rem: binary(rem),
  pow: binary(pow),
  atan2: binary(atan2),
  hypot: binary(hypot),
  nextafter: binary(nextafter),
  cast: (x, _y, _z, dtype) => (isSingle(x) && isInteger(dtype) ? saturated(x, dtype) : undefined),
} as const satisfies Partial<Record<Op, OperationDefinition>>
