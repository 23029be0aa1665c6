/** Equations that fusion leaves alone: routines, loop nests, primitives that hold Programs. */
import type { Aval } from '../../core/aval.js'
import type { TypedArray } from '../../core/dtype.js'
import { isFloat } from '../../core/dtype.js'
import type { Equation } from '../../ir/program.js'
import { equationKernel } from '../reference/equation.js'
import { programKernel } from '../reference/program.js'
import type { LoopCode, Run } from './kernel.js'
import type { ModuleBuilder } from './module.js'
import { emitNest } from './nests/emit.js'
import type { Machine } from './machine.js'
import { equationKey } from './shelf.js'
import { controlRun } from './control.js'
import { convRun } from './conv/conv.js'
import { dotRun } from './gemm/dot.js'
import { routines } from './routines/index.js'
import { integerDot } from './routines/integerDot.js'

/** The module that a Program's kernels are written into. */
export interface Site {
  readonly builder: ModuleBuilder
  readonly prefix: string
  /** The run of what `emit` writes, callable once the module is instantiated; what was written under an equal key serves again. */
  readonly emitted: (key: string | null, emit: () => LoopCode) => Run
}

/** A kernel of the reference backend on views of the heap. */
const onViews = (e: Equation, { heap }: Machine): Run => {
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  const kernel = equationKernel(e.prim, ins, outs, e.params, programKernel)
  const view = (a: Aval, address: number): TypedArray => heap.view(a.dtype, address, a.size)
  return (inputs, outputs) => {
    const results = kernel(inputs.map((address, k) => view(ins[k]!, address)))
    results.forEach((r, k) => {
      view(outs[k]!, outputs[k]!).set(r)
    })
  }
}

/** The code of one equation. */
export const equationRun = (e: Equation, machine: Machine, site: Site): Run => {
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  const { lower, name } = e.prim
  const key = equationKey(e)
  const routine = routines[name]
  if (routine !== undefined) return site.emitted(key, () => routine(site.builder, site.prefix, e, machine.caps))
  if (lower.kind === 'loops' && outs.every((a) => a.size > 0)) {
    const nests = lower.nests(ins, outs, e.params)
    const runs = nests.map((nest, k) =>
      site.emitted(key === null ? null : `${k} ${key}`, () => emitNest(site.builder, `${site.prefix}n${k}`, nest, ins, machine.caps)),
    )
    return (inputs, outputs) => {
      runs.forEach((run, k) => run(inputs, [outputs[k]!]))
    }
  }
  if (name === 'dotGeneral' && !isFloat(outs[0]!.dtype) && outs[0]!.size > 0)
    return site.emitted(key, () => emitNest(site.builder, site.prefix, integerDot(e), ins, machine.caps))
  const contracted = name === 'dotGeneral' ? dotRun(e, machine) : name === 'conv' ? convRun(e, machine) : null
  return controlRun(e, machine) ?? contracted ?? onViews(e, machine)
}
