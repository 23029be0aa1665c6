/** Equations that fusion leaves alone: routines, loop nests, primitives that hold Programs. */
import { DeviceError, fail } from '../../core/errors.js'
import { controlOf } from '../../ir/control.js'
import type { Equation } from '../../ir/program.js'
import { controlTask } from '../driver/control.js'
import { hostTask } from '../driver/host.js'
import type { HeapTask } from './kernel.js'
import type { Machine } from './machine.js'
import { emitNest } from './nests/emit.js'
import { nestOf } from './nests/nest.js'
import { routineOf } from './routines/index.js'
import { equationKey } from './shelf.js'
import { nothing, type ModuleSite } from './site.js'

/** The code of one equation. */
export const equationTask = (e: Equation, machine: Machine, site: ModuleSite): HeapTask => {
  const ins = e.inputs.map((a) => a.aval)
  const outs = e.outputs.map((v) => v.aval)
  const { lower, name } = e.prim
  const form = controlOf(e)
  if (form !== null) return controlTask(form, e, machine.memory, machine.compile)
  if (lower.kind === 'host') return hostTask(e, lower, machine.memory)
  if (outs.every((a) => a.size === 0)) return nothing
  const routine = routineOf(e)
  if (routine !== null) return routine(e, machine, site)
  if (lower.kind === 'loops') {
    const key = equationKey(e)
    const tasks = lower
      .nests(ins, outs, e.params)
      .map((nest, k) =>
        outs[k]!.size === 0
          ? nothing
          : site.emitted(key === null ? null : `${k} ${key}`, ins.length + 1, () =>
              emitNest(site.builder, `${site.prefix}n${k}`, nestOf(nest, ins), machine.caps),
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
  return fail(DeviceError, `wasm: ${name} is made of other primitives and has to be expanded before compilation`)
}
