/** Steps that scale: by a number, by a learning rate, by a schedule. */
import type { DType } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, neg } from '../numpy/arithmetic.js'
import { astype, zeros } from '../numpy/create.js'
import { mapLeaves, tensors } from './leaves.js'
import type { Schedule } from './schedule.js'
import type { GradientTransformation } from './transform.js'
import { fromStep, stateless } from './transform.js'

/** Number of updates so far, as part of a state. */
export interface Counted {
  readonly count: Tensor
}

/** No updates yet: int32[] 0. */
export const noUpdates = (): Tensor => zeros([], { dtype: 'int32' })

/** One update more. */
export const increment = (count: Tensor): Tensor => add(count, 1)

/** Multiplies updates by `factor`. */
export const scale = (factor: number): GradientTransformation => stateless('scale', (updates) => mapLeaves((u) => mul(u, factor), updates))

/** `f` for every dtype among the leaves, so that a float64 leaf meets a float64 factor. */
const byDType = (leaves: readonly Tensor[], f: (dtype: DType) => Tensor): ReadonlyMap<DType, Tensor> =>
  new Map([...new Set(leaves.map((leaf) => leaf.dtype))].map((dtype) => [dtype, f(dtype)]))

/**
 * Multiplies the updates by `schedule` of the number of updates made before; the first one sees 0.
 * The schedule is evaluated in the dtype of the leaf that it scales.
 */
export const scaleBySchedule = (schedule: Schedule): GradientTransformation =>
  fromStep({
    name: 'scaleBySchedule',
    init: () => ({ count: noUpdates() }),
    update: (updates, { count }: Counted) => {
      const factors = byDType(tensors(updates), (dtype) => astype(schedule(astype(count, dtype)), dtype))
      return [mapLeaves((u) => mul(u, factors.get(u.dtype)!), updates), { count: increment(count) }]
    },
  })

/** Multiplies updates by minus the learning rate: the step that makes of a direction a descent. */
export const scaleByLearningRate = (learningRate: number | Schedule): GradientTransformation =>
  typeof learningRate === 'number' ? scale(-learningRate) : scaleBySchedule((count) => neg(learningRate(count)))
