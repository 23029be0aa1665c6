/** From one loss per example to one loss. */
import { oneOf, tensorLike } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { div, mul } from '../numpy/arithmetic.js'
import { equal, where } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift } from '../numpy/lift.js'
import { mean, sum } from '../numpy/reduce.js'
import { broadcastTo, reshape } from '../numpy/shape.js'

/** What becomes of the losses of single examples. */
export type Reduction = 'mean' | 'sum' | 'batchMean' | 'none'

/** What a loss does with the losses of single examples. */
export interface ReductionOption {
  /**
   * `mean` (default): over all losses, with weights their weighted mean; `sum`; `batchMean`: the sum over the size of the first axis
   * (DeZero's divisor, the number of rows); `none`: leave one per example.
   */
  readonly reduction?: Reduction
  /** A factor per loss: of the losses' shape, or of its leading axes. 0 leaves a loss out, whatever it is. */
  readonly weights?: TensorLike
}

/** What the options that all losses have mean. */
export const reductions: Meanings<ReductionOption> = { reduction: oneOf('mean', 'sum', 'batchMean', 'none'), weights: tensorLike }

/** The options of a loss that has no others, checked. */
export const reductionOf = optionsOf<ReductionOption>(reductions)

const spread = (name: string, losses: Tensor, weights: TensorLike): Tensor => {
  const w = lift(weights, name)
  if (w.ndim > losses.ndim || !sameShape(w.shape, losses.shape.slice(0, w.ndim)))
    fail(ShapeError, `${name}: weights of shape [${w.shape.join(',')}] do not fit losses of shape [${losses.shape.join(',')}]`, {
      args: { weights: w },
      fix: 'weights of the shape of the losses, or of its leading axes',
    })
  return broadcastTo(astype(reshape(w, [...w.shape, ...losses.shape.slice(w.ndim).map(() => 1)]), losses.dtype), losses.shape)
}

/** Losses weighted and reduced as asked. The weighted mean of losses that all weigh nothing is 0. */
export const reduce = (name: string, losses: Tensor, { reduction = 'mean', weights }: ReductionOption): Tensor => {
  const w = weights === undefined ? null : spread(name, losses, weights)
  const weighted = w === null ? losses : where(equal(w, 0), 0, mul(losses, w))
  switch (reduction) {
    case 'mean': {
      if (w === null) return mean(losses)
      const total = sum(w)
      const none = equal(total, 0)
      return div(sum(weighted), where(none, 1, total))
    }
    case 'sum':
      return sum(weighted)
    case 'batchMean':
      if (losses.ndim === 0) fail(ShapeError, `${name}: a scalar has no batch`, { args: { losses } })
      return div(sum(weighted), losses.shape[0]!)
    case 'none':
      return weighted
  }
}
