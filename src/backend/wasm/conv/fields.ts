/** The words of the argument block of a convolution's product. */
import type { Ex } from '../code.js'
import { type Arguments, argumentsAt, layoutOf } from '../block.js'
import { ownBytes } from '../gemm/kernels.js'

/** Addresses first, which are written for every run. */
export const fields = layoutOf([
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
])

/** A word of the block. */
export type ConvField = keyof typeof fields.position

/** What kernels read of the block at `args`. */
export const fieldsAt = (args: Ex<'i32'>): Arguments<ConvField> => argumentsAt(fields, args)

/** Words of an entry of the table of blocks of depth. */
export const block = { source: 0, depths: 1, deep: 2, packed: 3, weights: 4, rowDepths: 5 } as const
/** Words in such an entry. */
export const blockWords = 6

/** Where in the scratch of a thread the products of a strip begin, behind its panels, and end. */
export const products = { from: 512 * 1024, to: ownBytes } as const
