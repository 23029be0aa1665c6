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
import type { GradientTransformation, State } from './transform.js'
import { fromStep, stateless, transformation as transformations } from './transform.js'

/** Replaces NaNs by 0; infinities stay. */
export const zeroNans = (): GradientTransformation => stateless('zeroNans', (updates) => mapLeaves((u) => where(isnan(u), 0, u), updates))

/** State of `applyIfFinite`. */
export interface ApplyIfFiniteState {
  /** Gradients in a row, up to the last, that were not finite. */
  readonly notFiniteCount: Tensor
  /** Whether the last gradient was finite: bool[]. */
  readonly lastFinite: Tensor
  /** Gradients of the whole run that were not finite. */
  readonly totalNotFinite: Tensor
  readonly inner: State
}

/**
 * Skips gradients with a NaN or an infinity in them: zero updates, the inner state untouched. After more than
 * `maxConsecutiveErrors` in a row it gives up and lets them through, so that a run that is broken for good is seen to be.
 *
 * @example
 * const optimizer = optim.applyIfFinite(optim.adam(1e-3), 5)
 */
export const applyIfFinite = (transformation: GradientTransformation, maxConsecutiveErrors: number): GradientTransformation => {
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
    update: <P>(grads: P, state: ApplyIfFiniteState, params: P): readonly [P, ApplyIfFiniteState] => {
      const finite = tensors(grads).reduce((so, g) => logicalAnd(so, all(isfinite(g))), array(true))
      const notFiniteCount = where(finite, noUpdates(), increment(state.notFiniteCount))
      const [updates, inner] = cond(
        logicalOr(finite, greater(notFiniteCount, maxConsecutiveErrors)),
        (g: P, s: State, p: P): unknown => transformation.update(g, s, p),
        (g: P, s: State): unknown => [zeros(g), s],
        grads,
        state.inner,
        params,
      ) as readonly [P, State]
      const totalNotFinite = add(state.totalNotFinite, astype(logicalNot(finite), 'int32'))
      return [updates, { notFiniteCount, lastFinite: finite, totalNotFinite, inner }]
    },
  })
}
