/** Loops of the floating-point operations. The arithmetic is in float64; the store rounds to the dtype of the output. */
import type { BinaryOp, TernaryOp, UnaryOp } from '../../kernel/operations.js'
import type { Loop } from './loop.js'
import { each1, each2 } from './loop.js'
import { erf, erfc, erfInv } from './math/erf.js'
import { digamma, lgamma } from './math/gamma.js'
import { nextafter32, nextafter64, pow, round, sigmoid } from './math/elementary.js'

/** Operations on floats by name. The commonest are written out, so that their loops inline; the others call a function per element. */
export const floatLoops: { readonly [K in UnaryOp | BinaryOp | TernaryOp]?: Loop } = {
  neg: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = -a[i]!
  },
  abs: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]!)
  },
  sign: each1(Math.sign),
  floor: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.floor(a[i]!)
  },
  ceil: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.ceil(a[i]!)
  },
  trunc: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.trunc(a[i]!)
  },
  round: each1(round),
  sqrt: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.sqrt(a[i]!)
  },
  rsqrt: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = 1 / Math.sqrt(a[i]!)
  },
  cbrt: each1(Math.cbrt),
  exp: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.exp(a[i]!)
  },
  exp2: each1((x) => Math.pow(2, x)),
  expm1: each1(Math.expm1),
  log: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.log(a[i]!)
  },
  log2: each1(Math.log2),
  log10: each1(Math.log10),
  log1p: each1(Math.log1p),
  sin: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.sin(a[i]!)
  },
  cos: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.cos(a[i]!)
  },
  tan: each1(Math.tan),
  asin: each1(Math.asin),
  acos: each1(Math.acos),
  atan: each1(Math.atan),
  sinh: each1(Math.sinh),
  cosh: each1(Math.cosh),
  tanh: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.tanh(a[i]!)
  },
  asinh: each1(Math.asinh),
  acosh: each1(Math.acosh),
  atanh: each1(Math.atanh),
  sigmoid: each1(sigmoid),
  erf: each1(erf),
  erfc: each1(erfc),
  erfInv: each1(erfInv),
  lgamma: each1(lgamma),
  digamma: each1(digamma),
  add: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! + b[i]!
  },
  sub: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! - b[i]!
  },
  mul: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! * b[i]!
  },
  div: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! / b[i]!
  },
  rem: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! % b[i]!
  },
  pow: each2(pow),
  atan2: each2(Math.atan2),
  hypot: each2(Math.hypot),
  max: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.max(a[i]!, b[i]!)
  },
  min: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.min(a[i]!, b[i]!)
  },
  /** Of float32: the product is exact in float64. */
  fma: (o, n, a, b, c) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! * b[i]! + c[i]!
  },
}

/** The next float of the operand's own width towards `y`: the one operation that differs between the widths. */
export const nextafterLoops = { float32: each2(nextafter32), float64: each2(nextafter64) } as const
