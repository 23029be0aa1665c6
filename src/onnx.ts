/** `adjoint/onnx`: functions as ONNX models. */
export type { OnnxOptions } from './io/onnx/toOnnx.js'
export { toOnnx } from './io/onnx/toOnnx.js'
