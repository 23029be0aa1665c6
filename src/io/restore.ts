/** Stored weights put into a model's tree: exactly, or as far as they fit, with a report of what did not. */
import { optionsOf } from '../core/options.js'
import { callable, check, flag, record } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import type { Aval } from '../core/aval.js'
import { aval } from '../core/aval.js'
import { dtypes, isReal } from '../core/dtype.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, isTensor, peek } from '../core/tensor.js'
import { showAval } from '../core/showAval.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import * as tree from '../tree/index.js'
import type { Weights } from './weights.js'
import { toWeights } from './weights.js'

/** Options of `restore`. */
export interface RestoreOptions {
  /** Keep the template's own values where weights are missing or do not fit, and leave out what it has no place for. */
  readonly partial?: boolean
  /** The stored name of a path; the path itself by default. */
  readonly rename?: (path: string) => string
  /** A stored tensor as the template has it at a path: transposed, say. */
  readonly convert?: (stored: Tensor, path: string) => Tensor
  /** Stored names that nobody misses. */
  readonly ignore?: (name: string) => boolean
  /** The paths to load; the others keep the template's values and are not missed. All by default. */
  readonly select?: (path: string) => boolean
  /** Convert between float32 and float64 where they differ. */
  readonly cast?: boolean
}

/** A weight that does not fit. */
export interface Misfit {
  readonly path: string
  /** What the template has there, `float32[4,10]`. */
  readonly expected: string
  /** What is stored. */
  readonly found: string
}

/** A tree with stored weights in it, and what happened. */
export interface Restored<T> {
  readonly tree: T
  /** Paths that got their values from the weights. */
  readonly loaded: readonly string[]
  /** Paths of the template that nothing is stored for. */
  readonly missing: readonly string[]
  /** Stored names that the template has no place for. */
  readonly unexpected: readonly string[]
  /** Paths whose stored value has another shape or dtype. */
  readonly mismatched: readonly Misfit[]
}

const few = (names: readonly string[]): string =>
  names.length <= 6 ? names.join(', ') : `${names.slice(0, 6).join(', ')} and ${names.length - 6} more`

const described = ({ missing, unexpected, mismatched }: Omit<Restored<unknown>, 'tree'>): string =>
  [
    missing.length === 0 ? '' : `missing: ${few(missing)}`,
    unexpected.length === 0 ? '' : `unexpected: ${few(unexpected)}`,
    mismatched.length === 0 ? '' : `other shape or dtype: ${few(mismatched.map((m) => `${m.path} is ${m.found}, not ${m.expected}`))}`,
  ]
    .filter((part) => part !== '')
    .join('\n  ')

/** `x` as a value of aval `a`, or null when it is none. */
const fitted = (x: Tensor, a: Aval, cast: boolean): Tensor | null => {
  if (!sameShape(x.shape, a.shape)) return null
  if (x.dtype === a.dtype) return x
  return cast && isReal(x.dtype) && isReal(a.dtype) ? hostTensor(aval(a.shape, a.dtype), dtypes[a.dtype].from(peek(x))) : null
}

const restoring = optionsOf<RestoreOptions>({
  partial: flag,
  rename: callable,
  convert: callable,
  ignore: callable,
  select: callable,
  cast: flag,
})

/**
 * The tree of `template` with its leaves replaced by the weights stored under their paths; the template gives the structure, the shapes
 * and the type. Unless `partial`, anything missing, left over or of another shape is a `Mismatch` that names it.
 *
 * @example
 * restore({ l0: { w: np.zeros([3]) } }, { 'l0/w': np.ones([3]) })   // a Right of { tree, loaded: ['l0/w'], ... }
 * // a pretrained model with another head: the head keeps its fresh values
 * restore({ body: np.zeros([3]), head: np.zeros([2]) }, { body: np.ones([3]), head: np.ones([1000]) }, { partial: true })
 */
export const restore = <T>(template: T, weights: Weights, options: RestoreOptions = {}): E.Either<DataFault, Restored<T>> => {
  const {
    partial = false,
    rename = (path: string) => path,
    select = () => true,
    cast = false,
    convert = (x: Tensor) => x,
    ignore = () => false,
  } = restoring('restore', options)
  check('restore', 'weights', record, weights)
  const own = toWeights(template)
  const { leaves, structure } = tree.flatten(template)
  const paths = tree.structurePaths(structure)
  const placed = new Set<string>()
  const loaded: string[] = []
  const missing: string[] = []
  const mismatched: Misfit[] = []
  const next = leaves.map((leaf, i) => {
    const path = paths[i]!
    const name = rename(path)
    placed.add(name)
    if (!select(path)) return leaf
    const found = Object.hasOwn(weights, name) ? convert(weights[name]!, path) : undefined
    const { aval: expected } = own[path]!
    const fit = found === undefined ? null : fitted(found, expected, cast)
    if (found === undefined) missing.push(path)
    else if (fit === null) mismatched.push({ path, expected: showAval(expected), found: showAval(found.aval) })
    else loaded.push(path)
    return fit === null ? leaf : isTensor(leaf) ? fit : fit.item()
  })
  const unexpected = Object.keys(weights).filter((name) => !placed.has(name) && !ignore(name))
  const report = { loaded, missing, unexpected, mismatched }
  if (!partial && missing.length + unexpected.length + mismatched.length > 0)
    return E.left(
      fault('Mismatch', `restore: the weights are not those of this tree\n  ${described(report)}`, '{ partial: true } to load what fits'),
    )
  return E.right({ tree: tree.unflatten(structure, next), ...report })
}
