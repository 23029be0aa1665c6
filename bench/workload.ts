/** What a workload is: inputs, the right result, and the program that each library would be given for it. */
import type * as library from '../src/index.js'
import type { Input, Values } from './inputs.js'
import type { Expected } from './oracle.js'

/** The library itself, as its package exports it. */
export type Adjoint = typeof library
/** A peer's module or value. Peers are not dependencies, so their types are not here. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
export type Foreign = any

/** One call of what is timed. */
export type Call<T> = () => T | readonly T[]

/** A call with something beside it. */
export interface Detailed<T> {
  readonly call: Call<T>
  /** What is compared with the expected result instead of the result itself: parameters after a step, another layout. Not timed. */
  readonly check?: (result: T | readonly T[]) => readonly T[]
  /** For the kind `ratio`: the call whose time is the unit. */
  readonly base?: Call<T>
  /** For the kind `figure`: the number itself. */
  readonly figure?: () => number
}

/** What a library does for a workload: prepares, and gives back the call. */
export type Program<T> = Call<T> | Detailed<T>
type Maker<L, T, K extends string> = (library: L, inputs: Readonly<Record<K, T>>) => Program<T>

/** The same mathematics for each library; one that is not there cannot do it, or has no way of its own to. */
export interface Programs<K extends string> {
  readonly adjoint?: Maker<Adjoint, library.Tensor, K> | undefined
  readonly jaxjs?: Maker<Foreign, Foreign, K> | undefined
  readonly tfjs?: Maker<Foreign, Foreign, K> | undefined
  /** Plain loops over typed arrays, as one writes them. */
  readonly loops?: Maker<null, Values, K> | undefined
  /** Python with `torch` and the inputs by name: an expression, or statements that define `call()` and perhaps `check(result)`. */
  readonly torch?: string | undefined
  /** The same with `np`. */
  readonly numpy?: string | undefined
}

/** How a measured time is shown. */
export type Unit = 'GF/s' | 'GB/s' | '/s' | 'ms' | 'us' | 'ns' | 'x' | 'MB'

/** What is measured. */
export type Kind =
  /** Seconds per call. */
  | 'time'
  /** Seconds from the program's source to its first result, each time in a new process. */
  | 'first'
  /** Seconds per call over the 20 calls after the first, each time in a new process: what a user meets before anything has settled. */
  | 'window'
  /** Seconds of the call over seconds of `base`. */
  | 'ratio'
  /** Resident megabytes that inputs and 1000 calls in a new process add at most. */
  | 'peak'
  /** A number that the program states. */
  | 'figure'

/** One row of the table. */
export interface Workload<K extends string = string> {
  readonly name: string
  readonly kind?: Kind
  readonly unit: Unit
  readonly inputs: { readonly [P in K]: Input }
  readonly programs: Programs<NoInfer<K>>
  /** The right result, of inputs in float64; left out: what adjoint's reference backend computes eagerly in float64. */
  readonly expected?: ((inputs: Readonly<Record<NoInfer<K>, Values>>) => Expected) | undefined
  /** The largest error that is right: see `errorOf`. */
  readonly tolerance: number
  /** Floating-point operations of a call. */
  readonly flops?: number
  /** Bytes that a call must read and write. */
  readonly traffic?: { readonly read: number; readonly write: number }
  /** How many of something one call does, when the figure is per piece. */
  readonly pieces?: number
  /** Left out by `--quick`. */
  readonly large?: boolean
}

/** Ties the names of the inputs to those that the programs use. */
export const workload = <K extends string>(w: Workload<K>): Workload => w
