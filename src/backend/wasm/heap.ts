/** The one linear memory of the backend, and blocks of it by size class. */
import type { DType, TypedArray } from '../../core/dtype.js'
import { DeviceError, fail } from '../../core/errors.js'
import { maximumPages } from './module.js'

const page = 65536
/** Blocks begin on cache lines; what a vector reads past an end stays inside its block. */
const line = 64

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
  /** The address of a fresh block of at least `bytes`, not cleared. */
  readonly alloc: (bytes: number) => number
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
  /** Sets what is asked to free blocks when the memory cannot grow; true when it freed some. */
  readonly whenFull: (relieve: () => boolean) => void
}

/** Four classes per octave: 64, 80, 96, 112, 128, 160, ... */
const classOf = (bytes: number): { readonly index: number; readonly size: number } => {
  const n = Math.max(bytes, line)
  const octave = 31 - Math.clz32(n - 1 < line ? line : n - 1)
  const step = 2 ** octave / 4
  const over = n <= line ? 0 : Math.ceil((n - 2 ** octave) / step)
  const size = n <= line ? line : 2 ** octave + over * step
  return { index: n <= line ? 0 : octave * 4 + over, size: Math.ceil(size / line) * line }
}

/** A heap in a fresh memory. */
export const createHeap = (shared: boolean): Heap => {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: maximumPages, ...(shared ? { shared: true } : {}) })
  const lists = new Map<number, number[]>()
  let top = line
  let inUse = 0
  let relieve = (): boolean => false
  const makeViews = (): Views => ({
    bool: new Uint8Array(memory.buffer),
    int32: new Int32Array(memory.buffer),
    uint32: new Uint32Array(memory.buffer),
    float32: new Float32Array(memory.buffer),
    float64: new Float64Array(memory.buffer),
  })
  let views = makeViews()
  let size = memory.buffer.byteLength

  /** False when there is no more. */
  const grow = (needed: number): boolean => {
    // By a quarter at least, so that many small blocks do not grow it many times.
    const pages = Math.ceil((needed - size) / page)
    const wanted = Math.min(Math.max(pages, Math.ceil(size / page / 4)), maximumPages - size / page)
    if (wanted < pages) return false
    try {
      memory.grow(wanted)
    } catch {
      return false
    }
    size = memory.buffer.byteLength
    views = makeViews()
    return true
  }
  const full = (bytes: number): never =>
    fail(
      DeviceError,
      `wasm: memory is full: ${(inUse / 2 ** 20).toFixed(0)} MiB in use, ${(bytes / 2 ** 20).toFixed(0)} MiB more needed, 4096 MiB at most`,
      { fix: 'smaller batches, checkpoint in the reverse pass, or donated arguments' },
    )
  const place = (index: number, block: number): number | undefined => {
    const known = lists.get(index)?.pop()
    if (known !== undefined) return known
    const address = top
    if (address + block > size && !grow(address + block)) return undefined
    top = address + block
    return address
  }

  return {
    memory,
    shared,
    alloc: (bytes) => {
      const { index, size: block } = classOf(bytes)
      const address = place(index, block) ?? (relieve() ? place(index, block) : undefined) ?? full(block)
      inUse += block
      return address
    },
    free: (address, bytes) => {
      const { index, size: block } = classOf(bytes)
      inUse -= block
      const list = lists.get(index)
      if (list === undefined) lists.set(index, [address])
      else list.push(address)
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
    whenFull: (f) => {
      relieve = f
    },
  }
}
