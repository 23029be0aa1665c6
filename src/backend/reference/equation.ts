/** One equation to one kernel, by its lowering. */
import type { Aval } from '../../core/aval.js'
import { DeviceError, fail } from '../../core/errors.js'
import { callHost } from '../../ir/host.js'
import type { AnyPrimitive, Params, Program } from '../../ir/primitive.js'
import { scalarBodyOf } from '../../ir/scalarBody.js'
import { expand } from '../../kernel/expand/expand.js'
import { controlKernel } from './control.js'
import { concatKernel } from './concat.js'
import type { HostKernel } from './kernel.js'
import { loopsKernel } from './loops.js'
import { routineKernel } from './routines.js'
import { scalarKernel } from './scalar.js'
import { target } from './target.js'
import { viewKernel } from './view.js'

/** The kernel of `prim` applied to inputs of avals `ins`. */
export const equationKernel = (
  prim: AnyPrimitive,
  ins: readonly Aval[],
  outs: readonly Aval[],
  params: Params,
  compile: (program: Program) => HostKernel,
): HostKernel => {
  const { lower } = prim
  switch (lower.kind) {
    case 'scalar':
      return scalarKernel(expand(scalarBodyOf(prim, ins, outs, params)!, target.definitions), ins.length, outs)
    case 'view':
      return viewKernel(lower.view(ins[0]!, params), ins[0]!, outs[0]!)
    case 'alias':
      return (inputs) => [inputs[0]!]
    case 'loops':
      if (prim.name === 'concat') return concatKernel({ ins, outs, params })
      return loopsKernel(lower.nests(ins, outs, params), ins)
    case 'control':
      return controlKernel(lower.form(params), compile, ins, outs)
    case 'routine':
      return (
        routineKernel({ name: prim.name, ins, outs, params }) ??
        fail(DeviceError, `reference: ${prim.name} has no routine and has to be defined before compilation`)
      )
    case 'host':
      return (inputs) => callHost(prim, lower, inputs, { ins, outs, params }).map((x) => x.slice())
    case 'inline':
      return fail(DeviceError, `reference: ${prim.name} is made of other primitives and has to be expanded before compilation`)
  }
}
