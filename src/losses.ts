/** `adjoint/losses`: losses, from logits where there are any, reduced and weighted as asked. */
export type { FocalOptions, SigmoidFocalOptions, SigmoidOptions, SoftmaxOptions } from './losses/classification.js'
export {
  accuracy,
  binaryCrossEntropy,
  hinge,
  sigmoidCrossEntropy,
  sigmoidFocal,
  smoothLabels,
  softmaxCrossEntropy,
  softmaxFocal,
} from './losses/classification.js'
export type { CtcOptions } from './losses/ctc.js'
export { ctc } from './losses/ctc.js'
export type { InfoNceOptions, MarginOptions } from './losses/embedding.js'
export { contrastive, cosineDistance, infoNce, triplet } from './losses/embedding.js'
export type { Reduction, ReductionOption } from './losses/reduction.js'
export { meanSquaredError, meanSquaredErrorPerRow } from './losses/regression.js'
export type { GaussianOptions, HuberOptions, KlOptions, PoissonOptions, QuantileOptions } from './losses/robust.js'
export { gaussianNll, huber, klDivergence, logCosh, meanAbsoluteError, pinball, poissonNll } from './losses/robust.js'
