/** The functions of one float by name, for either width. */
import type { UnaryOp } from '../../../kernel/scalar.js'
import type { Unary } from './context.js'
import { called } from './context.js'
import { exp2x64, exp32, exp64, expm1x64, sigmoid32, sigmoid64, tanh32 } from './exp.js'
import { log10x64, log1px64, log2x64, log32, log64 } from './log.js'
import { bits, D, F } from './node.js'
import { cos32, cos64, sin32, sin64, tan64 } from './trigonometric.js'
import { viaDouble } from './widen.js'

type Table = { readonly [K in UnaryOp]?: Unary }

/** A function that is computed in float64 for both widths, as a function of the module. */
const wide = (name: string, f: Unary): { readonly f32: Unary; readonly f64: Unary } => {
  const g = called(name, f)
  return { f32: viaDouble(g), f64: g }
}

const exp2 = wide('exp2', exp2x64)
const expm1 = wide('expm1', expm1x64)
const log2 = wide('log2', log2x64)
const log10 = wide('log10', log10x64)
const log1p = wide('log1p', log1px64)
const tan = wide('tan', tan64)

/** sign: 0, -0 and NaN stay. */
const sign = (k: typeof F | typeof D): Unary => (_c, _b, x) => k.select(bits.or(k.eq(x, 0), k.ne(x, x)), x, bits.or(k.sign(x), k.c(1)))

const same = (k: typeof F | typeof D) =>
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

const rsqrt64: Unary = (_c, _b, x) => D.div(1, D.sqrt(x))

/** Functions of four float32 lanes. */
export const unary32: Table = {
  ...same(F),
  rsqrt: viaDouble(rsqrt64),
  exp: exp32, exp2: exp2.f32, expm1: expm1.f32,
  log: log32, log2: log2.f32, log10: log10.f32, log1p: log1p.f32,
  sin: sin32, cos: cos32, tan: tan.f32,
  tanh: tanh32, sigmoid: sigmoid32,
}

/** Functions of two float64 lanes. */
export const unary64: Table = {
  ...same(D),
  rsqrt: rsqrt64,
  exp: exp64, exp2: exp2.f64, expm1: expm1.f64,
  log: log64, log2: log2.f64, log10: log10.f64, log1p: log1p.f64,
  sin: called('sin64', sin64), cos: called('cos64', cos64), tan: tan.f64,
  sigmoid: sigmoid64,
}
