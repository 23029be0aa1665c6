/** Losses of places: what belongs together is to lie together. */
import { finite, flag, positive } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, maximum, mul, square, sub } from '../numpy/arithmetic.js'
import { equal, logicalAnd, where } from '../numpy/comparison.js'
import { astype, full } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift } from '../numpy/lift.js'
import { matmul } from '../numpy/matmul.js'
import { norm, unit as unitOf } from '../numpy/norm.js'
import { arange } from '../numpy/ranges.js'
import { sum } from '../numpy/reduce.js'
import { transpose } from '../numpy/shape.js'
import { crossEntropy } from './classification.js'
import type { ReductionOption } from './reduction.js'
import { lossOf, reductionOf, reductions, unlessWeightless } from './reduction.js'
import { pair } from './shapes.js'

/** The Euclidean norm along the last axis. */
const length = (x: Tensor): Tensor => norm(x, { axis: -1 })
const unit = (x: Tensor): Tensor => unitOf(x, -1)

/**
 * `1 - cos` of the angle between vectors along the last axis: 0 for one direction, 2 for opposite ones, 1 where one is zero.
 *
 * shapes: a[..., D], b[..., D] -> []
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * losses.cosineDistance(np.array([[1, 0], [1, 1]]), np.array([[0, 2], [2, 2]]), { reduction: 'none' })  // [1, 0]
 */
export const cosineDistance = (a: TensorLike, b: TensorLike, options: ReductionOption = {}): Tensor => {
  // |u - v|^2 / 2 of the unit vectors, which is 1 - u . v without cancellation for small angles; 1 where one is zero
  const lossAt = (x: Tensor, y: Tensor): Tensor => {
    const [u, v] = [unit(x), unit(y)]
    const present = mul(sum(square(u), { axis: -1 }), sum(square(v), { axis: -1 }))
    return where(equal(present, 0), 1, mul(sum(square(sub(u, v)), { axis: -1 }), 0.5))
  }
  return lossOf('cosineDistance', pair('cosineDistance', { a, b }), lossAt, reductionOf('cosineDistance', options))
}

/** Options of losses with a margin. */
export interface MarginOptions extends ReductionOption {
  /** The distance beyond which nothing is asked any more; 1. */
  readonly margin?: number
}

const margins = optionsOf<MarginOptions>(meaningsOf(reductions, { margin: finite }))

/**
 * The contrastive loss of pairs at Euclidean distance `d`: `d^2 / 2` for pairs that belong together, `max(margin - d, 0)^2 / 2` for
 * the others.
 *
 * shapes: a[..., D], b[..., D], same[...] of 0 and 1 -> []
 *
 * @throws ShapeError when the shapes do not fit.
 * @see https://doi.org/10.1109/CVPR.2006.100 Hadsell et al., Dimensionality Reduction by Learning an Invariant Mapping
 */
export const contrastive = (a: TensorLike, b: TensorLike, same: TensorLike, options: MarginOptions = {}): Tensor => {
  const { margin = 1, ...rest } = margins('contrastive', options)
  const [x, y] = pair('contrastive', { a, b })
  const [, together] = pair('contrastive', {
    pairs: full(x.shape.slice(0, -1), 0, { dtype: x.dtype }),
    same: astype(lift(same, 'contrastive', 'same'), x.dtype),
  })
  const lossAt = (u: Tensor, v: Tensor): Tensor => {
    const d = length(sub(u, v))
    const far = logicalAnd(equal(together, 0), equal(d, Infinity))
    const near = mul(together, square(where(far, 0, d)))
    return mul(add(near, mul(sub(1, together), square(maximum(sub(margin, d), 0)))), 0.5)
  }
  return lossOf('contrastive', [x, y] as const, lossAt, rest)
}

/**
 * The triplet loss, `max(|anchor - positive| - |anchor - negative| + margin, 0)`.
 *
 * shapes: three times [..., D] -> []
 *
 * @throws ShapeError when the shapes differ.
 * @see https://arxiv.org/abs/1503.03832 Schroff et al., FaceNet (whose distances are squared)
 */
export const triplet = (anchors: TensorLike, positives: TensorLike, negatives: TensorLike, options: MarginOptions = {}): Tensor => {
  const { margin = 1, ...rest } = margins('triplet', options)
  const [anchor, close] = pair('triplet', { anchors, positives })
  const [, apart] = pair('triplet', { anchors: anchor, negatives })
  const lossAt = (x: Tensor, p: Tensor, n: Tensor): Tensor => maximum(add(sub(length(sub(x, p)), length(sub(x, n))), margin), 0)
  return lossOf('triplet', [anchor, close, apart] as const, lossAt, rest)
}

/** Options of `infoNce`. */
export interface InfoNceOptions extends ReductionOption {
  /** Divides the cosines; 0.1. */
  readonly temperature?: number
  /** Also tell every key's query among all queries, and take the mean of both losses (CLIP); `false`. */
  readonly symmetric?: boolean
}

const contrasts = optionsOf<InfoNceOptions>(meaningsOf(reductions, { temperature: positive, symmetric: flag }))

/**
 * InfoNCE: every query must find its own key, the one in the same row, among all keys of the batch: the cross-entropy
 * of cosines over a temperature.
 *
 * shapes: queries[N, D], keys[N, D] -> []
 *
 * @throws ShapeError when the shapes differ or are not those of matrices.
 * @see https://arxiv.org/abs/1807.03748 van den Oord et al., Representation Learning with Contrastive Predictive Coding
 */
export const infoNce = (queries: TensorLike, keys: TensorLike, options: InfoNceOptions = {}): Tensor => {
  const { temperature = 0.1, symmetric = false, ...rest } = contrasts('infoNce', options)
  const [q, k] = pair('infoNce', { queries, keys })
  if (q.ndim !== 2) fail(ShapeError, `infoNce: queries and keys are matrices [N, D], got ${q.ndim} axes`, { args: { queries: q, keys: k } })
  // a query that weighs nothing is no negative either, unless keys look for queries too
  const asked = symmetric ? q : unlessWeightless('infoNce', q, rest)
  const cosines = div(matmul(unit(asked), transpose(unit(k))), temperature)
  const own = arange(q.shape[0]!, { dtype: 'int32' })
  const found = crossEntropy('infoNce', cosines, own, rest)
  return symmetric ? mul(add(found, crossEntropy('infoNce', transpose(cosines), own, rest)), 0.5) : found
}
