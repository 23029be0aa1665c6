/** The primitives that hold Programs, by name. */
import type { AnyPrimitive } from '../ir/primitive.js'
import { callP } from './call.js'
import { checkpointP } from './checkpoint.js'
import { condP } from './cond.js'
import { scanP } from './scan.js'
import { whileP } from './whileLoop.js'

/**
 * The registry of control flow: `jit`, `checkpoint`, `cond`, `scan` and `whileLoop` are equations of these. A backend runs each of them,
 * with the Programs that it holds, as it runs those of `primitives`.
 *
 * @example
 * Object.keys(controlPrimitives)   // ['call', 'checkpoint', 'cond', 'scan', 'while']
 */
export const controlPrimitives = {
  call: callP,
  checkpoint: checkpointP,
  cond: condP,
  scan: scanP,
  while: whileP,
} satisfies Record<string, AnyPrimitive>
