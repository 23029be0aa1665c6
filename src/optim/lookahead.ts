/** Lookahead: slow weights that follow fast ones. */
import { check, positiveWhole, probability } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, remainder, sub } from '../numpy/arithmetic.js'
import { equal, where } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import { mapLeaves } from './leaves.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation, ParamsTree, State, StatesFor } from './transform.js'
import { fromStep, transformation } from './transform.js'

/** Options of `lookahead`. */
export interface LookaheadOptions {
  /** Fast steps between two slow ones; 5. */
  readonly syncPeriod?: number
  /** How far the slow weights move towards the fast ones; 0.5. */
  readonly slowStepSize?: number
}

const paces = optionsOf<LookaheadOptions>({ syncPeriod: positiveWhole, slowStepSize: probability })

/** State of `lookahead`. */
export interface LookaheadState<S extends State = State, P = ParamsTree> {
  readonly count: Tensor
  /** The slow weights, a tree like the parameters: use these for evaluation. */
  readonly slow: P
  /** State of the fast optimizer. */
  readonly fast: StatesFor<S, P>
}

/**
 * The parameters follow the fast optimizer; after every `syncPeriod` of its steps the slow weights move by
 * `slowStepSize` of the way to them, and the parameters go back there. Goes last in a chain, because it speaks of the
 * parameters that its updates lead to.
 *
 * @throws ValueError unless `syncPeriod` is a positive integer.
 * @see https://arxiv.org/abs/1907.08610 Zhang et al., Lookahead Optimizer: k steps forward, 1 step back
 * @example
 * const optimizer = optim.lookahead(optim.adam(1e-3), { syncPeriod: 5, slowStepSize: 0.5 })
 */
export const lookahead = <S extends State>(
  fast: GradientTransformation<S>,
  options: LookaheadOptions = {},
): GradientTransformation<readonly [LookaheadState<S>]> => {
  check('lookahead', 'fast', transformation, fast)
  const { syncPeriod = 5, slowStepSize = 0.5 } = paces('lookahead', options)
  return fromStep({
    name: 'lookahead',
    init: (params) => ({ count: noUpdates(), slow: mapLeaves((p) => mul(p, 1), params), fast: fast.init(params) }),
    update: (grads, state: LookaheadState<S>, params) => {
      const [updates, next] = fast.update(grads, state.fast, params)
      const count = increment(state.count)
      const sync = equal(remainder(count, syncPeriod), 0)
      const ahead = mapLeaves((p, u) => add(p, astype(u, p.dtype)), params, updates)
      const slow = mapLeaves((p, s) => where(sync, add(s, mul(sub(p, s), slowStepSize)), s), ahead, state.slow)
      return [mapLeaves((u, s, p) => where(sync, astype(sub(s, p), u.dtype), u), updates, slow, params), { count, slow, fast: next }]
    },
  })
}
