/** The reference backend: plain loops over typed arrays, sums in float64. The oracle that other backends are held to. */
import type { TypedArray } from '../../core/dtype.js'
import type { Backend, Executable } from '../../compile/backend.js'
import { programKernel } from './program.js'

/** Runs everywhere; supports every dtype. Its buffers are typed arrays in host memory. */
export const reference: Backend = {
  name: 'reference',
  host: true,
  supports: () => true,
  put: (data) => data,
  // Buffers of this backend are the arrays that `put` and kernels returned.
  get: (buffer) => buffer as TypedArray,
  compile: (program) => programKernel(program) as Executable,
}
