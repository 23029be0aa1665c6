/** Memory whose addresses are no numbers: a block and an offset. Every block is of its own; a bool takes a byte there, or a word. */
import type { Allocator } from '../../../src/backend/driver/allocator.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'

/** An address. */
export interface Place {
  readonly block: Block
  readonly offset: number
}

/** A piece of memory. */
export interface Block {
  readonly bytes: Uint8Array
  isFree: boolean
}

/** Such a memory, and what it can tell of itself. */
export interface BlockMemory {
  readonly memory: Allocator<Place>
  /** Elements at an address, as they lie there. */
  readonly elementsAt: (at: Place, dtype: DType, n: number) => TypedArray
  /** Blocks that are taken and not given back. */
  readonly alive: () => number
}

/** A fresh memory, in which a bool is a byte or a word. What it hands out is filled with noise, so that nothing relies on zeros; freed blocks are made unreadable. */
export const blockMemory = (bool: 'bytes' | 'words'): BlockMemory => {
  let count = 0
  const memory: Allocator<Place> = {
    align: 8,
    bytesOf: ({ dtype, size }) => size * widthOf(dtype),
    alloc: (bytes) => {
      if (!(Number.isInteger(bytes) && bytes >= 0)) throw new Error(`a block of ${bytes} bytes`)
      count++
      return { block: { bytes: new Uint8Array(Math.ceil(Math.max(bytes, 1) / 8) * 8).fill(0xa5), isFree: false }, offset: 0 }
    },
    free: ({ block, offset }, bytes) => {
      if (block.isFree) throw new Error('a block is freed twice')
      if (offset !== 0 || bytes > block.bytes.length) throw new Error('what is freed is no block')
      block.isFree = true
      block.bytes.fill(0x5a)
      count--
    },
    at: ({ block, offset }, by) => ({ block, offset: offset + by }),
    copy: (to, from, bytes) => {
      bytesAt(to, bytes).set(bytesAt(from, bytes))
    },
    set: (at, value, { dtype }) => {
      elementsAt(at, dtype, 1)[0] = value
    },
    get: (at, { dtype }) => elementsAt(at, dtype, 1)[0]!,
    read: (at, { dtype, size }) => {
      const array = dtypes[dtype].make(size)
      array.set(elementsAt(at, dtype, size))
      return array
    },
    write: (at, data, { dtype, size }) => {
      elementsAt(at, dtype, size).set(data)
    },
  }
  const widthOf = (dtype: DType): number => (dtype === 'bool' && bool === 'words' ? 4 : dtypes[dtype].bytes)
  const bytesAt = ({ block, offset }: Place, n: number): Uint8Array => {
    if (block.isFree) throw new Error('a block is used after it was freed')
    if (offset + n > block.bytes.length) throw new Error(`${n} bytes at ${offset} are not in the block`)
    return block.bytes.subarray(offset, offset + n)
  }
  const elementsAt = (at: Place, dtype: DType, n: number): TypedArray => {
    const { buffer, byteOffset } = bytesAt(at, n * widthOf(dtype))
    if (byteOffset % widthOf(dtype) !== 0) throw new Error(`elements of ${dtype} begin at ${at.offset}`)
    const like = widthOf(dtype) === dtypes[dtype].bytes ? dtypes[dtype].make(0) : new Uint32Array(0)
    const whole = like.constructor as new (buffer: ArrayBufferLike, offset: number, n: number) => TypedArray
    return new whole(buffer, byteOffset, n)
  }
  return { memory, elementsAt, alive: () => count }
}
