/** Equations that fusion leaves alone: routines, loop nests, primitives that hold Programs. */
import { isReal } from '../../core/dtype.js'
import { DeviceError, fail } from '../../core/errors.js'
import type { LoopKernel } from '../../compile/kernels.js'
import { controlOf } from '../../ir/control.js'
import type { Equation } from '../../ir/program.js'
import { controlTask } from '../driver/control.js'
import type { LoopCode, Task } from './kernel.js'
import type { ModuleBuilder } from './module.js'
import { emitNest } from './nests/emit.js'
import type { Machine } from './machine.js'
import { equationKey } from './shelf.js'
import { convTask, isConvolved } from './conv/conv.js'
import { dotTask } from './gemm/dot.js'
import { concatTask } from './routines/concat.js'
import { padFromTask, sliceFromTask } from './routines/placed.js'
import { routines } from './routines/index.js'

/** The module that a Program's kernels are written into. */
export interface Site {
  readonly builder: ModuleBuilder
  readonly prefix: string
  /** The task of loops. */
  readonly loops: (kernel: LoopKernel) => Task
  /** The task of what `emit` writes over so many values, callable once the module is instantiated; what was written under an equal key serves again. */
  readonly emitted: (key: string | null, values: number, emit: () => LoopCode) => Task
}

/** True for the routines that this backend has: the others are taken by their definitions. */
export const hasRoutine = ({ prim: { name }, inputs, outputs }: Equation): boolean => {
  if (name === 'dotGeneral') return isReal(outputs[0]!.aval.dtype)
  if (name === 'conv') return isConvolved(inputs, outputs[0]!)
  return name === 'split' || name === 'sliceFrom' || name === 'padFrom' || routines[name] !== undefined
}

/** Nothing is done where there is nothing to make. */
const nothing: Task = { scratch: 0, beyond: 0, run: () => undefined }

/** The code of one equation. */
export const equationTask = (e: Equation, machine: Machine, site: Site): Task => {
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  const { lower, name } = e.prim
  const form = controlOf(e)
  if (form !== null) return controlTask(form, e, machine.memory, machine.compile)
  if (outs.every((a) => a.size === 0)) return nothing
  const copied = concatTask(e, machine.heap)
  if (copied !== null) return copied
  const key = equationKey(e)
  const values = ins.length + outs.length
  if (name === 'sliceFrom') return sliceFromTask(e, machine.heap, site.loops)
  if (name === 'padFrom')
    return padFromTask(e, site.loops, (write) => site.emitted(key, values, () => write(site.builder, site.prefix, e, machine.caps)))
  const routine = routines[name]
  if (routine !== undefined) return site.emitted(key, values, () => routine(site.builder, site.prefix, e, machine.caps))
  if (lower.kind === 'loops') {
    const tasks = lower
      .nests(ins, outs, e.params)
      .map((nest, k) =>
        outs[k]!.size === 0
          ? nothing
          : site.emitted(key === null ? null : `${k} ${key}`, ins.length + 1, () =>
              emitNest(site.builder, `${site.prefix}n${k}`, nest, ins, machine.caps),
            ),
      )
    return {
      scratch: Math.max(...tasks.map((t) => t.scratch)),
      beyond: 0,
      run: (inputs, outputs, at) => {
        tasks.forEach(({ run }, k) => run(inputs, [outputs[k]!], at))
      },
    }
  }
  if (name === 'dotGeneral') return dotTask(e, machine)
  if (name === 'conv') return convTask(e, machine)
  return fail(DeviceError, `wasm: ${name} is made of other primitives and has to be expanded before compilation`)
}
