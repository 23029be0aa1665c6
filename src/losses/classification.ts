/** Losses of classifiers, from logits: nothing is clipped and nothing overflows. */
import { check, nonNegative, probability, tensorLike } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import { isBool, isDouble, isReal } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import { dropAxes, range, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isReadable } from '../core/tensor.js'
import { add, maximum, mul, neg, pow, sub } from '../numpy/arithmetic.js'
import { equal, greater, greaterEqual, isfinite, less, lessEqual, logicalAnd, logicalNot, logicalOr, where } from '../numpy/comparison.js'
import { astype } from '../numpy/create.js'
import { exp, expm1, log, log1p } from '../numpy/exponential.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift, spread, toFloat } from '../numpy/lift.js'
import { stopGradient } from '../numpy/lax.js'
import { argmax, max, mean, sum } from '../numpy/reduce.js'
import { tanh } from '../numpy/trigonometric.js'
import { sigmoid, softplus } from '../nn/activation.js'
import { logSoftmax, oneHot } from '../nn/softmax.js'
import type { ReductionOption } from './reduction.js'
import { lossOf, reductionOf, reductions } from './reduction.js'
import { checkClasses, checkSigns, pair } from './shapes.js'

/** @throws ShapeError unless the labels are class numbers or probabilities for these logits. */
export const checkLabels = (name: string, logits: Tensor, labels: Tensor): void => {
  const classes = logits.ndim - 1
  const expected = isReal(labels.dtype) ? logits.shape : dropAxes(logits.shape, [classes])
  if (logits.ndim === 0 || !sameShape(labels.shape, expected))
    fail(ShapeError, `${name}: labels of shape [${labels.shape.join(',')}] do not fit logits of shape [${logits.shape.join(',')}]`, {
      args: { logits, labels },
      fix: `class numbers int32[${dropAxes(logits.shape, [classes]).join(',')}], or probabilities ${logits.dtype}[${logits.shape.join(',')}]`,
    })
}

/** Options of `softmaxCrossEntropy`. */
export interface SoftmaxOptions extends ReductionOption {
  /** `s` mixes labels with a guess among all K classes: `(1 - s) label + s / K`; 0. See https://arxiv.org/abs/1512.00567 */
  readonly labelSmoothing?: number
  /** A weight per class, float[K]: an example weighs as much as its label, and the mean is a weighted mean. */
  readonly classWeights?: TensorLike
}

const entropies = optionsOf<SoftmaxOptions>(meaningsOf(reductions, { labelSmoothing: probability, classWeights: tensorLike }))

const targetsOf = (logits: Tensor, labels: Tensor): Tensor =>
  isReal(labels.dtype) ? astype(labels, logits.dtype) : oneHot(labels, logits.shape[logits.ndim - 1]!, { dtype: 'bool' })

/**
 * `-sum(targets * log softmax(logits))`, of targets that are bool the logarithms chosen: a class of probability 0 that is no target adds
 * nothing, though its logarithm is infinite.
 */
const entropyOf = (logits: Tensor, targets: Tensor): Tensor => {
  const logs = logSoftmax(logits)
  if (isBool(targets.dtype)) return neg(sum(where(targets, logs, 0), { axis: -1 }))
  const absent = logicalAnd(equal(targets, 0), equal(logs, -Infinity))
  return neg(sum(mul(targets, where(absent, 0, logs)), { axis: -1 }))
}

/** NaN where a class number that was not known when it could be refused is no class. */
const unlessNoClass = (losses: Tensor, labels: Tensor, classes: number): Tensor =>
  isReal(labels.dtype) || isReadable(labels) ? losses : where(logicalOr(less(labels, 0), greaterEqual(labels, classes)), NaN, losses)

/** Whether a row of logits has a softmax: NaN and Infinity have none. */
const hasSoftmax = (logits: Tensor): Tensor => isfinite(max(logits, { axis: -1 }))

/** The weights of examples and of the classes of their labels, as one option. */
const weighed = (name: string, targets: Tensor, dtype: DType, { weights, classWeights }: SoftmaxOptions): ReductionOption => {
  if (classWeights === undefined) return weights === undefined ? {} : { weights }
  const w = astype(lift(classWeights, name, 'classWeights'), dtype)
  if (!sameShape(w.shape, targets.shape.slice(-1)))
    fail(ShapeError, `${name}: classWeights of shape [${w.shape.join(',')}] for ${targets.shape[targets.ndim - 1]!} classes`, {
      args: { classWeights: w },
    })
  const ofLabels = sum(mul(astype(targets, dtype), w), { axis: -1 })
  return { weights: weights === undefined ? ofLabels : mul(ofLabels, astype(lift(weights, name, 'weights'), dtype)) }
}

/**
 * Labels mixed with a guess among all classes: `(1 - smoothing) labels + smoothing / K`.
 *
 * @see https://arxiv.org/abs/1512.00567 Szegedy et al., Rethinking the Inception Architecture
 * @example
 * losses.smoothLabels(np.array([0, 1, 0, 0]), 0.2)  // [0.05, 0.85, 0.05, 0.05]
 */
export const smoothLabels = (labels: TensorLike, smoothing: number): Tensor => {
  check('smoothLabels', 'smoothing', probability, smoothing)
  const t = toFloat(labels, 'smoothLabels', 'labels')
  if (t.ndim === 0) fail(ShapeError, 'smoothLabels: labels need an axis of classes', { args: { labels: t } })
  return add(mul(t, 1 - smoothing), mul(sum(t, { axis: -1, keepdims: true }), smoothing / t.shape[t.ndim - 1]!))
}

/**
 * Cross-entropy of the softmax of `logits` (classes on the last axis): `-log softmax(logits)[label]`, or for labels that are
 * probabilities `-sum(labels * log softmax(logits))`. The mean over all examples unless `reduction` says otherwise.
 * A class number outside `0 .. classes - 1` throws, and under `jit` and `vmap`, where it is not known, costs NaN; `weights` of 0 leave
 * such examples out (padding). A random guess among K classes costs log K.
 *
 * shapes: logits[..., K], labels int[...] or float[..., K] -> []
 *
 * @throws ShapeError when logits, labels and weights do not fit; ValueError for a known class number that is no class.
 * @example
 * losses.softmaxCrossEntropy(np.zeros([2, 10]), np.array([3, 9], { dtype: 'int32' }))   // 2.3025851
 */
export const softmaxCrossEntropy = (logits: TensorLike, labels: TensorLike, options: SoftmaxOptions = {}): Tensor =>
  crossEntropy('softmaxCrossEntropy', logits, labels, entropies('softmaxCrossEntropy', options))

/** `softmaxCrossEntropy` in the name of another loss that is made of it. */
export const crossEntropy = (name: string, logits: TensorLike, labels: TensorLike, options: SoftmaxOptions): Tensor => {
  const { labelSmoothing = 0, reduction = 'mean' } = options
  const [x, t] = [toFloat(logits, name, 'logits'), lift(labels, name, 'labels')]
  checkLabels(name, x, t)
  const classes = x.shape[x.ndim - 1]!
  if (!isReal(t.dtype)) checkClasses(name, t, classes, options.weights)
  const targets = targetsOf(x, t)
  const smooth = labelSmoothing === 0 ? targets : smoothLabels(astype(targets, x.dtype), labelSmoothing)
  const lossAt = (z: Tensor): Tensor => unlessNoClass(entropyOf(z, smooth), t, classes)
  return lossOf(name, [x] as const, lossAt, { reduction, ...weighed(name, targets, x.dtype, options) }, { sound: hasSoftmax })
}

/** Options of `sigmoidCrossEntropy`. */
export interface SigmoidOptions extends ReductionOption {
  /** Multiplies the loss of a yes, so that rare ones count: of a shape that broadcasts to the logits; 1. */
  readonly posWeight?: TensorLike
}

const answers = optionsOf<SigmoidOptions>(meaningsOf(reductions, { posWeight: tensorLike }))

/**
 * Cross-entropy of independent yes-no answers, from logits: `softplus(x) - x * label`, computed so that it is exact at any size of
 * `x`. Labels are 0 or 1 (any dtype), or probabilities. The mean over all elements unless `reduction` says otherwise; DeZero
 * divides by the number of rows, which is `batchMean`.
 *
 * shapes: logits[...], labels[...] -> []
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * losses.sigmoidCrossEntropy(np.array([-800]), np.array([1]))   // 800
 */
export const sigmoidCrossEntropy = (logits: TensorLike, labels: TensorLike, options: SigmoidOptions = {}): Tensor => {
  const { posWeight, ...rest } = answers('sigmoidCrossEntropy', options)
  const [x, targets] = logitsAndLabels('sigmoidCrossEntropy', logits, labels)
  const weight =
    posWeight === undefined
      ? null
      : spread(astype(lift(posWeight, 'sigmoidCrossEntropy', 'posWeight'), x.dtype), x.shape, 'sigmoidCrossEntropy: posWeight')
  const positive = weight === null ? targets : mul(targets, weight)
  const negative = sub(1, targets)
  const lossAt = (z: Tensor): Tensor => add(absorbing(positive, z, yesOfLogit), absorbing(negative, z, noOfLogit))
  // Slopes in a finite logit are finite, so that a product that overflows needs no other logit.
  const sound = (z: Tensor): Tensor => logicalAnd(isfinite(z), logicalAnd(isfinite(positive), isfinite(negative)))
  return lossOf('sigmoidCrossEntropy', [x] as const, lossAt, rest, { sound })
}

const logitsAndLabels = (name: string, logits: TensorLike, labels: TensorLike): readonly [Tensor, Tensor] => {
  const [x, t] = [toFloat(logits, name, 'logits'), lift(labels, name, 'labels')]
  if (!sameShape(x.shape, t.shape)) fail(ShapeError, `${name}: logits and labels differ in shape`, { args: { logits: x, labels: t } })
  return [x, astype(t, x.dtype)]
}

/** A function, and where it is finite: asked of its argument, so that it need not be computed to know. */
interface Factor {
  readonly f: (x: Tensor) => Tensor
  readonly isFinite: (x: Tensor) => Tensor
  /** An argument at which it is. */
  readonly neutral: number
}

/** What a yes and a no cost, by logits and by probabilities. */
const yesOfLogit: Factor = { f: (x) => softplus(neg(x)), isFinite: (x) => greater(x, -Infinity), neutral: 0 }
const noOfLogit: Factor = { f: softplus, isFinite: (x) => less(x, Infinity), neutral: 0 }
const isPositive = (x: Tensor): Tensor => logicalAnd(greater(x, 0), less(x, Infinity))
const yesOfProbability: Factor = { f: (x) => neg(log(x)), isFinite: isPositive, neutral: 0.5 }
const noOfProbability: Factor = {
  f: (x) => neg(log1p(neg(x))),
  isFinite: (x) => logicalAnd(greater(x, -Infinity), less(x, 1)),
  neutral: 0.5,
}

/** `factor * f(x)`; where the factor is 0 and `f(x)` is infinite or NaN it is 0, and so is its derivative. */
const absorbing = (factor: Tensor, x: Tensor, { f, isFinite, neutral }: Factor): Tensor =>
  mul(factor, f(where(logicalAnd(equal(factor, 0), logicalNot(isFinite(stopGradient(x)))), neutral, x)))

/** Whether `absorbing` is finite, but for products that overflow. */
const isAbsorbed = (factor: Tensor, x: Tensor, { isFinite }: Factor): Tensor =>
  logicalOr(equal(factor, 0), logicalAnd(isfinite(factor), isFinite(x)))

/**
 * Cross-entropy of yes-no answers from probabilities: `-(t log p + (1 - t) log(1 - p))`. Nothing is clipped: certainty that is
 * wrong costs infinity, and has a slope up to there. With logits at hand, `sigmoidCrossEntropy` of them is exact everywhere.
 * The mean over all elements unless `reduction` says otherwise; DeZero divides by the number of rows, which is `batchMean`.
 *
 * shapes: probabilities[...], labels[...] -> []
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * losses.binaryCrossEntropy(np.array([0.75]), np.array([0]))  // 1.386294
 */
export const binaryCrossEntropy = (probabilities: TensorLike, labels: TensorLike, options: ReductionOption = {}): Tensor => {
  const rest = reductionOf('binaryCrossEntropy', options)
  const { dtype } = toFloat(probabilities, 'binaryCrossEntropy', 'probabilities')
  const [p, t] = pair('binaryCrossEntropy', { probabilities, labels: astype(lift(labels, 'binaryCrossEntropy', 'labels'), dtype) })
  const lossAt = (q: Tensor, u: Tensor): Tensor => add(absorbing(u, q, yesOfProbability), absorbing(sub(1, u), q, noOfProbability))
  const sound = (q: Tensor, u: Tensor): Tensor =>
    logicalAnd(isfinite(q), logicalAnd(isAbsorbed(u, q, yesOfProbability), isAbsorbed(sub(1, u), q, noOfProbability)))
  return lossOf('binaryCrossEntropy', [p, t] as const, lossAt, rest, { sound, neutral: 0.5 })
}

/** Options of the focal losses. */
export interface FocalOptions extends ReductionOption {
  /** How strongly examples that are right already fade: their loss is multiplied by `(1 - p)^gamma`; 2. */
  readonly gamma?: number
}

const fading: Meanings<FocalOptions> = meaningsOf(reductions, { gamma: nonNegative })

/** Options of `sigmoidFocal`. */
export interface SigmoidFocalOptions extends FocalOptions {
  /** Weight of a yes; that of a no is `1 - alpha`. Without it both weigh 1. */
  readonly alpha?: number
}

const focal = optionsOf<FocalOptions>(fading)
const balanced = optionsOf<SigmoidFocalOptions>(meaningsOf(fading, { alpha: probability }))

/**
 * The focal loss of yes-no answers: `sigmoidCrossEntropy` times `(1 - p)^gamma`, `p` being the probability of the right answer.
 *
 * shapes: logits[...], labels[...] -> []
 *
 * @throws ShapeError when the shapes differ.
 * @see https://arxiv.org/abs/1708.02002 Lin et al., Focal Loss for Dense Object Detection
 */
export const sigmoidFocal = (logits: TensorLike, labels: TensorLike, options: SigmoidFocalOptions = {}): Tensor => {
  const { gamma = 2, alpha, ...rest } = balanced('sigmoidFocal', options)
  const [x, t] = logitsAndLabels('sigmoidFocal', logits, labels)
  const lossAt = (z: Tensor): Tensor => {
    const entropy = add(absorbing(t, z, yesOfLogit), absorbing(sub(1, t), z, noOfLogit))
    const loss = mul(entropy, faded(z, t, gamma))
    return alpha === undefined ? loss : mul(loss, add(mul(t, alpha), mul(sub(1, t), 1 - alpha)))
  }
  return lossOf('sigmoidFocal', [x] as const, lossAt, rest)
}

/**
 * `(1 - p)^gamma`, `p` being the probability of the right answer. Where a label of 0 or 1 is met so well that `1 - p` is small, it is
 * `exp(-gamma softplus)`: powers of `1 - p`, which derivatives are made of, overflow there. (The derivative in such a label is that of
 * first order.)
 */
const faded = (x: Tensor, t: Tensor, gamma: number): Tensor => {
  const hard = stopGradient(t)
  const right = where(equal(hard, 1), x, neg(x))
  const met = logicalAnd(logicalOr(equal(hard, 1), equal(hard, 0)), greater(right, 16))
  // what is farther out than any derivative reaches is held, lest large losses meet slopes of 0 as infinities
  const safe = where(met, 0, where(greater(x, 1000), 1000, where(less(x, -1000), -1000, x)))
  const plain = pow(add(mul(t, sigmoid(neg(safe))), mul(sub(1, t), sigmoid(safe))), gamma)
  // (1 - p)^n, left out where it overflows: there the loss that it multiplies has vanished
  const power = (n: number): TensorLike => {
    if (n === 0) return 1
    const log = mul(softplus(where(met, right, 0)), -n)
    const over = greater(log, isDouble(x.dtype) ? 709 : 88)
    return where(over, 0, exp(where(over, 0, log)))
  }
  const byLabel = mul(sub(t, hard), mul(mul(tanh(mul(where(met, x, 0), -0.5)), gamma), power(gamma - 1)))
  return where(met, add(power(gamma), byLabel), plain)
}

/**
 * `s (1 - e^-s)^gamma` of a positive entropy. A small one is `s^(gamma + 1) ((1 - e^-s) / s)^gamma`, the quotient by its series: powers of
 * `1 - e^-s` alone, which derivatives are made of, overflow there.
 */
const fadedEntropy = (s: Tensor, gamma: number): Tensor => {
  const small = less(s, 0.25)
  const near = where(small, s, 0.125)
  // 1 - s/2 (1 - s/3 (1 - s/4 (...))): 14 terms are exact in float64
  const quotient = range(14).reduceRight<TensorLike>((rest, k) => sub(1, mul(mul(near, 1 / (k + 2)), rest)), 1)
  const wrong = neg(expm1(neg(where(small, 1, where(greater(s, 1000), 1000, s)))))
  return where(small, mul(pow(near, gamma + 1), pow(quotient, gamma)), mul(s, pow(wrong, gamma)))
}

/**
 * The focal loss of classes: `softmaxCrossEntropy` times `(1 - p)^gamma`, `p` being the probability of the label.
 *
 * shapes: logits[..., K], labels int[...] -> []
 *
 * @throws ShapeError when logits and labels do not fit.
 * @see https://arxiv.org/abs/1708.02002 Lin et al., Focal Loss for Dense Object Detection
 */
export const softmaxFocal = (logits: TensorLike, labels: TensorLike, options: FocalOptions = {}): Tensor => {
  const { gamma = 2, ...rest } = focal('softmaxFocal', options)
  const [x, t] = [toFloat(logits, 'softmaxFocal', 'logits'), lift(labels, 'softmaxFocal', 'labels')]
  checkLabels('softmaxFocal', x, t)
  const classes = x.shape[x.ndim - 1]!
  if (!isReal(t.dtype)) checkClasses('softmaxFocal', t, classes, rest.weights)
  const targets = targetsOf(x, t)
  const lossAt = (z: Tensor): Tensor => {
    const entropy = unlessNoClass(entropyOf(z, targets), t, classes)
    // An entropy that has vanished has no slope either, whatever the power.
    const vanished = lessEqual(entropy, 0)
    return where(vanished, 0, fadedEntropy(where(vanished, 1, entropy), gamma))
  }
  return lossOf('softmaxFocal', [x] as const, lossAt, rest, { sound: hasSoftmax })
}

/**
 * The hinge loss of support vector machines, `max(1 - score * label, 0)`, of labels that are -1 and 1. A label of 0 would give 1 whatever
 * the score, so labels that are known (not traced) are checked; optax takes any.
 *
 * shapes: scores[...], labels[...] -> []
 *
 * @throws ShapeError when the shapes differ; ValueError for a known label that is neither -1 nor 1, unless its example weighs nothing.
 * @see https://doi.org/10.1007/BF00994018 Cortes and Vapnik, Support-Vector Networks
 * @example
 * losses.hinge(np.array([0.5, 2]), np.array([1, 1]), { reduction: 'none' })  // [0.5, 0]
 */
export const hinge = (scores: TensorLike, labels: TensorLike, options: ReductionOption = {}): Tensor => {
  const rest = reductionOf('hinge', options)
  const [x, t] = logitsAndLabels('hinge', scores, labels)
  checkSigns('hinge', t, rest.weights)
  return lossOf('hinge', [x] as const, (z) => maximum(sub(1, mul(z, t)), 0), rest)
}

/**
 * The fraction of examples of one batch whose largest logit is at the label; float32. For batches of unequal length, padding, weights
 * and thresholds there is the metric `metrics.accuracy`, which says the same of one batch.
 *
 * shapes: logits[..., K], labels int[...] -> []
 *
 * @throws ShapeError when logits and labels do not fit; ValueError for a known class number that is no class.
 * @example
 * losses.accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1], { dtype: 'int32' }))   // 0.5
 */
export const accuracy = (logits: TensorLike, labels: TensorLike): Tensor => {
  const x = lift(logits, 'accuracy', 'logits')
  const t = astype(lift(labels, 'accuracy', 'labels'), 'int32')
  checkLabels('accuracy', x, t)
  checkClasses('accuracy', t, x.shape[x.ndim - 1]!, undefined)
  return mean(equal(argmax(x, { axis: -1 }), t))
}
