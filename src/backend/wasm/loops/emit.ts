/** Loop kernels as WebAssembly. */
import type { LoopKernel } from '../../../compile/kernels.js'
import { structureOf } from '../../../compile/structure.js'
import type { Caps, LoopCode } from '../kernel.js'
import type { ModuleBuilder } from '../module.js'
import { contextOf } from './context.js'
import { domainOf, simplify } from './domain.js'
import { emitPass } from './rows.js'
import { split } from './split.js'

/** What was written into modules under construction, by structure: layers of one kind share their code. */
const written = new WeakMap<ModuleBuilder, Map<string, LoopCode>>()

/** Writes the functions of a loop kernel; their arguments are the addresses of inputs, outputs and scratch. */
export const emitLoops = (m: ModuleBuilder, prefix: string, kernel: LoopKernel, caps: Caps): LoopCode => {
  const domain = domainOf(kernel)
  if (domain.axes.some((a) => a.size === 0)) return { passes: [], scratch: 0 }
  let known = written.get(m)
  if (known === undefined) written.set(m, (known = new Map()))
  const key = structureOf(kernel)
  let code = known.get(key)
  if (code === undefined) {
    const c = contextOf(m, caps)
    const { domains, scratch } = split(simplify(domain), kernel.inputs.length + kernel.outputs.length, c)
    code = { passes: domains.map((d, k) => emitPass(c, `${prefix}p${k}`, simplify(d))), scratch }
    known.set(key, code)
  }
  return code
}
