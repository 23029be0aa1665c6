/** What the bench needs to know of a library. */
import type { Input, Values } from '../inputs.js'
import type { Program, Workload } from '../workload.js'

/** A library that can be given work. `T` is its tensor. */
export interface Adapter<T> {
  readonly version: string
  /** The program of a workload, with its inputs where the library keeps tensors; undefined when it has none. */
  readonly program: (w: Workload, inputs: Readonly<Record<string, T>>) => Program<T> | undefined
  readonly tensor: (values: Values, input: Input) => T
  /** Elements of a result, in order. The tensor may be used up. */
  readonly read: (t: T) => ArrayLike<number> | Promise<ArrayLike<number>>
  /** Calls, as the library wants to be called. */
  readonly run: (call: () => T | readonly T[]) => T | readonly T[]
  /** Waits until results are there and gives their memory back, as the library's manual says; undefined when both happen by themselves. */
  readonly finish: ((result: T | readonly T[]) => void | Promise<void>) | null
  /** A second reference to a result, where reading uses one up. */
  readonly hold: (t: T) => T
}

/** One or many, as many. */
export const listed = <T>(result: T | readonly T[]): readonly T[] => (Array.isArray(result) ? (result as readonly T[]) : [result as T])
