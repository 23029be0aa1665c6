/**
 * A machine whose addresses are no numbers: a buffer and an offset, every block a buffer of its own. Steps are the equations of a Program, run
 * by kernels of the reference on views; memory is planned and steps are driven as on any machine.
 */
import type { Backend } from '../../../src/compile/backend.js'
import type { Fused } from '../../../src/compile/kernels.js'
import { doingOf, planMemory } from '../../../src/compile/memory.js'
import { processorMemory } from '../../../src/compile/target.js'
import { bytesOf } from '../../../src/compile/cost.js'
import { usageOf } from '../../../src/compile/usage.js'
import type { Aval } from '../../../src/core/aval.js'
import { controlOf } from '../../../src/ir/control.js'
import { define } from '../../../src/ir/passes/define.js'
import type { Equation, Program } from '../../../src/ir/program.js'
import type { Code, Task } from '../../../src/backend/driver/allocator.js'
import { hostTask } from '../../../src/backend/driver/host.js'
import { controlTask } from '../../../src/backend/driver/control.js'
import { now } from '../../../src/backend/driver/later.js'
import { codeOf } from '../../../src/backend/driver/run.js'
import { equationKernel } from '../../../src/backend/reference/equation.js'
import { programKernel } from '../../../src/backend/reference/program.js'
import { blockMemory, type Place } from './memory.js'
import { hasRoutine } from '../../../src/backend/reference/routines.js'

/** The machine, and what it can tell of its memory. */
export interface BlocksMachine {
  readonly backend: Backend
  /** Blocks that are taken and not given back. */
  readonly alive: () => number
  /** The code of a Program over addresses, and blocks for its inputs. */
  readonly linked: (
    program: Program,
    donate: readonly number[],
  ) => { readonly code: Code<Place>; readonly place: (a: Aval) => Place; readonly alive: () => number }
}

/** A fresh machine, whose steps fail where `fails` says so. What it hands out is filled with noise, so that nothing relies on zeros; freed blocks are made unreadable. */
export const blocksMachine = (fails: (e: Equation) => boolean = () => false): BlocksMachine => {
  const { memory, elementsAt, alive } = blockMemory('bytes')
  const compiled = new WeakMap<Program, Code<Place>>()
  const codeFor = (program: Program): Code<Place> => {
    let code = compiled.get(program)
    if (code === undefined) compiled.set(program, (code = link(program, [])))
    return code
  }
  const taskOf = (e: Equation): Task<Place> => {
    const form = controlOf(e)
    if (form !== null) return controlTask(form, e, memory, codeFor)
    const { lower } = e.prim
    if (lower.kind === 'host') return hostTask(e, lower, memory)
    const [ins, outs] = [e.inputs.map((a) => a.aval), e.outputs.map((v) => v.aval)]
    const kernel = equationKernel(e.prim, ins, outs, e.params, programKernel)
    return {
      scratch: 0,
      beyond: 0,
      run: (inputs, outputs) => {
        if (fails(e)) throw new Error(`${e.prim.name} fails`)
        const results = kernel(inputs.map((at, k) => elementsAt(at, ins[k]!.dtype, ins[k]!.size)))
        results.forEach((r, k) => {
          elementsAt(outputs[k]!, outs[k]!.dtype, outs[k]!.size).set(r)
        })
      },
    }
  }
  const link = (whole: Program, donate: readonly number[]): Code<Place> => {
    const program = define(whole, (e) => hasRoutine(e.prim.name))
    const fused: Fused = {
      inputs: program.inputs,
      steps: program.equations.map((e) =>
        e.prim.lower.kind === 'alias' ? { kind: 'alias', from: e.inputs[0]!, to: e.outputs[0]! } : { kind: 'equation', equation: e },
      ),
      outputs: program.outputs,
    }
    const tasks = doingOf(fused).map((step) => (step.kind === 'equation' ? taskOf(step.equation) : null!))
    const plan = planMemory(
      fused,
      donate,
      tasks.map((t) => t.scratch),
      processorMemory,
    )
    return codeOf(plan, tasks, memory, usageOf(fused, plan, tasks, processorMemory).peak)
  }
  const backend: Backend = {
    name: 'blocks',
    host: false,
    supports: () => true,
    put: (data, a) => {
      const place = memory.alloc(bytesOf(a))
      elementsAt(place, a.dtype, a.size).set(data)
      return place
    },
    get: (buffer, a) => elementsAt(buffer as Place, a.dtype, a.size).slice(),
    compile: (program, { donate }) => {
      const code = link(program, donate)
      return (inputs) => now(code(inputs as readonly Place[]))
    },
  }
  return {
    backend,
    alive,
    linked: (program, donate) => ({
      code: link(program, donate),
      place: (a) => memory.alloc(bytesOf(a)),
      alive,
    }),
  }
}
