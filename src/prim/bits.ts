/** Logic on bool, and the same on the bits of integers. */
import { bind } from '../ir/bind.js'
import { none } from '../ir/primitive.js'
import { s } from '../kernel/scalar.js'
import { elementwise, type AppliedBinary, type AppliedUnary } from './define.js'

/** x and y, bit by bit */
export const andP = elementwise('and', { of: 'bits', scalar: (x, y) => s.and(x, y) })
export const and: AppliedBinary = (x, y) => bind(andP, [x, y], none)

/** x or y, bit by bit */
export const orP = elementwise('or', { of: 'bits', scalar: (x, y) => s.or(x, y) })
export const or: AppliedBinary = (x, y) => bind(orP, [x, y], none)

/** x or y but not both, bit by bit */
export const xorP = elementwise('xor', { of: 'bits', scalar: (x, y) => s.xor(x, y) })
export const xor: AppliedBinary = (x, y) => bind(xorP, [x, y], none)

/** Logical negation of bool; all bits flipped of an integer. */
export const notP = elementwise('not', { of: 'bits', scalar: (x) => s.not(x) })
export const not: AppliedUnary = (x) => bind(notP, [x], none)

/** Bits moved up by `y` places, 0 <= y < 32. */
export const shlP = elementwise('shl', { of: 'integer', scalar: (x, y) => s.shl(x, y) })
export const shl: AppliedBinary = (x, y) => bind(shlP, [x, y], none)

/** Bits moved down by `y` places, 0 <= y < 32; int32 keeps its sign. */
export const shrP = elementwise('shr', { of: 'integer', scalar: (x, y) => s.shr(x, y) })
export const shr: AppliedBinary = (x, y) => bind(shrP, [x, y], none)

/** How many bits are set. */
export const popcountP = elementwise('popcount', { of: 'integer', scalar: (x) => s.popcount(x) })
export const popcount: AppliedUnary = (x) => bind(popcountP, [x], none)

/** How many leading bits are clear. */
export const clzP = elementwise('clz', { of: 'integer', scalar: (x) => s.clz(x) })
export const clz: AppliedUnary = (x) => bind(clzP, [x], none)
