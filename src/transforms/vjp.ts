/** Reverse mode: record, then pull. */
import { isInexact } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import type { Structure } from '../tree/structure.js'
import { unflatten } from '../tree/tree.js'
import type { Tape } from './application.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenLike, flattenTensors, onLeaves, pairOf } from './flat.js'
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

/** A last argument of `vjp` that is no primal. */
interface AuxOptions {
  readonly hasAux: true
}

/** Whether the last argument of a call is the options: exactly `{ hasAux }`, which holds no tensor and so is no primal. */
const isAuxOptions = (last: unknown): last is { readonly hasAux: boolean } =>
  typeof last === 'object' &&
  last !== null &&
  Object.keys(last).join() === 'hasAux' &&
  typeof (last as { hasAux: unknown }).hasAux === 'boolean'

/**
 * Vector-Jacobian product: the value of `f` at the primals, and the function that pulls a cotangent of the value
 * back to cotangents of the arguments (a tuple, one per argument).
 *
 * @param primalsAndOptions - The arguments of `f`; after them `{ hasAux: true }` where `f` returns `[y, aux]`: `aux` is handed on
 * undifferentiated, as a third result.
 * @returns `[y, pull]`; with `hasAux`: `[y, pull, aux]`.
 * @throws TreeError, ShapeError or DTypeError from the returned function when the cotangent does not match the value.
 * @example
 * const [y, pull] = vjp((x) => np.mul(x, x), np.array([1, 2, 3]))
 * pull(np.array([1, 1, 1]))[0]   // [2, 4, 6]
 */
export function vjp<A extends Args = readonly Tensor[], R = unknown, X = unknown>(
  f: (...args: A) => readonly [R, X],
  ...primalsAndOptions: [...A, AuxOptions]
): [Differential<R>, (cotangent: Differential<R>) => Differentials<A>, X]
export function vjp<A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  ...primals: A
): [Differential<R>, (cotangent: Differential<R>) => Differentials<A>]
export function vjp(f: (...args: Args) => unknown, ...given: Args): unknown {
  checkFunction('vjp', f)
  const last = given.at(-1)
  const hasAux = isAuxOptions(last) && last.hasAux
  const { leaves, structure } = flattenTensors<Args>(isAuxOptions(last) ? given.slice(0, -1) : [...given])
  const flat = onLeaves(hasAux ? (args: Args) => pairOf('vjp', 'y', f(...args)) : (args: Args) => f(...args), structure, 'vjp')
  const { values, tape } = record('vjp', flat.call, leaves)
  const result = flat.result(values)
  const y = hasAux ? flat.structure().children[0]! : flat.structure()
  const pull = pullBack({ inputs: leaves, arguments: structure, values, structure: y, tape })
  return hasAux ? [(result as Args)[0], pull, (result as Args)[1]] : [result, pull]
}
