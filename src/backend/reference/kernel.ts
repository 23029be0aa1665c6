/** What every equation becomes. */
import type { Aval } from '../../core/aval.js'
import type { TypedArray } from '../../core/dtype.js'
import type { Params } from '../../ir/primitive.js'

/** One equation on buffers. Inputs are never written to; an output may be one of the inputs. */
export type HostKernel = (inputs: readonly TypedArray[]) => readonly TypedArray[]

/** What a routine is compiled from. */
export interface HostSite {
  readonly name: string
  readonly ins: readonly Aval[]
  readonly outs: readonly Aval[]
  readonly params: Params
}

/** A primitive that the backend knows by name. */
export type HostRoutine = (site: HostSite) => HostKernel
