/** Checking the derivatives of a function of one's own. */
import type { Args, Tensor } from '../src/index.js'
import { isInexact, isTensor, tree } from '../src/index.js'
import { stream, tensorOf } from './arbitrary.js'
import { callable, checkAll, list, optionsOf, whole } from './check.js'
import { elements } from './compare.js'
import type { CheckOptions } from './derivative.js'
import { checkAt, checkMeanings } from './derivative.js'
import type { TensorFunction } from './difference.js'
import { tolerance } from './tolerance.js'

/** Options of `checkGrads`. */
export interface CheckGradsOptions extends CheckOptions {
  /** Chooses the random directions. */
  readonly seed?: number
}

const place = (path: string): string => {
  const [argument, ...rest] = path.split('/')
  return rest.length === 0 ? `argument ${argument!}` : `argument ${argument!} at '${rest.join('/')}'`
}

const isDifferentiable = (leaf: unknown): boolean => (isTensor(leaf) ? isInexact(leaf.dtype) : typeof leaf === 'number')

const wide = (leaf: unknown): Tensor => (isTensor(leaf) ? tensorOf(elements(leaf), leaf.shape) : tensorOf([Number(leaf)], []))

const checksOf = optionsOf<CheckGradsOptions>({ ...checkMeanings, seed: whole })

/**
 * Checks the derivatives of `f` at `args`, in forward and reverse mode and in every nesting of the two up to `order`, against
 * five-point differences along random directions. `f` takes and returns trees; it is run in float64, whatever the float
 * dtype of its arguments, so that differences have digits to compare. Integers and booleans among the arguments stay fixed.
 * Keep the arguments away from kinks: at one, no derivative equals the difference. The value that comes with a derivative
 * has to be the function's: `fwd` of a `customVjp` is compared with the function.
 *
 * @param options `order` 2 by default, `modes` `['fwd', 'rev']`, `eps` the step, `rtol` and `atol` 1e-9 (1e-4 with a wide step
 * where `f` computes in float32 of its own accord)
 * @throws LawError saying the order and modes, the argument by path, the entry, and both numbers; ValueError for an option that does not exist or a value that is none.
 * @example
 * checkGrads((p: { w: Tensor }) => np.sum(np.exp(p.w)), [{ w: np.array([1, 2]) }], { order: 1 })
 * fc.assert(fc.property(tensor([3]), (x) => checkGrads(np.sin, [x])), { numRuns: 5 })   // reports the smallest x that fails
 */
export const checkGrads = <A extends Args = readonly Tensor[]>(
  f: (...args: A) => unknown,
  args: A,
  options: CheckGradsOptions = {},
): void => {
  checkAll('checkGrads', { f: [callable, f], args: [list, args] })
  const { seed = 1, order = 2, ...rest } = checksOf('checkGrads', options)
  const { leaves, structure } = tree.flatten<Args>([...args])
  const at = leaves.map((_, i) => i).filter((i) => isDifferentiable(leaves[i]))
  const paths = tree.structurePaths(structure)
  const g: TensorFunction = (...xs) => {
    const all: unknown[] = [...leaves]
    at.forEach((i, k) => {
      all[i] = xs[k]!
    })
    return tree.leaves(f(...(tree.unflatten(structure, all) as A))).filter(isTensor)
  }
  const xs = at.map((i) => wide(leaves[i]))
  const narrow = g(...xs).some((y) => y.dtype === 'float32')
  const defaults: CheckOptions = narrow ? { eps: 2 ** -6, rtol: tolerance.float32 } : {}
  checkAt({ f: g, xs, names: at.map((i) => place(paths[i]!)) }, { order, ...defaults, ...rest }, stream(seed))
}
