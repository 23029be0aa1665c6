/** Operations on bits of integers and on booleans. */
import { dtypes } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { AnyPrimitive } from '../ir/primitive.js'
import { none } from '../ir/primitive.js'
import * as P from '../prim/elementwise.js'
import type { Binary, Unary } from './dual.js'
import { dual } from './dual.js'
import type { TensorLike } from './lift.js'
import { align, checkIntegral, lift } from './lift.js'

/** Two operands with at least one tensor, neither a float. */
const bitwise = (name: string, prim: AnyPrimitive): Binary =>
  dual((x: TensorLike, y: TensorLike) => {
    const ts = align(name, [x, y])
    for (const t of ts) checkIntegral(name, t)
    return bind(prim, ts, none)
  }, name)

/**
 * Bits set in both; of booleans, conjunction.
 *
 * @throws DTypeError for floats.
 * @example
 * np.bitwiseAnd(np.array([6, 3], { dtype: 'int32' }), 2)   // [2, 2]
 */
export const bitwiseAnd: Binary = /* @__PURE__ */ bitwise('bitwiseAnd', P.andP)

/**
 * Bits set in one or both; of booleans, disjunction.
 *
 * @throws DTypeError for floats.
 * @example
 * np.bitwiseOr(np.array([4, 1], { dtype: 'int32' }), 2)   // [6, 3]
 */
export const bitwiseOr: Binary = /* @__PURE__ */ bitwise('bitwiseOr', P.orP)

/**
 * Bits set in exactly one.
 *
 * @throws DTypeError for floats.
 * @example
 * np.bitwiseXor(np.array([6, 3], { dtype: 'int32' }), 2)   // [4, 1]
 */
export const bitwiseXor: Binary = /* @__PURE__ */ bitwise('bitwiseXor', P.xorP)

/**
 * All bits flipped; of booleans, negation.
 *
 * @throws DTypeError for floats.
 * @example
 * np.bitwiseNot(np.array([0, 5], { dtype: 'int32' }))   // [-1, -6]
 */
export const bitwiseNot: Unary = (x) => P.not(checkIntegral('bitwiseNot', lift(x, 'bitwiseNot')))

/**
 * `x * 2^y` by shifting bits. By 32 or more, or by a negative number, all bits are shifted out.
 *
 * @throws DTypeError for floats.
 * @example
 * np.leftShift(np.array([1, 3], { dtype: 'int32' }), 2)   // [4, 12]
 */
export const leftShift: Binary = /* @__PURE__ */ bitwise('leftShift', P.shlP)

/**
 * Bits shifted down: the sign stays on int32, zeros come in on uint32. By 32 or more, or by a negative number, all bits are shifted
 * out: what stays is the sign.
 *
 * @throws DTypeError for floats.
 * @example
 * np.rightShift(np.array([-8, 8], { dtype: 'int32' }), 1)   // [-4, 4]
 */
export const rightShift: Binary = /* @__PURE__ */ bitwise('rightShift', P.shrP)

/**
 * Number of bits set, of `|x|` when it is signed.
 *
 * @throws DTypeError for floats.
 * @example
 * np.bitwiseCount(np.array([7, 8], { dtype: 'int32' }))   // [3, 1]
 */
export const bitwiseCount: Unary = (x): Tensor => {
  const t = checkIntegral('bitwiseCount', lift(x, 'bitwiseCount'))
  return P.popcount(dtypes[t.dtype].kind === 'signed' ? P.abs(t) : t)
}
