/** `adjoint/onnx`: functions as ONNX models. */
export type { OnnxOptions } from './onnx/toOnnx.js'
export { toOnnx } from './onnx/toOnnx.js'
