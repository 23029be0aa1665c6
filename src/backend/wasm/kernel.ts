/** Kernel functions: what emitters write and drivers call. */
import type * as driver from '../driver/allocator.js'
import type { Heap } from './heap.js'
import { inLines } from './places.js'

/** What the machine offers to generated code. */
export interface Caps {
  /** Relaxed SIMD: fused multiply-add. */
  readonly fma: boolean
  /** The compiler keeps the order of instructions (V8 from 13 on), so that 12 accumulators fit its registers. */
  readonly ordered: boolean
  /** Pairs of vectors become one of 256 bits (V8's revectorisation). */
  readonly wide: boolean
  /** The memory is shared between threads. */
  readonly shared: boolean
}

/** A function `(args, begin, end)` over a range of its parallel index. */
export type KernelFunction = (args: number, begin: number, end: number) => void

/** One function of a kernel: its export name, the extent of its parallel index, and how many indices make one chunk. */
export interface KernelPass {
  readonly name: string
  readonly total: number
  readonly grain: number
  /** Nanoseconds of one index on one core, roughly: what tells whether threads are worth waking. */
  readonly cost: number
}

/** What an emitter wrote: passes that run one after the other, and the bytes of scratch they need. */
export interface LoopCode {
  readonly passes: readonly KernelPass[]
  readonly scratch: number
  /** The size of the only axis, where kernels read it: where the address of scratch would be. */
  readonly extent?: number
}

/** A compiled piece: reads inputs, writes outputs, all by address; scratch of its own begins at `at`. */
export type KernelRun = (inputs: readonly number[], outputs: readonly number[], at: number) => void

/** What runs one step over addresses of the heap. */
export type HeapTask = driver.Task<number, void>

/** How other threads get a module: its bytes in memory, or what was compiled. */
export interface SharedModule {
  readonly id: number
  readonly address: number
  readonly length: number
  readonly compiled: WebAssembly.Module | null
}

/** A function of a module: callable on this thread, and found by its place on the others. */
export interface Kernel {
  readonly call: KernelFunction
  readonly module: { readonly shared: () => SharedModule }
  /** Position among the exports. */
  readonly index: number
}

/** Runs `kernel(args, begin, end)` over `0..total` in chunks of `grain`, on several threads where `cost` nanoseconds per index make it worth it. */
export type Sweep = (kernel: Kernel, args: number, total: number, grain: number, cost: number) => void

/** A kernel that is called at once: one pass without scratch. */
export interface Solo {
  readonly kernel: Kernel
  readonly total: number
  readonly extent: number
}

/** The passes of an instance as one piece, and the kernel it consists of when that is all. */
export interface Piece {
  readonly run: KernelRun
  readonly solo: Solo | null
}

/** Bytes before the scratch of passes over so many values. */
const argumentBytes = (values: number): number => inLines((values + 1) * 4)
/** Bytes that the passes of some code take as a piece. */
export const scratchOf = ({ passes, scratch }: LoopCode, values: number): number =>
  passes.length === 0 ? 0 : argumentBytes(values) + scratch

/**
 * The passes of an instance as one piece. The range is cut into chunks: V8 replaces code by faster code only between
 * calls, and chunks are what threads share. Its scratch begins with the block of arguments.
 */
export const pieceOf = (heap: Heap, sweep: Sweep, { passes, scratch, extent = 0 }: LoopCode, kernel: (name: string) => Kernel): Piece => {
  const kernels = passes.map((p) => kernel(p.name))
  const run: KernelRun = (inputs, outputs, args) => {
    if (passes.length === 0) return
    const memory = heap.words()
    let word = args >>> 2
    for (let i = 0; i < inputs.length; i++) memory[word++] = inputs[i]!
    for (let i = 0; i < outputs.length; i++) memory[word++] = outputs[i]!
    memory[word] = scratch > 0 ? args + argumentBytes(inputs.length + outputs.length) : extent
    for (let p = 0; p < passes.length; p++) {
      const { total, grain, cost } = passes[p]!
      sweep(kernels[p]!, args, total, grain, cost)
    }
  }
  return { run, solo: passes.length === 1 && scratch === 0 ? { kernel: kernels[0]!, total: passes[0]!.total, extent } : null }
}
