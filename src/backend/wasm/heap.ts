/** The one linear memory of the backend, and blocks of it. */
import type { DType, TypedArray } from '../../core/dtype.js'
import { DeviceError, fail } from '../../core/errors.js'
import { mebibytes, obtain, page } from './memory.js'
import { maximumPages } from './module.js'
import { blockBytes, createPlaces, line } from './places.js'

/** Typed views of the whole memory, renewed when it grows. */
interface Views {
  readonly bool: Uint8Array
  readonly int32: Int32Array
  readonly uint32: Uint32Array
  readonly float32: Float32Array
  readonly float64: Float64Array
}

/** Allocation in a WebAssembly memory. Addresses are byte offsets; 0 is never given out. */
export interface Heap {
  readonly memory: WebAssembly.Memory
  readonly shared: boolean
  /**
   * The address of a fresh block of at least `bytes`, not cleared. Blocks that `last` and others are taken from opposite ends of what
   * is free: what is soon given back is joined again.
   */
  readonly alloc: (bytes: number, last?: boolean) => number
  /** Returns a block of `bytes`, as it was asked for. */
  readonly free: (address: number, bytes: number) => void
  /** `n` elements at `address`; valid until the memory grows. */
  readonly view: (dtype: DType, address: number, n: number) => TypedArray
  /** Copies bytes within the memory. */
  readonly copy: (to: number, from: number, bytes: number) => void
  /** All of memory as elements of a dtype; valid until the memory grows. */
  readonly all: (dtype: DType) => TypedArray
  /** All of memory as int32 words, for argument blocks. */
  readonly words: () => Int32Array
  /** Bytes in blocks that are in use. */
  readonly used: () => number
  /** Bytes that blocks may take together from now on, and the memory may grow to; `false` when it was made for fewer. */
  readonly limit: (bytes: number) => boolean
  /** Sets what is asked when the memory cannot grow: to free blocks (true when it freed some), and to say what holds them. */
  readonly whenFull: (relieve: () => boolean, report: () => string) => void
}

const viewsOf = ({ buffer }: WebAssembly.Memory): Views => ({
  bool: new Uint8Array(buffer),
  int32: new Int32Array(buffer),
  uint32: new Uint32Array(buffer),
  float32: new Float32Array(buffer),
  float64: new Float64Array(buffer),
})

const notASize = (bytes: number): never =>
  fail(DeviceError, `wasm: a block of ${bytes} bytes was asked for`, { fix: 'report this: sizes are whole' })

/** A heap in a fresh memory of at most so many pages of 64 KiB; fewer, or not shared, where the system gives no more. */
export const createHeap = (wished: boolean, most = maximumPages): Heap => {
  const { memory, shared, maximum: possible } = obtain(wished, most)
  let maximum = possible
  let inUse = 0
  let relieve = (): boolean => false
  let report = (): string => ''
  let views = viewsOf(memory)
  let size = memory.buffer.byteLength

  const reaches = (length: number): boolean => {
    if (length <= size) return true
    // By a quarter at least, so that many small blocks do not grow it many times.
    const pages = Math.ceil((length - size) / page)
    const wanted = Math.min(Math.max(pages, Math.ceil(size / page / 4)), Math.max(0, maximum - size / page))
    if (wanted < pages) return false
    try {
      memory.grow(wanted)
    } catch {
      return false
    }
    size = memory.buffer.byteLength
    views = viewsOf(memory)
    return true
  }
  const { place, release } = createPlaces(reaches)
  const full = (bytes: number): never =>
    fail(
      DeviceError,
      `wasm: memory is full: ${mebibytes(inUse)} in use${report()}, ${mebibytes(bytes)} more needed, ${mebibytes(maximum * page)} at most`,
      { fix: 'smaller batches, checkpoint in the reverse pass, or donated arguments' },
    )

  return {
    memory,
    shared,
    alloc: (bytes, last = false) => {
      // NaN is neither above nor below: only what is a size passes.
      if (!(Number.isInteger(bytes) && bytes >= 0)) return notASize(bytes)
      if (bytes > maximum * page - line) return full(bytes) // nothing that is moved out would help
      const taken = blockBytes(bytes)
      // A memory that had grown before its limit was lowered has room that is not to be used.
      const placed = (): number | undefined => (inUse + taken > maximum * page ? undefined : place(bytes, last))
      let address = placed()
      // Again until nothing more is freed: what is free may lie in pieces.
      while (address === undefined) address = relieve() ? placed() : full(bytes)
      inUse += taken
      return address
    },
    free: (address, bytes) => {
      inUse -= blockBytes(bytes)
      release(address, bytes)
    },
    view: (dtype, address, n) => {
      const shift = dtype === 'float64' ? 3 : dtype === 'bool' ? 0 : 2
      const from = address >>> shift
      return views[dtype].subarray(from, from + n)
    },
    copy: (to, from, bytes) => {
      views.bool.copyWithin(to, from, from + bytes)
    },
    all: (dtype) => views[dtype],
    words: () => views.int32,
    used: () => inUse,
    limit: (bytes) => {
      const pages = Math.floor(bytes / page)
      maximum = Math.min(pages, possible)
      return pages <= possible
    },
    whenFull: (free, say) => {
      relieve = free
      report = say
    },
  }
}
