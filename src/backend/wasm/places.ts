/** Where blocks of a growing memory lie: small ones by size class (segregated free lists), large ones in ranges that are cut and joined. */
import { aligned } from '../../compile/arena.js'
import { createRanges } from './ranges.js'

/** Blocks begin on cache lines; what a vector reads past an end stays inside its block. */
export const line = 64
/** Bytes in whole lines. */
export const inLines = (bytes: number): number => aligned(bytes, line)
/** Blocks up to this size are kept for others of their class. */
const small = 2 ** 14
/** Small blocks are cut from pieces of this size, so that they do not lie scattered between large ones. */
const slab = 2 ** 16

/** Four classes per octave: 64, 80, 96, 112, 128, 160, ... rounded to lines. */
const classOf = (bytes: number): { readonly index: number; readonly size: number } => {
  if (bytes <= line) return { index: 0, size: line }
  const octave = 31 - Math.clz32(bytes - 1)
  const step = 2 ** octave / 4
  const over = Math.ceil((bytes - 2 ** octave) / step)
  return { index: octave * 4 + over, size: inLines(2 ** octave + over * step) }
}

/** Bytes of the block that is placed for so many; large ones have the size that is asked for, in lines. */
export const blockBytes = (bytes: number): number => (bytes > small ? inLines(bytes) : classOf(bytes).size)

/** Places in a memory. */
export interface MemoryPlaces {
  /** The address of a block; undefined when there is no room. Blocks that `last` and others come from opposite ends of what is free. */
  readonly place: (bytes: number, last: boolean) => number | undefined
  /** Gives a block back. */
  readonly release: (address: number, bytes: number) => void
}

/** Places in a memory that `reaches` a length, growing where it must; it says whether it could. */
export const createPlaces = (reaches: (length: number) => boolean): MemoryPlaces => {
  const lists = new Map<number, number[]>()
  const ranges = createRanges()
  let top = line
  /** A large block: from what is free, else from what was never used, with what is free just before it. */
  const placeLarge = (block: number, last: boolean): number | undefined => {
    const free = ranges.take(block, !last)
    if (free !== undefined) return free
    const address = ranges.takeBefore(top)
    if (!reaches(address + block)) {
      if (address < top) ranges.give(address, top - address)
      return undefined
    }
    top = address + block
    return address
  }
  /** What is left of the piece that small blocks are cut from. */
  let [next, end] = [0, 0]
  const placeSmall = (index: number, block: number): number | undefined => {
    const known = lists.get(index)?.pop()
    if (known !== undefined) return known
    if (next + block > end) {
      const address = placeLarge(slab, true)
      if (address === undefined) return undefined
      if (end > next) ranges.give(next, end - next)
      next = address
      end = address + slab
    }
    next += block
    return next - block
  }

  return {
    place: (bytes, last) => {
      if (bytes > small) return placeLarge(blockBytes(bytes), last)
      const { index, size } = classOf(bytes)
      return placeSmall(index, size)
    },
    release: (address, bytes) => {
      if (bytes > small) return ranges.give(address, blockBytes(bytes))
      const { index } = classOf(bytes)
      const list = lists.get(index)
      if (list === undefined) lists.set(index, [address])
      else list.push(address)
    },
  }
}
