/**
 * Host arrays in the heap. A host array never changes, so a copy of it stays good: large ones are kept between calls,
 * least recently used first to go beyond a budget. Nothing is lost when a copy goes.
 */
import type { Aval } from '../../core/aval.js'
import { dtypes, type TypedArray } from '../../core/dtype.js'
import type { Heap } from './heap.js'

interface Copy {
  readonly address: number
  readonly bytes: number
}

/** Copies of host arrays, within a budget. */
export interface Copies {
  /** The address of an array's copy, made when there is none. It stays at least until the outermost `leave`. */
  readonly address: (array: TypedArray, a: Aval) => number
  /** Hands over a block that holds what `array` holds. */
  readonly keep: (array: TypedArray, address: number, bytes: number) => void
  readonly enter: () => void
  readonly leave: () => void
}

/** Smaller arrays are copied every time: that costs less than remembering them. */
const worthKeeping = 1 << 14

/** Copies in `heap`, at most `budget` bytes of them between calls. */
export const createCopies = (heap: Heap, budget: number): Copies => {
  // Maps iterate in order of insertion: the first is the least recently used.
  const kept = new Map<TypedArray, Copy>()
  const passing: Copy[] = []
  let held = 0
  let depth = 0
  const remember = (array: TypedArray, copy: Copy): void => {
    kept.set(array, copy)
    held += copy.bytes
  }
  return {
    address: (array, a) => {
      const known = kept.get(array)
      if (known !== undefined) {
        kept.delete(array)
        kept.set(array, known)
        return known.address
      }
      const bytes = a.size * dtypes[a.dtype].bytes
      const address = heap.alloc(bytes)
      heap.view(a.dtype, address, a.size).set(array)
      if (bytes >= worthKeeping) remember(array, { address, bytes })
      else passing.push({ address, bytes })
      return address
    },
    keep: (array, address, bytes) => {
      if (bytes >= worthKeeping) remember(array, { address, bytes })
      else heap.free(address, bytes)
    },
    enter: () => { depth++ },
    leave: () => {
      if (--depth > 0) return
      for (const c of passing) heap.free(c.address, c.bytes)
      passing.length = 0
      while (held > budget) {
        const [array, c] = kept.entries().next().value!
        kept.delete(array)
        held -= c.bytes
        heap.free(c.address, c.bytes)
      }
    },
  }
}
