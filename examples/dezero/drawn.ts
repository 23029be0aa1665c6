/** Arrays from NumPy's old generator in the order in which DeZero's scripts draw them. */
import type { DType, Tensor, data } from 'adjoint'
import { np } from 'adjoint'

type Shape = readonly [rows: number, columns: number]

const filled = ([rows, columns]: Shape, draw: () => number): Tensor =>
  np.reshape(np.array(Float64Array.from({ length: rows * columns }, draw)), [rows, columns])

/** `numpy.random.rand(*shape)`. */
export const rand = (generator: data.RandomState, shape: Shape): Tensor => filled(shape, () => generator.uniform())

/** `numpy.random.randn(*shape) * scale`. */
export const randn = (generator: data.RandomState, shape: Shape, scale = 1): Tensor => filled(shape, () => generator.normal() * scale)

/** Weight and bias of DeZero's `Linear`: normals times `sqrt(1 / inputs)`, in float32, and zeros. */
export const affine = (
  generator: data.RandomState,
  inputs: number,
  outputs: number,
  dtype: DType = 'float32',
): { readonly w: Tensor; readonly b: Tensor } => {
  const scale = Math.fround(Math.sqrt(1 / inputs))
  const w = filled([inputs, outputs], () => Math.fround(Math.fround(generator.normal()) * scale))
  return { w: np.astype(w, dtype), b: np.zeros([outputs], { dtype }) }
}
