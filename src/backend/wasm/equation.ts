/** Equations that fusion leaves alone: routines, loop nests, primitives that hold Programs. */
import type { Aval } from '../../core/aval.js'
import type { TypedArray } from '../../core/dtype.js'
import { isFloat } from '../../core/dtype.js'
import type { LoopKernel } from '../../compile/kernels.js'
import type { Equation } from '../../ir/program.js'
import { equationKernel } from '../reference/equation.js'
import { programKernel } from '../reference/program.js'
import type { LoopCode, Task } from './kernel.js'
import type { ModuleBuilder } from './module.js'
import { emitNest } from './nests/emit.js'
import type { Machine } from './machine.js'
import { equationKey } from './shelf.js'
import { controlTask } from './control.js'
import { convTask } from './conv/conv.js'
import { dotTask } from './gemm/dot.js'
import { concatTask } from './routines/concat.js'
import { padFromTask, sliceFromTask } from './routines/placed.js'
import { routines } from './routines/index.js'
import { integerDot } from './routines/integerDot.js'

/** The module that a Program's kernels are written into. */
export interface Site {
  readonly builder: ModuleBuilder
  readonly prefix: string
  /** The task of loops. */
  readonly loops: (kernel: LoopKernel) => Task
  /** The task of what `emit` writes over so many values, callable once the module is instantiated; what was written under an equal key serves again. */
  readonly emitted: (key: string | null, values: number, emit: () => LoopCode) => Task
}

/** A kernel of the reference backend on views of the heap. */
const onViews = (e: Equation, { heap }: Machine): Task => {
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  const kernel = equationKernel(e.prim, ins, outs, e.params, programKernel)
  const view = (a: Aval, address: number): TypedArray => heap.view(a.dtype, address, a.size)
  return {
    scratch: 0,
    beyond: 0,
    run: (inputs, outputs) => {
      const results = kernel(inputs.map((address, k) => view(ins[k]!, address)))
      results.forEach((r, k) => {
        view(outs[k]!, outputs[k]!).set(r)
      })
    },
  }
}

/** The code of one equation. */
export const equationTask = (e: Equation, machine: Machine, site: Site): Task => {
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  const { lower, name } = e.prim
  const copied = concatTask(e, machine.heap)
  if (copied !== null) return copied
  const key = equationKey(e)
  const values = ins.length + outs.length
  if (name === 'sliceFrom') return sliceFromTask(e, machine.heap, site.loops)
  if (name === 'padFrom')
    return padFromTask(e, site.loops, (write) => site.emitted(key, values, () => write(site.builder, site.prefix, e, machine.caps)))
  const routine = routines[name]
  if (routine !== undefined) return site.emitted(key, values, () => routine(site.builder, site.prefix, e, machine.caps))
  if (lower.kind === 'loops' && outs.every((a) => a.size > 0)) {
    const nests = lower.nests(ins, outs, e.params)
    const tasks = nests.map((nest, k) =>
      site.emitted(key === null ? null : `${k} ${key}`, ins.length + 1, () =>
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
  if (name === 'dotGeneral' && !isFloat(outs[0]!.dtype) && outs[0]!.size > 0)
    return site.emitted(key, values, () => emitNest(site.builder, site.prefix, integerDot(e), ins, machine.caps))
  const contracted = name === 'dotGeneral' ? dotTask(e, machine) : name === 'conv' ? convTask(e, machine) : null
  return controlTask(e, machine) ?? contracted ?? onViews(e, machine)
}
