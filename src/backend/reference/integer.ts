/**
 * Loops of the integer and boolean operations. Stores wrap modulo 2^32. Where hardware has no answer the results are
 * XLA's: `x / 0` has all bits set, `x rem 0` is `x`, a shift by 32 or more shifts everything out.
 */
import type { BinaryOp, TernaryOp, UnaryOp } from '../../kernel/operations.js'
import type { Loop } from './loop.js'
import { each1, each2 } from './loop.js'

type Loops = { readonly [K in UnaryOp | BinaryOp | TernaryOp]?: Loop }

const popcount = (x: number): number => {
  let v = x | 0
  v -= (v >>> 1) & 0x55555555
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** `x ** y` modulo 2^32 by squaring; a negative exponent truncates 1 / x^|y|. */
const power = (x: number, y: number): number => {
  if (y < 0) return x === 1 ? 1 : x === -1 ? ((y & 1) === 0 ? 1 : -1) : 0
  let result = 1
  for (let base = x, e = y; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = Math.imul(result, base)
    base = Math.imul(base, base)
  }
  return result
}

/** What both integer types share: two's complement makes these independent of the sign. */
const common: Loops = {
  neg: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = -a[i]!
  },
  abs: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = Math.abs(a[i]!)
  },
  sign: each1(Math.sign),
  not: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = ~a[i]!
  },
  popcount: each1(popcount),
  clz: each1(Math.clz32),
  add: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! + b[i]!
  },
  sub: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! - b[i]!
  },
  mul: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = Math.imul(a[i]!, b[i]!)
  },
  div: each2((x, y) => (y === 0 ? -1 : Math.trunc(x / y))),
  rem: each2((x, y) => (y === 0 ? x : x % y)),
  pow: each2(power),
  max: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! > b[i]! ? a[i]! : b[i]!
  },
  min: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! < b[i]! ? a[i]! : b[i]!
  },
  and: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! & b[i]!
  },
  or: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! | b[i]!
  },
  xor: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! ^ b[i]!
  },
  shl: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = b[i]! >>> 0 > 31 ? 0 : a[i]! << b[i]!
  },
}

/** Operations on int32: `shr` repeats the sign. */
export const signedLoops: Loops = {
  ...common,
  shr: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! >> (b[i]! >>> 0 > 31 ? 31 : b[i]!)
  },
}

/** Operations on uint32: `shr` brings in zeros. */
export const unsignedLoops: Loops = {
  ...common,
  shr: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = b[i]! > 31 ? 0 : a[i]! >>> b[i]!
  },
}

/** Operations on bool (0 or 1): sum is or, product is and. */
export const boolLoops: Loops = {
  not: (o, n, a) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! ^ 1
  },
  and: common.and!,
  or: common.or!,
  xor: common.xor!,
  add: common.or!,
  mul: common.and!,
  max: common.or!,
  min: common.and!,
}
