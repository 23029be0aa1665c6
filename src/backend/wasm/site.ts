/** What the code of one equation is written into, and how it is then called. */
import type { LoopKernel } from '../../compile/kernels.js'
import type { LoopCode, HeapTask } from './kernel.js'
import type { ModuleBuilder } from './module.js'

/** The module that a Program's kernels are written into. */
export interface ModuleSite {
  readonly builder: ModuleBuilder
  readonly prefix: string
  /** The task of loops. */
  readonly loops: (kernel: LoopKernel) => HeapTask
  /** The task of what `emit` writes over so many values, callable once the module is instantiated; what was written under an equal key serves again. */
  readonly emitted: (key: string | null, values: number, emit: () => LoopCode) => HeapTask
}

/** Nothing is done where there is nothing to make. */
export const nothing: HeapTask = { scratch: 0, beyond: 0, run: () => undefined }
