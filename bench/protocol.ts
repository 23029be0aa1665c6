/** What the coordinator and the processes that hold libraries say to each other: JSON lines, replies on descriptor 3. */
import type { Input } from './inputs.js'

/** An input that lies in a file. */
export interface InputFile {
  readonly name: string
  readonly path: string
  readonly shape: readonly number[]
  readonly dtype: Input['dtype']
}

/** An output that lies in a file. */
export interface OutputFile {
  readonly path: string
  readonly dtype: string
}

/** To the process of a library. */
export type Command =
  /** Make the program, call it once, write what came out. `source` is for Python. */
  | {
      readonly do: 'prepare'
      readonly workload: string
      readonly inputs: readonly InputFile[]
      readonly folder: string
      readonly source?: string | undefined
    }
  /** Call until times settle; find how many calls fill `budget` seconds. */
  | { readonly do: 'warm'; readonly budget: number }
  /** One round. */
  | { readonly do: 'round' }
  /** Seconds per call over `calls` calls, without any to settle before. */
  | { readonly do: 'window'; readonly calls: number }
  /** Megabytes that `calls` calls add at most. */
  | { readonly do: 'peak'; readonly calls: number }
  /** What a probe of the machine measures. */
  | { readonly do: 'limit'; readonly flops: number; readonly traffic: { readonly read: number; readonly write: number } }

/** From it. */
export interface Reply {
  readonly version?: string | null
  readonly error?: string
  /** Seconds from the program's source to its first result. */
  readonly first?: number
  readonly outputs?: readonly OutputFile[]
  readonly seconds?: number
  readonly value?: number
}
