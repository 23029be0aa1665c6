/** What reductions have in common: their options, and the root of a variance. */
import type { Axis } from '../core/axis.js'
import { axes, flag, tensorLike } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { like } from '../prim/structure.js'
import type { TensorLike } from './lift.js'

/** Options of all reductions. */
export interface ReductionOptions {
  /** One axis or several, negative ones counted from the end; all when left out. */
  readonly axis?: Axis
  /** Keep the reduced axes with size 1. */
  readonly keepdims?: boolean
}

/** Options of reductions that can leave elements out. */
export interface MaskedReduction extends ReductionOptions {
  /** Which elements count, broadcast to `x`; the others are left out. */
  readonly where?: TensorLike
}

/** What the options of a reduction mean. */
export const reduction: Meanings<ReductionOptions> = { axis: axes, keepdims: flag }
/** What the options of a masked reduction mean. */
export const maskedReduction: Meanings<MaskedReduction> = meaningsOf(reduction, { where: tensorLike })

/** The root of a variance: its derivative at 0, where nothing varies, is 0. */
export const rootOf = (v: Tensor): Tensor => {
  const still = P.eq(v, like(v, 0))
  return P.select(still, like(v, 0), P.sqrt(P.select(still, like(v, 1), v)))
}
