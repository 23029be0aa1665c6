/** What compiled code shares: the heap, the machine's capabilities, the code of Programs. */
import type { Aval } from '../../core/aval.js'
import { dtypes } from '../../core/dtype.js'
import type { Program } from '../../ir/program.js'
import type { Heap } from './heap.js'
import type { Caps, Sweep } from './kernel.js'
import type { Load } from './modules.js'
import type { Shelves } from './shelf.js'

/** A Program over addresses: fresh blocks for its outputs, which the caller frees. */
export interface Code {
  /** When it fails, `lost` are the positions of donated inputs that are written over or freed; the others are the caller's again. */
  (inputs: readonly number[], lost?: number[]): number[]
  /** Bytes that it takes at most, results included and inputs not. */
  readonly most: number
}

/** What compiling needs. */
export interface Machine {
  readonly heap: Heap
  readonly caps: Caps
  readonly load: Load
  readonly sweep: Sweep
  readonly shelves: Shelves
  /** The code of a held Program, compiled once. */
  readonly compile: (program: Program) => Code
}

/** Bytes of a value. */
export const bytesOf = (a: Aval): number => a.size * dtypes[a.dtype].bytes
