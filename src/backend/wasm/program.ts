/**
 * Programs to runnable code: fused steps are linked, their memory is planned, and the driver runs them. Values that nobody sees, and the
 * scratch of steps, have places in one block of the heap, which a run takes and gives back; results and donated inputs have blocks of their own.
 */
import { fuse } from '../../compile/loops.js'
import type { MemoryPlan } from '../../compile/memory.js'
import { planMemory } from '../../compile/memory.js'
import type { MemoryUsage } from '../../compile/usage.js'
import { usageOf } from '../../compile/usage.js'
import { define } from '../../ir/passes/define.js'
import type { Program } from '../../ir/program.js'
import { codeOf } from '../driver/run.js'
import { routineOf } from './routines/index.js'
import type { Solo } from './kernel.js'
import type { Linked } from './link.js'
import { link } from './link.js'
import type { HeapCode, Machine } from './machine.js'
import { target } from './target.js'

/** A Program that is one call of one kernel: positions of the inputs and of the outputs in the order of its arguments. */
export interface SingleCall extends Solo {
  readonly reads: readonly number[]
  readonly writes: readonly number[]
  /** Bytes by which what it reads begins later than the inputs. */
  readonly shifts: readonly number[] | null
}

/** A compiled Program. */
export interface Compiled {
  readonly code: HeapCode
  readonly solo: SingleCall | null
  /** What it does with memory. */
  readonly memory: MemoryUsage
}

const singleOf = ({ actions, donate, handed, literals, outputs }: MemoryPlan, linked: readonly Linked[]): SingleCall | null => {
  const [action, ...others] = actions
  const alone = linked[0]?.alone ?? null
  const solo = alone?.piece.solo ?? null
  if (action === undefined || alone === null || solo === null) return null
  const isAll = others.length === 0 && literals.length === 0 && donate.length === 0 && outputs.length === action.writes.length
  if (!isAll || !handed.every(Boolean)) return null
  return { ...solo, reads: action.reads, shifts: alone.shifts, writes: action.writes.map((s) => outputs.indexOf(s)) }
}

/** Compiles a Program that `optimize` has been over. The blocks of inputs at positions `donate` become its own. */
export const compileProgram = (program: Program, machine: Machine, donate: readonly number[] = []): Compiled => {
  const fused = fuse(
    define(program, (e) => routineOf(e) !== null),
    target,
  )
  const linked = link(fused, machine)
  const tasks = linked.map(({ task }) => task)
  const plan = planMemory(
    fused,
    donate,
    tasks.map((t) => t.scratch),
    target,
  )
  const memory = usageOf(fused, plan, tasks, target)
  return { code: codeOf(plan, tasks, machine.memory, memory.peak), solo: singleOf(plan, linked), memory }
}
