/** What the driver asks of a machine's memory. An address is whatever the machine takes for one: a number, or a buffer and an offset. */
import type { Aval } from '../../core/aval.js'
import type { TypedArray } from '../../core/dtype.js'
import type { Later, Soon } from './later.js'

/** Memory in blocks. */
export interface Allocator<A> {
  /** Bytes that a block takes are a multiple of it. */
  readonly align: number
  /** Bytes of a value. */
  readonly bytesOf: (a: Aval) => number
  /** A block; `result` says that it is likely to outlive the run. */
  readonly alloc: (bytes: number, result?: boolean) => A
  /** Gives a block back, of the size it was asked for. */
  readonly free: (at: A, bytes: number) => void
  /** The address so many bytes into a block. */
  readonly at: (base: A, offset: number) => A
  /** Copies bytes from one address to another; they do not overlap. */
  readonly copy: (to: A, from: A, bytes: number) => void
  /** Writes one element. */
  readonly set: (at: A, value: number, aval: Aval) => void
  /** Reads one element, as all that was asked for before leaves it; of bool 0 or 1. */
  readonly get: (at: A, aval: Aval) => Soon<number>
  /** All elements of a value, likewise, in an array of their own. */
  readonly read: (at: A, aval: Aval) => Soon<TypedArray>
  /** Writes all elements of a value. */
  readonly write: (at: A, data: TypedArray, aval: Aval) => void
}

/** Memory that the host can look at, and read at once. */
export interface VisibleMemory<A> extends Allocator<A> {
  readonly read: (at: A, aval: Aval) => TypedArray
  /** The elements of a value where they lie: valid until anything is allocated. */
  readonly view: (at: A, aval: Aval) => TypedArray
}

/** A Program over addresses: blocks of their own for its outputs, which the caller frees. */
export interface Code<A> {
  /** When it fails, `lost` are the positions of donated inputs that are written over or freed; the others are the caller's again. */
  (inputs: readonly A[], lost?: number[]): Soon<readonly A[]>
  /** Bytes that it takes at most, results included and inputs not. */
  readonly most: number
}

/** What runs one step; `L` is `void` where it never waits. */
export interface Task<A, L extends Later = Later> {
  /** Reads what is at `inputs` and writes `outputs`, whose addresses are known when it runs. Scratch of its own begins at `at`. */
  readonly run: (inputs: readonly A[], outputs: readonly A[], at: A) => L
  /** Bytes of scratch. */
  readonly scratch: number
  /** Bytes that it takes from the allocator itself at most, while it runs. */
  readonly beyond: number
}
