/** From one loss per example to one loss. */
import { fail, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { mean, sum } from '../numpy/reduce.js'

/** What a loss does with the losses of single examples. */
export interface ReductionOption {
  /** `mean` (default), `sum`, or `none`: leave one per example. */
  readonly reduction?: 'mean' | 'sum' | 'none'
}

/** Losses reduced as asked. */
export const reduce = (losses: Tensor, reduction: 'mean' | 'sum' | 'none'): Tensor => {
  switch (reduction) {
    case 'mean':
      return mean(losses)
    case 'sum':
      return sum(losses)
    case 'none':
      return losses
    default:
      return fail(ValueError, `reduction: there is no '${String(reduction)}'`, { fix: "'mean', 'sum' or 'none'" })
  }
}
