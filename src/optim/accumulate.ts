/** Gradients of several micro-batches as one. */
import { cond } from '../control/cond.js'
import { check, positiveWhole } from '../core/check.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, sub } from '../numpy/arithmetic.js'
import { equal } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import { mapLeaves } from './leaves.js'
import { zeros } from './moments.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation, ParamsTree, State, StatesFor } from './transform.js'
import { fromStep, transformation as transformations } from './transform.js'

/** State of `multiSteps`. */
export interface MultiStepsState<S extends State = State, P = ParamsTree> {
  /** Gradients seen since the last real update: int32[]. */
  readonly miniStep: Tensor
  /** Real updates so far: int32[]. */
  readonly gradientStep: Tensor
  /** Mean of the gradients seen since the last real update. */
  readonly accumulated: P
  /** State of the inner transformation. */
  readonly inner: StatesFor<S, P>
}

/**
 * Collects the mean of `every` gradients and hands it to `transformation`; the updates in between are zeros. Training on
 * `every` micro-batches of equal size is then training on one large batch, exactly, in the memory of a small one.
 *
 * @throws ValueError unless `every` is a positive integer.
 * @example
 * const optimizer = optim.multiSteps(optim.adam(1e-3), 4)
 */
export const multiSteps = <S extends State>(
  transformation: GradientTransformation<S>,
  every: number,
): GradientTransformation<readonly [MultiStepsState<S>]> => {
  check('multiSteps', 'transformation', transformations, transformation)
  check('multiSteps', 'every', positiveWhole, every)
  return fromStep({
    name: 'multiSteps',
    init: (params) => ({
      miniStep: noUpdates(),
      gradientStep: noUpdates(),
      accumulated: zeros(params),
      inner: transformation.init(params),
    }),
    update: (grads, state: MultiStepsState<S>, params) => {
      const mean = mapLeaves((g, m) => add(m, div(sub(g, m), add(astype(state.miniStep, m.dtype), 1))), grads, state.accumulated)
      const [updates, next] = cond(
        equal(state.miniStep, every - 1),
        (m: ParamsTree, s: MultiStepsState<S>, p: ParamsTree) => {
          const [u, inner] = transformation.update(m, s.inner, p)
          return [u, { miniStep: noUpdates(), gradientStep: increment(s.gradientStep), accumulated: zeros(m), inner }]
        },
        (m: ParamsTree, s: MultiStepsState<S>) => [zeros(m), { ...s, miniStep: increment(s.miniStep), accumulated: m }],
        mean,
        state,
        params,
      ) as unknown as readonly [ParamsTree, MultiStepsState<S>]
      return [updates, next]
    },
  })
}
