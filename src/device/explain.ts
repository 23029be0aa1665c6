/** What the current backend makes of a function. */
import type { Tensor } from '../core/tensor.js'
import type { Explanation } from '../compile/explanation.js'
import { explainEquations } from '../compile/explanation.js'
import { stageOf } from '../control/jit.js'
import { staged } from '../control/staged.js'
import { optimize } from '../ir/optimize.js'
import type { Args } from '../transforms/flat.js'
import { current } from './current.js'

/**
 * What the current backend does when `f`, jitted or not, is called with `args`: its steps with the operations fused into
 * each, the shapes and bytes that they read and write, their floating-point operations, the blocks of memory that values
 * share. Nothing is run. The result prints as a table.
 *
 * @example
 * String(explain(jit(nn.softmax), np.zeros([128, 10])))
 */
export const explain = <A extends Args = readonly Tensor[], R = unknown>(f: (...args: A) => R, ...args: A): Explanation => {
  const { entry } = (stageOf(f) ?? staged('explain', f))(args)
  const program = optimize(entry.params.program)
  const { backend } = current
  return backend.explain?.(program, { donate: entry.params.donate }) ?? explainEquations(backend.name, program)
}
