/** The jit mode of the suite: functions of tensors, evaluated as compiled Programs. */
import { afterEach } from 'vitest'
import type { Tensor } from '../src/index.js'
import { isTensor, jit, tree } from '../src/index.js'
import { isStaging } from '../src/ir/bind.js'
import { alike, givenBack, isPlain, take } from './taken.js'

/** True for results that a Program can have. */
const computed = (result: unknown): boolean => {
  try {
    const leaves: readonly unknown[] = tree.leaves(result)
    return leaves.length > 0 && leaves.every(isTensor)
  } catch {
    return false // not a tree
  }
}

type AnyFunction = (...args: readonly unknown[]) => unknown

/** Compiled forms kept per function, until the end of a test: their constants are buffers. */
const kept = 8
interface Form {
  readonly fixed: readonly unknown[]
  readonly run: (args: readonly unknown[], tensors: readonly Tensor[]) => unknown
}
let forms = new WeakMap<AnyFunction, Form[]>()
afterEach(() => {
  forms = new WeakMap()
})

const formsOf = (f: AnyFunction): Form[] => {
  let all = forms.get(f)
  if (all === undefined) forms.set(f, (all = []))
  return all
}

/** How a function takes part: as a Program of its tensors; as a Program in which their values are known; not at all. */
type Part = 'traced' | 'known' | 'eager'

/** Functions whose results have shapes that depend on values: on those of an argument (a mask), or on those of what they compute. */
const parts: Readonly<Record<string, Part>> = {
  ...{ index: 'known', at: 'known', unique: 'known', uniqueAll: 'known' },
  ...{ nonzero: 'eager', argwhere: 'eager', flatnonzero: 'eager', extract: 'eager' },
}

/**
 * `f`, whose results come from a compiled Program wherever they are tensors, and are its arguments themselves where those are
 * given back; also those in `before`, which went to the functions that `f` came from. `f` is called once, as `jit` calls it;
 * again as it is where that gives something other than tensors. What was compiled serves again for the same fixed arguments.
 */
const through =
  (f: AnyFunction, part: Part, before: readonly unknown[]): AnyFunction =>
  (...args) => {
    // Inside of a trace it is on its way into a Program as it is, and tests may ask for the equations.
    if (isStaging()) return f(...args)
    const taken = take(args)
    const { tensors, fixed, refilled } = part === 'known' ? { tensors: [], fixed: null, refilled: () => args } : taken
    const known = fixed === null ? undefined : formsOf(f).find((form) => alike(form.fixed, fixed))
    if (known !== undefined) return known.run(args, tensors)
    let back: ReturnType<typeof givenBack> = (result) => result
    const program = jit((...from: readonly Tensor[]) => {
      const inner = refilled(from)
      const result = f(...inner)
      if (!computed(result)) throw new TypeError('no result of a Program')
      back = givenBack(result, [inner, before])
      return result as Tensor
    })
    const run: Form['run'] = (of, from) => {
      const outputs = program(...from) // the first time, it sets `back`
      return back(outputs, [of, before])
    }
    let result: unknown
    try {
      result = run(args, tensors)
    } catch (error) {
      const eagerly = f(...args)
      if (computed(eagerly)) throw error
      return jitted(eagerly, 'traced', [before, args])
    }
    if (fixed !== null && formsOf(f).unshift({ fixed, run }) > kept) formsOf(f).pop()
    return result
  }

/** Functions that are one stay one. */
const wrapped = new WeakMap<object, unknown>()

/** A function, or a record of functions, in jit mode, with name, length and everything else that it has; other values as they are. */
export const jitted = (x: unknown, part: Part = 'traced', before: readonly unknown[] = []): unknown => {
  if (typeof x === 'function') {
    if (part === 'eager') return x
    if (!wrapped.has(x))
      wrapped.set(x, Object.defineProperties(through(x as AnyFunction, part, before), Object.getOwnPropertyDescriptors(x)))
    return wrapped.get(x)
  }
  if (!isPlain(x) || !Object.values(x).some((v) => typeof v === 'function')) return x
  return Object.fromEntries(Object.entries(x).map(([name, v]) => [name, typeof v === 'function' ? jitted(v, parts[name], before) : v]))
}
