/** Values from functions of the host, inside of whatever is transformed or compiled. */
import { aval } from '../core/aval.js'
import { checkShape } from '../core/axis.js'
import { called } from '../core/called.js'
import { checkDType, oneOf } from '../core/check.js'
import { describe, isRecord } from '../core/describe.js'
import type { DType } from '../core/dtype.js'
import { fail, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import { isTensor, peek, Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import type { HostFunction, VmapMethod } from '../prim/callback.js'
import { pureCallbackP } from '../prim/callback.js'
import type { Leaf } from '../tree/tree.js'
import { unflatten } from '../tree/tree.js'
import type { Args, Differential } from './flat.js'
import { checkFunction, flattenGiven, flattenTensors, synchronous } from './flat.js'
import { callUser, labelOf } from './hostCall.js'

/** Shape and dtype of a result that is declared before there is one. */
export interface ResultShape {
  readonly shape: Shape
  readonly dtype: DType
}

/** A tree of declarations with a `T` in the place of each. */
export type OfResults<R, T> = R extends ResultShape ? T : { readonly [K in keyof R]: OfResults<R[K], T> }

/** The arguments of a callback: those that it was given, with tensors for numbers. */
export type CallbackArgs<A extends Args> = { readonly [K in keyof A]: Differential<A[K]> }

/** Options of `pureCallback`. */
export interface PureCallbackOptions {
  /**
   * What `vmap` does: `'sequential'` calls `f` once for each member of the batch; the others once for all, with a leading axis on
   * arguments and results. There an argument that has no batch axis gets one of size 1 (`'expandDims'`) or is repeated (`'broadcastAll'`).
   */
  readonly vmapMethod?: VmapMethod
}

const callbackOptions = optionsOf<PureCallbackOptions>({ vmapMethod: oneOf('sequential', 'expandDims', 'broadcastAll') })

/** A last argument that holds no number and no tensor is options: no function can compute with it. */
const areOptions = (x: unknown): x is PureCallbackOptions =>
  isRecord(x) && !isTensor(x) && Object.values(x).every((v) => typeof v === 'string' || v === undefined)

const placeholder = { name: 'pureCallback' }

/** A tree of declarations as a tree of tensors without elements. */
const declared = (x: unknown, path: string): unknown => {
  if (isTensor(x)) return new Tensor(aval(x.shape, x.dtype), placeholder, null, null)
  if (x === null || x === undefined) return x
  if (Array.isArray(x)) return x.map((v, k) => declared(v, `${path}[${k}]`))
  if (!isRecord(x))
    return fail(ValueError, `pureCallback: ${path} must declare a result, got ${describe(x)}`, {
      fix: "{ shape: [3], dtype: 'float32' }, a tensor like the result, or a list or record of them",
    })
  const { shape, dtype, ...others } = x
  if (!Array.isArray(shape) || typeof dtype !== 'string' || Object.keys(others).length > 0)
    return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, declared(v, `${path}.${k}`)]))
  checkShape('pureCallback', shape as Shape)
  return new Tensor(aval(shape as Shape, checkDType('pureCallback', dtype)), placeholder, null, null)
}

/**
 * `f(...args)`, called on the host when the computation runs: eagerly, under `jit` on every backend, inside `cond`, `scan` and `whileLoop`.
 * `f` is given tensors that it may read, with static leaves as they are, and returns a tree of tensors (a number or boolean for a scalar) of
 * the shapes and dtypes that `resultShapes` declares: a tree of `{ shape, dtype }` or of tensors. It must be pure: it may be called
 * again, or not at all where nothing reads its result.
 *
 * `vmap` needs a last argument `{ vmapMethod }`. There are no derivatives: put the call into a function with `customJvp` or `customVjp`.
 *
 * @throws TraceError under `vmap` without a method, and where it is differentiated; ValueError when `f` throws, which is its `cause`, or
 * returns a Promise; TreeError, ShapeError or DTypeError when the result is not as declared.
 * @example
 * const median = (v: Tensor) => [...v.toTypedArray()].sort((a, b) => a - b)[v.size >> 1]!
 * const f = jit((v: Tensor) => np.mul(pureCallback(median, { shape: [], dtype: 'float32' }, v), 2))
 * f(np.array([5, 1, 3]))   // 6
 */
export function pureCallback<const R, A extends Args>(
  f: (...args: CallbackArgs<A>) => OfResults<R, Leaf>,
  resultShapes: R,
  ...args: readonly [...A, PureCallbackOptions]
): OfResults<R, Tensor>
export function pureCallback<const R, A extends Args>(
  f: (...args: CallbackArgs<A>) => OfResults<R, Leaf>,
  resultShapes: R,
  ...args: A
): OfResults<R, Tensor>
export function pureCallback(f: (...args: Args) => unknown, resultShapes: unknown, ...all: Args): unknown {
  checkFunction('pureCallback', f)
  const last: unknown = all.at(-1)
  const options = areOptions(last) ? last : undefined
  const { vmapMethod = null } = callbackOptions('pureCallback', options)
  const { leaves, structure } = flattenTensors(options === undefined ? all : all.slice(0, -1))
  const results = flattenTensors(declared(resultShapes, 'resultShapes'))
  const label = labelOf(f)
  const call = called(label, (inputs: readonly Tensor[], outputs: Parameters<HostFunction>[1]) => {
    const given = callUser('pureCallback', label, () => f(...unflatten(structure, inputs)))
    return flattenGiven(`pureCallback: the result of ${label}`, synchronous('pureCallback', given), results.structure, outputs).map(peek)
  })
  const g: HostFunction = Object.assign(call, { results: results.leaves.map((x) => x.aval) })
  return unflatten(results.structure, bindAll(pureCallbackP, leaves, { f: g, vmapMethod, batches: [] }))
}
