/** Data first or data last: `np.sub(x, y)` is `pipe(x, np.sub(y))`, told apart by the number of arguments. */
import { called } from '../core/called.js'
import { callable, check } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import type { TensorLike } from './lift.js'

/**
 * A function of two arguments that may be given the second one first: `f(x, y)` and `f(y)(x)` are the same.
 * The overload with all arguments comes last, because that is the one TypeScript infers from: `vmap(np.add)` has two.
 */
export interface Dual<X, Y, R> {
  (y: Y): (x: X) => R
  (x: X, y: Y): R
}

/** A dual function of two tensors. */
export type Binary = Dual<TensorLike, TensorLike, Tensor>

/** A function of one tensor. */
export type Unary = (x: TensorLike) => Tensor

/**
 * Makes a function of two arguments dual.
 *
 * @example
 * const sub = dual((x: number, y: number) => x - y)
 * sub(5, 3)   // 2
 * sub(3)(5)   // 2
 */
export const dual = <X, Y, R>(f: (x: X, y: Y) => R, name = check('dual', 'f', callable, f).name): Dual<X, Y, R> =>
  called(name, function (first: X & Y, second?: Y) {
    if (arguments.length > 1) return f(first, second as Y)
    if (arguments.length === 0)
      fail(ValueError, `${name}: takes x and y, or y alone for a pipe, got nothing`, { fix: `${name}(x, y); pipe(x, ${name}(y))` })
    return (x: X) => f(x, first)
  } as Dual<X, Y, R>)
