/** What the backend knows of a primitive whose name it knows. */
import type { Equation } from '../../../ir/program.js'
import type { Caps, LoopCode, HeapTask } from '../kernel.js'
import type { Machine } from '../machine.js'
import type { ModuleBuilder } from '../module.js'
import { equationKey } from '../shelf.js'
import type { ModuleSite } from '../site.js'

/** A primitive, known by its name: which of its equations, and the code of one. */
export interface Routine {
  readonly takes: (e: Equation) => boolean
  readonly task: (e: Equation, machine: Machine, site: ModuleSite) => HeapTask
}

/** Writes the kernels of an equation; their arguments are the addresses of inputs, outputs and scratch. */
export type Writer = (m: ModuleBuilder, prefix: string, e: Equation, caps: Caps) => LoopCode

/** The task of what `write` writes. */
export const writtenTask =
  (write: Writer): Routine['task'] =>
  (e, { caps }, { builder, emitted, prefix }) =>
    emitted(equationKey(e), e.inputs.length + e.outputs.length, () => write(builder, prefix, e, caps))
