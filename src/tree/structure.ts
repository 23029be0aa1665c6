/** The shape of a tree without its leaves: interned, so equality is identity and a cache can use it as a key. */
import { shared } from '../core/shared.js'

declare const treeType: unique symbol

/** What remains of a tree when its leaves are taken out. `T` is the type of the trees that have it. */
export interface Structure<out T = unknown> {
  /** What the root is; `none` is an empty subtree, `null` or `undefined`. */
  readonly kind: 'leaf' | 'null' | 'undefined' | 'list' | 'record'
  /** Number of leaves. */
  readonly count: number
  /** Keys of a record in their original order; empty for the others. */
  readonly keys: readonly string[]
  /** Keys of a record in the order in which its leaves are listed: sorted. */
  readonly sorted: readonly string[]
  /** Of a record in sorted order of keys, of a list by position. */
  readonly children: readonly Structure[]
  /**
   * The same structure with sorted keys and `null` for `undefined`, one object per structure: two trees match
   * exactly when their canonical structures are identical.
   */
  readonly canonical: Structure
  /** Number of the canonical structure, a key for caches. */
  readonly id: number
  /** Phantom: the type of the trees. */
  readonly [treeType]?: T
}

/** A container under construction: what is known of it so far, and what can follow. */
export interface Partial {
  structure: Structure | undefined
  readonly next: Map<Structure, Partial>
}

/** Interned keys of one record, in original and sorted order. */
export interface Keys {
  shape: { readonly keys: readonly string[]; readonly sorted: readonly string[]; readonly root: Partial } | undefined
  readonly next: Map<string, Keys>
}

const emptyPartial = (): Partial => ({ structure: undefined, next: new Map() })

const emptyKeys = (): Keys => ({ shape: undefined, next: new Map() })

const table = shared('structures', () => {
  let count = 0
  const atom = (kind: 'leaf' | 'null' | 'undefined', canonical?: Structure): Structure => {
    const made = { kind, count: kind === 'leaf' ? 1 : 0, keys: [], sorted: [], children: [], id: canonical?.id ?? count++ }
    const self: { canonical: Structure } & typeof made = Object.assign(made, { canonical: undefined as unknown as Structure })
    self.canonical = canonical ?? self
    return self
  }
  const leaf = atom('leaf')
  const none = atom('null')
  return {
    nextId: () => count++,
    leaf,
    none,
    absent: atom('undefined', none),
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
/** Where the interning of a list's children starts. */
export const listRoot: Partial = table.lists

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
export const follow = (node: Partial, child: Structure): Partial => {
  let next = node.next.get(child)
  if (next === undefined) node.next.set(child, (next = emptyPartial()))
  return next
}

const intern = (root: Partial, children: readonly Structure[]): Partial => children.reduce(follow, root)

const container = (
  kind: 'list' | 'record',
  node: Partial,
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
  const made = { kind, count, keys, sorted, children, id: canonical?.id ?? table.nextId() }
  const self: { canonical: Structure } & typeof made = Object.assign(made, { canonical: undefined as unknown as Structure })
  self.canonical = canonical ?? self
  return (node.structure = self)
}

/** The structure of a list with `children`; `node` is where their interning ended. */
export const listStructure = (node: Partial, children: readonly Structure[]): Structure =>
  node.structure ?? container('list', node, [], [], children)

/** The structure of a record with `keys` and `children` in sorted order; `node` is where their interning ended. */
export const recordStructure = (node: Partial, { keys, sorted }: NonNullable<Keys['shape']>, children: readonly Structure[]): Structure =>
  node.structure ?? container('record', node, keys, sorted, children)

/** True when trees of the two structures match, leaf by leaf; the order of keys does not matter. */
export const equals = (a: Structure, b: Structure): boolean => a.canonical === b.canonical

/**
 * A structure as text: `*` for a leaf.
 *
 * @example
 * tree.show(tree.structure({ l1: { w: x, b: y }, rest: [z, null] }))   // '{l1: {w: *, b: *}, rest: [*, null]}'
 */
export const show = (s: Structure): string => {
  switch (s.kind) {
    case 'leaf':
      return '*'
    case 'list':
      return `[${s.children.map(show).join(', ')}]`
    case 'record':
      return `{${s.keys.map((k) => `${k}: ${show(s.children[s.sorted.indexOf(k)]!)}`).join(', ')}}`
    default:
      return s.kind
  }
}
