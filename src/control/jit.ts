/** Compilation: trace once per kind of arguments, optimise, run as one executable. */
import type { Tensor } from '../core/tensor.js'
import { bindAll } from '../ir/bind.js'
import type { Args, Differential } from '../transforms/flat.js'
import { callP } from './call.js'
import { staged, type StageOptions } from './staged.js'

type Stage = ReturnType<typeof staged>

/** The traced forms of jitted functions. */
const stages = new WeakMap<object, Stage>()

/** What traces a jitted function; undefined for other functions. */
export const stageOf = (f: object): Stage | undefined => stages.get(f)

/**
 * `f`, traced once per shapes, dtypes and structure of its arguments, optimised and compiled as a whole.
 * `f` must be pure: what it reads besides its arguments is fixed at the first call.
 * Tensors and numbers are traced, the latter as weak scalars, so a new number does not compile anew. Strings, booleans,
 * bigints and functions, alone or within trees, are static: `f` sees them as they are, and a new one compiles anew; so a function
 * made anew for every call costs a compilation for every call. The 64 latest Programs are kept.
 *
 * @throws TraceError when `f` needs the value of a traced argument (`if`, `item()`): make the argument static, or use `np.where`, `cond`
 * @example
 * const step = jit((w, x) => np.sub(w, np.mul(0.1, x)), { donate: [0] })
 * const f = jit((x: Tensor, training: boolean) => (training ? np.mul(x, 2) : x))
 * f(np.array([1, 2]), true)   // [2, 4]
 */
export const jit = <A extends Args = readonly Tensor[], R = unknown>(
  f: (...args: A) => R,
  options: StageOptions = {},
): ((...args: A) => Differential<R>) => {
  const stage = staged('jit', f, options)
  const jitted = (...args: A): Differential<R> => {
    const { entry, inputs } = stage(args)
    return entry.result(bindAll(callP, inputs, entry.params))
  }
  stages.set(jitted, stage as Stage)
  return jitted
}
