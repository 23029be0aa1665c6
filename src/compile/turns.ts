/** The order of what happens on the host (dependences without a value): each equation that calls it waits for the one before. */
import { callsHost } from '../ir/host.js'
import { firstFree } from '../ir/passes/pass.js'
import type { Equation, Program } from '../ir/program.js'

/** The place of an equation among those that call the host, as numbers that no variable of the Program has. */
export interface Turn {
  /** Stands for its having run, as if it were a value that it makes. */
  readonly done: number
  /** What it waits for, as if it read it. */
  readonly after: number | null
}

/** The turns of the equations of a Program that call functions of the host. */
export const turnsOf = (program: Program): ReadonlyMap<Equation, Turn> => {
  const calls = program.equations.filter(callsHost)
  const first = calls.length === 0 ? 0 : firstFree(program)
  return new Map(calls.map((e, k) => [e, { done: first + k, after: k === 0 ? null : first + k - 1 }]))
}
