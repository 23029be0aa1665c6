/** The meaning of scalar operations by simpler ones, written once, in the kernel language, for all targets. */
import type { DType } from '../../core/dtype.js'
import { dtypes, isDouble, isInteger, isReal, isUnsigned } from '../../core/dtype.js'
import type { Op } from '../operations.js'
import type { Expr } from '../scalar.js'
import { s } from '../scalar.js'
import type { Computes, OperationDefinition, Definitions } from './expand.js'
import { bitsOf, clz, floatOf, nextafter, popcount, shift } from './bits.js'
import * as elementary from './elementary.js'
import { erf, erfc, erfInv } from './erf.js'
import { fmaDouble, fmaSingle } from './fma.js'
import { digamma, lgamma } from './gamma.js'

/** True for divisors that no processor traps on: neither 0 nor -1 whatever is in them. */
const harmless = (y: Expr): boolean =>
  y.op === 'const' ? y.value !== 0 && y.value !== -1 : y.op === 'max' && isUnsigned(y.dtype) && y.y.op === 'const' && y.y.value >= 1

/** An integer quotient or remainder by way of uint32, where only a divisor of 0 needs care: it gives all bits set, and x. */
const guarded =
  (op: 'div' | 'rem'): OperationDefinition =>
  (x, y) => {
    if (isReal(x.dtype) || harmless(y)) return undefined
    const none = s.eq(y, s.like(y, 0))
    if (isUnsigned(x.dtype)) return s.select(none, op === 'div' ? s.like(x, 2 ** 32 - 1) : x, s[op](x, s.max(y, s.like(y, 1))))
    const size = (v: Expr): Expr => s.bitcast(s.abs(v), 'uint32')
    const result = s.bitcast(s[op](size(x), s.max(size(y), s.const(1, 'uint32'))), 'int32')
    const below = (v: Expr): Expr => s.lt(v, s.int(0))
    const minus = op === 'div' ? s.xor(below(x), below(y)) : below(x)
    return s.select(none, op === 'div' ? s.int(-1) : x, s.select(minus, s.neg(result), result))
  }

/** A float to an integer: NaN to 0, the rest truncated and saturated. Inside the limits it is exact, and any conversion will do. */
const saturated = (x: Expr, dtype: DType): Expr | undefined => {
  const { min: low, max: high } = dtypes[dtype]
  const bounded =
    x.op === 'min' && x.y.op === 'const' && x.y.value <= high && x.x.op === 'max' && x.x.y.op === 'const' && x.x.y.value >= low
  if (bounded) return undefined
  const wide = s.cast(x, 'float64')
  const number = s.select(s.ne(x, x), s.like(wide, 0), wide)
  return s.cast(s.min(s.max(number, s.like(wide, low)), s.like(wide, high)), dtype)
}

/** Computed in float64 whatever the operand, and rounded once. */
const wide =
  (f: (x: Expr) => Expr): OperationDefinition =>
  (x) =>
    s.cast(f(s.cast(x, 'float64')), x.dtype)

/** Of float64 only, by way of the operation in float32, which is basic. */
const ofDouble =
  (f: (x: Expr) => Expr): OperationDefinition =>
  (x) =>
    isDouble(x.dtype) ? f(x) : undefined

/** Every operation's definition; `null` for those that are basic: every target has them. */
export const definitions: Readonly<Record<Op, OperationDefinition | null>> = {
  neg: null,
  abs: null,
  sign: null,
  floor: null,
  ceil: null,
  round: null,
  trunc: (x) => s.select(s.lt(x, s.like(x, 0)), s.ceil(x), s.floor(x)),
  sqrt: null,
  rsqrt: (x) => s.div(s.like(x, 1), s.sqrt(x)),
  cbrt: elementary.cbrt,
  exp: null,
  exp2: (x) => s.pow(s.like(x, 2), x),
  expm1: elementary.expm1,
  log: null,
  log2: wide((v) => s.mul(s.log(v), s.like(v, Math.LOG2E))),
  log10: wide((v) => s.mul(s.log(v), s.like(v, Math.LOG10E))),
  log1p: elementary.log1p,
  sin: null,
  cos: null,
  tan: elementary.tan,
  asin: ofDouble(elementary.asin),
  acos: ofDouble(elementary.acos),
  atan: ofDouble(elementary.atan),
  sinh: elementary.sinh,
  cosh: elementary.cosh,
  tanh: null,
  asinh: elementary.asinh,
  acosh: elementary.acosh,
  atanh: elementary.atanh,
  sigmoid: null,
  erf: wide(erf),
  erfc: wide(erfc),
  erfInv: wide(erfInv),
  lgamma: wide(lgamma),
  digamma: wide(digamma),
  not: null,
  popcount,
  clz,
  add: null,
  sub: null,
  mul: null,
  div: guarded('div'),
  rem: guarded('rem'),
  pow: null,
  atan2: (y, x) => (isDouble(y.dtype) ? elementary.atan2Double(y, x) : elementary.atan2(y, x)),
  hypot: elementary.hypot,
  max: null,
  min: null,
  and: null,
  or: null,
  xor: null,
  shl: (x, y) => shift('shl', x, y),
  shr: (x, y) => shift('shr', x, y),
  // the bits of float64 would need integers of 64
  nextafter: (x, y) => (isDouble(x.dtype) ? undefined : nextafter(x, y)),
  fma: (x, y, z) => (isDouble(x.dtype) ? fmaDouble(x, y, z) : fmaSingle(x, y, z)),
  eq: null,
  ne: null,
  lt: null,
  le: null,
  gt: null,
  ge: null,
  select: null,
  cast: (x, _y, _z, dtype) => (isReal(x.dtype) && isInteger(dtype) ? saturated(x, dtype) : undefined),
  bitcast: (x, _y, _z, dtype) =>
    isDouble(x.dtype) || isDouble(dtype) ? undefined : isReal(x.dtype) ? bitsOf(x, dtype) : isReal(dtype) ? floatOf(x) : undefined,
}

/** The definitions that a target needs, of what it does not compute itself. */
export const lacking = (computes: Computes): Definitions =>
  Object.fromEntries(
    (Object.entries(definitions) as [Op, OperationDefinition | null][]).flatMap(([op, define]): [Op, OperationDefinition][] =>
      define === null ? [] : [[op, (x, y, z, dtype) => (computes(op, x.dtype) ? undefined : define(x, y, z, dtype))]],
    ),
  )
