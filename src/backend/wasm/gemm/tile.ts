/** Which register tile a machine runs fastest. */
import type { Caps } from '../kernel.js'
import type { Lanes } from './lanes.js'

/** A tile of the result, held in registers while the depth runs. */
export interface Tile {
  readonly rows: number
  /** Vectors in a row. */
  readonly vectors: number
  /** Fused multiply-add. */
  readonly fma: boolean
}

/**
 * 4 rows by 2 vectors: its 8 accumulators, the 2 vectors of b, 4 broadcasts of a and one product fill the 15 registers
 * of compilers that load all operands first (a larger tile spills and runs at half the speed). Those that keep the order
 * of instructions have room for 12 accumulators, and where pairs of vectors become one of 256 bits, for 12 of those.
 */
export const tileFor = ({ fma, ordered, wide }: Caps): Tile =>
  fma && wide ? { rows: 6, vectors: 4, fma } : fma && ordered ? { rows: 6, vectors: 2, fma } : { rows: 4, vectors: 2, fma: false }

/** Columns of a tile. */
export const columnsOf = (tile: Tile, l: Lanes): number => tile.vectors * l.lanes
