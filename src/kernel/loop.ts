/** Loop nests: what primitives that are not elementwise and not mere views lower to. */
import type { DType } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import type { Expr } from './scalar.js'

/** How a reduction combines; sums of floats use several accumulators. */
export type Combine = 'add' | 'mul' | 'max' | 'min' | 'and' | 'or'

/**
 * `out[i...] = combine over r... of body(i..., r...)`; without `reduce`, `out[i...] = body(i...)`.
 * Loop axis `k < shape.length` is output axis `k`; the reduced axes follow. Inputs are read with `load`.
 */
export interface LoopNest {
  readonly kind: 'loops'
  readonly shape: Shape
  readonly dtype: DType
  readonly reduce?: { readonly sizes: Shape; readonly combine: Combine }
  readonly body: Expr
}
