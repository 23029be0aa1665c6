/**
 * Host arrays in the heap. A host array never changes, so a copy of it stays good: large ones are kept between calls until
 * the array is collected or, beyond a budget, is the least recently used. Nothing is lost when a copy goes.
 */
import type { Aval } from '../../core/aval.js'
import { dtypes, type TypedArray } from '../../core/dtype.js'
import type { Heap } from './heap.js'

interface Copy {
  /** 0 once the block has been given back. */
  address: number
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
  const known = new WeakMap<TypedArray, Copy>()
  // Sets iterate in order of insertion: the first is the least recently used.
  const kept = new Set<Copy>()
  const passing: Copy[] = []
  let held = 0
  let depth = 0
  const release = (copy: Copy): void => {
    if (!kept.delete(copy)) return
    held -= copy.bytes
    heap.free(copy.address, copy.bytes)
    copy.address = 0
  }
  const collected = new FinalizationRegistry<Copy>(release)
  const remember = (array: TypedArray, copy: Copy): void => {
    known.set(array, copy)
    kept.add(copy)
    held += copy.bytes
    collected.register(array, copy)
  }
  return {
    address: (array, a) => {
      const copy = known.get(array)
      if (copy !== undefined && copy.address !== 0) {
        kept.delete(copy)
        kept.add(copy)
        return copy.address
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
    enter: () => {
      depth++
    },
    leave: () => {
      if (--depth > 0) return
      for (const c of passing) heap.free(c.address, c.bytes)
      passing.length = 0
      for (const c of kept) {
        if (held <= budget) break
        release(c)
      }
    },
  }
}
