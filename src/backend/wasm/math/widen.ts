/** Four float32 lanes as two pairs of float64 and back: how functions that are hard in float32 are done. */
import { f32x4, f64x2 } from '../instructions.js'
import type { InlineBinary, Ternary, InlineUnary } from './context.js'
import type { Node } from './node.js'
import { bits } from './node.js'

/** Lanes 0 and 1 as float64. */
export const lower = bits.un(f64x2.promoteLowF32)
/** Lanes 2 and 3 moved to the place of 0 and 1. */
export const high = (x: Node): Node => bits.shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])
/** Lanes 2 and 3 as float64. */
export const upper = (x: Node): Node => lower(high(x))
/** Low halves of two vectors, one after the other. */
export const halves = (x: Node, y: Node): Node => bits.shuffle(x, y, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
/** Even 32-bit lanes of two vectors: the low words of 64-bit lanes. */
export const evenLanes = (l: Node, h: Node): Node => bits.shuffle(l, h, [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27])
/** Odd 32-bit lanes of two vectors: the high words of 64-bit lanes. */
export const oddLanes = (l: Node, h: Node): Node => bits.shuffle(l, h, [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31])
/** Masks for two pairs of 64-bit lanes. */
export const wideMask = (m: Node): readonly [Node, Node] => [
  bits.shuffle(m, m, [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7]),
  bits.shuffle(m, m, [8, 9, 10, 11, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15]),
]
/** Two pairs of float64, rounded to float32. */
export const join = (l: Node, h: Node): Node => halves(bits.un(f32x4.demoteF64zero)(l), bits.un(f32x4.demoteF64zero)(h))

/** A function of float64 on float32: computed wide, rounded once. */
export const viaDouble =
  (f: InlineUnary): InlineUnary =>
  (c, b, x) =>
    join(f(c, b, lower(x)), f(c, b, upper(x)))
/** The same of two operands. */
export const viaDouble2 =
  (f: InlineBinary): InlineBinary =>
  (c, b, x, y) =>
    join(f(c, b, lower(x), lower(y)), f(c, b, upper(x), upper(y)))
/** The same of three operands. */
export const viaDouble3 =
  (f: Ternary): Ternary =>
  (c, b, x, y, z) =>
    join(f(c, b, lower(x), lower(y), lower(z)), f(c, b, upper(x), upper(y), upper(z)))
