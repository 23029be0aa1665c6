/** Gradients of scalar functions. */
import { either, flag, listOf, number } from '../core/check.js'
import { isInexact, phrase } from '../core/dtype.js'
import { fail, ShapeError, DTypeError, ValueError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { optionsOrNumbers } from '../core/options.js'
import { isTensor, scalar, type Tensor } from '../core/tensor.js'
import { show as showStructure } from '../tree/structure.js'
import { flatten, unflatten, type Leaf } from '../tree/tree.js'
import type { Args, Differential } from './flat.js'
import { checkFloat, checkFunction, flattenTensors, liftLeaf, onLeaves, pairOf } from './flat.js'
import { pull, record } from './tape.js'
import { instantiate } from './zeros.js'

/** Derivatives with respect to the arguments `N`: one for a number, a tuple for a list. */
export type Selected<A extends Args, N> = N extends number
  ? Differential<A[N]>
  : N extends readonly number[]
    ? { -readonly [K in keyof N]: N[K] extends number ? Differential<A[N[K]]> : never }
    : never

/** Options of `grad`, `valueAndGrad` and the Jacobians. */
export interface GradOptions<N, H extends boolean> {
  /** Position, or positions, of the arguments to differentiate with respect to; 0 by default. */
  readonly argnums?: N
  /** `f` returns `[value, aux]`; `aux` is passed through. */
  readonly hasAux?: H
}

type AnyGradOptions = GradOptions<number | readonly number[], boolean>

const meanings: Meanings<AnyGradOptions> = { argnums: either(number, listOf(number)), hasAux: flag }

/** The options of `grad` and its relatives, checked; a number or a list of numbers is `argnums`, as in JAX. */
export const gradOptions = optionsOrNumbers<AnyGradOptions, 'argnums'>(meanings, 'argnums')

/** The arguments `argnums` of a call as one tree, and the call as a function of that tree. */
export const select = (name: string, f: (...args: Args) => unknown, args: Args, argnums: number | readonly number[]) => {
  const positions = typeof argnums === 'number' ? [argnums] : argnums
  for (const n of positions)
    if (!Number.isInteger(n) || n < 0 || n >= args.length)
      fail(
        ValueError,
        `${name}: argnums ${n} is out of range: the function was called with ${args.length} argument${args.length === 1 ? '' : 's'}`,
        {
          fix: args.length === 0 ? 'a function with an argument' : `positions from 0 to ${args.length - 1}`,
        },
      )
  if (new Set(positions).size !== positions.length)
    fail(ValueError, `${name}: argnums [${positions.join(', ')}] name an argument twice`, { fix: 'every position once' })
  const { leaves, structure } = flattenTensors(positions.map((n): unknown => args[n]))
  structure.children.forEach((child, i) => {
    if (child.kind === 'static')
      fail(DTypeError, `${name}: argument ${positions[i]} is ${showStructure(child)}, which has no derivative`, {
        fix: 'another argument with argnums; static leaves within a tree are carried along',
      })
  })
  checkFloat(name, leaves, structure, positions)
  const call = (chosen: readonly unknown[]): unknown => {
    const full: unknown[] = [...args]
    positions.forEach((n, i) => {
      full[n] = chosen[i]
    })
    return f(...full)
  }
  const result = (derivatives: readonly Tensor[]): unknown => {
    const tuple = unflatten(structure, derivatives)
    return typeof argnums === 'number' ? tuple[0] : tuple
  }
  return { leaves, structure, call, result }
}

/** The loss as one tensor; throws unless it is a float scalar. */
const lossOf = (name: string, y: unknown): Tensor => {
  const leaves: readonly Leaf[] = isTensor(y) || typeof y === 'number' ? [y] : flatten(y).leaves
  if (leaves.length !== 1 || typeof y === 'boolean' || !(isTensor(y) || typeof y === 'number'))
    return fail(ShapeError, `${name}: the function returned a tree of ${leaves.length} leaves; a gradient needs one scalar`, {
      args: { returned: showStructure(flatten(y).structure) },
      fix: 'return the scalar loss, or [loss, aux] with hasAux; vjp and jacrev differentiate trees',
    })
  const loss = liftLeaf(y)
  if (loss.ndim !== 0)
    fail(ShapeError, `${name}: the function returned shape [${loss.shape.join(',')}]; a gradient needs a scalar`, {
      args: { loss: loss.aval },
      fix: 'np.sum or np.mean of the result; or vjp, jacrev, vmap(grad(f))',
    })
  if (!isInexact(loss.dtype))
    fail(DTypeError, `${name}: the function returned ${loss.dtype}; a gradient needs a ${phrase(isInexact)} scalar`, {
      args: { loss: loss.aval },
      fix: "np.astype(loss, 'float32') before it becomes an integer",
    })
  return loss
}

const differentiate = (name: string, f: (...args: Args) => unknown, options: AnyGradOptions) => {
  checkFunction(name, f)
  const { argnums = 0, hasAux = false } = options
  return (...args: Args): { readonly value: unknown; readonly grads: unknown } => {
    const chosen = select(name, f, args, argnums)
    const flat = onLeaves(
      (tree: readonly unknown[]): unknown => {
        const y = chosen.call(tree)
        if (!hasAux) return lossOf(name, y)
        const [loss, aux] = pairOf(name, 'loss', y)
        return [lossOf(name, loss), aux]
      },
      chosen.structure,
      name,
    )
    const { values, tape } = record(name, flat.call, chosen.leaves)
    const loss = values[0]!
    const seeds = values.map((_, i) => (i === 0 ? scalar(1, loss.dtype, loss.aval.weak) : null))
    const cxs = pull(tape, seeds).map((c, i) => instantiate(c, chosen.leaves[i]!.aval))
    return { value: flat.result(values), grads: chosen.result(cxs) }
  }
}

/**
 * The gradient of a scalar function with respect to its first argument (or `argnums`): a function of the same
 * arguments that returns a tree like that argument.
 *
 * @param f pure; returns a float scalar, or `[scalar, aux]` with `hasAux`
 * @returns the gradient; with `hasAux`, `[gradient, aux]`
 * @throws ShapeError when the result is not a scalar, DTypeError when an argument or the result is not floating point
 * @example
 * grad((x) => np.sum(np.mul(x, x)))(np.array([1, 2, 3]))   // [2, 4, 6]
 * grad(grad(grad(np.tanh)))(0.5)                           // numbers are scalars
 */
export function grad<A extends Args = readonly Tensor[]>(f: (...args: A) => Tensor): (...args: A) => Differential<A[0]>
export function grad<A extends Args = readonly Tensor[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => Tensor,
  options: GradOptions<N, false> | N,
): (...args: A) => Selected<A, N>
export function grad<A extends Args = readonly Tensor[], X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<N, true>,
): (...args: A) => [Selected<A, N>, X]
export function grad(f: (...args: Args) => unknown, given: AnyGradOptions | number | readonly number[] = {}): (...args: Args) => unknown {
  const options = gradOptions('grad', given)
  const run = differentiate('grad', f, options)
  return (...args) => {
    const { value, grads } = run(...args)
    return options.hasAux ? [grads, (value as Args)[1]] : grads
  }
}

/**
 * The value and the gradient of a scalar function at once; arguments and options as `grad`.
 *
 * @returns `[value, gradient]`; with `hasAux`, `[[value, aux], gradient]`
 * @example
 * const [value, dw] = valueAndGrad((w) => np.sum(np.square(w)))(np.array([3, 4]))   // 25, [6, 8]
 */
export function valueAndGrad<A extends Args = readonly Tensor[]>(f: (...args: A) => Tensor): (...args: A) => [Tensor, Differential<A[0]>]
export function valueAndGrad<A extends Args = readonly Tensor[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => Tensor,
  options: GradOptions<N, false> | N,
): (...args: A) => [Tensor, Selected<A, N>]
export function valueAndGrad<A extends Args = readonly Tensor[], X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions<N, true>,
): (...args: A) => [[Tensor, X], Selected<A, N>]
export function valueAndGrad(
  f: (...args: Args) => unknown,
  given: AnyGradOptions | number | readonly number[] = {},
): (...args: Args) => unknown {
  const run = differentiate('valueAndGrad', f, gradOptions('valueAndGrad', given))
  return (...args) => {
    const { value, grads } = run(...args)
    return [value, grads]
  }
}
