/** Instructions on vectors of 128 bits. */
import type { Ex, Statement, Type } from '../code.js'
import { op, opcode, simd } from '../code.js'
import { type Bin, bin, load, memarg, store, type Un, un } from './forms.js'

type I = Ex<'i32'>
type V = Ex<'v128'>

const v1 = (n: number): Un<'v128', 'v128'> => un('v128', simd + n)
const v2 = (n: number): Bin<'v128', 'v128'> => bin('v128', simd + n)
const shift =
  (n: number) =>
  (x: V, by: I): V =>
    op('v128', simd + n, [x, by])
const lane =
  <T extends Type>(type: T, n: number) =>
  (x: V, k: number): Ex<T> =>
    op(type, simd + n, [x], (out) => out.byte(k))
const replace =
  <T extends Type>(n: number) =>
  (x: V, k: number, y: Ex<T>): V =>
    op('v128', simd + n, [x, y], (out) => out.byte(k))
const splat =
  <T extends Type>(n: number) =>
  (x: Ex<T>): V =>
    op('v128', simd + n, [x])

/** 128-bit vectors as a whole. */
export const v128 = {
  load: load('v128', simd + 0x00, 2),
  store: store<'v128'>(simd + 0x0b, 2),
  load32splat: load('v128', simd + 0x09, 2),
  load64splat: load('v128', simd + 0x0a, 3),
  load32zero: load('v128', simd + 0x5c, 2),
  load64zero: load('v128', simd + 0x5d, 3),
  not: v1(0x4d),
  and: v2(0x4e),
  andnot: v2(0x4f),
  or: v2(0x50),
  xor: v2(0x51),
  /** Bits of `x` where `mask` is set, of `y` elsewhere. */
  bitselect: (x: V, y: V, mask: V): V => op('v128', simd + 0x52, [x, y, mask]),
  anyTrue: un<'v128', 'i32'>('i32', simd + 0x53),
  const: (bs: ArrayLike<number>): V => op('v128', simd + 0x0c, [], (out) => out.bytes(bs)),
  shuffle: (x: V, y: V, lanes: readonly number[]): V => op('v128', simd + 0x0d, [x, y], (out) => out.bytes(lanes)),
  store32lane: (at: I, x: V, k: number, offset = 0): Statement => ({
    write: (out) => {
      at.write(out)
      x.write(out)
      opcode(out, simd + 0x5a)
      memarg(2, offset)(out)
      out.byte(k)
    },
  }),
  store64lane: (at: I, x: V, k: number, offset = 0): Statement => ({
    write: (out) => {
      at.write(out)
      x.write(out)
      opcode(out, simd + 0x5b)
      memarg(3, offset)(out)
      out.byte(k)
    },
  }),
} as const

/** Four f32 lanes. `pmin(a, b)` is `b < a ? b : a`, `pmax(a, b)` is `a < b ? b : a`. */
export const f32x4 = {
  splat: splat<'f32'>(0x13),
  lane: lane('f32', 0x1f),
  replace: replace<'f32'>(0x20),
  eq: v2(0x41),
  ne: v2(0x42),
  lt: v2(0x43),
  gt: v2(0x44),
  le: v2(0x45),
  ge: v2(0x46),
  ceil: v1(0x67),
  floor: v1(0x68),
  trunc: v1(0x69),
  nearest: v1(0x6a),
  abs: v1(0xe0),
  neg: v1(0xe1),
  sqrt: v1(0xe3),
  add: v2(0xe4),
  sub: v2(0xe5),
  mul: v2(0xe6),
  div: v2(0xe7),
  min: v2(0xe8),
  max: v2(0xe9),
  pmin: v2(0xea),
  pmax: v2(0xeb),
  convertI32: v1(0xfa),
  convertI32u: v1(0xfb),
  demoteF64zero: v1(0x5e),
  const: (x: number): V => v128.const(new Uint8Array(Float32Array.of(x, x, x, x).buffer)),
  /** `a b + c`, fused or not as the machine likes (relaxed SIMD). */
  relaxedMadd: (a: V, b: V, c: V): V => op('v128', simd + 0x105, [a, b, c]),
} as const

/** Two f64 lanes. */
export const f64x2 = {
  splat: splat<'f64'>(0x14),
  lane: lane('f64', 0x21),
  replace: replace<'f64'>(0x22),
  eq: v2(0x47),
  ne: v2(0x48),
  lt: v2(0x49),
  gt: v2(0x4a),
  le: v2(0x4b),
  ge: v2(0x4c),
  ceil: v1(0x74),
  floor: v1(0x75),
  trunc: v1(0x7a),
  nearest: v1(0x94),
  abs: v1(0xec),
  neg: v1(0xed),
  sqrt: v1(0xef),
  add: v2(0xf0),
  sub: v2(0xf1),
  mul: v2(0xf2),
  div: v2(0xf3),
  min: v2(0xf4),
  max: v2(0xf5),
  pmin: v2(0xf6),
  pmax: v2(0xf7),
  convertLowI32: v1(0xfe),
  convertLowI32u: v1(0xff),
  promoteLowF32: v1(0x5f),
  const: (x: number): V => v128.const(new Uint8Array(Float64Array.of(x, x).buffer)),
  relaxedMadd: (a: V, b: V, c: V): V => op('v128', simd + 0x107, [a, b, c]),
} as const

/** Four i32 lanes. */
export const i32x4 = {
  splat: splat<'i32'>(0x11),
  lane: lane('i32', 0x1b),
  replace: replace<'i32'>(0x1c),
  eq: v2(0x37),
  ne: v2(0x38),
  lt: v2(0x39),
  ltu: v2(0x3a),
  gt: v2(0x3b),
  gtu: v2(0x3c),
  le: v2(0x3d),
  leu: v2(0x3e),
  ge: v2(0x3f),
  geu: v2(0x40),
  abs: v1(0xa0),
  neg: v1(0xa1),
  shl: shift(0xab),
  shr: shift(0xac),
  shru: shift(0xad),
  add: v2(0xae),
  sub: v2(0xb1),
  mul: v2(0xb5),
  min: v2(0xb6),
  minu: v2(0xb7),
  max: v2(0xb8),
  maxu: v2(0xb9),
  truncSatF32: v1(0xf8),
  truncSatF32u: v1(0xf9),
  truncSatF64zero: v1(0xfc),
  truncSatF64uzero: v1(0xfd),
  const: (n: number): V => v128.const(new Uint8Array(Int32Array.of(n, n, n, n).buffer)),
} as const

/** Two i64 lanes. */
export const i64x2 = {
  shl: shift(0xcb),
  shr: shift(0xcc),
  shru: shift(0xcd),
  add: v2(0xce),
  sub: v2(0xd1),
  mul: v2(0xd5),
  eq: v2(0xd6),
  extendLowI32: v1(0xc7),
  extendLowI32u: v1(0xc9),
  /** Both lanes the 64 bits of `high` and `low` (int32 each). */
  const: (high: number, low: number): V => v128.const(new Uint8Array(Int32Array.of(low, high, low, high).buffer)),
} as const
