/** Looking into a computation while it runs: functions that are called for what they do, in the order of the program. */
import { called } from '../core/called.js'
import { check, text } from '../core/check.js'
import { isRecord } from '../core/describe.js'
import { isTensor, type Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import { debugCallbackP } from '../prim/callback.js'
import { unflatten } from '../tree/tree.js'
import type { Args } from './flat.js'
import { checkFunction, flattenTensors, synchronous } from './flat.js'
import { callUser, labelOf } from './hostCall.js'
import { printFormat } from './printFormat.js'
import type { CallbackArgs } from './pureCallback.js'

/** Calls `f` of the arguments whenever what is traced here runs. */
const callEachTime = (name: string, label: string, f: (...args: Args) => unknown, args: Args): void => {
  const { leaves, structure } = flattenTensors(args)
  const run = called(label, (inputs: readonly Tensor[]): void => {
    synchronous(
      name,
      callUser(name, label, () => f(...unflatten(structure, inputs))),
    )
  })
  bindAll(debugCallbackP, leaves, { f: run, batches: [] })
}

/** Numbers as texts: what is no tensor is printed as it stands in the code. */
const written = (x: unknown): unknown => {
  if (typeof x === 'number') return Object.is(x, -0) ? '-0' : String(x)
  if (isTensor(x)) return x
  if (Array.isArray(x)) return x.map(written)
  return isRecord(x) ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, written(v)])) : x
}

const print = (format: string, ...args: readonly unknown[]): void => {
  check('debug.print', 'format', text, format)
  const fill = printFormat(format, args)
  const log = (...values: readonly unknown[]): void => {
    // eslint-disable-next-line no-console -- printing is what it is for
    console.log(fill(values))
  }
  callEachTime('debug.print', 'print', log, args.map(written))
}

const callback = <A extends Args>(f: (...args: CallbackArgs<A>) => unknown, ...args: A): void => {
  checkFunction('debug.callback', f)
  callEachTime('debug.callback', labelOf(f), f as (...args: Args) => unknown, args)
}

/** The functions of `debug`. */
export interface Debug {
  /**
   * Prints a line when the computation runs, under every transform: `'{}'` stands for the next argument, `'{0}'` for one by its position,
   * `'{name}'` for one of the last argument, a record; `'{{'` and `'}}'` for braces. Tensors print as NumPy prints them.
   *
   * Under `jit` it prints at every call; under `vmap` once for each member; under `grad`, `vjp` and `jvp` the value, once. Lines come in
   * the order of the program. What `checkpoint` computes again is printed again.
   *
   * @throws ValueError when the fields and the arguments do not fit each other
   * @example
   * const f = jit((x: Tensor) => {
   *   debug.print('x = {x}, its sum {}', np.sum(x), { x })
   *   return np.mul(x, 2)
   * })
   * f(np.array([1, 2]))   // [2, 4]
   */
  readonly print: (format: string, ...args: readonly unknown[]) => void
  /**
   * Calls `f(...args)` when the computation runs, for what it does; as `debug.print`. `f` is given tensors that it may read, with static
   * leaves as they are; what it returns is ignored.
   *
   * @throws ValueError, from the computation, when `f` throws, which is its `cause`, or returns a Promise
   * @example
   * const seen: number[] = []
   * const f = (x: Tensor) => {
   *   debug.callback((v) => seen.push(Number(v)), x)
   *   return np.square(x)
   * }
   * vmap(grad(f))(np.array([1, 2]))   // [2, 4]
   * seen                              // [1, 2]
   */
  readonly callback: <A extends Args>(f: (...args: CallbackArgs<A>) => unknown, ...args: A) => void
}

/**
 * Effects in the middle of a computation, that run whenever it runs: `debug.print`, `debug.callback`.
 *
 * @example
 * debug.print('the largest is {}', np.max(np.array([3, 5])))
 */
export const debug: Debug = { print, callback }
