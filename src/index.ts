/** The root entry: transforms, control flow, errors, and every namespace. */
export type { Aval } from './core/aval.js'
export { showAval } from './core/aval.js'
export type { DType, TypedArray } from './core/dtype.js'
export type { Shape } from './core/shape.js'
export type { Nested } from './core/tensor.js'
export { isTensor, Tensor } from './core/tensor.js'
export {
  AdjointError,
  DeviceError,
  DonatedError,
  DTypeError,
  NonlinearError,
  scope,
  ShapeError,
  TraceError,
  TreeError,
  ValueError,
} from './core/errors.js'
export type { Args, Differential } from './transforms/flat.js'
export type { GradOptions, Selected } from './transforms/grad.js'
export { grad, valueAndGrad } from './transforms/grad.js'
export { jvp } from './transforms/jvp.js'
export { linearize, linearTranspose } from './transforms/linearize.js'
export { vjp, vjpAux } from './transforms/vjp.js'
export type { Axes, VmapOptions } from './transforms/vmap.js'
export { vmap } from './transforms/vmap.js'
export * as tree from './tree.js'
