/** Makers of element-by-element functions: promote, broadcast, apply a primitive. */
import { called } from '../core/called.js'
import { isFloat } from '../core/dtype.js'
import { DTypeError, fail } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { AnyPrimitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import type { Binary, Unary } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike } from './lift.js'
import { align, alignFloats, lift, toFloat } from './lift.js'

/** A function of one float; integers and booleans become float32. */
export const floatUnary = (name: string, prim: AnyPrimitive): Unary => called(name, (x) => bind(prim, [toFloat(x, name)], none))

/** A function of one number that keeps integers; `bool` says what to do with booleans: reject them, or answer as they are. */
export const numberUnary = (name: string, prim: AnyPrimitive, bool: 'reject' | 'same' = 'reject'): Unary =>
  called(name, (x) => {
    const t = lift(x, name)
    if (t.dtype !== 'bool') return bind(prim, [t], none)
    return bool === 'same' ? t : rejectBool(name, t)
  })

/** A rounding function: integers and booleans are round already. */
export const roundUnary = (name: string, prim: AnyPrimitive): Unary =>
  called(name, (x) => {
    const t = lift(x, name)
    return isFloat(t.dtype) ? bind(prim, [t], none) : t
  })

const rejectBool = (name: string, t: Tensor): never =>
  fail(DTypeError, `${name}: booleans are not numbers`, { args: { x: t }, fix: "np.logicalNot, np.logicalXor, or np.astype(x, 'int32')" })

/**
 * A function of two numbers. Two tensors of one shape and dtype cost nothing but the primitive.
 * `bool` stands in for the primitive when both are booleans; without it they are rejected.
 */
export const numberBinary = (name: string, prim: AnyPrimitive, bool?: AnyPrimitive): Binary =>
  dual((x: TensorLike, y: TensorLike) => {
    const ts = isTensor(x) && isTensor(y) && x.aval === y.aval ? [x, y] : align(name, [x, y])
    if (ts[0]!.dtype !== 'bool') return bind(prim, ts, none)
    return bool === undefined ? rejectBool(name, ts[0]!) : bind(bool, ts, none)
  }, name)

/** A function of two floats; integers and booleans become float32. */
export const floatBinary = (name: string, prim: AnyPrimitive): Binary =>
  dual(
    (x: TensorLike, y: TensorLike) =>
      bind(prim, isTensor(x) && isTensor(y) && x.aval === y.aval && isFloat(x.dtype) ? [x, y] : alignFloats(name, [x, y]), none),
    name,
  )

/** A comparison: any dtypes, a bool tensor. */
export const comparison = (name: string, prim: AnyPrimitive): Binary =>
  dual(
    (x: TensorLike, y: TensorLike) => bind(prim, isTensor(x) && isTensor(y) && x.aval === y.aval ? [x, y] : align(name, [x, y]), none),
    name,
  )

/** A function of two floats written in terms of others, on operands already promoted and broadcast. */
export const composedBinary = (name: string, f: (x: Tensor, y: Tensor) => Tensor): Binary =>
  dual((x: TensorLike, y: TensorLike) => {
    const ts = alignFloats(name, [x, y])
    return f(ts[0]!, ts[1]!)
  }, name)
