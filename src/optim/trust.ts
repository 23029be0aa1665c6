/** Steps whose size is that of the parameter they change. */
import { check, nonNegative } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import { add, div, maximum, mul } from '../numpy/arithmetic.js'
import { equal, logicalOr, where } from '../numpy/comparison.js'
import { norm, rootMeanSquare } from '../numpy/norm.js'
import { mapLeaves } from './leaves.js'
import type { EmptyState, GradientTransformation } from './transform.js'
import { stateless } from './transform.js'

/** Options of `scaleByTrustRatio`. */
export interface TrustOptions {
  /** Multiplies the ratio; 1. */
  readonly trustCoefficient?: number
  /** Added to the norm of the update; 0. */
  readonly eps?: number
}

/** What the options of `scaleByTrustRatio` mean. */
export const trustMeanings: Meanings<TrustOptions> = { trustCoefficient: nonNegative, eps: nonNegative }

const trustOf = optionsOf<TrustOptions>(trustMeanings)

/**
 * Multiplies each leaf's update by `trustCoefficient * |p| / (|u| + eps)`, so that every layer moves by the same fraction of
 * its own size; by 1 where either norm is 0. LAMB's and LARS' layer-wise step.
 *
 * @see https://arxiv.org/abs/1904.00962 You et al., Large Batch Optimization for Deep Learning
 */
export const scaleByTrustRatio = (options: TrustOptions = {}): GradientTransformation<readonly [EmptyState]> => {
  const { trustCoefficient = 1, eps = 0 } = trustOf('scaleByTrustRatio', options)
  return stateless('scaleByTrustRatio', (updates, params) =>
    mapLeaves(
      (u, p) => {
        const [size, step] = [norm(p), norm(u)]
        const still = logicalOr(equal(size, 0), equal(step, 0))
        return mul(u, where(still, 1, div(mul(size, trustCoefficient), add(where(still, 1, step), eps))))
      },
      updates,
      params,
    ),
  )
}

/** Multiplies each leaf's update by the root mean square of its parameter, at least `minScale` (1e-3). */
export const scaleByParamBlockRms = (minScale = 1e-3): GradientTransformation<readonly [EmptyState]> => {
  check('scaleByParamBlockRms', 'minScale', nonNegative, minScale)
  return stateless('scaleByParamBlockRms', (updates, params) =>
    mapLeaves((u, p) => mul(u, maximum(rootMeanSquare(p), minScale)), updates, params),
  )
}
