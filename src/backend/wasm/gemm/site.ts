/** What the code of a product is, and what it runs on. */
import type { Kernel } from '../kernel.js'
import type { Machine } from '../machine.js'

/** Computes a batch of products of operands at addresses. */
export type Product = (a: number, b: number, c: number) => void

/** What sweeping needs of the machine. */
export type Site = Pick<Machine, 'heap' | 'caps' | 'load' | 'sweep'>

/** Kernels by name. */
export type Kernels = (name: string) => Kernel

/** Nanoseconds of a chunk: long beside the cost of taking one, short beside the whole. */
const chunk = 8000
/** Indices of a chunk. */
export const grainOf = (cost: number): number => Math.max(1, Math.floor(chunk / cost))
