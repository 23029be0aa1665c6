/** What code for nests is written from: the values of one array or several at every point of a shape. */
import type { Aval } from '../../../core/aval.js'
import type { DType } from '../../../core/dtype.js'
import type { Shape } from '../../../core/shape.js'
import { sizeOf, stridesOf } from '../../../core/shape.js'
import type { Combine, LoopNest } from '../../../kernel/loop.js'
import type { Expr } from '../../../kernel/scalar.js'

/** One array that a nest writes. */
export interface Written {
  readonly dtype: DType
  /** Elements from one point to the next, along every axis. */
  readonly strides: readonly number[]
  readonly body: Expr
}

/** Loops over `shape`; what is written is combined over the reduced axes, which follow those of the shape, where there are any. */
export interface Nest {
  readonly shape: Shape
  readonly reduce?: { readonly sizes: Shape; readonly combine: Combine } | undefined
  readonly ins: readonly Aval[]
  readonly outputs: readonly Written[]
  /** The choices that guard a read each, where all other reads may be made anywhere; without them any choice may guard what it reads. */
  readonly guards?: ReadonlySet<Expr>
}

/** The nest that a primitive lowers to. */
export const nestOf = ({ shape, dtype, reduce, body }: LoopNest, ins: readonly Aval[]): Nest => ({
  shape,
  reduce,
  ins,
  outputs: [{ dtype, strides: stridesOf(shape), body }],
})

/** How many elements are combined to one. */
export const reducedSize = ({ reduce }: Nest): number => sizeOf(reduce?.sizes ?? [])
