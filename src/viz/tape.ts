/** The tape of a function, to look at. */
import type { Tensor } from '../core/tensor.js'
import type { Tape } from '../transforms/application.js'
import type { Args } from '../transforms/flat.js'
import { checkFunction, flattenTensors, onLeaves } from '../transforms/flat.js'
import { record } from '../transforms/tape.js'

/**
 * What `grad` and `vjp` keep of `f(...args)`: one node per primitive that carries derivatives, with the values it saves.
 *
 * @example
 * viz.tapeOf((x) => np.mul(np.tanh(x), x), 0.5).nodes.map((n) => n.prim.name)   // ['tanh', 'mul']
 */
export const tapeOf = <A extends Args = readonly Tensor[]>(f: (...args: A) => unknown, ...args: A): Tape => {
  checkFunction('tapeOf', f)
  const { leaves, structure } = flattenTensors<Args>([...args])
  return record('tapeOf', onLeaves((tree: Args) => f(...(tree as A)), structure).call, leaves).tape
}
