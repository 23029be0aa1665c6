/** Everything about trees, as one namespace: `tree.map`, `tree.flatten`, ... */
export type { Structure } from './structure.js'
export { equals, show } from './structure.js'
export type { Flat, Leaf, LeafOf, Mapped, Tree } from './tree.js'
export { checkSame, flatten, leaves, map, reduce, sameStructure, structure, unflatten } from './tree.js'
export type { Path } from './path.js'
export { at, get, mapWithPath, paths, structurePaths } from './path.js'
export { foldMap, traverse } from './traverse.js'
