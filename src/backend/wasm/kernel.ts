/** Kernel functions: what emitters write and drivers call. */
import type { Heap } from './heap.js'

/** What the machine offers to generated code. */
export interface Caps {
  /** Relaxed SIMD: fused multiply-add. */
  readonly fma: boolean
  /** The memory is shared between threads. */
  readonly shared: boolean
}

/** A function `(args, begin, end)` over a range of its parallel index. */
export type KernelFunction = (args: number, begin: number, end: number) => void

/** One function of a kernel: its export name, the extent of its parallel index, and how many indices make one chunk. */
export interface Pass {
  readonly name: string
  readonly total: number
  readonly grain: number
  /** Nanoseconds of one index on one core, roughly: what tells whether threads are worth waking. */
  readonly cost: number
}

/** What an emitter wrote: passes that run one after the other, and the bytes of scratch they need. */
export interface LoopCode {
  readonly passes: readonly Pass[]
  readonly scratch: number
}

/** A compiled piece: reads inputs, writes outputs, all by address. */
export type Run = (inputs: readonly number[], outputs: readonly number[]) => void

/**
 * The passes of an instance as one piece. The range is cut into chunks: V8 replaces code by faster code only between
 * calls, and chunks are what threads share.
 */
export const runPasses = (heap: Heap, { passes, scratch }: LoopCode, exports: WebAssembly.Exports, words: number): Run => {
  const functions = passes.map((p) => exports[p.name] as unknown as KernelFunction)
  const args = heap.alloc((words + 1) * 4)
  const base = args >>> 2
  return (inputs, outputs) => {
    const block = scratch > 0 ? heap.alloc(scratch) : 0
    const memory = heap.words()
    let at = base
    for (let i = 0; i < inputs.length; i++) memory[at++] = inputs[i]!
    for (let i = 0; i < outputs.length; i++) memory[at++] = outputs[i]!
    memory[at] = block
    for (let p = 0; p < passes.length; p++) {
      const { total, grain } = passes[p]!
      const f = functions[p]!
      for (let begin = 0; begin < total; begin += grain) f(args, begin, Math.min(total, begin + grain))
    }
    if (scratch > 0) heap.free(block, scratch)
  }
}
