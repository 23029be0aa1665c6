/** What routines are written from. */
import type { Equation } from '../../../ir/program.js'
import type { Caps, LoopCode } from '../kernel.js'
import type { ModuleBuilder } from '../module.js'

/** Writes the kernels of an equation; their arguments are the addresses of inputs, outputs and scratch. */
export type Routine = (m: ModuleBuilder, prefix: string, e: Equation, caps: Caps) => LoopCode
