/** Losses of classifiers, from logits: nothing is clipped and nothing overflows. */
import { isFloat } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import { dropAxes, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add, mul, neg, sub } from '../numpy/arithmetic.js'
import { equal } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift, toFloat } from '../numpy/lift.js'
import { argmax, mean, sum } from '../numpy/reduce.js'
import { softplus } from '../nn/activation.js'
import { logSoftmax, oneHot } from '../nn/softmax.js'
import type { ReductionOption } from './reduction.js'
import { reduce } from './reduction.js'

const checkLabels = (name: string, logits: Tensor, labels: Tensor): void => {
  const classes = logits.ndim - 1
  const expected = isFloat(labels.dtype) ? logits.shape : dropAxes(logits.shape, [classes])
  if (logits.ndim === 0 || !sameShape(labels.shape, expected))
    fail(ShapeError, `${name}: labels of shape [${labels.shape.join(',')}] do not fit logits of shape [${logits.shape.join(',')}]`, {
      args: { logits, labels },
      fix: `class numbers int32[${dropAxes(logits.shape, [classes]).join(',')}], or probabilities ${logits.dtype}[${logits.shape.join(',')}]`,
    })
}

/**
 * Cross-entropy of the softmax of `logits` (classes on the last axis): `-log softmax(logits)[label]`, or for labels that are
 * probabilities `-sum(labels * log softmax(logits))`. The mean over all examples unless `reduction` says otherwise.
 * A class number outside `0 .. classes - 1` counts as no class: its loss is 0. A random guess among K classes costs log K.
 *
 * shapes: logits[..., K], labels int[...] or float[..., K] -> []
 *
 * @throws ShapeError when logits and labels do not fit.
 * @example
 * losses.softmaxCrossEntropy(np.zeros([2, 10]), np.array([3, 9], { dtype: 'int32' }))   // 2.3025851
 */
export const softmaxCrossEntropy = (logits: TensorLike, labels: TensorLike, { reduction = 'mean' }: ReductionOption = {}): Tensor => {
  const x = toFloat(logits, 'softmaxCrossEntropy')
  const t = lift(labels, 'softmaxCrossEntropy')
  checkLabels('softmaxCrossEntropy', x, t)
  const targets = isFloat(t.dtype) ? t : oneHot(t, x.shape[x.ndim - 1]!, { dtype: x.dtype })
  return reduce(neg(sum(mul(targets, logSoftmax(x)), { axis: -1 })), reduction)
}

/**
 * Cross-entropy of independent yes-no answers, from logits: `softplus(x) - x * label`, computed so that it is exact at any size of
 * `x`. Labels are 0 or 1 (any dtype), or probabilities. The mean over all elements unless `reduction` says otherwise.
 *
 * shapes: logits[...], labels[...] -> []
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * losses.sigmoidCrossEntropy(np.array([-800]), np.array([1]))   // 800
 */
export const sigmoidCrossEntropy = (logits: TensorLike, labels: TensorLike, { reduction = 'mean' }: ReductionOption = {}): Tensor => {
  const x = toFloat(logits, 'sigmoidCrossEntropy')
  const t = lift(labels, 'sigmoidCrossEntropy')
  if (!sameShape(x.shape, t.shape))
    fail(ShapeError, 'sigmoidCrossEntropy: logits and labels differ in shape', { args: { logits: x, labels: t } })
  const targets = astype(t, x.dtype)
  return reduce(add(mul(targets, softplus(neg(x))), mul(sub(1, targets), softplus(x))), reduction)
}

/**
 * The fraction of examples whose largest logit is at the label; float32.
 *
 * shapes: logits[..., K], labels int[...] -> []
 *
 * @throws ShapeError when logits and labels do not fit.
 * @example
 * losses.accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1], { dtype: 'int32' }))   // 0.5
 */
export const accuracy = (logits: TensorLike, labels: TensorLike): Tensor => {
  const x = lift(logits, 'accuracy')
  const t = astype(lift(labels, 'accuracy'), 'int32')
  checkLabels('accuracy', x, t)
  return mean(equal(argmax(x, { axis: -1 }), t))
}
