/** `adjoint/nn`: layers, activations, initialisers. */
export type { AlphaOption } from './nn/activation.js'
export {
  celu,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  logSigmoid,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  softSign,
} from './nn/activation.js'
export type { AxisOption, OneHotOptions, StandardizeOptions } from './nn/softmax.js'
export { logsumexp, logSoftmax, oneHot, softmax, standardize } from './nn/softmax.js'
export type { Context, Definition, Layer, None } from './nn/layer.js'
export { layer, lift, named, statefulLayer } from './nn/layer.js'
export type { AllParams, AllStates, AnyLayer, ParamsOf, Part, StateOf } from './nn/sequential.js'
export { compose, outputShape, sequential } from './nn/sequential.js'
export type { Affine, DenseOptions } from './nn/dense.js'
export { dense, linear } from './nn/dense.js'
export type { Fan, Initializer, VarianceScaling } from './nn/initializer.js'
export * as init from './nn/initializer.js'
