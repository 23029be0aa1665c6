/** Makers of element-by-element functions: promote, broadcast, apply a primitive. */
import { called } from '../core/called.js'
import { dtypes, elementOf, isBool, isInexact, isInteger, isUnsigned } from '../core/dtype.js'
import { DTypeError, fail } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { AnyPrimitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import { lt } from '../prim/comparison.js'
import { cast, select } from '../prim/select.js'
import { full, like } from '../prim/structure.js'
import type { Binary, Unary } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike } from './lift.js'
import { align, alignFloats, lift, spread, toDType, toFloat } from './lift.js'

/** A function of one float; integers and booleans become float32. */
export const floatUnary = (name: string, prim: AnyPrimitive): Unary => called(name, (x) => bind(prim, [toFloat(x, name)], none))

/** A function of one number that keeps integers; `bool` says what to do with booleans: reject them, or answer as they are. */
export const numberUnary = (name: string, prim: AnyPrimitive, bool: 'reject' | 'same' = 'reject'): Unary =>
  called(name, (x) => {
    const t = lift(x, name)
    if (!isBool(t.dtype)) return bind(prim, [t], none)
    return bool === 'same' ? t : rejectBool(name, t)
  })

/** A rounding function: integers and booleans are round already. */
export const roundUnary = (name: string, prim: AnyPrimitive): Unary =>
  called(name, (x) => {
    const t = lift(x, name)
    return isInexact(t.dtype) ? bind(prim, [t], none) : t
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
    if (!isBool(ts[0]!.dtype)) return bind(prim, ts, none)
    return bool === undefined ? rejectBool(name, ts[0]!) : bind(bool, ts, none)
  }, name)

/** A function of two floats; integers and booleans become float32. */
export const floatBinary = (name: string, prim: AnyPrimitive): Binary =>
  dual(
    (x: TensorLike, y: TensorLike) =>
      bind(prim, isTensor(x) && isTensor(y) && x.aval === y.aval && isInexact(x.dtype) ? [x, y] : alignFloats(name, [x, y]), none),
    name,
  )

/**
 * A comparison: any dtypes, a bool tensor. Integers are compared by value, with numbers that no element of their dtype equals and
 * with integers of the other sign too. `holds` says what the comparison is of two numbers; `first` and `second` turn a fraction
 * beside integers into the whole number that is as good in its place: `2.5 < n` is `2 < n`, and `n < 2.5` is `n < 3`.
 */
export const comparison = (
  name: string,
  prim: AnyPrimitive,
  holds: (a: number, b: number) => boolean,
  first: (v: number) => number = Number,
  second: (v: number) => number = Number,
): Binary => {
  const plain = (x: Tensor, y: Tensor): Tensor => bind(prim, [x, y], none)
  const constant = (shape: Shape, value: boolean): Tensor => full(shape, value ? 1 : 0, 'bool', false)
  const valued = (x: TensorLike, y: TensorLike): Tensor => {
    if (typeof x === 'number' && typeof y === 'number') return constant([], holds(x, y))
    if (typeof x === 'number' || typeof y === 'number') {
      const left = typeof x === 'number'
      const t = lift(left ? y : x, name, left ? 'y' : 'x')
      const v = (left ? x : y) as number
      if (isInexact(t.dtype)) return left ? plain(like(t, v), t) : plain(t, like(t, v))
      const whole = left ? first(v) : second(v)
      const { wide } = dtypes[t.dtype]
      // No element equals `v`: all stand to it as 0 does.
      if (!Number.isInteger(whole) || elementOf(whole, wide) === undefined) return constant(t.shape, left ? holds(v, 0) : holds(0, v))
      const n = toDType(t, wide)
      return left ? plain(like(n, whole), n) : plain(n, like(n, whole))
    }
    const [a, b] = [lift(x, name), lift(y, name, 'y')]
    if (!isInteger(a.dtype) || !isInteger(b.dtype) || a.dtype === b.dtype) return plain(...(align(name, [a, b]) as [Tensor, Tensor]))
    // Of int32 and uint32: a negative number stands to every element of the other as -1 does to 0; all others fit into uint32.
    const left = !isUnsigned(a.dtype)
    const signed = left ? a : b
    const [p, q] = align(name, [cast(a, 'uint32'), cast(b, 'uint32')]) as [Tensor, Tensor]
    const below = spread(lt(signed, like(signed, 0)), p.shape, name)
    return select(below, constant(p.shape, left ? holds(-1, 0) : holds(0, -1)), plain(p, q))
  }
  return dual((x: TensorLike, y: TensorLike) => (isTensor(x) && isTensor(y) && x.aval === y.aval ? plain(x, y) : valued(x, y)), name)
}

/** A function of two floats written in terms of others, on operands already promoted and broadcast. */
export const composedBinary = (name: string, f: (x: Tensor, y: Tensor) => Tensor): Binary =>
  dual((x: TensorLike, y: TensorLike) => {
    const ts = alignFloats(name, [x, y])
    return f(ts[0]!, ts[1]!)
  }, name)
