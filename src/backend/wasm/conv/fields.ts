/** The words of the argument block of a product: what the driver writes and the kernels read. */
import { ownBytes } from '../gemm/kernels.js'

const names = [
  // addresses, written for every run
  'source',
  'weights',
  'packed',
  'result',
  // tables, in bytes from the start of the block
  'blocks',
  'blockCount',
  'rowWeights',
  'rowKinds',
  'rowPlaces',
  'columnSources',
  'columnKinds',
  'columnPlaces',
  'placeKinds',
  'mask',
  // extents
  'rows',
  'columns',
  'stripColumns',
  'strips',
  'stripRows',
  'rowBlocks',
  'groups',
  // strides in bytes
  'sourceImage',
  'sourceGroup',
  'weightsGroup',
  'packedGroup',
  'packedPanel',
  'resultImage',
  'resultGroup',
  'resultRow',
  // distances of neighbouring elements
  'sourceStep',
  'resultStep',
  // ways
  'scatter',
  'columnsByDepth',
  'rowsByDepth',
] as const

/** A word of the block. */
export type Field = (typeof names)[number]

/** Position of every word. */
export const field: Readonly<Record<Field, number>> = Object.fromEntries(names.map((n, k) => [n, k])) as Record<Field, number>

/** Words before the tables. */
export const headWords = names.length

/** Words of an entry of the table of blocks of depth. */
export const block = { source: 0, depths: 1, deep: 2, packed: 3, weights: 4, rowDepths: 5 } as const
/** Words in such an entry. */
export const blockWords = 6

/** Where in the scratch of a thread the products of a strip begin, behind its panels, and end. */
export const products = { from: 512 * 1024, to: ownBytes } as const
