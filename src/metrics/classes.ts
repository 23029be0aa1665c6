/** Class numbers: those of targets, and those that predictions amount to. */
import { isReal } from '../core/dtype.js'
import { finite } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { dropAxes, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { greater, greaterEqual, less, logicalOr, where } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import { checkIntegral, lift } from '../numpy/lift.js'
import { argmax } from '../numpy/reduce.js'
import type { Predicted } from './mean.js'
import { checkBatch } from './mean.js'
import { weightsOf } from './weigh.js'

/** Examples of a classifier. */
export interface Classified {
  /** What was said, as it came. */
  readonly predictions: Tensor
  /** True class numbers, int32; below 0 for examples that are left out. */
  readonly targets: Tensor
  /** float64, 0 for examples that are left out. */
  readonly weights: Tensor
}

/** Targets as class numbers, and the weights of examples: a target below 0 is padding and weighs nothing. @throws DTypeError for float targets. */
export const classified = (name: string, batch: Predicted): Classified => {
  const { predictions, targets, weights } = checkBatch(name, batch)
  const t = astype(
    checkIntegral(name, lift(targets, name, 'targets'), `class numbers: np.argmax(targets, { axis: -1 }) of probabilities`),
    'int32',
  )
  return {
    predictions: lift(predictions, name, 'predictions'),
    targets: t,
    weights: where(less(t, 0), 0, weightsOf(name, t.shape, weights)),
  }
}

/** The number of classes that predictions have scores for. @throws ShapeError unless they are the targets' shape and one axis more. */
export const scoredClasses = (name: string, predictions: Tensor, targets: Tensor): number => {
  const last = predictions.ndim - 1
  if (last < 0 || !sameShape(targets.shape, dropAxes(predictions.shape, [last])))
    fail(ShapeError, `${name}: targets of shape [${targets.shape.join(',')}] do not fit scores of shape [${predictions.shape.join(',')}]`, {
      args: { predictions, targets },
      fix: 'scores [..., K] with the classes on the last axis, and class numbers int32[...]',
    })
  return predictions.shape[last]!
}

/** Options of metrics of class numbers. */
export interface ThresholdOption {
  /** Where a single score becomes a yes, class 1: above 0 (a logit) by default; 0.5 is for probabilities. */
  readonly threshold?: number
}

/** What the options of metrics of class numbers mean. */
export const thresholds: Meanings<ThresholdOption> = { threshold: finite }

/**
 * The class numbers that predictions amount to: integers of the targets' shape are class numbers already, floats of that shape are
 * scores of class 1, and floats with one axis more are scores of every class, of which the largest wins, the first among equals.
 */
export const guesses = (name: string, { predictions, targets }: Classified, { threshold = 0 }: ThresholdOption): Tensor => {
  if (sameShape(predictions.shape, targets.shape))
    return isReal(predictions.dtype) ? astype(greater(predictions, threshold), 'int32') : astype(predictions, 'int32')
  scoredClasses(name, predictions, targets)
  return argmax(predictions, { axis: -1 })
}

/** Whether class numbers are none of `0 .. classes - 1`. */
export const outside = (numbers: Tensor, classes: number): Tensor => logicalOr(less(numbers, 0), greaterEqual(numbers, classes))
