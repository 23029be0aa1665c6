/** Steps that bound gradients or pull parameters towards zero. */
import type { Tensor } from '../core/tensor.js'
import { add, div, mul, sqrt, square } from '../numpy/arithmetic.js'
import { equal, greater, where } from '../numpy/comparison.js'
import { asarray, astype } from '../numpy/create.js'
import { sum as total } from '../numpy/reduce.js'
import { clip as bounded } from '../numpy/rounding.js'
import * as tree from '../tree/index.js'
import { mapLeaves, tensors } from './leaves.js'
import type { GradientTransformation } from './transform.js'
import { stateless } from './transform.js'

/** The Euclidean norm of all leaves together: a scalar. */
export const globalNorm = (updates: unknown): Tensor => sqrt(sumOfSquares(updates))

const sumOfSquares = (updates: unknown): Tensor => tensors(updates).reduce((sum, leaf) => add(sum, total(square(leaf))), asarray(0))

/** Bounds every element to `[-maxDelta, maxDelta]`. */
export const clip = (maxDelta: number): GradientTransformation =>
  stateless('clip', (updates) => mapLeaves((u) => bounded(u, -maxDelta, maxDelta), updates))

/** Options of `clipByGlobalNorm`. */
export interface ClipOptions {
  /** Added to the norm before comparing and dividing: 0; DeZero and PyTorch add 1e-6. */
  readonly eps?: number
}

/**
 * Scales all updates by one factor so that their common norm is at most `maxNorm`; smaller ones pass unchanged.
 * Differentiable at zero gradients too.
 */
export const clipByGlobalNorm = (maxNorm: number, { eps = 0 }: ClipOptions = {}): GradientTransformation =>
  stateless('clipByGlobalNorm', (updates) => {
    const squares = sumOfSquares(updates)
    const norm = add(sqrt(where(equal(squares, 0), 1, squares)), eps)
    const factor = where(greater(norm, maxNorm), div(maxNorm, norm), 1)
    return mapLeaves((u) => mul(u, astype(factor, u.dtype)), updates)
  })

/** Options of `addDecayedWeights`. */
export interface DecayOptions {
  /** Which leaves decay, by path; all by default. */
  readonly mask?: (path: string) => boolean
}

/**
 * Adds `rate` times the parameters to the updates: before an optimizer it is an L2 penalty of `rate / 2 * sum(p^2)`,
 * after its preconditioner it is decoupled weight decay.
 *
 * @example
 * optim.addDecayedWeights(1e-4, { mask: (path) => path.endsWith('/w') })
 */
export const addDecayedWeights = (rate: number, { mask = () => true }: DecayOptions = {}): GradientTransformation =>
  stateless('addDecayedWeights', (updates, params) => {
    const chosen = tree.paths(params).map(mask)
    const [u, p] = [tree.flatten(updates), tensors(params)]
    tree.checkSame('addDecayedWeights', tree.structure(params), u.structure)
    return tree.unflatten(
      u.structure,
      u.leaves.map((leaf, i) => (chosen[i] ? add(leaf, mul(p[i]!, rate)) : leaf)),
    )
  })
