/** Steps that scale: by a number, by a learning rate, by a schedule. */
import type { Meaning } from '../core/check.js'
import { check, either, scalar, traceable } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import { add, mul, neg } from '../numpy/arithmetic.js'
import { astype, zeros } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { mapLeaves, tensors } from './leaves.js'
import type { Schedule } from './schedule.js'
import type { EmptyState, GradientTransformation } from './transform.js'
import { fromStep, stateless } from './transform.js'

/** A number, a scalar tensor, or a schedule of the number of updates made so far. */
export type LearningRate = number | Tensor | Schedule

/** What a learning rate may be. */
export const learningRates: Meaning = either(scalar, { ...traceable, says: 'a schedule' })

/** Number of updates so far, as part of a state. */
export interface Counted {
  readonly count: Tensor
}

/** State of the last step of an optimizer: of a schedule the number of updates, of a number or a tensor nothing. */
export type RateState<L extends LearningRate> = L extends number | Tensor ? EmptyState : Counted

/** No updates yet: int32[] 0. */
export const noUpdates = (): Tensor => zeros([], { dtype: 'int32' })

/** One update more. */
export const increment = (count: Tensor): Tensor => add(count, 1)

/** A number as it is, weak; a scalar tensor in the dtype of the leaf that it meets, so that leaves keep theirs. */
export const factorFor = (leaf: Tensor, factor: TensorLike): TensorLike => (isTensor(factor) ? astype(factor, leaf.dtype) : factor)

/** Multiplies updates by `factor`: a number, or a scalar tensor. */
export const scale = (factor: TensorLike): GradientTransformation<readonly [EmptyState]> => {
  check('scale', 'factor', scalar, factor)
  return stateless('scale', (updates) => mapLeaves((u) => mul(u, factorFor(u, factor)), updates))
}

/** `f` for every dtype among the leaves, so that a float64 leaf meets a float64 factor. */
const byDType = (leaves: readonly Tensor[], f: (dtype: DType) => Tensor): ReadonlyMap<DType, Tensor> =>
  new Map([...new Set(leaves.map((leaf) => leaf.dtype))].map((dtype) => [dtype, f(dtype)]))

/**
 * Multiplies the updates by `schedule` of the number of updates made before; the first one sees 0.
 * The schedule is evaluated in the dtype of the leaf that it scales.
 */
export const scaleBySchedule = (schedule: Schedule): GradientTransformation<readonly [Counted]> => {
  check('scaleBySchedule', 'schedule', { ...traceable, says: 'a schedule' }, schedule)
  return fromStep({
    name: 'scaleBySchedule',
    init: () => ({ count: noUpdates() }),
    update: (updates, { count }: Counted) => {
      const factors = byDType(tensors(updates), (dtype) => astype(schedule(astype(count, dtype)), dtype))
      return [mapLeaves((u) => mul(u, factors.get(u.dtype)!), updates), { count: increment(count) }]
    },
  })
}

/** Multiplies updates by minus the learning rate: the step that makes of a direction a descent. */
export const scaleByLearningRate = <L extends LearningRate>(learningRate: L): GradientTransformation<readonly [RateState<L>]> =>
  descent('scaleByLearningRate', learningRate)

/** `scaleByLearningRate` in the name of an optimizer that ends in it. */
export const descent = <L extends LearningRate>(name: string, learningRate: L): GradientTransformation<readonly [RateState<L>]> => {
  check(name, 'learningRate', learningRates, learningRate)
  return byRate(learningRate) as GradientTransformation<never>
}

const byRate = (rate: LearningRate): GradientTransformation => {
  if (typeof rate === 'number') return scale(-rate)
  return isTensor(rate) ? scale(neg(rate)) : scaleBySchedule((count) => neg(rate(count)))
}
