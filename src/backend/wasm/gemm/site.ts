/** What the code of a product is, and what it runs on. */
import { placeBlock } from '../block.js'
import type { Kernel } from '../kernel.js'
import type { Machine } from '../machine.js'
import { type GemmField, fields } from './fields.js'

/** Computes a batch of products of operands at addresses, with `scratch` bytes of scratch at `at`. */
export interface ProductKernel {
  readonly scratch: number
  readonly run: (a: number, b: number, c: number, at: number) => void
}

/** What sweeping needs of the machine. */
export type SweepSite = Pick<Machine, 'heap' | 'caps' | 'library' | 'sweep'>

/** Kernels by name. */
export type Kernels = (name: string) => Kernel

/** Nanoseconds of a chunk: long beside the cost of taking one, short beside the whole. */
const chunk = 8000

/** One sweep of a kernel over the block at `args`, of which words may be set: `total` indices of `cost` nanoseconds each. */
export const sweepOver = ({ sweep }: SweepSite, kernel: Kernel, args: number, total: number, cost: number): void => {
  sweep(kernel, args, total, Math.max(1, Math.floor(chunk / cost)), cost)
}

/** Copies a block to `at`, with words that are known when it runs. */
export const place = ({ heap }: SweepSite, at: number, block: Int32Array, values: Readonly<Partial<Record<GemmField, number>>>): void => {
  placeBlock(heap.words(), at, fields, block, values)
}
