/** Functions of trees as functions of lists of tensors, the form in which interpreters run them. */
import type { Aval } from '../core/aval.js'
import { callable, check } from '../core/check.js'
import { isInexact, phrase } from '../core/dtype.js'
import { DTypeError, fail, ShapeError, ValueError } from '../core/errors.js'
import { isTensor, scalar, type Tensor } from '../core/tensor.js'
import { structurePaths } from '../tree/path.js'
import type { Static, Structure } from '../tree/structure.js'
import { checkSame, flatten, flattenTraced, unflatten, type Leaf } from '../tree/tree.js'
import { zeros } from './zeros.js'

/**
 * Any list of arguments. Functions that infer one take `readonly Tensor[]` by default, so that a parameter
 * without annotation is a tensor: inferred from the constraint alone it would be `any`.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- inference of argument tuples needs `any`: parameters are contravariant
export type Args = readonly any[]

/** What no tree holds: its type in a result says so. */
export interface NoTree<T> {
  readonly 'not a tree of tensors': T
}

/** Values that look like records to the compiler and are none. */
type Foreign = PromiseLike<unknown> | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | ArrayBufferView | Date

/**
 * The type of a derivative with respect to a `T`, and of what a transform returns for it: numbers become tensors, trees keep
 * their type and their static leaves. A boolean that stands beside tensors, as in `TensorLike`, is no static leaf.
 */
export type Differential<T, Whole = T> = T extends Tensor | number
  ? Tensor
  : T extends boolean
    ? Tensor extends Whole
      ? never
      : T
    : T extends Static | null | undefined
      ? T
      : T extends Foreign
        ? NoTree<T>
        : T extends readonly unknown[] | object
          ? { [K in keyof T]: Differential<T[K]> }
          : T

/** The type of a `T` that is the state of a loop or the result of a branch: numbers and booleans become tensors. */
export type Lifted<T> = T extends Tensor | number | boolean
  ? Tensor
  : T extends Static | null | undefined
    ? T
    : T extends readonly unknown[] | object
      ? { [K in keyof T]: Lifted<T[K]> }
      : T

/** A leaf as a tensor: numbers are weak float32 scalars, booleans bool scalars. */
export const liftLeaf = (x: Leaf): Tensor => (isTensor(x) ? x : typeof x === 'boolean' ? scalar(x ? 1 : 0, 'bool', false) : scalar(x))

/** A tree taken apart, its leaves as tensors. */
export interface FlatTensors<T> {
  readonly leaves: readonly Tensor[]
  readonly structure: Structure<T>
}

/** A tree as its structure and its leaves as tensors. Booleans are static: a flag of the program, which `if` can test. */
export const flattenTensors = <T>(tree: T): FlatTensors<T> => {
  const { leaves, structure } = flattenTraced(tree)
  return { leaves: leaves.map(liftLeaf), structure }
}

/** As `flattenTensors`, for what changes as a loop runs or with the branch taken: there a boolean is a value, as a number is. */
export const flattenLifted = <T>(tree: T): FlatTensors<T> => {
  const { leaves, structure } = flatten(tree)
  return { leaves: leaves.map(liftLeaf), structure }
}

/**
 * A result that is no Promise. What an async function does after its first `await` would run outside of the transform; its Promise
 * may reject, which nobody could handle, so that is silenced here.
 */
export const synchronous = <R>(name: string, result: R): R => {
  const { then } = (result ?? {}) as { readonly then?: unknown }
  if (typeof then !== 'function' || isTensor(result)) return result
  void Promise.resolve(result).catch(() => undefined)
  return fail(ValueError, `${name}: the function returned a Promise; an async function cannot be transformed`, {
    fix: 'await the data first, and transform the function of it',
  })
}

/** Throws for an argument that is no function. @throws ValueError */
export const checkFunction = (name: string, f: unknown, parameter = 'f'): void => {
  check(name, parameter, callable, f)
}

/** What a function returned that `hasAux` says to return a pair. */
export const pairOf = (name: string, value: string, y: unknown): Args => {
  if (!Array.isArray(y) || y.length !== 2)
    return fail(ValueError, `${name}: with hasAux the function must return [${value}, aux]`, {
      fix: `return [${value}, aux]; or leave hasAux out`,
    })
  return y
}

/** A function of leaves, and what turns its results back into a tree once it has run. */
export interface FlatFunction<R> {
  readonly call: (leaves: readonly Tensor[]) => readonly Tensor[]
  readonly result: (leaves: readonly Tensor[]) => R
  readonly structure: () => Structure<R>
  /** Whether it has run, so that the structure of its result is known. */
  readonly ran: () => boolean
}

/** `f` on the leaves of trees of `structure`; `take` takes its result apart. */
export const onLeaves = <T, R>(
  f: (tree: T) => R,
  structure: Structure<T>,
  name = 'transform',
  take: (tree: R) => FlatTensors<R> = flattenTensors,
): FlatFunction<R> => {
  let out: Structure<R> | null = null
  const known = (): Structure<R> => out ?? fail(ValueError, 'onLeaves: the function has not run yet')
  return {
    call: (leaves) => {
      const flat = take(synchronous(name, f(unflatten(structure, leaves))))
      out = flat.structure
      return flat.leaves
    },
    result: (leaves) => unflatten(known(), leaves),
    structure: known,
    ran: () => out !== null,
  }
}

/** ` at 'l1/w'`, for errors; nothing for the root. */
const place = (structure: Structure, i: number): string => {
  const path = structurePaths(structure)[i] ?? ''
  return path === '' ? '' : ` at '${path}'`
}

/** `argument 0 at 'l1/w'`, for errors: the place of leaf `i` in a list of arguments called with at `positions`. */
const argument = (structure: Structure, i: number, positions: readonly number[]): string => {
  const [first, ...rest] = (structurePaths(structure)[i] ?? '').split('/')
  return `argument ${positions[Number(first)] ?? first}${rest.length === 0 ? '' : ` at '${rest.join('/')}'`}`
}

/** Throws unless every leaf of the arguments at `positions` is floating point, as derivatives need. */
export const checkFloat = (name: string, leaves: readonly Tensor[], structure: Structure, positions: readonly number[]): void => {
  leaves.forEach((x, i) => {
    if (!isInexact(x.dtype))
      fail(
        DTypeError,
        `${name}: ${argument(structure, i, positions)} is ${x.dtype}; derivatives are with respect to ${phrase(isInexact)}`,
        {
          args: { x: x.aval },
          fix: "np.astype(x, 'float32'), or choose another argument with argnums",
        },
      )
  })
}

/** Leaf `i` of `tree` as a tangent or cotangent for a value of aval `a`; numbers take the dtype they stand for. */
const fit = (name: string, leaf: Leaf, a: Aval, structure: Structure, i: number): Tensor => {
  if (!isTensor(leaf) && a.shape.length === 0) return scalar(Number(leaf), a.dtype, a.weak)
  const x = liftLeaf(leaf)
  if (x.shape.length !== a.shape.length || x.shape.some((n, k) => n !== a.shape[k]))
    fail(ShapeError, `${name}: shapes differ${place(structure, i)}: [${x.shape.join(',')}] given, [${a.shape.join(',')}] needed`, {
      args: { given: x.aval, value: a },
      fix: 'a tensor of the shape of the value; np.broadcastTo, np.sumTo or np.reshape',
    })
  if (x.dtype !== a.dtype)
    fail(DTypeError, `${name}: dtypes differ${place(structure, i)}: ${x.dtype} given, ${a.dtype} needed`, {
      args: { given: x.aval, value: a },
      fix: `np.astype(x, '${a.dtype}')`,
    })
  return x
}

/** As `flattenLike`, for what a function of the host gave: there a boolean is a value, as a number is. */
export const flattenGiven = (name: string, tree: unknown, structure: Structure, avals: readonly Aval[]): readonly Tensor[] => {
  const flat = flatten(tree)
  checkSame(name, structure, flat.structure)
  return flat.leaves.map((leaf, i) => fit(name, leaf, avals[i]!, structure, i))
}

/** Tangents or cotangents `tree` for values of `structure` and `avals`, checked. Numbers take the dtype they stand for. */
export const flattenLike = (name: string, tree: unknown, structure: Structure, avals: readonly Aval[]): readonly Tensor[] => {
  const flat = flattenTraced(tree)
  checkSame(name, structure, flat.structure)
  return flat.leaves.map((leaf, i) => fit(name, leaf, avals[i]!, structure, i))
}

/** As `flattenLike`, for what a user's rule returned: what stands for values that are not floats is ignored. */
export const flattenReturned = (name: string, tree: unknown, structure: Structure, avals: readonly Aval[]): readonly Tensor[] => {
  const flat = flattenTraced(tree)
  checkSame(name, structure, flat.structure)
  return flat.leaves.map((leaf, i) => (isInexact(avals[i]!.dtype) ? fit(name, leaf, avals[i]!, structure, i) : zeros(avals[i]!)))
}
