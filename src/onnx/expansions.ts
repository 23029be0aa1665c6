/** Operations that ONNX or onnxruntime lacks, for all types or for one, as expressions of those that it has. */
import type { DType } from '../core/dtype.js'
import { isFloat } from '../core/dtype.js'
import { DTypeError, fail } from '../core/errors.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { bitsOf, clz, floatOf, nextafter, popcount, shift } from './bits.js'
import { erf, erfc, erfInv } from './erf.js'
import { digamma, lgamma } from './gamma.js'
import * as elementary from './elementary.js'

/** True for divisors that no processor traps on: neither 0 nor -1 whatever is in them. */
const harmless = (y: Expr): boolean =>
  y.op === 'const' ? y.value !== 0 && y.value !== -1 : y.op === 'max' && y.dtype === 'uint32' && y.y.op === 'const' && y.y.value >= 1

/** An integer quotient or remainder by way of uint32, where only a divisor of 0 needs care: it gives all bits set, and x. */
const guarded = (op: 'div' | 'rem', x: Expr, y: Expr): Expr | undefined => {
  if (harmless(y)) return undefined
  const zero = s.eq(y, s.like(y, 0))
  if (x.dtype === 'uint32') return s.select(zero, op === 'div' ? s.like(x, 2 ** 32 - 1) : x, s[op](x, s.max(y, s.like(y, 1))))
  const size = (v: Expr): Expr => s.bitcast(s.abs(v), 'uint32')
  const result = s.bitcast(s[op](size(x), s.max(size(y), s.const(1, 'uint32'))), 'int32')
  const below = (v: Expr): Expr => s.lt(v, s.int(0))
  const minus = op === 'div' ? s.xor(below(x), below(y)) : below(x)
  return s.select(zero, op === 'div' ? s.int(-1) : x, s.select(minus, s.neg(result), result))
}

/** Limits of the integer types, as float64. */
const limits: Readonly<Partial<Record<DType, readonly [number, number]>>> = { int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1] }

/** A float to an integer: NaN to 0, the rest truncated and saturated, all of which the Cast operator leaves open. Inside the limits it is exact. */
const saturated = (x: Expr, dtype: DType): Expr | undefined => {
  const [low, high] = limits[dtype]!
  const bounded =
    x.op === 'min' && x.y.op === 'const' && x.y.value <= high && x.x.op === 'max' && x.x.y.op === 'const' && x.x.y.value >= low
  if (bounded) return undefined
  const wide = s.cast(x, 'float64')
  const number = s.select(s.ne(x, x), s.like(wide, 0), wide)
  return s.cast(s.min(s.max(number, s.like(wide, low)), s.like(wide, high)), dtype)
}

/** Computed in float64 whatever the operand, and rounded once. */
const wide = (f: (x: Expr) => Expr, x: Expr): Expr => s.cast(f(s.cast(x, 'float64')), x.dtype)

/** The expression that `e` is to be taken apart into; undefined when there is an operator for it. */
export const expansion = (e: Expr): Expr | undefined => {
  if (!('x' in e)) return undefined
  const double = e.x.dtype === 'float64'
  const { x } = e
  switch (e.op) {
    case 'cast':
      return isFloat(x.dtype) && limits[e.dtype] !== undefined ? saturated(x, e.dtype) : undefined
    case 'bitcast':
      return isFloat(x.dtype) ? bitsOf(x, e.dtype) : isFloat(e.dtype) ? floatOf(x) : undefined
    case 'div':
    case 'rem':
      return isFloat(e.dtype) ? undefined : guarded(e.op, x, e.y)
    case 'shl':
    case 'shr':
      return shift(e.op, x, e.y)
    case 'nextafter':
      if (double) fail(DTypeError, 'toOnnx: nextafter of float64 needs 64-bit operations on bits, which ONNX lacks', { fix: 'float32' })
      return nextafter(x, e.y)
    case 'trunc':
      return s.select(s.lt(x, s.like(x, 0)), s.ceil(x), s.floor(x))
    case 'popcount':
      return popcount(x)
    case 'clz':
      return clz(x)
    case 'rsqrt':
      return s.div(s.like(x, 1), s.sqrt(x))
    case 'cbrt':
      return elementary.cbrt(x)
    case 'exp2':
      return s.pow(s.like(x, 2), x)
    case 'expm1':
      return elementary.expm1(x)
    case 'log1p':
      return elementary.log1p(x)
    case 'log2':
      return wide((v) => s.mul(s.log(v), s.like(v, Math.LOG2E)), x)
    case 'log10':
      return wide((v) => s.mul(s.log(v), s.like(v, Math.LOG10E)), x)
    case 'hypot':
      return elementary.hypot(x, e.y)
    case 'atan2':
      return double ? elementary.atan2Double(x, e.y) : elementary.atan2(x, e.y)
    case 'tan':
    case 'asin':
    case 'acos':
    case 'atan':
    case 'sinh':
    case 'cosh':
    case 'asinh':
    case 'acosh':
    case 'atanh':
      return double ? elementary[e.op](x) : undefined
    case 'erf':
      return double ? erf(x) : undefined
    case 'erfc':
      return wide(erfc, x)
    case 'erfInv':
      return wide(erfInv, x)
    case 'lgamma':
      return wide(lgamma, x)
    case 'digamma':
      return wide(digamma, x)
    default:
      return undefined
  }
}
