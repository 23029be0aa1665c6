/** `adjoint/losses`: losses from logits, and metrics. */
export { accuracy, sigmoidCrossEntropy, softmaxCrossEntropy } from './losses/classification.js'
export type { ReductionOption } from './losses/reduction.js'
export { meanSquaredError, meanSquaredErrorPerRow } from './losses/regression.js'
