/** The jit mode of the suite: functions of tensors, evaluated as compiled Programs. */
import type { Tensor } from '../src/index.js'
import { isTensor, jit, tree } from '../src/index.js'

const leavesOf = (x: unknown): readonly unknown[] => tree.leaves(x)

/** True for results that a Program can have. */
const computed = (result: unknown): boolean => {
  try {
    const leaves = leavesOf(result)
    return leaves.length > 0 && leaves.every(isTensor)
  } catch {
    return false // not a tree
  }
}

type AnyFunction = (...args: readonly unknown[]) => unknown

/**
 * `f`, whose results come from a compiled Program wherever they are tensors. The arguments are closed over: tensors among
 * them become inputs of the Program, everything else is fixed in it.
 */
const through =
  (f: AnyFunction): AnyFunction =>
  (...args) => {
    const result = f(...args)
    if (!computed(result)) return jitted(result)
    return jit(() => f(...args) as Tensor)()
  }

const isPlain = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && [Object.prototype, null].includes(Object.getPrototypeOf(x) as object | null)

/** A function, or a record of functions, in jit mode; other values as they are. */
export const jitted = (x: unknown): unknown => {
  if (typeof x === 'function') return Object.assign(through(x as AnyFunction), x)
  if (!isPlain(x) || !Object.values(x).some((v) => typeof v === 'function')) return x
  return Object.fromEntries(Object.entries(x).map(([name, v]) => [name, typeof v === 'function' ? jitted(v) : v]))
}
