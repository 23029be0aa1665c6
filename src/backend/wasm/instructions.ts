/** The instructions that kernels use, as typed constructors of expressions. */
import type { Callee, Ex, Statement, Type } from './code.js'
import { atomic, misc, op, opcode, simd } from './code.js'

type I = Ex<'i32'>
type V = Ex<'v128'>
type Un<A extends Type, R extends Type> = (x: Ex<A>) => Ex<R>
type Bin<A extends Type, R extends Type> = (x: Ex<A>, y: Ex<A>) => Ex<R>

const un =
  <A extends Type, R extends Type>(type: R, code: number): Un<A, R> =>
  (x) =>
    op(type, code, [x])
const bin =
  <A extends Type, R extends Type>(type: R, code: number): Bin<A, R> =>
  (x, y) =>
    op(type, code, [x, y])

const memarg =
  (align: number, offset: number) =>
  (out: Parameters<Ex['write']>[0]): void => {
    out.u(align)
    out.u(offset)
  }
const load =
  <T extends Type>(type: T, code: number, align: number) =>
  (at: I, offset = 0): Ex<T> =>
    op(type, code, [at], memarg(align, offset))
const store =
  <T extends Type>(code: number, align: number) =>
  (at: I, x: Ex<T>, offset = 0): Statement => ({
    write: (out) => {
      at.write(out)
      x.write(out)
      opcode(out, code)
      memarg(align, offset)(out)
    },
  })

/** Instructions on i32. */
export const i32 = {
  const: (n: number): I => op('i32', 0x41, [], (out) => out.s(n)),
  load: load('i32', 0x28, 2),
  load8u: load('i32', 0x2d, 0),
  store: store<'i32'>(0x36, 2),
  store8: store<'i32'>(0x3a, 0),
  eqz: un<'i32', 'i32'>('i32', 0x45),
  eq: bin<'i32', 'i32'>('i32', 0x46),
  ne: bin<'i32', 'i32'>('i32', 0x47),
  lt: bin<'i32', 'i32'>('i32', 0x48),
  ltu: bin<'i32', 'i32'>('i32', 0x49),
  gt: bin<'i32', 'i32'>('i32', 0x4a),
  gtu: bin<'i32', 'i32'>('i32', 0x4b),
  le: bin<'i32', 'i32'>('i32', 0x4c),
  leu: bin<'i32', 'i32'>('i32', 0x4d),
  ge: bin<'i32', 'i32'>('i32', 0x4e),
  geu: bin<'i32', 'i32'>('i32', 0x4f),
  clz: un<'i32', 'i32'>('i32', 0x67),
  ctz: un<'i32', 'i32'>('i32', 0x68),
  popcnt: un<'i32', 'i32'>('i32', 0x69),
  add: bin<'i32', 'i32'>('i32', 0x6a),
  sub: bin<'i32', 'i32'>('i32', 0x6b),
  mul: bin<'i32', 'i32'>('i32', 0x6c),
  div: bin<'i32', 'i32'>('i32', 0x6d),
  divu: bin<'i32', 'i32'>('i32', 0x6e),
  rem: bin<'i32', 'i32'>('i32', 0x6f),
  remu: bin<'i32', 'i32'>('i32', 0x70),
  and: bin<'i32', 'i32'>('i32', 0x71),
  or: bin<'i32', 'i32'>('i32', 0x72),
  xor: bin<'i32', 'i32'>('i32', 0x73),
  shl: bin<'i32', 'i32'>('i32', 0x74),
  shr: bin<'i32', 'i32'>('i32', 0x75),
  shru: bin<'i32', 'i32'>('i32', 0x76),
  truncSatF32: un<'f32', 'i32'>('i32', misc + 0),
  truncSatF32u: un<'f32', 'i32'>('i32', misc + 1),
  truncSatF64: un<'f64', 'i32'>('i32', misc + 2),
  truncSatF64u: un<'f64', 'i32'>('i32', misc + 3),
  reinterpretF32: un<'f32', 'i32'>('i32', 0xbc),
  wrapI64: un<'i64', 'i32'>('i32', 0xa7),
  atomicAdd: (at: I, x: I, offset = 0): I => op('i32', atomic + 0x1e, [at, x], memarg(2, offset)),
  atomicLoad: (at: I, offset = 0): I => op('i32', atomic + 0x10, [at], memarg(2, offset)),
} as const

/** Instructions on f32. */
export const f32 = {
  const: (x: number): Ex<'f32'> => op('f32', 0x43, [], (out) => out.f32(x)),
  load: load('f32', 0x2a, 2),
  store: store<'f32'>(0x38, 2),
  eq: bin<'f32', 'i32'>('i32', 0x5b),
  ne: bin<'f32', 'i32'>('i32', 0x5c),
  lt: bin<'f32', 'i32'>('i32', 0x5d),
  gt: bin<'f32', 'i32'>('i32', 0x5e),
  le: bin<'f32', 'i32'>('i32', 0x5f),
  ge: bin<'f32', 'i32'>('i32', 0x60),
  abs: un<'f32', 'f32'>('f32', 0x8b),
  neg: un<'f32', 'f32'>('f32', 0x8c),
  ceil: un<'f32', 'f32'>('f32', 0x8d),
  floor: un<'f32', 'f32'>('f32', 0x8e),
  trunc: un<'f32', 'f32'>('f32', 0x8f),
  nearest: un<'f32', 'f32'>('f32', 0x90),
  sqrt: un<'f32', 'f32'>('f32', 0x91),
  add: bin<'f32', 'f32'>('f32', 0x92),
  sub: bin<'f32', 'f32'>('f32', 0x93),
  mul: bin<'f32', 'f32'>('f32', 0x94),
  div: bin<'f32', 'f32'>('f32', 0x95),
  min: bin<'f32', 'f32'>('f32', 0x96),
  max: bin<'f32', 'f32'>('f32', 0x97),
  copysign: bin<'f32', 'f32'>('f32', 0x98),
  convertI32: un<'i32', 'f32'>('f32', 0xb2),
  convertI32u: un<'i32', 'f32'>('f32', 0xb3),
  demoteF64: un<'f64', 'f32'>('f32', 0xb6),
  reinterpretI32: un<'i32', 'f32'>('f32', 0xbe),
} as const

/** Instructions on f64. */
export const f64 = {
  const: (x: number): Ex<'f64'> => op('f64', 0x44, [], (out) => out.f64(x)),
  load: load('f64', 0x2b, 3),
  store: store<'f64'>(0x39, 3),
  eq: bin<'f64', 'i32'>('i32', 0x61),
  ne: bin<'f64', 'i32'>('i32', 0x62),
  lt: bin<'f64', 'i32'>('i32', 0x63),
  gt: bin<'f64', 'i32'>('i32', 0x64),
  le: bin<'f64', 'i32'>('i32', 0x65),
  ge: bin<'f64', 'i32'>('i32', 0x66),
  abs: un<'f64', 'f64'>('f64', 0x99),
  neg: un<'f64', 'f64'>('f64', 0x9a),
  ceil: un<'f64', 'f64'>('f64', 0x9b),
  floor: un<'f64', 'f64'>('f64', 0x9c),
  trunc: un<'f64', 'f64'>('f64', 0x9d),
  nearest: un<'f64', 'f64'>('f64', 0x9e),
  sqrt: un<'f64', 'f64'>('f64', 0x9f),
  add: bin<'f64', 'f64'>('f64', 0xa0),
  sub: bin<'f64', 'f64'>('f64', 0xa1),
  mul: bin<'f64', 'f64'>('f64', 0xa2),
  div: bin<'f64', 'f64'>('f64', 0xa3),
  min: bin<'f64', 'f64'>('f64', 0xa4),
  max: bin<'f64', 'f64'>('f64', 0xa5),
  copysign: bin<'f64', 'f64'>('f64', 0xa6),
  convertI32: un<'i32', 'f64'>('f64', 0xb7),
  convertI32u: un<'i32', 'f64'>('f64', 0xb8),
  promoteF32: un<'f32', 'f64'>('f64', 0xbb),
  reinterpretI64: un<'i64', 'f64'>('f64', 0xbf),
} as const

/** Instructions on i64. */
export const i64 = {
  reinterpretF64: un<'f64', 'i64'>('i64', 0xbd),
  extendI32u: un<'i32', 'i64'>('i64', 0xad),
  extendI32: un<'i32', 'i64'>('i64', 0xac),
  add: bin<'i64', 'i64'>('i64', 0x7c),
  sub: bin<'i64', 'i64'>('i64', 0x7d),
  mul: bin<'i64', 'i64'>('i64', 0x7e),
  and: bin<'i64', 'i64'>('i64', 0x83),
  or: bin<'i64', 'i64'>('i64', 0x84),
  xor: bin<'i64', 'i64'>('i64', 0x85),
  shl: bin<'i64', 'i64'>('i64', 0x86),
  shr: bin<'i64', 'i64'>('i64', 0x87),
  shru: bin<'i64', 'i64'>('i64', 0x88),
  load: load('i64', 0x29, 3),
  store: store<'i64'>(0x37, 3),
} as const

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

/** `test ? x : y`, both evaluated. */
export const select = <T extends Type>(test: I, x: Ex<T>, y: Ex<T>): Ex<T> => ({
  type: x.type,
  write: (out) => {
    x.write(out)
    y.write(out)
    test.write(out)
    out.byte(0x1b)
  },
})

/** A call with a result. */
export const call = <T extends Type>(type: T, f: Callee, args: readonly Ex[]): Ex<T> => op(type, 0x10, args, (out) => out.u(f.index))

/** A call without result. */
export const invoke = (f: Callee, args: readonly Ex[]): Statement => ({
  write: (out) => {
    for (const a of args) a.write(out)
    out.byte(0x10)
    out.u(f.index)
  },
})

/** memory.copy(to, from, bytes) and memory.fill(to, byte, bytes). */
export const memory = {
  copy: (to: I, from: I, n: I): Statement => ({
    write: (out) => {
      to.write(out)
      from.write(out)
      n.write(out)
      out.bytes([0xfc, 0x0a, 0x00, 0x00])
    },
  }),
  fill: (to: I, byte: I, n: I): Statement => ({
    write: (out) => {
      to.write(out)
      byte.write(out)
      n.write(out)
      out.bytes([0xfc, 0x0b, 0x00])
    },
  }),
} as const
