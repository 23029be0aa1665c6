/** What a machine is: what it computes and how large its loops may become. Fusion and expansion take one, and hold no constant of a machine. */
import type { Aval } from '../core/aval.js'
import type { Equation } from '../ir/program.js'
import type { Definitions } from '../kernel/expand/expand.js'
import { bytesOf } from './cost.js'

/** How far fusion goes on a machine. */
export interface FusionLimits {
  /** Elements of the longest row over which a reduction may be spread back inside one kernel; longer ones are worth a pass of their own. */
  readonly row: number
  /** Elements of the shortest row that is worth working along one element after the other. */
  readonly shortRow: number
  /** Elements of results so small that it does not matter how they are computed: there starting a pass costs more than the pass. */
  readonly small: number
  /** Equations in one group, at most: more would spill every register and compile slowly. */
  readonly equations: number
  /** Instructions, as `operations` counts them, of the body of loops that tests of positions cut into pieces: heavier ones take another pass. */
  readonly cut: number
  /** Instructions, as `operations` counts them, that are computed again for every row rather than in a pass of their own. */
  readonly again: number
}

/** What the memory of a machine is like. */
export interface MemoryKind {
  /** Bytes of a value there: a machine that stores no single bytes gives every bool a word. */
  readonly bytesOf: (a: Aval) => number
  /** Bytes of which the address of every value is a multiple, within its block. */
  readonly align: number
  /**
   * Whether a kernel may not read a block and write it, wherever in it, but for a value that is written over what it is made of, of one
   * dtype. Then the values between steps have blocks of their own; else they lie in one block.
   */
  readonly apart: boolean
  /**
   * Whether kernels store the results of a row when everything that the row reads is loaded: then they may lie over what is read at the
   * same places, reductions or not. Else that is safe where nothing is reduced.
   */
  readonly storesLast: boolean
}

/** A machine, as the compiler sees it. */
export interface Target extends MemoryKind {
  readonly name: string
  /** The definitions of the scalar operations that it lacks, by which they are expanded. */
  readonly definitions: Definitions
  readonly fusion: FusionLimits
  /** True for an equation that the machine has code of its own for: fusion leaves its loops alone. */
  readonly hasRoutine: (e: Equation) => boolean
  /** Blocks that one kernel may name; a result that lies over what it is made of counts with it. */
  readonly buffers: number
}

/** The limits of processors with caches and 128-bit vectors; measured on 2 cores of Zen 5. */
export const processorFusion: FusionLimits = { row: 1 << 16, shortRow: 8, small: 4096, equations: 128, cut: 48, again: 3 }

/** Memory of processors: one address space, values on cache lines, kernels that store as they go. */
export const processorMemory: MemoryKind & { readonly buffers: number } = {
  bytesOf,
  align: 64,
  apart: false,
  storesLast: false,
  buffers: Infinity,
}
