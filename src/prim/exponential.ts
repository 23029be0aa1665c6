/** Exponentials and logarithms. */
import { bind } from '../ir/bind.js'
import { OUT } from '../ir/linear.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import { s } from '../kernel/scalar.js'
import { add, div, mul, reciprocal } from './arithmetic.js'
import { like } from './broadcast.js'
import { elementwise, reads, type AppliedUnary } from './define.js'

/** e^x */
export const expP: Primitive = elementwise('exp', { scalar: (x) => s.exp(x), partials: [reads([OUT], (y) => y)] })
export const exp: AppliedUnary = (x) => bind(expP, [x], none)

/** 2^x */
export const exp2P: Primitive = elementwise('exp2', {
  scalar: (x) => s.exp2(x),
  partials: [reads([OUT], (y) => mul(like(y, Math.LN2), y))],
})
export const exp2: AppliedUnary = (x) => bind(exp2P, [x], none)

/** e^x - 1, exact near 0 */
export const expm1P: Primitive = elementwise('expm1', { scalar: (x) => s.expm1(x), partials: [reads([0], (x) => exp(x))] })
export const expm1: AppliedUnary = (x) => bind(expm1P, [x], none)

/** Natural logarithm */
export const logP: Primitive = elementwise('log', { scalar: (x) => s.log(x), partials: [reads([0], (x) => reciprocal(x))] })
export const log: AppliedUnary = (x) => bind(logP, [x], none)

/** Logarithm to base 2 */
export const log2P: Primitive = elementwise('log2', {
  scalar: (x) => s.log2(x),
  partials: [reads([0], (x) => div(like(x, Math.LOG2E), x))],
})
export const log2: AppliedUnary = (x) => bind(log2P, [x], none)

/** Logarithm to base 10 */
export const log10P: Primitive = elementwise('log10', {
  scalar: (x) => s.log10(x),
  partials: [reads([0], (x) => div(like(x, Math.LOG10E), x))],
})
export const log10: AppliedUnary = (x) => bind(log10P, [x], none)

/** log(1 + x), exact near 0 */
export const log1pP: Primitive = elementwise('log1p', {
  scalar: (x) => s.log1p(x),
  partials: [reads([0], (x) => reciprocal(add(like(x, 1), x)))],
})
export const log1p: AppliedUnary = (x) => bind(log1pP, [x], none)
