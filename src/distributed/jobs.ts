/** What a team and its members say to each other. */
import type { TypedArray } from '../core/dtype.js'
import type { PlainProgram } from './encode.js'
import type { SharedMemory } from './threadGroup.js'

/** What a member is told when it starts. */
export interface Hello {
  readonly index: number
  readonly port: unknown
  /** Where it says that it has started. */
  readonly started: SharedMemory
}

/** One run of a Program. */
export interface Job {
  readonly id: number
  /** The Program, the first time. */
  readonly program?: PlainProgram
  /** The name of the function, for errors. */
  readonly name: string
  /** Programs that will not be run again. */
  readonly forget: readonly number[]
  readonly axisName: string
  readonly size: number
  readonly memory: SharedMemory
  readonly backend: string
  readonly inputs: readonly TypedArray[]
}

/** What a member answers. */
export type MemberAnswer =
  | { readonly outputs: readonly TypedArray[] }
  | { readonly error: { readonly name: string; readonly message: string; readonly ours: boolean } }
