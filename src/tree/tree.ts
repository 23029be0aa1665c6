/**
 * Trees of tensors: any nesting of arrays, tuples and plain records. Records match by key, whatever the order of
 * their keys; leaves are listed with keys sorted, so the order is stable. `null` and `undefined` are empty subtrees;
 * strings, bigints and functions are static leaves, part of the structure.
 */
import { callable, list, refuse } from '../core/check.js'
import { fail, TreeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor } from '../core/tensor.js'
import type { Static, Structure } from './structure.js'
import {
  aStructure,
  equals,
  follow,
  keysOf,
  leafStructure,
  listRoot,
  listStructure,
  nullStructure,
  recordStructure,
  show,
  showSorted,
  staticStructure,
  undefinedStructure,
  withStatics,
} from './structure.js'

/** What a tree holds: tensors, and JavaScript numbers and booleans as scalars. */
export type Leaf = Tensor | number | boolean

/** A tree of tensors. Functions take any type `T` and check at run time, so interfaces need no index signature. */
export type Tree = Leaf | Static | null | undefined | readonly Tree[] | { readonly [key: string]: Tree }

/** What has no leaves: empty subtrees and static leaves. Booleans are leaves here, and static in transforms. */
type Leafless = Exclude<Static, boolean> | null | undefined

/** The type of the leaves of `T`. */
export type LeafOf<T> = Tree extends T
  ? Leaf
  : T extends Leaf
    ? T
    : T extends Leafless
      ? never
      : T extends readonly (infer E)[]
        ? LeafOf<E>
        : T extends object
          ? { [K in keyof T]-?: LeafOf<T[K]> }[keyof T]
          : never

/** The tree `T` with every leaf replaced by `L`. */
export type Mapped<T, L> = Tree extends T ? T : T extends Leaf ? L : T extends Leafless ? T : { [K in keyof T]: Mapped<T[K], L> }

/** A tree taken apart. */
export interface Flat<T = unknown> {
  readonly leaves: Leaf[]
  readonly structure: Structure<T>
}

/** Nesting at which a tree is checked for cycles: deeper than any real one. */
const suspicious = 256

/** True for an object whose properties are subtrees: a literal, from this realm or another. */
const isRecord = (x: object): x is Record<string, unknown> => {
  const proto: unknown = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null || (typeof proto === 'object' && Object.getPrototypeOf(proto) === null)
}

const describe = (x: unknown): readonly [string, string] => {
  if (typeof x !== 'object' || x === null) return [`a ${typeof x}`, 'a string: two with the same text are equal']
  if (ArrayBuffer.isView(x)) return [`a ${x.constructor.name}`, 'np.array(...) makes a tensor of it']
  if (x instanceof Map) return ['a Map', 'Object.fromEntries(map)']
  if (x instanceof Set) return ['a Set', '[...set]']
  if (x instanceof Promise) return ['a Promise', 'await it first']
  return [`an instance of ${x.constructor?.name || 'a class'}`, 'a plain record of its tensors, { ...fields }']
}

const badLeaf = (x: unknown, path: readonly string[]): never => {
  const [what, fix] = describe(x)
  return fail(TreeError, `tree: ${what} at ${at(path)} is not a tensor, number, boolean, string, function, array or plain record`, { fix })
}

/** A path as errors print it. */
const at = (path: readonly string[]): string => (path.length === 0 ? 'the root' : `'${path.join('/')}'`)

const isStatic = (x: unknown): x is Static => typeof x === 'string' || typeof x === 'function' || typeof x === 'bigint'

/** Walks `tree` slowly to find what the fast walk stumbled over: a foreign object or a cycle. */
const explain = (tree: unknown, path: readonly string[] = [], above: readonly unknown[] = []): void => {
  if (typeof tree === 'number' || typeof tree === 'boolean' || tree === null || tree === undefined || isTensor(tree) || isStatic(tree))
    return
  if (typeof tree !== 'object' || !(Array.isArray(tree) || isRecord(tree))) return badLeaf(tree, path)
  const cycle = above.indexOf(tree)
  if (cycle >= 0)
    fail(TreeError, `tree: ${at(path)} is the same object as ${at(path.slice(0, cycle))} above it: the tree is cyclic`, {
      fix: 'remove the reference to the parent; trees are data, without links upwards',
    })
  for (const [k, v] of Object.entries(tree)) explain(v, [...path, k], [...above, tree])
}

/** A tree being walked: whether booleans are leaves or static, and the values of the static leaves so far. */
interface Walk {
  readonly root: unknown
  readonly booleans: 'leaves' | 'static'
  readonly statics: Static[]
}

/** The structure of `x` without the values of its static leaves. */
const walk = (x: unknown, leaves: Leaf[], depth: number, of: Walk): Structure => {
  if (typeof x === 'object') {
    if (x === null) return nullStructure
    if (isTensor(x)) {
      leaves.push(x)
      return leafStructure
    }
    if (depth === suspicious) explain(of.root)
    if (Array.isArray(x)) {
      const children = new Array<Structure>(x.length)
      let node = listRoot
      for (let i = 0; i < x.length; i++) node = follow(node, (children[i] = walk(x[i], leaves, depth + 1, of)))
      return listStructure(node, children)
    }
    if (isRecord(x)) {
      const shape = keysOf(Object.keys(x))
      const { sorted } = shape
      const children = new Array<Structure>(sorted.length)
      let node = shape.root
      for (let i = 0; i < sorted.length; i++) node = follow(node, (children[i] = walk(x[sorted[i]!], leaves, depth + 1, of)))
      return recordStructure(node, shape, children)
    }
  } else {
    if (typeof x === 'number' || (typeof x === 'boolean' && of.booleans === 'leaves')) {
      leaves.push(x)
      return leafStructure
    }
    if (x === undefined) return undefinedStructure
    if (typeof x === 'boolean' || isStatic(x)) {
      of.statics.push(x)
      return staticStructure
    }
  }
  explain(of.root)
  return badLeaf(x, [])
}

const flattenWith = <T>(tree: T, booleans: 'leaves' | 'static'): Flat<T> => {
  const leaves: Leaf[] = []
  const statics: Static[] = []
  const bare = walk(tree, leaves, 0, { root: tree, booleans, statics })
  return { structure: (statics.length === 0 ? bare : withStatics(bare, statics)) as Structure<T>, leaves }
}

/**
 * The leaves of a tree in stable order (keys sorted), and the structure that puts them back.
 *
 * @throws TreeError for typed arrays, class instances, Maps, promises and cyclic trees; the message names the path.
 * @example
 * const { leaves, structure } = tree.flatten({ w: x, b: y })   // leaves: [y, x]
 * tree.unflatten(structure, leaves)                            // { w: x, b: y }
 */
export const flatten = <T>(tree: T): Flat<T> => flattenWith(tree, 'leaves')

/** As `flatten`, with booleans static: what transforms trace are tensors and numbers. @throws TreeError */
export const flattenTraced = <T>(tree: T): Flat<T> => flattenWith(tree, 'static')

/** The leaves of a tree, keys sorted. */
export const leaves = <T>(tree: T): LeafOf<T>[] => flatten(tree).leaves as LeafOf<T>[]

/** The structure of a tree. */
export const structure = <T>(tree: T): Structure<T> => flatten(tree).structure

/** True when two trees have the same structure; the order of keys does not matter. */
export const sameStructure = (a: unknown, b: unknown): boolean => equals(structure(a), structure(b))

/** Sets a key as an own property whatever its name; `__proto__` is a key like any other. */
const define = (record: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__') Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true })
  else record[key] = value
}

const build = (s: Structure, leaves: readonly unknown[], from: number): unknown => {
  switch (s.kind) {
    case 'leaf':
      return leaves[from]
    case 'null':
      return null
    case 'undefined':
      return undefined
    case 'static':
      return s.statics[0]
    case 'list': {
      const list = new Array<unknown>(s.children.length)
      let next = from
      for (let i = 0; i < list.length; i++) {
        list[i] = build(s.children[i]!, leaves, next)
        next += s.children[i]!.count
      }
      return list
    }
    case 'record': {
      const record: Record<string, unknown> = {}
      for (const k of s.keys) define(record, k, null)
      let next = from
      for (let i = 0; i < s.sorted.length; i++) {
        define(record, s.sorted[i]!, build(s.children[i]!, leaves, next))
        next += s.children[i]!.count
      }
      return record
    }
  }
}

/**
 * The tree of `structure` with `leaves`, records with their keys in the original order. The inverse of `flatten`.
 *
 * @throws TreeError when the number of leaves differs.
 * @example
 * tree.unflatten(tree.structure({ w: 0, b: 0 }), [1, 2])   // { w: 2, b: 1 }
 */
export const unflatten = <T>(structure: Structure<T>, leaves: readonly unknown[]): T => {
  if (!Array.isArray(leaves)) refuse('unflatten', 'leaves', list, leaves)
  if (!aStructure.accepts(structure)) refuse('unflatten', 'structure', aStructure, structure)
  if (leaves.length !== structure.count)
    fail(TreeError, `unflatten: ${show(structure)} has ${structure.count} leaves, got ${leaves.length}`, {
      fix: 'one value per leaf, keys sorted',
    })
  return build(structure, leaves, 0) as T
}

/** Throws for two trees that do not match: where they part, and both structures. */
const mismatch = (what: string, a: Structure, b: Structure, names = 'trees'): never => {
  const part = (x: Structure, y: Structure, path: readonly string[]): readonly [readonly string[], Structure, Structure] => {
    const [sx, sy] = [x.canonical, y.canonical]
    if (sx.kind === sy.kind && sx.children.length === sy.children.length && sx.keys.every((k, i) => k === sy.keys[i]))
      for (let i = 0; i < x.children.length; i++)
        if (!equals(x.children[i]!, y.children[i]!)) return part(x.children[i]!, y.children[i]!, [...path, sx.keys[i] ?? String(i)])
    return [path, x, y]
  }
  const [path, x, y] = part(a, b, [])
  const shown = path.length === 0 ? show : showSorted
  return fail(TreeError, `${what}: ${names} differ at ${at(path)}: ${shown(x)} and ${shown(y)}`, {
    args: { first: show(a), other: show(b) },
    fix:
      x.kind === 'static' && y.kind === 'static'
        ? 'the same static leaf in both: strings, booleans and functions are part of the structure, functions by identity'
        : 'trees with the same keys, lengths and empty places',
  })
}

/** Throws unless the two structures match; `what` names the caller, `names` the two trees. @throws TreeError */
export const checkSame = (what: string, a: Structure, b: Structure, names = 'trees'): void => {
  if (!equals(a, b)) mismatch(what, a, b, names)
}

type Fold = (...leaves: never[]) => unknown

/**
 * Applies `f` to every leaf, and to the leaves at the same place in `rest`; keys match by name.
 * Leaves are visited with keys sorted. The result has the first tree's type, order of keys and static leaves.
 *
 * @throws TreeError when a structure differs: the message names the path and both structures.
 * @example
 * tree.map((p, q) => np.sub(p, np.mul(0.1, q)), { w: np.array([1, 2]) }, { w: np.array([10, 10]) }).w   // [0, 1]
 */
export const map: {
  <T, Rest extends readonly unknown[]>(
    f: (leaf: LeafOf<T>, ...rest: { [K in keyof Rest]: LeafOf<Rest[K]> }) => Tensor | LeafOf<T>,
    tree: T,
    ...rest: Rest
  ): T
  <T, L, Rest extends readonly unknown[]>(
    f: (leaf: LeafOf<T>, ...rest: { [K in keyof Rest]: LeafOf<Rest[K]> }) => L,
    tree: T,
    ...rest: Rest
  ): Mapped<T, L>
} = (f: Fold, tree: unknown, ...rest: readonly unknown[]): never => {
  if (typeof f !== 'function') refuse('map', 'f', callable, f)
  const { leaves, structure } = flatten(tree)
  const g = f as (...leaves: unknown[]) => unknown
  const out = new Array<unknown>(leaves.length)
  if (rest.length === 0) for (let i = 0; i < out.length; i++) out[i] = g(leaves[i])
  else {
    const others = rest.map((r) => {
      const flat = flatten(r)
      if (!equals(flat.structure, structure)) mismatch('map', structure, flat.structure)
      return flat.leaves
    })
    if (others.length === 1) for (let i = 0; i < out.length; i++) out[i] = g(leaves[i], others[0]![i])
    else for (let i = 0; i < out.length; i++) out[i] = g(leaves[i], ...others.map((o) => o[i]))
  }
  return build(structure, out, 0) as never
}

/**
 * Folds the leaves of a tree, keys sorted.
 *
 * @example
 * tree.reduce((n, x) => n + x.size, params, 0)   // number of parameters
 */
export const reduce = <T, A>(f: (acc: A, leaf: LeafOf<T>) => A, tree: T, initial: A): A => {
  if (typeof f !== 'function') refuse('reduce', 'f', callable, f)
  let acc = initial
  for (const leaf of leaves(tree)) acc = f(acc, leaf)
  return acc
}
