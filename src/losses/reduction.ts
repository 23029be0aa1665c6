/** From one loss per example to one loss. */
import { oneOf, tensorLike } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import { range, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { div, mul, sub } from '../numpy/arithmetic.js'
import { equal, isfinite, logicalAnd, logicalNot, where } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift } from '../numpy/lift.js'
import { stopGradient } from '../numpy/lax.js'
import { all, mean, sum } from '../numpy/reduce.js'
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

const spread = (name: string, losses: Tensor, weights: TensorLike, dtype = losses.dtype): Tensor => {
  const w = lift(weights, name, 'weights')
  if (w.ndim > losses.ndim || !sameShape(w.shape, losses.shape.slice(0, w.ndim)))
    fail(ShapeError, `${name}: weights of shape [${w.shape.join(',')}] do not fit losses of shape [${losses.shape.join(',')}]`, {
      args: { weights: w },
      fix: 'weights of the shape of the losses, or of its leading axes',
    })
  return broadcastTo(astype(reshape(w, [...w.shape, ...losses.shape.slice(w.ndim).map(() => 1)]), dtype), losses.shape)
}

/** `x`, but `neutral` where `left` says so: over the leading axes of `x`. */
const replaced = (left: Tensor, x: Tensor, neutral: number): Tensor =>
  where(reshape(left, [...left.shape, ...x.shape.slice(left.ndim).map(() => 1)]), neutral, x)

/** Whether all that one loss is made of is finite. */
const isSound = (losses: Tensor, inputs: readonly Tensor[]): Tensor =>
  inputs.reduce((sound, x) => {
    const trailing = range(x.ndim).slice(losses.ndim)
    const finite = isfinite(x)
    return logicalAnd(sound, trailing.length === 0 ? finite : all(finite, { axis: trailing }))
  }, isfinite(losses))

type Operands<T extends readonly Tensor[]> = { -readonly [K in keyof T]: Tensor }

/** What tells whether examples are sound, if not the loss itself, and what stands in for their inputs if they are not. */
export interface Weighing<T extends readonly Tensor[]> {
  /** A bool per loss; by default, whether the loss and its inputs are finite, for which the loss is computed twice. */
  readonly sound?: (...inputs: Operands<T>) => Tensor
  /** An input at which the loss is finite and smooth; 0. */
  readonly neutral?: number
}

/** Soundness of losses of a difference whose slopes are finite wherever it is. */
export const finiteDifference = { sound: (y: Tensor, t: Tensor): Tensor => isfinite(sub(y, t)) }

/**
 * The losses that `f` makes of `inputs`, whose leading axes are those of the losses, weighted and reduced as asked. Where a weight is 0
 * and an example is not sound, its inputs are replaced before the loss is taken: so it adds 0 to the derivative too, where 0 times an
 * infinite slope would be NaN. Sound examples keep their derivative in the weight.
 */
export const lossOf = <T extends readonly Tensor[]>(
  name: string,
  inputs: T,
  f: (...inputs: Operands<T>) => Tensor,
  options: ReductionOption,
  { sound, neutral = 0 }: Weighing<T> = {},
): Tensor => {
  if (options.weights === undefined) return reduce(name, f(...(inputs as unknown as Operands<T>)), options)
  const fixed = inputs.map(stopGradient) as unknown as Operands<T>
  const whole = sound === undefined ? f(...fixed) : sound(...fixed)
  const good = sound === undefined ? isSound(whole, fixed) : whole
  const weights = spread(name, whole, options.weights, inputs[0]!.dtype)
  const left = logicalAnd(equal(weights, 0), logicalNot(good))
  return reduce(name, f(...(inputs.map((x) => replaced(left, x, neutral)) as unknown as Operands<T>)), { ...options, weights })
}

/** `x[N, ...]`, but 0 where one of the N examples weighs nothing and is not finite. */
export const unlessWeightless = (name: string, x: Tensor, { weights }: ReductionOption): Tensor => {
  if (weights === undefined) return x
  const finite = all(isfinite(stopGradient(x)), { axis: range(x.ndim).slice(1) })
  const w = spread(name, finite, weights, x.dtype)
  return replaced(logicalAnd(equal(w, 0), logicalNot(finite)), x, 0)
}

/** Losses weighted and reduced as asked. The weighted mean of losses that all weigh nothing is 0. */
export const reduce = (name: string, losses: Tensor, { reduction = 'mean', weights }: ReductionOption): Tensor => {
  const w = weights === undefined ? null : spread(name, losses, weights)
  const weighted = w === null ? losses : mul(where(logicalAnd(equal(w, 0), logicalNot(isfinite(losses))), 0, losses), w)
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
