/** Scalar operations on groups of four lanes. */
import type { DType } from '../../../core/dtype.js'
import { isFloat } from '../../../core/dtype.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../../kernel/scalar.js'
import type { Body } from '../code.js'
import { f32x4, f64x2, i32, i32x4 } from '../instructions.js'
import type { Context } from '../math/context.js'
import type { Node } from '../math/node.js'
import { bits, D, F, int } from '../math/node.js'
import { high, join, lower, upper } from '../math/widen.js'
import type { Parts } from './lanes.js'
import { narrowMask, wideMask } from './lanes.js'
import { binaryMath, unaryMath } from './mathTable.js'

const each = (x: Parts, f: (a: Node) => Node): Parts => x.map(f)
const both = (x: Parts, y: Parts, f: (a: Node, b: Node) => Node): Parts => x.map((a, k) => f(a, y[k]!))
const isUnsigned = (d: DType): boolean => d === 'uint32'

const comparesFloat = (k: typeof F | typeof D): Readonly<Record<CompareOp, (a: Node, b: Node) => Node>> => ({
  eq: k.eq, ne: k.ne, lt: k.lt, le: k.le, gt: k.gt, ge: k.ge,
})
const compares: Readonly<Record<Exclude<DType, 'bool'>, Readonly<Record<CompareOp, (a: Node, b: Node) => Node>>>> = {
  float32: comparesFloat(F),
  float64: comparesFloat(D),
  int32: {
    eq: bits.bin(i32x4.eq), ne: bits.bin(i32x4.ne), lt: bits.bin(i32x4.lt),
    le: bits.bin(i32x4.le), gt: bits.bin(i32x4.gt), ge: bits.bin(i32x4.ge),
  },
  uint32: {
    eq: bits.bin(i32x4.eq), ne: bits.bin(i32x4.ne), lt: bits.bin(i32x4.ltu),
    le: bits.bin(i32x4.leu), gt: bits.bin(i32x4.gtu), ge: bits.bin(i32x4.geu),
  },
}
/** Masks: true is below false as numbers, so the order turns round. */
const compareBool: Readonly<Record<CompareOp, (a: Node, b: Node) => Node>> = {
  eq: (a, b) => bits.not(bits.xor(a, b)),
  ne: bits.xor,
  lt: (a, b) => bits.without(b, a),
  le: (a, b) => bits.or(bits.not(a), b),
  gt: bits.without,
  ge: (a, b) => bits.or(a, bits.not(b)),
}

/** `x op y` on operands of `dtype`, as a mask. */
export const compare = (op: CompareOp, dtype: DType, x: Parts, y: Parts): Parts => {
  if (dtype === 'bool') return both(x, y, compareBool[op])
  const result = both(x, y, compares[dtype][op])
  return dtype === 'float64' ? [narrowMask(result)] : result
}

const isCompare = (op: string): op is CompareOp => op in compareBool
/** True for the operations whose result is a bool. */
export const isComparison = isCompare

const boolBinary: { readonly [K in BinaryOp]?: (a: Node, b: Node) => Node } = {
  add: bits.or, mul: bits.and, max: bits.or, min: bits.and, and: bits.and, or: bits.or, xor: bits.xor,
}

/** `op` on `dtype`. */
export const unary = (c: Context, b: Body, op: UnaryOp, dtype: DType, x: Parts): Parts => {
  if (dtype === 'bool') return op === 'not' ? each(x, bits.not) : x
  const f = unaryMath(op, dtype)
  return each(x, (a) => f(c, b, a))
}

/** `op` of two operands of `dtype`. */
export const binary = (c: Context, b: Body, op: BinaryOp, dtype: DType, x: Parts, y: Parts): Parts => {
  const f = dtype === 'bool' ? undefined : binaryMath(op, dtype)
  return f === undefined ? both(x, y, boolBinary[op] ?? bits.and) : both(x, y, (p, q) => f(c, b, p, q))
}

/** Both float64 halves in one vector of 32-bit lanes. */
const joinInts = ([l, h]: Parts, f: (x: Node) => Node): Node =>
  bits.shuffle(f(l!), f(h!), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])

const fromBool = (m: Parts, to: DType): Parts => {
  if (to === 'float64') return wideMask(m[0]!).map((x) => bits.and(x, D.c(1)))
  return [bits.and(m[0]!, to === 'float32' ? F.c(1) : int(1))]
}

const toBool = (x: Parts, from: DType): Parts => {
  if (from === 'float64') return [narrowMask(each(x, (a) => D.ne(a, 0)))]
  return each(x, (a) => (from === 'float32' ? F.ne(a, 0) : bits.bin(i32x4.ne)(a, int(0))))
}

/** Conversion of value. */
export const cast = (x: Parts, from: DType, to: DType): Parts => {
  const a = x[0]!
  if (from === to) return x
  if (from === 'bool') return fromBool(x, to)
  if (to === 'bool') return toBool(x, from)
  const unsigned = isUnsigned(isFloat(from) ? to : from)
  if (from === 'float32') {
    if (to === 'float64') return [lower(a), upper(a)]
    return [bits.un(unsigned ? i32x4.truncSatF32u : i32x4.truncSatF32)(a)]
  }
  if (from === 'float64') {
    if (to === 'float32') return [join(a, x[1]!)]
    return [joinInts(x, bits.un(unsigned ? i32x4.truncSatF64uzero : i32x4.truncSatF64zero))]
  }
  if (to === 'float32') return [bits.un(unsigned ? f32x4.convertI32u : f32x4.convertI32)(a)]
  if (to === 'float64') {
    const convert = bits.un(unsigned ? f64x2.convertLowI32u : f64x2.convertLowI32)
    return [convert(a), convert(high(a))]
  }
  return x // int32 and uint32 have the same bits
}

/** Shifts all 32-bit lanes left by a constant. */
export const shiftLeft = (x: Node, by: number): Node => bits.shift(i32x4.shl, i32.const(by))(x)
