/**
 * The root entry: transforms, control flow, devices, errors, and every namespace. A namespace is another entry by its public name:
 * it stays an import when the package is built, because out of a bundled namespace object no bundler can drop what is not used.
 * What those need who add primitives, passes or backends is in `adjoint/extend`.
 */

// Named here so that declarations of users' own packages can name them, where fp-ts is not installed beside.
export type { Either } from 'fp-ts/lib/Either.js'
export type { TaskEither } from 'fp-ts/lib/TaskEither.js'

// Tensors
export type { Aval } from './core/aval.js'
export type { DType, TypedArray } from './core/dtype.js'
export { dtypes, isInexact, isInteger, isReal, promote } from './core/dtype.js'
export type { Shape } from './core/shape.js'
export type { Nested } from './core/tensor.js'
export { isTensor, Tensor } from './core/tensor.js'
export type { TensorLike } from './numpy/lift.js'
export * as np from 'adjoint/numpy'
export * as lax from 'adjoint/lax'
export * as special from 'adjoint/special'
export * as tree from 'adjoint/tree'

// Transforms
export type { Args, Differential } from './transforms/flat.js'
export type { GradOptions, Selected } from './transforms/grad.js'
export { grad, valueAndGrad } from './transforms/grad.js'
export type { Jacobian } from './transforms/jacobian.js'
export { hessian, hvp, jacfwd, jacrev } from './transforms/jacobian.js'
export { jvp } from './transforms/jvp.js'
export { linearize, linearTranspose } from './transforms/linearize.js'
export type { Differentials } from './transforms/vjp.js'
export { vjp } from './transforms/vjp.js'
export type { Axes, VmapOptions } from './transforms/vmap.js'
export { vmap } from './transforms/vmap.js'
export type { AxisName, GatherOptions, PsumScatterOptions, TiledOptions } from './transforms/collective.js'
export { allGather, allToAll, axisIndex, pmax, pmean, pmin, ppermute, pshuffle, psum, psumScatter } from './transforms/collective.js'
export type { Debug } from './transforms/debug.js'
export { debug } from './transforms/debug.js'
export type { CallbackArgs, OfResults, PureCallbackOptions, ResultShape } from './transforms/pureCallback.js'
export { pureCallback } from './transforms/pureCallback.js'
export { customJvp, customVjp } from './transforms/custom.js'
export { stopGradient } from './numpy/lax.js'
export type { TracedFunction } from './transforms/evalShape.js'
export { evalShape, shapeDtype, trace } from './transforms/evalShape.js'

// Compilation and control flow
export type { AssociativeScanOptions } from './control/associativeScan.js'
export { associativeScan } from './control/associativeScan.js'
export { checkpoint } from './control/checkpoint.js'
export { cond, switch_ } from './control/cond.js'
export { jit } from './control/jit.js'
export type { ExplainedStep, Explanation } from './compile/explanation.js'
export type { ExplainedBlock } from './compile/usage.js'
export { explain } from './device/explain.js'
export type { ScanOptions } from './control/loops.js'
export { foriLoop, map, scan } from './control/loops.js'
export type { StageOptions } from './control/staged.js'
export { whileLoop } from './control/whileLoop.js'

// What models are built of
export * as random from 'adjoint/random'
export * as nn from 'adjoint/nn'
export * as models from 'adjoint/models'
export * as losses from 'adjoint/losses'
export * as metrics from 'adjoint/metrics'
export * as optim from 'adjoint/optim'
export * as data from 'adjoint/data'
export * as io from 'adjoint/io'
export * as onnx from 'adjoint/onnx'
export * as viz from 'adjoint/viz'

// Devices and backends
export { reference } from './backend/reference/index.js'
export { wasm } from './backend/wasm/index.js'
export type { Configuration } from './device/select.js'
export { configure, device, devices, liveBuffers, probe } from './device/select.js'

// Programs, as `trace` gives them
export { printProgram } from './ir/print.js'
export type { Program } from './ir/program.js'

// Errors
export type { Details } from './core/errors.js'
export {
  AdjointError,
  DeviceError,
  DonatedError,
  DTypeError,
  fail,
  NonlinearError,
  scope,
  ShapeError,
  TraceError,
  TreeError,
  ValueError,
} from './core/errors.js'
