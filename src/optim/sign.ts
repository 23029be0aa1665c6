/** Steps that keep only the sign of what they see. */
import { decay } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import { sign } from '../numpy/arithmetic.js'
import { mapLeaves } from './leaves.js'
import { average, zeros } from './moments.js'
import type { EmptyState, GradientTransformation, ParamsTree } from './transform.js'
import { fromStep, stateless } from './transform.js'

/** The sign of every element: -1, 0 or 1. @see https://arxiv.org/abs/1802.04434 Bernstein et al., signSGD */
export const scaleBySign = (): GradientTransformation<readonly [EmptyState]> =>
  stateless('scaleBySign', (updates) => mapLeaves((u) => sign(u), updates))

/** Options of `scaleByLion`. */
export interface LionOptions {
  /** How much of the mean goes into the sign; 0.9. */
  readonly b1?: number
  /** Decay of the mean of gradients; 0.99. */
  readonly b2?: number
}

/** What the options of `scaleByLion` mean. */
export const lionMeanings: Meanings<LionOptions> = { b1: decay, b2: decay }

const lionOf = optionsOf<LionOptions>(lionMeanings)

/** State of `scaleByLion`. */
export interface LionState<P = ParamsTree> {
  readonly mu: P
}

/**
 * Lion's direction, `sign(b1 * m + (1 - b1) * g)`, after which `m = b2 * m + (1 - b2) * g`: one buffer, steps of one size.
 *
 * @see https://arxiv.org/abs/2302.06675 Chen et al., Symbolic Discovery of Optimization Algorithms
 */
export const scaleByLion = (options: LionOptions = {}): GradientTransformation<readonly [LionState]> => {
  const { b1 = 0.9, b2 = 0.99 } = lionOf('scaleByLion', options)
  return fromStep({
    name: 'scaleByLion',
    init: (params) => ({ mu: zeros(params) }),
    update: (updates, state: LionState) => [
      mapLeaves((g, m) => sign(average(b1, m, g)), updates, state.mu),
      { mu: mapLeaves((g, m) => average(b2, m, g), updates, state.mu) },
    ],
  })
}
