/** Jacobians and Hessians: whole derivative arrays, by batched folds of one tape. */
import type { Aval } from '../core/aval.js'
import { either, listOf, number, oneOf } from '../core/check.js'
import { isInexact, phrase } from '../core/dtype.js'
import { DTypeError, fail } from '../core/errors.js'
import { optionsOrNumbers } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import type { Maybe } from '../ir/linear.js'
import { cast } from '../prim/select.js'
import { eq } from '../prim/comparison.js'
import { iota, reshape, transpose } from '../prim/structure.js'
import type { Static } from '../tree/structure.js'
import { unflatten } from '../tree/tree.js'
import type { Tape } from './application.js'
import { batch, repeat } from './batch.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, onLeaves, pairOf } from './flat.js'
import type { GradOptions, Selected } from './grad.js'
import { grad, gradOptions, select } from './grad.js'
import { jvp } from './jvp.js'
import { pull, push, record } from './tape.js'
import { instantiate } from './zeros.js'

/** The type of a Jacobian: a `T` in place of every tensor of `R`. */
export type Jacobian<R, T> = R extends Tensor | number ? T : R extends Static | null | undefined ? R : { [K in keyof R]: Jacobian<R[K], T> }

/** All standard basis vectors of an aval: `[size, ...shape]`. */
const basis = (a: Aval): Tensor => {
  const square = [a.size, a.size]
  return reshape(cast(eq(iota(square, 'int32', 0), iota(square, 'int32', 1)), a.dtype), [a.size, ...a.shape])
}

/** One leaf of the basis, symbolic zeros elsewhere. */
const only = (count: number, k: number, x: Tensor): Maybe[] => range(count).map((i) => (i === k ? x : null))

/** `fold` over all basis vectors of `over` at once; result `i` is `[over.size, ...avals[i]]`. */
const overBasis = (name: string, fold: (x: Tensor) => readonly Maybe[], over: Aval, avals: readonly Aval[]): readonly Tensor[] => {
  const run = batch(name, ([x]) => fold(x!).map((y, i) => instantiate(y, avals[i]!)), [basis(over)], [true], over.size)
  return run.outputs.map((y, i) => (run.batched[i] ? y : repeat(y, over.size)))
}

/** Entry `[o][i]` is `[...outs[o], ...ins[i]]`, one batched pull for each output leaf. */
const byPull = (tape: Tape, ins: readonly Aval[], outs: readonly Aval[]): Tensor[][] =>
  outs.map((out, o) =>
    overBasis('jacrev', (cy) => pull(tape, only(outs.length, o, cy)), out, ins).map((y, i) => reshape(y, [...out.shape, ...ins[i]!.shape])),
  )

/** Entry `[o][i]` is `[...outs[o], ...ins[i]]`, one batched push for each input leaf. */
const byPush = (tape: Tape, ins: readonly Aval[], outs: readonly Aval[]): Tensor[][] => {
  const columns = ins.map((a, i) => overBasis('jacfwd', (dx) => push(tape, only(ins.length, i, dx)), a, outs))
  return outs.map((out, o) =>
    columns.map((column, i) => {
      const y = column[o]!
      return reshape(transpose(y, [...range(y.ndim).slice(1), 0]), [...out.shape, ...ins[i]!.shape])
    }),
  )
}

const jacobian =
  (name: string, entries: typeof byPull) =>
  (f: (...args: Args) => unknown, options?: GradOptions<number | readonly number[], boolean> | number | readonly number[]) => {
    checkFunction(name, f)
    const { argnums = 0, hasAux = false } = gradOptions(name, options)
    return (...args: Args): unknown => {
      const chosen = select(name, f, args, argnums)
      const flat = onLeaves(hasAux ? (args) => pairOf(name, 'y', chosen.call(args)) : chosen.call, chosen.structure, name)
      const { values, tape } = record(name, flat.call, chosen.leaves)
      const whole = flat.structure()
      const structure = hasAux ? whole.children[0]! : whole
      const outs = values.slice(0, structure.count).map((y) => y.aval)
      for (const a of outs)
        if (!isInexact(a.dtype))
          fail(DTypeError, `${name}: the function returned ${a.dtype}; a Jacobian needs ${phrase(isInexact)}`, {
            args: { y: a },
            fix: 'return integers as aux, with hasAux',
          })
      const differentiated: Tape = { ...tape, outputs: tape.outputs.slice(0, structure.count) }
      const rows = entries(
        differentiated,
        chosen.leaves.map((x) => x.aval),
        outs,
      ).map((row) => chosen.result(row))
      const result: unknown = unflatten(structure, rows)
      return hasAux ? [result, (flat.result(values) as Args)[1]] : result
    }
  }

const jacfwdOf = jacobian('jacfwd', byPush)
const jacrevOf = jacobian('jacrev', byPull)

/**
 * The Jacobian of `f` by forward mode: for outputs `[m...]` and inputs `[n...]` an array `[m..., n...]`, in trees
 * like the output whose leaves are trees like the argument. Best when there are fewer inputs than outputs.
 *
 * @throws DTypeError when an argument or the result is not floating point
 * @example
 * jacfwd((x) => np.mul(x, x))(np.array([1, 2]))   // [[2, 0], [0, 4]]
 */
export function jacfwd<A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
): (...args: A) => Jacobian<R, Differential<A[0]>>
export function jacfwd<A extends Args = readonly Tensor[], R = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => R,
  options: GradOptions<N, false> | N,
): (...args: A) => Jacobian<R, Selected<A, N>>
export function jacfwd<A extends Args = readonly Tensor[], R = unknown, X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [R, X],
  options: GradOptions<N, true>,
): (...args: A) => [Jacobian<R, Selected<A, N>>, X]
export function jacfwd(
  f: (...args: Args) => unknown,
  options?: GradOptions<number | readonly number[], boolean> | number | readonly number[],
): (...args: Args) => unknown {
  return jacfwdOf(f, options)
}

/**
 * The Jacobian of `f` by reverse mode; result as `jacfwd`. Best when there are fewer outputs than inputs.
 *
 * @throws DTypeError when an argument or the result is not floating point
 * @example
 * jacrev((x) => np.mul(x, x))(np.array([1, 2]))   // [[2, 0], [0, 4]]
 */
export function jacrev<A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
): (...args: A) => Jacobian<R, Differential<A[0]>>
export function jacrev<A extends Args = readonly Tensor[], R = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => R,
  options: GradOptions<N, false> | N,
): (...args: A) => Jacobian<R, Selected<A, N>>
export function jacrev<A extends Args = readonly Tensor[], R = unknown, X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [R, X],
  options: GradOptions<N, true>,
): (...args: A) => [Jacobian<R, Selected<A, N>>, X]
export function jacrev(
  f: (...args: Args) => unknown,
  options?: GradOptions<number | readonly number[], boolean> | number | readonly number[],
): (...args: Args) => unknown {
  return jacrevOf(f, options)
}

const hessianOptions = optionsOrNumbers<GradOptions<number, false>, 'argnums'>(
  { argnums: either(number, listOf(number)), hasAux: oneOf(false) },
  'argnums',
)

/**
 * The Hessian of a function: second derivatives, `[y..., x..., x...]`, forward over reverse.
 *
 * @example
 * hessian((x) => np.sum(np.pow(x, 3)))(np.array([1, 2]))   // [[6, 0], [0, 12]]
 */
export const hessian = <A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  options: GradOptions<number, false> | number = {},
): ((...args: A) => Jacobian<R, Jacobian<Differential<A[0]>, Differential<A[0]>>>) => {
  const { argnums = 0 } = hessianOptions('hessian', options)
  return jacobian('hessian', byPush)(jacobian('hessian', byPull)(f as (...args: Args) => unknown, { argnums }), { argnums }) as (
    ...args: A
  ) => Jacobian<R, Jacobian<Differential<A[0]>, Differential<A[0]>>>
}

/**
 * Hessian-vector product of a scalar function, without the Hessian: forward over reverse.
 *
 * @returns a function of a point and a direction, both trees like the argument of `f`
 * @example
 * hvp((x: Tensor) => np.sum(np.pow(x, 3)))(np.array([1, 2]), np.array([1, 1]))   // [6, 12]
 */
export const hvp = <P = Tensor>(f: (p: P) => Tensor): ((p: P, v: P) => Differential<P>) => {
  checkFunction('hvp', f)
  return (p, v) => jvp((q: P) => grad(f)(q), [p], [v])[1] as Differential<P>
}
