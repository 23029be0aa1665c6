/** Loop kernels as WebAssembly. */
import type { LoopKernel } from '../../../compile/kernels.js'
import { keyOf } from '../../../compile/structure.js'
import type { Caps, LoopCode } from '../kernel.js'
import type { ModuleBuilder } from '../module.js'
import { emitNest } from '../nests/emit.js'
import { isSplit, nestOfKernel } from '../nests/kernel.js'
import { contextOf } from './context.js'
import type { Domain } from './domain.js'
import { domainOf, simplify } from './domain.js'
import type { Walk } from './rows.js'
import { emitPass, passOf, walkOf } from './rows.js'
import { longestWhole, split } from './split.js'

/** Sizes from which on the code of a kernel over one axis serves all of them. */
const elasticFrom = 32

/** A kernel over one axis whose code does not depend on the axis' size. */
export interface Elastic {
  /** Text that kernels with the same code share. */
  readonly key: string
  readonly walk: Walk
}

const isElastic = ({ axes: [axis, ...others], values, targets }: Domain): boolean =>
  others.length === 0 &&
  axis!.size >= elasticFrom &&
  (!axis!.inner || axis!.size <= longestWhole) &&
  [...values, ...targets].every((x) => !('strides' in x) || x.strides[0] === 0 || x.strides[0] === 1)

/** The kernel as one whose code serves other sizes too; `null` when there is more to it than one axis, or than affine loads and data. */
export const elasticOf = (kernel: LoopKernel, caps: Caps): Elastic | null => {
  if (isSplit(kernel)) return null
  const domain = simplify(domainOf(kernel))
  if (!isElastic(domain)) return null
  const targets = domain.targets.map((t) => `${t.value} ${t.arg} ${t.dtype} ${t.strides.join()} ${t.perRow ? 'row' : 'full'}`)
  return {
    key: [domain.axes[0]!.inner ? 'inner' : 'outer', ...domain.values.map(keyOf), ...targets].join('\n'),
    walk: walkOf(caps, domain, true),
  }
}

/** Writes the function `name` of an elastic kernel. */
export const emitElastic = (m: ModuleBuilder, name: string, { walk }: Elastic, caps: Caps): void => {
  emitPass(contextOf(m, caps), name, walk)
}

/** What runs an elastic kernel by the function `name`. */
export const elasticCode = (name: string, { walk }: Elastic): LoopCode => ({
  passes: [passOf(name, walk)],
  scratch: 0,
  extent: walk.domain.axes[0]!.size,
})

/** Writes the functions of a loop kernel; their arguments are the addresses of inputs, outputs and scratch. */
export const emitLoops = (m: ModuleBuilder, prefix: string, kernel: LoopKernel, caps: Caps): LoopCode => {
  const domain = domainOf(kernel)
  if (domain.axes.some((a) => a.size === 0)) return { passes: [], scratch: 0 }
  if (isSplit(kernel)) return emitNest(m, prefix, nestOfKernel(kernel), caps)
  const c = contextOf(m, caps)
  const { domains, scratch } = split(simplify(domain), kernel.inputs.length + kernel.outputs.length, c)
  const passes = domains.map((d, k) => {
    const walk = walkOf(c, simplify(d), false)
    emitPass(c, `${prefix}p${k}`, walk)
    return passOf(`${prefix}p${k}`, walk)
  })
  return { passes, scratch }
}
