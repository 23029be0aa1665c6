/** What compiled code shares: the heap, the machine's capabilities, the code of Programs. */
import { bytesOf } from '../../compile/cost.js'
import { dtypes } from '../../core/dtype.js'
import type { Program } from '../../ir/program.js'
import type * as driver from '../driver/allocator.js'
import type { VisibleMemory } from '../driver/allocator.js'
import type { Heap } from './heap.js'
import type { Caps, Sweep } from './kernel.js'
import type { Library, Load } from './modules.js'
import { line } from './places.js'
import type { Shelves } from './shelf.js'

/** A Program over addresses of the heap. */
export type HeapCode = driver.Code<number>

/** What compiling needs. */
export interface Machine {
  readonly heap: Heap
  /** The heap, as the driver sees it. */
  readonly memory: VisibleMemory<number>
  readonly caps: Caps
  readonly load: Load
  /** Kernels that are written once. */
  readonly library: Library
  readonly sweep: Sweep
  readonly shelves: Shelves
  /** The code of a held Program, compiled once. */
  readonly compile: (program: Program) => HeapCode
}

/** A heap as the driver's allocator. */
export const allocatorOf = (heap: Heap): VisibleMemory<number> => ({
  align: line,
  bytesOf,
  alloc: heap.alloc,
  free: heap.free,
  at: (base, offset) => base + offset,
  copy: heap.copy,
  set: (at, value, { dtype }) => {
    heap.view(dtype, at, 1)[0] = value
  },
  get: (at, { dtype }) => heap.view(dtype, at, 1)[0]!,
  read: (at, { dtype, size }) => {
    const array = dtypes[dtype].make(size)
    array.set(heap.view(dtype, at, size))
    return array
  },
  write: (at, data, { dtype, size }) => {
    heap.view(dtype, at, size).set(data)
  },
  view: (at, { dtype, size }) => heap.view(dtype, at, size),
})
