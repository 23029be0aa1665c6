/** The surroundings of a module's kernels: functions that several of them call are written once. */
import type { Caps } from '../kernel.js'
import type { MathContext } from '../math/index.js'
import { mathContext } from '../math/index.js'
import type { ModuleBuilder } from '../module.js'

const contexts = new WeakMap<ModuleBuilder, MathContext>()

/** The context of a module. */
export const contextOf = (module: ModuleBuilder, { fma, wide }: Caps): MathContext => {
  let c = contexts.get(module)
  if (c === undefined) contexts.set(module, (c = mathContext(module, { fma, wide })))
  return c
}
