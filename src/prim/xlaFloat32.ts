/**
 * Logarithm, error function and its inverse in float32 with the roundings of XLA's code for CPUs. JAX's random draws inherit these
 * roundings, so ours are made of the same operations and agree to the bit. For everything else there are `log`, `log1p`, `erf` and `erfInv`,
 * which are more accurate and differentiable.
 */
import { isDouble } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import { DTypeError, fail } from '../core/errors.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import type { AppliedUnary } from './define.js'
import { alike, named } from './define.js'

const f32 = (value: number): Expr => s.const(value, 'float32')

/** A polynomial by Horner's rule, highest coefficient first, every step rounded once. */
const horner = (coefficients: readonly number[], x: Expr): Expr =>
  coefficients.slice(1).reduce((p, c) => s.fma(p, x, f32(c)), f32(coefficients[0]!))

/** The logarithm of positive numbers, by Cephes' polynomial on [sqrt(1/2), sqrt(2)). */
const logPositive = (x: Expr): Expr => {
  const bits = s.bitcast(s.max(x, f32(2 ** -126)), 'int32')
  const mantissa = s.bitcast(s.or(s.and(bits, s.int(0x807fffff | 0)), s.int(0x3f000000)), 'float32')
  const exponent = s.add(s.cast(s.sub(s.shr(bits, s.int(23)), s.int(127)), 'float32'), f32(1))
  const low = s.lt(mantissa, f32(0.7071067811865476))
  const e = s.sub(exponent, s.select(low, f32(1), f32(0)))
  const m = s.add(s.sub(mantissa, f32(1)), s.select(low, mantissa, f32(0)))
  const square = s.mul(m, m)
  const cube = s.mul(square, m)
  const part = (a: number, b: number, c: number): Expr => horner([a, b, c], m)
  const first = part(7.0376836292e-2, -1.151461031e-1, 1.167699874e-1)
  const second = part(-1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1)
  const third = part(2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
  const tail = s.fma(s.fma(s.fma(first, cube, second), cube, third), cube, s.mul(f32(-2.1219444e-4), e))
  return s.add(s.add(s.sub(m, s.mul(f32(0.5), square)), tail), s.mul(f32(0.693359375), e))
}

const log = (x: Expr): Expr =>
  s.select(s.gt(x, f32(0)), s.select(s.eq(x, f32(Infinity)), x, logPositive(x)), s.select(s.eq(x, f32(0)), f32(-Infinity), f32(NaN)))

const numerator = [
  4.5270000862445199635215e-5, 4.9854102823193375972212e-1, 6.5787325942061044846969, 2.9911919328553073277375e1,
  6.0949667980987787057556e1, 5.7112963590585538103336e1, 2.0039553499201281259648e1,
]
const denominator = [
  1, 1.5062909083469192043167e1, 8.3047565967967209469434e1, 2.2176239823732856465394e2, 3.0909872225312059774938e2,
  2.1642788614495947685003e2, 6.0118660497603843919306e1,
]

const log1p = (x: Expr): Expr => {
  const square = s.mul(x, x)
  const rest = s.mul(s.mul(x, square), s.div(horner(numerator, x), horner(denominator, x)))
  const small = s.add(x, s.add(s.mul(f32(-0.5), square), rest))
  return s.select(s.lt(s.abs(x), f32(Math.SQRT2 - 1)), small, log(s.add(x, f32(1))))
}

const central = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3, 0.246640727, 1.50140941,
]
const tail = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406, 2.83297682,
]

/** Giles's two polynomials in `w = -log(1 - x^2)`. @see "Approximating the erfinv function", M. Giles, 2012 */
const erfInv = (x: Expr): Expr => {
  const w = s.neg(log1p(s.neg(s.mul(x, x))))
  const p = s.select(s.lt(w, f32(5)), horner(central, s.sub(w, f32(2.5))), horner(tail, s.sub(s.sqrt(w), f32(3))))
  return s.mul(s.select(s.eq(s.abs(x), f32(1)), f32(Infinity), p), x)
}

/** A quotient of two polynomials in x^2, on the interval outside of which it would exceed 1. */
const erf = (x: Expr): Expr => {
  const v = s.max(s.min(x, f32(3.832506856900711)), f32(-3.832506856900711))
  const square = s.mul(v, v)
  return s.div(s.mul(v, horner(erfNumerator, square)), horner(erfDenominator, square))
}

const erfNumerator = [2.2905065861350646e-4, 3.4082910107109506e-3, 5.0955695062380861e-2, 0.18520832239976145, 1.128379143519084]
const erfDenominator = [
  -1.1791602954361697e-7, 2.3547966471313185e-5, 1.0179625278914885e-3, 1.4070470171167667e-2, 0.11098505178285362, 0.49746925110067538, 1,
]

const float32 = /* @__NO_SIDE_EFFECTS__ */ (name: string, scalar: (x: Expr) => Expr): Primitive => ({
  name,
  shape: (inputs) => {
    const y = alike(name, inputs, 'float')
    return isDouble(y.dtype) ? fail(DTypeError, `${name}: only for float32`, { args: named(inputs) }) : [y]
  },
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([x]) => scalar(x!) },
})
const unary = /* @__NO_SIDE_EFFECTS__ */ (prim: Primitive): AppliedUnary =>
  (x: Tensor) =>
    bind(prim, [x], none)

/** `log(x)` of float32 as XLA rounds it on CPUs; its derivative counts as zero. */
export const xlaLogP: Primitive = float32('xlaLog', log)
export const xlaLog: AppliedUnary = unary(xlaLogP)

/** `log(1 + x)` of float32 as XLA rounds it on CPUs; its derivative counts as zero. */
export const xlaLog1pP: Primitive = float32('xlaLog1p', log1p)
export const xlaLog1p: AppliedUnary = unary(xlaLog1pP)

/** `erf^-1(x)` of float32 as XLA rounds it on CPUs; its derivative counts as zero. */
export const xlaErfInvP: Primitive = float32('xlaErfInv', erfInv)
export const xlaErfInv: AppliedUnary = unary(xlaErfInvP)

/** `erf(x)` of float32 as XLA rounds it on CPUs; its derivative counts as zero. */
export const xlaErfP: Primitive = float32('xlaErf', erf)
export const xlaErf: AppliedUnary = unary(xlaErfP)
