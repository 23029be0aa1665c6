/** Loop kernels as WebAssembly. */
import type { LoopKernel } from '../../../compile/kernels.js'
import type { Caps, LoopCode } from '../kernel.js'
import type { ModuleBuilder } from '../module.js'
import { contextOf } from './context.js'
import { domainOf, simplify } from './domain.js'
import { emitPass } from './rows.js'
import { split } from './split.js'

/** Writes the functions of a loop kernel; their arguments are the addresses of inputs, outputs and scratch. */
export const emitLoops = (m: ModuleBuilder, prefix: string, kernel: LoopKernel, caps: Caps): LoopCode => {
  const domain = domainOf(kernel)
  if (domain.axes.some((a) => a.size === 0)) return { passes: [], scratch: 0 }
  const c = contextOf(m, caps)
  const { domains, scratch } = split(simplify(domain), kernel.inputs.length + kernel.outputs.length, c)
  return { passes: domains.map((d, k) => emitPass(c, `${prefix}p${k}`, simplify(d))), scratch }
}
