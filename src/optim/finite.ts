/** Gradients that are not numbers. */
import { check, count } from '../core/check.js'
import { cond } from '../control/cond.js'
import type { Tensor } from '../core/tensor.js'
import { add } from '../numpy/arithmetic.js'
import { greater, isfinite, isnan, logicalAnd, logicalNot, logicalOr, where } from '../numpy/comparison.js'
import { array, astype } from '../numpy/create.js'
import { all } from '../numpy/reduce.js'
import { mapLeaves, tensors } from './leaves.js'
import { zeros } from './moments.js'
import { increment, noUpdates } from './scale.js'
import type { EmptyState, GradientTransformation, ParamsTree, State, StatesFor } from './transform.js'
import { fromStep, stateless, transformation as transformations } from './transform.js'

/** Replaces NaNs by 0; infinities stay. */
export const zeroNans = (): GradientTransformation<readonly [EmptyState]> =>
  stateless('zeroNans', (updates) => mapLeaves((u) => where(isnan(u), 0, u), updates))

/** State of `applyIfFinite`. */
export interface ApplyIfFiniteState<S extends State = State, P = ParamsTree> {
  /** Gradients in a row, up to the last, that were not finite. */
  readonly notFiniteCount: Tensor
  /** Whether the last gradient was finite: bool[]. */
  readonly lastFinite: Tensor
  /** Gradients of the whole run that were not finite. */
  readonly totalNotFinite: Tensor
  readonly inner: StatesFor<S, P>
}

/**
 * Skips gradients with a NaN or an infinity in them: zero updates, the inner state untouched. After more than
 * `maxConsecutiveErrors` in a row it gives up and lets them through, so that a run that is broken for good is seen to be.
 *
 * @example
 * const optimizer = optim.applyIfFinite(optim.adam(1e-3), 5)
 */
export const applyIfFinite = <S extends State>(
  transformation: GradientTransformation<S>,
  maxConsecutiveErrors: number,
): GradientTransformation<readonly [ApplyIfFiniteState<S>]> => {
  check('applyIfFinite', 'transformation', transformations, transformation)
  check('applyIfFinite', 'maxConsecutiveErrors', count, maxConsecutiveErrors)
  return fromStep({
    name: 'applyIfFinite',
    init: (params) => ({
      notFiniteCount: noUpdates(),
      lastFinite: array(true),
      totalNotFinite: noUpdates(),
      inner: transformation.init(params),
    }),
    update: (grads, state: ApplyIfFiniteState<S>, params) => {
      const finite = tensors(grads).reduce((so, g) => logicalAnd(so, all(isfinite(g))), array(true))
      const notFiniteCount = where(finite, noUpdates(), increment(state.notFiniteCount))
      const [updates, inner] = cond(
        logicalOr(finite, greater(notFiniteCount, maxConsecutiveErrors)),
        (g: ParamsTree, s: StatesFor<S, ParamsTree>, p: ParamsTree): unknown => transformation.update(g, s, p),
        (g: ParamsTree, s: StatesFor<S, ParamsTree>): unknown => [zeros(g), s],
        grads,
        state.inner,
        params,
      ) as readonly [ParamsTree, StatesFor<S, ParamsTree>]
      const totalNotFinite = add(state.totalNotFinite, astype(logicalNot(finite), 'int32'))
      return [updates, { notFiniteCount, lastFinite: finite, totalNotFinite, inner }]
    },
  })
}
