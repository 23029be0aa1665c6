/** Steps that bound gradients or pull parameters towards zero. */
import type { Axis } from '../core/axis.js'
import { axes, callable, check, nonNegative, nonNegativeScalar, positive } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import { add, div, maximum, mul, neg } from '../numpy/arithmetic.js'
import type { TensorLike } from '../numpy/lift.js'
import { norm, rootMeanSquare, shrinkTo } from '../numpy/norm.js'
import { clip as bounded } from '../numpy/rounding.js'
import * as tree from '../tree/index.js'
import { mapLeaves, pathsOf, structureOf, tensors } from './leaves.js'
import { unitAxes } from './norms.js'
import { factorFor } from './scale.js'
import type { EmptyState, GradientTransformation } from './transform.js'
import { stateless } from './transform.js'

/** Bounds every element to `[-maxDelta, maxDelta]`. */
export const clip = (maxDelta: TensorLike): GradientTransformation<readonly [EmptyState]> => {
  check('clip', 'maxDelta', nonNegativeScalar, maxDelta)
  return stateless('clip', (updates) =>
    mapLeaves((u) => {
      const bound = factorFor(u, maxDelta)
      return bounded(u, typeof bound === 'number' ? -bound : neg(bound), bound)
    }, updates),
  )
}

/** Options of `clipByGlobalNorm`. */
export interface ClipOptions {
  /** Added to the norm before comparing and dividing: 0; DeZero and PyTorch add 1e-6. */
  readonly eps?: number
}

const norms = optionsOf<ClipOptions>({ eps: nonNegative })

/**
 * Scales all updates by one factor so that their common norm is at most `maxNorm`; smaller ones pass unchanged. A NaN among them makes
 * all NaN, as in PyTorch and optax.
 * Differentiable at zero gradients too.
 */
export const clipByGlobalNorm = (maxNorm: TensorLike, options: ClipOptions = {}): GradientTransformation<readonly [EmptyState]> => {
  check('clipByGlobalNorm', 'maxNorm', nonNegativeScalar, maxNorm)
  const { eps = 0 } = norms('clipByGlobalNorm', options)
  return stateless('clipByGlobalNorm', (updates) => {
    const structure = structureOf(updates)
    return tree.unflatten(structure, shrinkTo(tensors(updates), maxNorm, { eps }))
  })
}

/** Options of `addDecayedWeights`. */
export interface DecayOptions {
  /** Which leaves decay, by path; all by default. */
  readonly mask?: (path: string) => boolean
}

/** What the options of `addDecayedWeights` mean. */
export const decayMeanings: Meanings<DecayOptions> = { mask: callable }

const decayOf = optionsOf<DecayOptions>(decayMeanings)

/**
 * Adds `rate` times the parameters to the updates: before an optimizer it is an L2 penalty of `rate / 2 * sum(p^2)`,
 * after its preconditioner it is decoupled weight decay.
 *
 * @example
 * optim.addDecayedWeights(1e-4, { mask: (path) => path.endsWith('/w') })
 */
export const addDecayedWeights = (rate: TensorLike, options: DecayOptions = {}): GradientTransformation<readonly [EmptyState]> => {
  check('addDecayedWeights', 'rate', nonNegativeScalar, rate)
  const { mask = () => true } = decayOf('addDecayedWeights', options)
  return stateless('addDecayedWeights', (updates, params) => {
    const chosen = pathsOf(params).map(mask)
    const [u, p] = [tensors(updates), tensors(params)]
    const structure = structureOf(updates)
    tree.checkSame('addDecayedWeights', structureOf(params), structure)
    return tree.unflatten(
      structure,
      u.map((leaf, i) => (chosen[i] ? add(leaf, mul(p[i]!, factorFor(p[i]!, rate))) : leaf)),
    )
  })
}

/** Scales each leaf on its own so that its Euclidean norm is at most `maxNorm`; smaller ones pass unchanged. */
export const clipByNorm = (maxNorm: TensorLike): GradientTransformation<readonly [EmptyState]> => {
  check('clipByNorm', 'maxNorm', nonNegativeScalar, maxNorm)
  return stateless('clipByNorm', (updates) => mapLeaves((u) => shrinkTo([u], factorFor(u, maxNorm))[0]!, updates))
}

/** Divides each leaf so that its root mean square is at most `threshold`. @see https://arxiv.org/abs/1804.04235 section 6 */
export const clipByBlockRms = (threshold: number): GradientTransformation<readonly [EmptyState]> => {
  check('clipByBlockRms', 'threshold', positive, threshold)
  return stateless('clipByBlockRms', (updates) => mapLeaves((u) => div(u, maximum(div(rootMeanSquare(u), threshold), 1)), updates))
}

/** Options of `adaptiveGradClip`. */
export interface AdaptiveOptions {
  /** Norm that parameters are taken to have at least; 1e-3, so that zeros can be left. */
  readonly eps?: number
  /** The axes of one unit; by default a whole vector, a column of a matrix `[in, out]`, a filter of `[out, in, ...]`. */
  readonly axis?: Axis
}

const adaptive = optionsOf<AdaptiveOptions>({ eps: nonNegative, axis: axes })

/**
 * Adaptive gradient clipping: scales the gradient of every unit (a column of a matrix, a filter) so that its norm is at most
 * `clipping` times that of its parameters.
 *
 * @see https://arxiv.org/abs/2102.06171 Brock et al., High-Performance Large-Scale Image Recognition Without Normalization
 */
export const adaptiveGradClip = (clipping: number, options: AdaptiveOptions = {}): GradientTransformation<readonly [EmptyState]> => {
  check('adaptiveGradClip', 'clipping', nonNegative, clipping)
  const { eps = 1e-3, axis } = adaptive('adaptiveGradClip', options)
  return stateless('adaptiveGradClip', (updates, params) =>
    mapLeaves(
      (g, p) => {
        const over = axis === undefined ? unitAxes(g.shape) : axis
        const bound = mul(maximum(norm(p, { axis: over, keepdims: true }), eps), clipping)
        return shrinkTo([g], bound, { axis: over })[0]!
      },
      updates,
      params,
    ),
  )
}
