/**
 * Scalar operations on groups of four elements. A group of float64 is two vectors, of any other dtype one; a group of
 * bool is a mask of 32-bit lanes. A scalar is computed in lane 0 of the same code, so results depend on no position.
 */
import type { DType } from '../../../core/dtype.js'
import { DeviceError, fail } from '../../../core/errors.js'
import type { BinaryOp, CompareOp, TernaryOp, UnaryOp } from '../../../kernel/operations.js'
import type { Body, Local } from '../code.js'
import { f32x4, f64x2, i32, i32x4, v128 } from '../instructions.js'
import type { ModuleBuilder } from '../module.js'
import type { Capabilities, MathContext, Guarded } from './context.js'
import { fallingExp32 } from './exp.js'
import { binary32, binary64, guarded32, guardedBinary32, ternary32, unary32, unary64 } from './floats.js'
import {
  binaryBool,
  binarySigned,
  binaryUnsigned,
  compareBool,
  compareSigned,
  compareUnsigned,
  unaryBool,
  unarySigned,
  unaryUnsigned,
} from './integers.js'
import type { Node, V } from './node.js'
import { bits, choice, D, emit, F, held, int, ref, where, write } from './node.js'
import { evenLanes, halves, high, join, lower, upper, wideMask } from './widen.js'

export type { Capabilities, MathContext } from './context.js'

/** Four elements of one dtype. */
export type FourLanes = readonly V[]
/** Four elements in locals. */
export type FourLocals = readonly Local<'v128'>[]

/** The surroundings of generated code: one for each module. */
export const mathContext = (module: ModuleBuilder, capabilities: Capabilities): MathContext => ({
  ...capabilities,
  module,
  functions: new Map(),
})

/** Vectors in a group of `dtype`. */
export const vectorsOf = (dtype: DType): 1 | 2 => (dtype === 'float64' ? 2 : 1)

const unaries = { float32: unary32, float64: unary64, int32: unarySigned, uint32: unaryUnsigned, bool: unaryBool } as const
const binaries = { float32: binary32, float64: binary64, int32: binarySigned, uint32: binaryUnsigned, bool: binaryBool } as const
const compares = { float32: F, float64: D, int32: compareSigned, uint32: compareUnsigned, bool: compareBool } as const

const missing = (op: string, dtype: DType): never => fail(DeviceError, `wasm: no operation ${op} on ${dtype}`)
const nodes = (b: Body, xs: FourLanes): Node[] => xs.map((x) => ref(held(b, x)))

/** The usual values of all, then, behind one branch, what is different where any argument is rare. */
const guarded = (b: Body, all: readonly Guarded[]): FourLocals => {
  const values = emit(
    b,
    all.map((g) => g.value),
  )
  const rare = emit(
    b,
    all.map((g) => g.rare),
  )
  const any = write(
    b,
    rare.map(ref).reduce((x, y) => bits.or(x, y)),
  )
  b.if(v128.anyTrue(any), () => {
    all.forEach(({ otherwise }, k) => {
      where(b, ref(rare[k]!), values[k]!, () => otherwise(ref(values[k]!)))
    })
  })
  return values
}

/** One operand. @throws DeviceError when the dtype has no such operation. */
export const unary = (c: MathContext, b: Body, op: UnaryOp, dtype: DType, xs: FourLanes): FourLocals => {
  const rarely = dtype === 'float32' ? guarded32[op] : undefined
  if (rarely !== undefined)
    return guarded(
      b,
      nodes(b, xs).map((x) => rarely(c, b, x)),
    )
  const f = unaries[dtype][op] ?? missing(op, dtype)
  return emit(
    b,
    nodes(b, xs).map((x) => f(c, b, x)),
  )
}

/** Two operands. @throws DeviceError when the dtype has no such operation. */
export const binary = (c: MathContext, b: Body, op: BinaryOp, dtype: DType, xs: FourLanes, ys: FourLanes): FourLocals => {
  const right = nodes(b, ys)
  const rarely = dtype === 'float32' ? guardedBinary32[op] : undefined
  if (rarely !== undefined)
    return guarded(
      b,
      nodes(b, xs).map((x, k) => rarely(c, b, x, right[k]!)),
    )
  const f = binaries[dtype][op] ?? missing(op, dtype)
  return emit(
    b,
    nodes(b, xs).map((x, k) => f(c, b, x, right[k]!)),
  )
}

/** Three operands. @throws DeviceError when the dtype has no such operation. */
export const ternary = (c: MathContext, b: Body, op: TernaryOp, dtype: DType, xs: FourLanes, ys: FourLanes, zs: FourLanes): FourLocals => {
  const f = dtype === 'float32' ? ternary32[op] : missing(op, dtype)
  const [right, last] = [nodes(b, ys), nodes(b, zs)]
  return emit(
    b,
    nodes(b, xs).map((x, k) => f(c, b, x, right[k]!, last[k]!)),
  )
}

/** A comparison of two groups of `dtype`: a mask. */
export const compare = (_c: MathContext, b: Body, op: CompareOp, dtype: DType, xs: FourLanes, ys: FourLanes): FourLocals => {
  const f = compares[dtype][op]
  const right = nodes(b, ys)
  const masks = nodes(b, xs).map((x, k) => f(x, right[k]!))
  return emit(b, [masks.length === 2 ? evenLanes(masks[0]!, masks[1]!) : masks[0]!])
}

/** `test ? x : y`, both computed; `test` a mask. */
export const select = (b: Body, dtype: DType, test: FourLanes, xs: readonly Node[], ys: readonly Node[]): FourLocals => {
  const mask = ref(held(b, test[0]!))
  const masks = dtype === 'float64' ? wideMask(mask) : [mask]
  return emit(
    b,
    xs.map((x, k) => choice(masks[k]!, x, ys[k]!)),
  )
}

const convertLow = { int32: bits.un(f64x2.convertLowI32), uint32: bits.un(f64x2.convertLowI32u) } as const
const to32 = { int32: bits.un(i32x4.truncSatF32), uint32: bits.un(i32x4.truncSatF32u) } as const
const to64 = { int32: bits.un(i32x4.truncSatF64zero), uint32: bits.un(i32x4.truncSatF64uzero) } as const
const from32 = { int32: bits.un(f32x4.convertI32), uint32: bits.un(f32x4.convertI32u) } as const

const converted = (from: DType, to: DType, xs: readonly Node[]): readonly Node[] => {
  const [x, y] = [xs[0]!, xs[1] ?? xs[0]!]
  if (from === to) return xs
  if (to === 'bool') {
    if (from === 'float64') return [evenLanes(D.ne(x, 0), D.ne(y, 0))]
    return [from === 'float32' ? F.ne(x, 0) : compareSigned.ne(x, int(0))]
  }
  if (from === 'bool') {
    const ones = bits.and(x, to === 'float32' ? F.c(1) : int(1))
    return to === 'float64' ? [convertLow.int32(ones), convertLow.int32(high(ones))] : [ones]
  }
  if (from === 'float32') return to === 'float64' ? [lower(x), upper(x)] : to === 'float32' ? xs : [to32[to](x)]
  if (from === 'float64') return to === 'float32' ? [join(x, y)] : to === 'float64' ? xs : [halves(to64[to](x), to64[to](y))]
  if (to === 'float64') return [convertLow[from](x), convertLow[from](high(x))]
  return to === 'float32' ? [from32[from](x)] : xs
}

/** Conversion of value: floats to integers truncate and saturate, NaN to 0; integers wrap; to bool `x != 0`. */
export const cast = (_c: MathContext, b: Body, from: DType, to: DType, xs: FourLanes): FourLocals =>
  emit(b, converted(from, to, nodes(b, xs)))

/** Shift by a constant amount: one instruction, where `binary` must look at every lane. */
export const shiftBy = (b: Body, op: 'shl' | 'shr', dtype: 'int32' | 'uint32', xs: FourLanes, amount: number): FourLocals => {
  const n = amount >>> 0
  const by = op === 'shl' ? i32x4.shl : i32x4.shru
  const shifted =
    op === 'shr' && dtype === 'int32'
      ? bits.shift(i32x4.shr, i32.const(Math.min(n, 31)))
      : n > 31
        ? () => int(0)
        : bits.shift(by, i32.const(n))
  return emit(b, nodes(b, xs).map(shifted))
}

/** exp of float32 where no element is above 0: the same bits in less time. */
export const fallingExp = (c: MathContext, b: Body, xs: FourLanes): FourLocals =>
  emit(
    b,
    nodes(b, xs).map((x) => fallingExp32(c, x)),
  )

/** max or min of floats with a constant that is no NaN, e.g. relu: the general operation takes V8 eight instructions. */
export const clampBy = (b: Body, op: 'max' | 'min', dtype: 'float32' | 'float64', xs: FourLanes, bound: number): FourLocals => {
  const k = dtype === 'float32' ? F : D
  const at = dtype === 'float32' ? Math.fround(bound) : bound
  const f = op === 'max' ? k.pmax : k.pmin
  // The zeros are equal to pmax and pmin: adding 0 makes -0 0, and with the sign turned the other way about.
  const zeros = (x: Node): Node =>
    at !== 0 || Object.is(at, -0) !== (op === 'min') ? x : op === 'max' ? k.add(x, 0) : k.neg(k.add(k.neg(x), 0))
  return emit(
    b,
    nodes(b, xs).map((x) => zeros(f(x, at))),
  )
}
