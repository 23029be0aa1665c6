/** The functions of one float by name, for either width. */
import type { BinaryOp, TernaryOp, UnaryOp } from '../../../kernel/operations.js'
import { i32x4, i64x2 } from '../instructions.js'
import type { Body } from '../code.js'
import type { InlineBinary, MathContext, Guarded, Ternary, InlineUnary } from './context.js'
import { called, called2 } from './context.js'
import { exp2x32, exp2x64, exp32, exp64, expm1x32, expm1x64, sigmoid32, sigmoid64, tanh32 } from './exp.js'
import { log10x64, log1px64, log2x64, log32, log64, long } from './log.js'
import { log10x32, log1p32, log2x32 } from './logarithms32.js'
import { erf32, erf64, erfc32, erfc64, erfInv64 } from './erf.js'
import { digamma64, lgamma64 } from './gamma.js'
import { acosh32, acosh64, asinh32, asinh64, atanh32, atanh64, cosh32, cosh64, sinh32, sinh64, tanh64 } from './hyperbolic.js'
import { acos32, acos64, asin32, asin64, atan2x32, atan2x64, atan32, atan64 } from './inverse.js'
import type { Node } from './node.js'
import { bits, D, F, int } from './node.js'
import { cbrt32, cbrt64, hypot64, hypotWide, pow32, pow64 } from './power.js'
import { rem64 } from './remainder.js'
import { cos32, cos64, sin32, sin64, tan32, tan64 } from './trigonometric.js'
import { viaDouble, viaDouble2, viaDouble3 } from './widen.js'

type Table = { readonly [K in UnaryOp]?: InlineUnary }

/** A function that is computed in float64 for both widths, as a function of the module. */
const wide = (name: string, f: InlineUnary): { readonly f32: InlineUnary; readonly f64: InlineUnary } => {
  const g = called(name, f)
  return { f32: viaDouble(g), f64: g }
}

const erfInv = wide('erfInv', erfInv64)
const lgamma = wide('lgamma', lgamma64)
const digamma = wide('digamma', digamma64)

/** sign: 0, -0 and NaN stay. */
const sign =
  (k: typeof F): InlineUnary =>
  (_c, _b, x) =>
    k.select(bits.or(k.eq(x, 0), k.ne(x, x)), x, bits.or(k.sign(x), k.c(1)))

const same = (k: typeof F) =>
  ({
    neg: (_c, _b, x) => k.neg(x),
    abs: (_c, _b, x) => k.abs(x),
    sign: sign(k),
    floor: (_c, _b, x) => k.floor(x),
    ceil: (_c, _b, x) => k.ceil(x),
    trunc: (_c, _b, x) => k.trunc(x),
    round: (_c, _b, x) => k.nearest(x),
    sqrt: (_c, _b, x) => k.sqrt(x),
  }) satisfies Table

const rsqrt64: InlineUnary = (_c, _b, x) => D.div(1, D.sqrt(x))

/** Functions of four float32 lanes. */
export const unary32: Table = {
  ...same(F),
  rsqrt: viaDouble(rsqrt64),
  exp: exp32,
  exp2: exp2x32,
  expm1: expm1x32,
  asin: asin32,
  acos: acos32,
  atan: atan32,
  sinh: sinh32,
  cosh: cosh32,
  tanh: tanh32,
  asinh: asinh32,
  acosh: acosh32,
  atanh: atanh32,
  sigmoid: sigmoid32,
  erf: erf32,
  erfc: erfc32,
  erfInv: erfInv.f32,
  lgamma: lgamma.f32,
  digamma: digamma.f32,
}

/** Functions of four float32 lanes with code of its own for rare arguments. */
export const guarded32: { readonly [K in UnaryOp]?: (c: MathContext, b: Body, x: Node) => Guarded } = {
  log: log32,
  log2: log2x32,
  log10: log10x32,
  log1p: log1p32,
  sin: sin32,
  cos: cos32,
  tan: tan32,
  cbrt: cbrt32,
}

/** Functions of two float64 lanes. */
export const unary64: Table = {
  ...same(D),
  rsqrt: rsqrt64,
  exp: exp64,
  exp2: exp2x64,
  expm1: expm1x64,
  log: log64,
  log2: log2x64,
  log10: log10x64,
  log1p: log1px64,
  sin: sin64,
  cos: cos64,
  tan: called('tan', tan64),
  asin: called('asin', asin64),
  acos: called('acos', acos64),
  atan: called('atan', atan64),
  sinh: called('sinh', sinh64),
  cosh: called('cosh', cosh64),
  tanh: tanh64,
  asinh: called('asinh', asinh64),
  acosh: called('acosh', acosh64),
  atanh: called('atanh', atanh64),
  sigmoid: sigmoid64,
  erf: called('erf', erf64),
  erfc: called('erfc', erfc64),
  erfInv: erfInv.f64,
  lgamma: lgamma.f64,
  digamma: digamma.f64,
  cbrt: called('cbrt', cbrt64),
}

type Table2 = { readonly [K in BinaryOp]?: InlineBinary }

const arithmetic = (k: typeof F) =>
  ({
    add: (_c, _b, x, y) => k.add(x, y),
    sub: (_c, _b, x, y) => k.sub(x, y),
    mul: (_c, _b, x, y) => k.mul(x, y),
    div: (_c, _b, x, y) => k.div(x, y),
    max: (_c, _b, x, y) => k.max(x, y),
    min: (_c, _b, x, y) => k.min(x, y),
  }) satisfies Table2

/** The bits of the float after x towards y: one more where that leads away from zero, one less where towards it. */
const nextafter =
  (k: typeof F, add: (x: Node, y: Node) => Node, one: Node, less: Node): InlineBinary =>
  (_c, _b, x, y) => {
    const away = bits.not(bits.xor(k.gt(y, x), k.gt(x, 0)))
    const moved = add(x, k.select(away, one, less))
    const y0 = k.select(k.eq(x, 0), bits.or(k.sign(y), one), moved)
    return k.select(k.eq(x, y), y, k.select(bits.and(k.eq(x, x), k.eq(y, y)), y0, NaN))
  }

const rem = called2('rem', rem64)

/** Functions of two operands in float32 lanes. */
export const binary32: Table2 = {
  ...arithmetic(F),
  rem: viaDouble2(rem),
  atan2: atan2x32,
  hypot: viaDouble2(hypotWide),
  nextafter: nextafter(F, bits.bin(i32x4.add), int(1), int(-1)),
}

/** Functions of two operands in float32 lanes with code of its own for rare ones. */
export const guardedBinary32: { readonly [K in BinaryOp]?: (c: MathContext, b: Body, x: Node, y: Node) => Guarded } = { pow: pow32 }

/** Functions of two operands in float64 lanes. */
export const binary64: Table2 = {
  ...arithmetic(D),
  rem,
  pow: called2('pow', pow64),
  atan2: called2('atan2', atan2x64),
  hypot: called2('hypot', hypot64),
  nextafter: nextafter(D, bits.bin(i64x2.add), long(0, 1), long(-1, -1)),
}

/** Functions of three operands in float32 lanes: a product of two float32 numbers is exact in float64. */
export const ternary32: Readonly<Record<TernaryOp, Ternary>> = {
  fma: viaDouble3((_c, _b, x, y, z) => D.add(D.mul(x, y), z)),
}
