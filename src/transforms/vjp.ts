/** Reverse mode: record, then pull. */
import { isInexact } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import type { Structure } from '../tree/structure.js'
import { unflatten } from '../tree/tree.js'
import type { Tape } from './application.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenLike, flattenTensors, onLeaves } from './flat.js'
import { pull, record } from './tape.js'
import { instantiate } from './zeros.js'

/** Derivatives with respect to all arguments of a function of `A`. */
export type Differentials<A extends Args> = { -readonly [K in keyof A]: Differential<A[K]> }

/** A recorded call: its tape, and the first outputs, of `structure`, that are differentiated. */
interface Recording {
  readonly inputs: readonly Tensor[]
  readonly arguments: Structure
  readonly values: readonly Tensor[]
  readonly structure: Structure
  readonly tape: Tape
}

const pullBack =
  <A extends Args>(r: Recording) =>
  (cotangent: unknown): Differentials<A> => {
    const n = r.structure.count
    const cys = flattenLike(
      'vjp cotangent',
      cotangent,
      r.structure,
      r.values.slice(0, n).map((v) => v.aval),
    )
    const cxs = pull(
      r.tape,
      r.values.map((v, i) => (i < n && isInexact(v.dtype) ? cys[i]! : null)),
    )
    return unflatten(
      r.arguments,
      cxs.map((c, i) => instantiate(c, r.inputs[i]!.aval)),
    ) as Differentials<A>
  }

/**
 * Vector-Jacobian product: the value of `f` at `primals`, and the function that pulls a cotangent of the value
 * back to cotangents of the arguments (a tuple, one per argument).
 *
 * @throws TreeError, ShapeError or DTypeError from the returned function when the cotangent does not match the value.
 * @example
 * const [y, pull] = vjp((x) => np.mul(x, x), np.array([1, 2, 3]))
 * pull(np.array([1, 1, 1]))[0]   // [2, 4, 6]
 */
export const vjp = <A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  ...primals: A
): [Differential<R>, (cotangent: Differential<R>) => Differentials<A>] => {
  checkFunction('vjp', f)
  const { leaves, structure } = flattenTensors<Args>([...primals])
  const flat = onLeaves((args: Args) => f(...(args as A)), structure, 'vjp')
  const { values, tape } = record('vjp', flat.call, leaves)
  return [
    flat.result(values) as Differential<R>,
    pullBack<A>({ inputs: leaves, arguments: structure, values, structure: flat.structure(), tape }),
  ]
}

/**
 * As `vjp`, for a function that returns `[y, aux]`: `aux` is passed through undifferentiated.
 *
 * @returns `[y, pull, aux]`.
 * @example
 * const [y, pull, aux] = vjpAux((x) => [np.sum(x), { doubled: np.mul(x, 2) }], np.array([1, 2]))
 */
export const vjpAux = <A extends Args = readonly Tensor[], R = unknown, X = unknown>(
  f: (...args: A) => readonly [R, X],
  ...primals: A
): [Differential<R>, (cotangent: Differential<R>) => Differentials<A>, X] => {
  checkFunction('vjpAux', f)
  const { leaves, structure } = flattenTensors<Args>([...primals])
  const flat = onLeaves((args: Args) => f(...(args as A)), structure, 'vjpAux')
  const { values, tape } = record('vjp', flat.call, leaves)
  const [y, aux] = flat.result(values)
  const result = flat.structure().children[0]!
  return [y as Differential<R>, pullBack<A>({ inputs: leaves, arguments: structure, values, structure: result, tape }), aux]
}
