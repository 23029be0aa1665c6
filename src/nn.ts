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
export type { Context, Definition, Layer, None, InitPlace } from './nn/layer.js'
export { layer, lift, named, statefulLayer } from './nn/layer.js'
export type { AllParams, AllStates, AnyLayer, ParamsOf, Part, StateOf } from './nn/part.js'
export { outputShape } from './nn/part.js'
export { compose, sequential } from './nn/sequential.js'
export type { Branches, ParallelOptions } from './nn/residual.js'
export { parallel, residual } from './nn/residual.js'
export { flatten, identity } from './nn/shape.js'
export type { Affine, DenseOptions } from './nn/dense.js'
export { dense, linear } from './nn/dense.js'
export type { Padding, PerAxis } from './nn/spatial.js'
export type { ConvConstructor, ConvGeometry, ConvOptions } from './nn/conv.js'
export { conv, conv1d, conv2d, conv3d } from './nn/conv.js'
export type { AvgPoolOptions, GlobalPoolOptions, PoolConstructor, PoolGeometry } from './nn/pool.js'
export {
  avgPool,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  globalAvgPool,
  globalMaxPool,
  maxPool,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  sumPool,
  sumPool1d,
  sumPool2d,
  sumPool3d,
} from './nn/pool.js'
export type { BatchNormOptions, RunningStatistics, ScaleAndBias } from './nn/batchNorm.js'
export { batchNorm } from './nn/batchNorm.js'
export type { DropoutOptions } from './nn/dropout.js'
export { drop, dropout, dropWhere } from './nn/dropout.js'
export type { Cell, CellDefinition, CellOptions } from './nn/cell.js'
export { cell } from './nn/cell.js'
export type { RecurrentParams } from './nn/gates.js'
export type { RnnCellOptions } from './nn/rnn.js'
export { rnn, rnnCell } from './nn/rnn.js'
export type { LstmCarry, LstmCellOptions } from './nn/lstm.js'
export { lstm, lstmCell } from './nn/lstm.js'
export type { GruParams } from './nn/gru.js'
export { gru, gruCell } from './nn/gru.js'
export type { RecurrentOptions, Sized } from './nn/recurrent.js'
export { recurrent } from './nn/recurrent.js'
export type { BidirectionalOptions, Both } from './nn/bidirectional.js'
export { bidirectional } from './nn/bidirectional.js'
export type { Fan, Initializer, VarianceScaling } from './nn/initializer.js'
export * as init from './nn/initializer.js'
export type { NormOptions } from './nn/norm.js'
export { groupNorm, instanceNorm, layerNorm, rmsNorm } from './nn/norm.js'
export type { EmbeddingOptions, EmbeddingTable, TableOptions } from './nn/embedding.js'
export { embedding } from './nn/embedding.js'
export type { AttentionOptions } from './nn/attention.js'
export { causalMask, dotProductAttention, keyMask } from './nn/attention.js'
export type { AttendOptions, AttentionParams, HeadOptions, MultiHeadOptions } from './nn/multiHeadAttention.js'
export { attend, multiHeadAttention } from './nn/multiHeadAttention.js'
export type { RotaryOptions, WaveOptions } from './nn/positions.js'
export { learnedPositions, rotary, sinusoidalPositions, sinusoids } from './nn/positions.js'
export type { ConvTransposeGeometry, ConvTransposeOptions } from './nn/convTranspose.js'
export { convTranspose, convTranspose1d, convTranspose2d, convTranspose3d } from './nn/convTranspose.js'
export type { DepthwiseConstructor, DepthwiseOptions } from './nn/depthwise.js'
export { depthwiseConv1d, depthwiseConv2d, depthwiseConv3d } from './nn/depthwise.js'
export type { WindowGeometry } from './nn/im2col.js'
export { col2im, im2col } from './nn/im2col.js'
export type { GluOptions, ShrinkOptions } from './nn/gate.js'
export { glu, hardShrink, mish, prelu, softShrink, squareplus, tanhShrink } from './nn/gate.js'
export type { Intermediates } from './nn/intermediates.js'
export { intermediates } from './nn/intermediates.js'
export type { Summary, SummaryOptions, SummaryRow } from './nn/summary.js'
export { summary } from './nn/summary.js'
