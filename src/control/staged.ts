/** Functions traced once per kind of arguments: the cache behind `jit` and `checkpoint`. */
import type { Aval } from '../core/aval.js'
import { anything } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { namedAxes } from '../ir/axes.js'
import type { Program } from '../ir/program.js'
import { trace } from '../ir/trace.js'
import type { Args, Differential } from '../transforms/flat.js'
import { checkFunction, flattenTensors, onLeaves } from '../transforms/flat.js'
import type { Structure } from '../tree/structure.js'
import { identical } from '../tree/structure.js'
import { unflatten } from '../tree/tree.js'

/** One traced form of a function. */
export interface Staged<R> {
  readonly program: Program
  readonly captures: readonly Tensor[]
  readonly result: (leaves: readonly Tensor[]) => Differential<R>
  /** Parameters for the primitive that applies the Program; made once, so that caches can compare by identity. */
  readonly params: { readonly program: Program; readonly name: string; readonly donate: readonly number[] }
}

interface Key {
  readonly structure: Structure
  readonly avals: readonly Aval[]
  readonly statics: readonly unknown[]
  /** The named axes in force: `pmean` and others put their sizes into the Program. */
  readonly axes: string
}

/** Options of `jit`. */
export interface StageOptions {
  /** Positions of arguments that are not traced: any value, compared by `Object.is`; each new one compiles anew. Strings, booleans and functions need no mention. */
  readonly static?: readonly number[]
  /** Positions of arguments whose memory the result may reuse; their tensors cannot be read afterwards. */
  readonly donate?: readonly number[]
}

const stageOptions = optionsOf<StageOptions>({ static: anything, donate: anything })

const nothing: readonly unknown[] = []

/** Programs kept per function; the least recently used goes first. */
const capacity = 64

const matches = (a: Key, structure: Structure, leaves: readonly Tensor[], statics: readonly unknown[], axes: string): boolean => {
  if (!identical(a.structure, structure) || a.statics.length !== statics.length || a.axes !== axes) return false
  for (let i = 0; i < leaves.length; i++) if (a.avals[i] !== leaves[i]!.aval) return false
  for (let i = 0; i < statics.length; i++) if (!Object.is(a.statics[i], statics[i])) return false
  return true
}

/** The positions of the leaves of the arguments `donate` among the leaves of all that are traced, after `offset` captures. */
const donatedLeaves = (structure: Structure, traced: readonly number[], donate: readonly number[], offset: number): number[] => {
  const positions: number[] = []
  let at = offset
  traced.forEach((k, i) => {
    const n = structure.children[i]!.count
    if (donate.includes(k)) for (let j = 0; j < n; j++) positions.push(at + j)
    at += n
  })
  return positions
}

const checkPositions = (name: string, option: string, positions: readonly number[]): void => {
  if (!Array.isArray(positions))
    fail(ValueError, `${name}: ${option} is a list of positions of arguments, got ${String(positions)}`, { fix: `[${String(positions)}]` })
  for (const k of positions)
    if (!Number.isInteger(k) || k < 0)
      fail(ValueError, `${name}: ${option} lists positions of arguments, got [${positions.join(', ')}]`, { fix: 'integers from 0' })
}

const checkCalled = (name: string, option: string, positions: readonly number[], count: number): void => {
  const k = positions.find((p) => p >= count)
  if (k !== undefined)
    fail(
      ValueError,
      `${name}: ${option} names argument ${k}, but the function was called with ${count} argument${count === 1 ? '' : 's'}`,
      {
        fix: 'positions count from 0',
      },
    )
}

/** What turns leaves back into a result. Made here, where no closure holds the arguments that were traced. */
const rebuild =
  <R>(structure: Structure<unknown>) =>
  (leaves: readonly Tensor[]): Differential<R> =>
    unflatten(structure, leaves) as Differential<R>

/** `f` as a function from arguments to the Program for them and the Program's inputs. */
export const staged = <A extends Args, R>(name: string, f: (...args: A) => R, options: StageOptions = {}) => {
  checkFunction(name, f)
  const { static: fixed = [], donate = [] } = stageOptions(name, options)
  checkPositions(name, 'static', fixed)
  checkPositions(name, 'donate', donate)
  for (const k of donate)
    if (fixed.includes(k))
      fail(ValueError, `${name}: argument ${k} is both static and donated`, { fix: 'donate tensors, keep configuration static' })
  const cache: { key: Key; entry: Staged<R> }[] = []
  const label = f.name === '' ? 'f' : f.name

  const build = (args: Args, traced: readonly number[], structure: Structure<readonly unknown[]>, leaves: readonly Tensor[]): Staged<R> => {
    const flat = onLeaves(
      (tree: readonly unknown[]): R => {
        const full: unknown[] = [...args]
        traced.forEach((k, i) => {
          full[k] = tree[i]
        })
        return f(...(full as unknown as A))
      },
      structure,
      name,
    )
    const { program, captures } = trace(
      name,
      flat.call,
      leaves.map((x) => x.aval),
    )
    return {
      program,
      captures,
      result: rebuild<R>(flat.structure()),
      params: { program, name: label, donate: donatedLeaves(structure, traced, donate, captures.length) },
    }
  }

  /** The positions of the arguments that are traced. */
  const tracedOf = (args: Args): readonly number[] => args.flatMap((_, k) => (fixed.includes(k) ? [] : [k]))

  return (args: Args): { readonly entry: Staged<R>; readonly inputs: readonly Tensor[] } => {
    if (donate.length > 0) checkCalled(name, 'donate', donate, args.length)
    if (fixed.length > 0) checkCalled(name, 'static', fixed, args.length)
    // Most functions have no static arguments: their calls make no lists of them.
    const chosen = fixed.length === 0 ? args : tracedOf(args).map((k): unknown => args[k])
    const statics = fixed.length === 0 ? nothing : fixed.map((k): unknown => args[k])
    const { leaves, structure } = flattenTensors<readonly unknown[]>(chosen)
    const axes = namedAxes()
    for (let i = 0; i < cache.length; i++) {
      const hit = cache[i]!
      if (!matches(hit.key, structure, leaves, statics, axes)) continue
      if (i > 0) {
        cache.splice(i, 1)
        cache.unshift(hit)
      }
      return { entry: hit.entry, inputs: hit.entry.captures.length === 0 ? leaves : [...hit.entry.captures, ...leaves] }
    }
    const entry = build(args, tracedOf(args), structure, leaves)
    // A Program that closed over values of a running transform is good for this call only.
    if (entry.captures.every((t) => t.owner === null)) {
      cache.unshift({ key: { structure, avals: leaves.map((x) => x.aval), statics, axes }, entry })
      if (cache.length > capacity) cache.pop()
    }
    return { entry, inputs: [...entry.captures, ...leaves] }
  }
}
