/** Scalar operations on single elements: i32 for bool and integers, f32, f64. Rare ones go through vectors. */
import type { DType } from '../../../core/dtype.js'
import type { BinaryOp, CompareOp, TernaryOp, UnaryOp } from '../../../kernel/operations.js'
import type { Body, Ex, Local, Statement, Type } from '../code.js'
import { f32, f32x4, f64, f64x2, i32, i32x4, select } from '../instructions.js'
import type { MathContext, FourLocals } from '../math/index.js'
import { binary, cast, ternary, unary } from '../math/index.js'
import { isComparison } from '../../../kernel/properties.js'

/** A scalar. */
export type Scalar = Ex<'i32'> | Ex<'f32'> | Ex<'f64'>
type I = Ex<'i32'>

/** The type that holds elements of a dtype. */
export const typeOf = (d: DType): 'i32' | 'f32' | 'f64' => (d === 'float32' ? 'f32' : d === 'float64' ? 'f64' : 'i32')

/** A constant. */
export const constantOf = (value: number, d: DType): Scalar =>
  d === 'float32' ? f32.const(value) : d === 'float64' ? f64.const(value) : i32.const(d === 'bool' ? Number(value !== 0) : value | 0)

/** The element `offset` bytes from an address. */
export const readAt = (d: DType, at: I, offset = 0): Scalar =>
  d === 'bool'
    ? i32.load8u(at, offset)
    : d === 'float32'
      ? f32.load(at, offset)
      : d === 'float64'
        ? f64.load(at, offset)
        : i32.load(at, offset)

/** Writes an element `offset` bytes from an address. */
export const writeAt = (d: DType, at: I, x: Scalar, offset = 0): Statement => {
  if (x.type === 'f32') return f32.store(at, x, offset)
  if (x.type === 'f64') return f64.store(at, x, offset)
  return d === 'bool' ? i32.store8(at, x, offset) : i32.store(at, x, offset)
}

/** The element in all lanes. */
const spread = (b: Body, d: DType, x: Scalar): FourLocals => {
  if (x.type === 'f32') return [b.let(f32x4.splat(x))]
  if (x.type === 'i32') return [b.let(d === 'bool' ? i32x4.neg(i32x4.splat(x)) : i32x4.splat(x))]
  const v = b.let(f64x2.splat(x))
  return [v, v]
}
const first = (d: DType, [v]: FourLocals): Scalar => {
  if (d === 'float32') return f32x4.lane(v!, 0)
  if (d === 'float64') return f64x2.lane(v!, 0)
  return d === 'bool' ? i32.and(i32x4.lane(v!, 0), i32.const(1)) : i32x4.lane(v!, 0)
}

type Two<T extends Type, R extends Type = T> = (x: Ex<T>, y: Ex<T>) => Ex<R>
const intTwo: { readonly [K in BinaryOp | CompareOp]?: Two<'i32'> } = {
  add: i32.add,
  sub: i32.sub,
  mul: i32.mul,
  and: i32.and,
  or: i32.or,
  xor: i32.xor,
  eq: i32.eq,
  ne: i32.ne,
}
const signedTwo: { readonly [K in BinaryOp | CompareOp]?: Two<'i32'> } = {
  ...intTwo,
  lt: i32.lt,
  le: i32.le,
  gt: i32.gt,
  ge: i32.ge,
  max: (x, y) => select(i32.gt(x, y), x, y),
  min: (x, y) => select(i32.lt(x, y), x, y),
}
const unsignedTwo: { readonly [K in BinaryOp | CompareOp]?: Two<'i32'> } = {
  ...intTwo,
  lt: i32.ltu,
  le: i32.leu,
  gt: i32.gtu,
  ge: i32.geu,
  max: (x, y) => select(i32.gtu(x, y), x, y),
  min: (x, y) => select(i32.ltu(x, y), x, y),
}
const boolTwo: { readonly [K in BinaryOp | CompareOp]?: Two<'i32'> } = {
  ...unsignedTwo,
  add: i32.or,
  mul: i32.and,
  max: i32.or,
  min: i32.and,
}
const floatTwo = <T extends 'f32' | 'f64'>(k: {
  readonly add: Two<T>
  readonly sub: Two<T>
  readonly mul: Two<T>
  readonly div: Two<T>
  readonly max: Two<T>
  readonly min: Two<T>
  readonly eq: Two<T, 'i32'>
  readonly ne: Two<T, 'i32'>
  readonly lt: Two<T, 'i32'>
  readonly le: Two<T, 'i32'>
  readonly gt: Two<T, 'i32'>
  readonly ge: Two<T, 'i32'>
}): { readonly [K in BinaryOp | CompareOp]?: Two<T, T | 'i32'> } => ({
  add: k.add,
  sub: k.sub,
  mul: k.mul,
  div: k.div,
  max: k.max,
  min: k.min,
  eq: k.eq,
  ne: k.ne,
  lt: k.lt,
  le: k.le,
  gt: k.gt,
  ge: k.ge,
})
const f32Two = floatTwo<'f32'>(f32)
const f64Two = floatTwo<'f64'>(f64)

/** Division by what is known not to be 0 or -1 cannot trap. */
const divides = (op: string, y: Local | Scalar, divisor: number | null): boolean =>
  (op === 'div' || op === 'rem') && y.type === 'i32' && divisor !== null && divisor !== 0 && divisor !== -1

/** `x op y` on operands of `d`; they are locals or constants, `divisor` the value of a constant `y`. */
export const scalarTwo = (
  c: MathContext,
  b: Body,
  op: BinaryOp | CompareOp,
  d: DType,
  x: Scalar,
  y: Scalar,
  divisor: number | null,
): Scalar => {
  if (x.type === 'i32' && y.type === 'i32') {
    if (divides(op, y, divisor)) {
      if (d === 'uint32') return op === 'div' ? i32.divu(x, y) : i32.remu(x, y)
      return op === 'div' ? i32.div(x, y) : i32.rem(x, y)
    }
    const f = (d === 'bool' ? boolTwo : d === 'int32' ? signedTwo : unsignedTwo)[op]
    if (f !== undefined) return f(x, y)
  }
  if (x.type === 'f32' && y.type === 'f32') {
    const f = f32Two[op]
    if (f !== undefined) return f(x, y)
  }
  if (x.type === 'f64' && y.type === 'f64') {
    const f = f64Two[op]
    if (f !== undefined) return f(x, y)
  }
  return isComparison(op) ? i32.const(0) : first(d, binary(c, b, op, d, spread(b, d, x), spread(b, d, y)))
}

/** `op x` on an operand of `d`. */
export const scalarOne = (c: MathContext, b: Body, op: UnaryOp, d: DType, x: Scalar): Scalar => {
  if (op === 'not' && x.type === 'i32') return i32.xor(x, i32.const(d === 'bool' ? 1 : -1))
  if (op === 'neg') return x.type === 'i32' ? i32.sub(i32.const(0), x) : x.type === 'f32' ? f32.neg(x) : f64.neg(x)
  return first(d, unary(c, b, op, d, spread(b, d, x)))
}

/** An operation of three operands of `d`. */
export const scalarThree = (c: MathContext, b: Body, op: TernaryOp, d: DType, x: Scalar, y: Scalar, z: Scalar): Scalar =>
  first(d, ternary(c, b, op, d, spread(b, d, x), spread(b, d, y), spread(b, d, z)))

/** Conversion of value. */
export const scalarCast = (c: MathContext, b: Body, from: DType, to: DType, x: Scalar): Scalar => {
  if (typeOf(from) === typeOf(to) && to !== 'bool') return x
  if (from === 'int32' && to === 'float32' && x.type === 'i32') return f32.convertI32(x)
  return first(to, cast(c, b, from, to, spread(b, from, x)))
}

/** Same bits. */
export const scalarBits = (to: DType, x: Scalar): Scalar =>
  x.type === 'f32' && to !== 'float32' ? i32.reinterpretF32(x) : x.type === 'i32' && to === 'float32' ? f32.reinterpretI32(x) : x

/** `when ? x : y` of values that are there. */
export const scalarSelect = (when: I, x: Scalar, y: Scalar): Scalar => {
  if (x.type === 'f32' && y.type === 'f32') return select(when, x, y)
  if (x.type === 'f64' && y.type === 'f64') return select(when, x, y)
  return select(when, x as I, y as I)
}

/** `when ? x() : y()` of `d`: what the other side would read is not touched. */
export const scalarEither = (b: Body, d: DType, when: I, x: () => Scalar, y: () => Scalar): Scalar => {
  const result = b.local<'i32' | 'f32' | 'f64'>(typeOf(d))
  b.if(
    when,
    () => {
      b.set(result, x())
    },
    () => {
      b.set(result, y())
    },
  )
  return result
}
