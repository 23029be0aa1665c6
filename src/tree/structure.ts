/**
 * The shape of a tree without its leaves, interned: equality of two is identity, and a cache can use one as a key. Values of
 * static leaves are not interned, or the table would keep every closure and every sentence that was ever in a tree: a
 * structure that has some is an interned one, `bare`, and the list of its values, `statics`.
 */
import type { Meaning } from '../core/check.js'
import { check } from '../core/check.js'
import { shared } from '../core/shared.js'

declare const treeType: unique symbol

/** What a tree carries besides its leaves: part of its structure, compared by value or identity, the same after every transform. */
export type Static = string | bigint | boolean | ((...args: never[]) => unknown)

type Kind = 'leaf' | 'null' | 'undefined' | 'static' | 'list' | 'record'

/** What remains of a tree when its leaves are taken out. `T` is the type of the trees that have it. */
export interface Structure<out T = unknown> {
  /** What the root is; `null` and `undefined` are empty subtrees. */
  readonly kind: Kind
  /** Number of leaves. */
  readonly count: number
  /** Keys of a record in their original order; empty for the others. */
  readonly keys: readonly string[]
  /** Keys of a record in the order in which its leaves are listed: sorted. */
  readonly sorted: readonly string[]
  /** Of a record in sorted order of keys, of a list by position. */
  readonly children: readonly Structure[]
  /** Number of static leaves. */
  readonly held: number
  /** The values of its static leaves, in the order of leaves, none where it is bare; see `equals`. */
  readonly statics: readonly Static[]
  /** The same structure without the values of its static leaves, one object per structure; itself where it has none. */
  readonly bare: Structure
  /** The bare structure with sorted keys and `null` for `undefined`: those of two trees that match are identical. */
  readonly canonical: Structure
  /** Number of the canonical structure, a key for caches of what does not depend on static leaves. */
  readonly id: number
  /** Phantom: the type of the trees. */
  readonly [treeType]?: T
}

/** A container under construction: what is known of it so far, and what can follow. */
export interface PartialNode {
  structure: Structure | undefined
  readonly next: Map<Structure, PartialNode>
}

/** Interned keys of one record, in original and sorted order. */
export interface Keys {
  shape: { readonly keys: readonly string[]; readonly sorted: readonly string[]; readonly root: PartialNode } | undefined
  readonly next: Map<string, Keys>
}

const emptyPartial = (): PartialNode => ({ structure: undefined, next: new Map() })

const emptyKeys = (): Keys => ({ shape: undefined, next: new Map() })

type Parts = Pick<Structure, 'kind' | 'count' | 'held' | 'keys' | 'sorted' | 'children'>

/** The interned structure of `parts`; its own canonical one unless another is given. */
const make = ({ kind, count, held, keys, sorted, children }: Parts, canonical: Structure | undefined, nextId: () => number): Structure => {
  const self = { kind, count, held, keys, sorted, children, statics: [], bare: null, canonical: null, id: canonical?.id ?? nextId() }
  const made = self as unknown as { -readonly [K in keyof Structure]: Structure[K] }
  made.bare = made
  made.canonical = canonical ?? made
  return made
}

// Another name than the table of releases without static leaves: their structures lack `bare`.
const table = shared('structures2', () => {
  let count = 0
  const nextId = (): number => count++
  const atom = (kind: Kind, canonical?: Structure): Structure =>
    make({ kind, count: kind === 'leaf' ? 1 : 0, held: kind === 'static' ? 1 : 0, keys: [], sorted: [], children: [] }, canonical, nextId)
  const none = atom('null')
  return {
    nextId,
    leaf: atom('leaf'),
    none,
    absent: atom('undefined', none),
    fixed: atom('static'),
    lists: emptyPartial(),
    records: emptyKeys(),
  }
})

/** The structure of one leaf. */
export const leafStructure: Structure = table.leaf
/** The structure of `null`. */
export const nullStructure: Structure = table.none
/** The structure of `undefined`. */
export const undefinedStructure: Structure = table.absent
/** The structure of a static leaf, bare. */
export const staticStructure: Structure = table.fixed
/** Where the interning of a list's children starts. */
export const listRoot: PartialNode = table.lists

/** The interned keys of a record and where the interning of its children (in sorted order) starts. */
export const keysOf = (keys: readonly string[]): NonNullable<Keys['shape']> => {
  let node = table.records
  for (let i = 0; i < keys.length; i++) {
    let next = node.next.get(keys[i]!)
    if (next === undefined) node.next.set(keys[i]!, (next = emptyKeys()))
    node = next
  }
  return (node.shape ??= { keys: keys.slice(), sorted: keys.slice().sort(), root: emptyPartial() })
}

/** One step of interning: the container so far followed by `child`. */
export const follow = (node: PartialNode, child: Structure): PartialNode => {
  let next = node.next.get(child)
  if (next === undefined) node.next.set(child, (next = emptyPartial()))
  return next
}

const intern = (root: PartialNode, children: readonly Structure[]): PartialNode => children.reduce(follow, root)

const container = (
  kind: 'list' | 'record',
  node: PartialNode,
  keys: readonly string[],
  sorted: readonly string[],
  children: readonly Structure[],
): Structure => {
  if (node.structure !== undefined) return node.structure
  const ordered = keys.every((k, i) => k === sorted[i])
  const canonicalChildren = children.map((c) => c.canonical)
  const isCanonical = ordered && children.every((c) => c.canonical === c)
  const canonical = isCanonical
    ? undefined
    : kind === 'list'
      ? container('list', intern(listRoot, canonicalChildren), [], [], canonicalChildren)
      : container('record', intern(keysOf(sorted).root, canonicalChildren), sorted, sorted, canonicalChildren)
  const count = children.reduce((n, c) => n + c.count, 0)
  const held = children.reduce((n, c) => n + c.held, 0)
  return (node.structure = make({ kind, count, held, keys, sorted, children }, canonical, table.nextId))
}

/** The structure of a list with bare `children`; `node` is where their interning ended. */
export const listStructure = (node: PartialNode, children: readonly Structure[]): Structure =>
  node.structure ?? container('list', node, [], [], children)

/** The structure of a record with `keys` and bare `children` in sorted order; `node` is where their interning ended. */
export const recordStructure = (
  node: PartialNode,
  { keys, sorted }: NonNullable<Keys['shape']>,
  children: readonly Structure[],
): Structure => node.structure ?? container('record', node, keys, sorted, children)

/** A bare structure with the values of its static leaves, in the order of leaves. */
export const withStatics = (bare: Structure, statics: readonly Static[]): Structure => {
  let at = 0
  const children = bare.children.map((c) => (c.held === 0 ? c : withStatics(c, statics.slice(at, (at += c.held)))))
  return { ...bare, children, statics }
}

/** The structure of a list of trees of structures `children`. */
export const listOf = <T extends readonly unknown[]>(children: { readonly [K in keyof T]: Structure<T[K]> }): Structure<T> => {
  const bare = children.map((c) => c.bare)
  const made = listStructure(intern(listRoot, bare), bare)
  const statics = children.flatMap((c) => c.statics)
  return (statics.length === 0 ? made : withStatics(made, statics)) as Structure<T>
}

const sameStatics = (a: readonly Static[], b: readonly Static[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return true
}

/** A structure, as `tree.structure` makes it. */
export const aStructure: Meaning = {
  says: 'a structure',
  fix: 'tree.structure(tree)',
  accepts: (x) => typeof x === 'object' && x !== null && 'canonical' in x && 'children' in x,
}

/** True when trees of the two structures match, leaf by leaf, with equal static leaves; the order of keys does not matter. */
export const equals = (a: Structure, b: Structure): boolean => {
  if (a === b) return true
  check('equals', 'a', aStructure, a)
  check('equals', 'b', aStructure, b)
  return a.canonical === b.canonical && sameStatics(a.statics, b.statics)
}

/** True when the two are one structure in the order of keys and the kind of empty places too, so that results built for one fit the other. */
export const identical = (a: Structure, b: Structure): boolean =>
  a === b || (a.statics.length > 0 && a.bare === b.bare && sameStatics(a.statics, b.statics))

/** At most so many characters of a string are shown. */
const shownLength = 40

const showStatic = (x: Static): string => {
  if (typeof x === 'string') return `'${x.length > shownLength ? `${x.slice(0, shownLength)}...` : x}'`
  return typeof x === 'function' ? (x.name === '' ? 'a function' : `function ${x.name}`) : typeof x === 'bigint' ? `${x}n` : String(x)
}

const text = (s: Structure, keysOfRecord: (s: Structure) => readonly string[]): string => {
  switch (s.kind) {
    case 'leaf':
      return '*'
    case 'static':
      return showStatic(s.statics[0]!)
    case 'list':
      return `[${s.children.map((c) => text(c, keysOfRecord)).join(', ')}]`
    case 'record':
      return `{${keysOfRecord(s)
        .map((k) => `${k}: ${text(s.children[s.sorted.indexOf(k)]!, keysOfRecord)}`)
        .join(', ')}}`
    default:
      return s.kind
  }
}

/**
 * A structure as text: `*` for a leaf, static leaves as they are.
 *
 * @example
 * tree.show(tree.structure({ kind: 'dense', w: x, rest: [y, null] }))   // "{kind: 'dense', w: *, rest: [*, null]}"
 */
export const show = (s: Structure): string => text(check('show', 's', aStructure, s), ({ keys }) => keys)

/** As `show`, with keys sorted: two texts are the same when the structures match. */
export const showSorted = (s: Structure): string => text(s, ({ sorted }) => sorted)
