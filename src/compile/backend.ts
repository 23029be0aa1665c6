/** What a backend is. */
import type { Aval } from '../core/aval.js'
import type { DType, TypedArray } from '../core/dtype.js'
import type { Memory } from '../core/tensor.js'
import type { Program } from '../ir/program.js'

/**
 * A compiled Program: buffers in, buffers out. A new buffer for every output, never one of the inputs' buffers
 * unless that input was donated or an immutable alias of it (reshape).
 */
export type Executable = (inputs: readonly unknown[]) => readonly unknown[]

/** Options of `Backend.compile`. */
export interface CompileOptions {
  /** Positions of inputs whose buffers the executable may reuse. */
  readonly donate: readonly number[]
}

/**
 * A place to compute. `laws.backend` is the definition of being one. CPU backends whose buffers are host typed arrays
 * have `host: true`: `put` and `get` are the identity there and their tensors are plain host memory.
 */
export interface Backend extends Memory {
  readonly name: string
  readonly host: boolean
  /** Whether it computes with this dtype. */
  supports(dtype: DType): boolean
  /** A buffer of these elements. */
  put(data: TypedArray, aval: Aval): unknown
  /** The elements of a buffer, row-major. */
  get(buffer: unknown, aval: Aval): TypedArray | Promise<TypedArray>
  /** What runs the Program; buffers of donated inputs may be reused. */
  compile(program: Program, options: CompileOptions): Executable
}
