/** What a backend is. */
import type { Aval } from '../core/aval.js'
import type { DType, TypedArray } from '../core/dtype.js'
import type { Memory } from '../core/tensor.js'
import type { Program } from '../ir/program.js'
import type { Explanation } from './explanation.js'

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

/** Settings that a backend may heed. */
export interface Tuning {
  /** Threads to compute with, the main one included; results do not depend on it. */
  readonly threads?: number
  /** Bytes that the backend's memory may grow to. */
  readonly memory?: number
  /** Options of V8 that Node does not support changing in a running process: faster code, set back after every compilation. */
  readonly unsafeV8Flags?: boolean
}

/**
 * A place to compute. `laws.backend` is the definition of being one. Where `host` is true, typed arrays are buffers as they are:
 * `put` is the identity, executables accept them, and results that are typed arrays are plain host memory.
 */
export interface Backend extends Memory {
  /** Whether it computes with this dtype. */
  supports(dtype: DType): boolean
  /** A buffer of these elements. */
  put(data: TypedArray, aval: Aval): unknown
  /** The elements of a buffer, row-major. */
  get(buffer: unknown, aval: Aval): TypedArray | Promise<TypedArray>
  /** What runs the Program; buffers of donated inputs may be reused. */
  compile(program: Program, options: CompileOptions): Executable
  /** Changes settings from now on; what is left out stays. */
  tune?(settings: Tuning): void
  /** What `compile` would do with a Program; one step per equation where it is left out. */
  explain?(program: Program, options: CompileOptions): Explanation
}
