/**
 * What stays in a device's memory between calls: results until they are collected, copies of host arrays that are read again and again.
 * Finalizers do not run in synchronous code. So there is a budget: beyond it the collector is asked what is gone; where it cannot be
 * asked, what was used longest ago moves to a host array, where the collector sees it.
 */
import { bytesOf } from '../../compile/cost.js'
import type { Aval } from '../../core/aval.js'
import type { TypedArray } from '../../core/dtype.js'
import { DonatedError, fail } from '../../core/errors.js'
import type { Allocator, VisibleMemory } from './allocator.js'
import { type Budget, createAsker } from './budget.js'
import { type Block, type Collect, createResidency, type Residency } from './residency.js'

/** What tensors hold of a block; when it is collected, the block is free. */
export interface Held<A> {
  readonly block: Block<A>
}

/** A buffer of a backend: a host array, or a value in the device's memory. */
export type Buffer<A> = TypedArray | Held<A>

/** True for a value in the device's memory. */
export const isHeld = <A>(b: Buffer<A>): b is Held<A> => !ArrayBuffer.isView(b)

/** Values in a device's memory, within a budget. */
export interface Residents<A> {
  /** The address of a buffer's elements, valid until the outermost `leave`. */
  readonly address: (buffer: Buffer<A>, a: Aval) => A
  /** A block with a buffer's elements, the caller's own; the buffer cannot be read again. */
  readonly take: (buffer: Buffer<A>, a: Aval) => A
  /** Undoes a `take`: the block, unchanged, is the buffer's again. */
  readonly giveBack: (buffer: Buffer<A>, address: A, a: Aval) => void
  /** A buffer of what lies in a block, which is given away. */
  readonly give: (address: A, a: Aval) => Buffer<A>
  /** The elements of a buffer, for reading only. */
  readonly read: (buffer: Buffer<A>) => TypedArray
  /** As `read`, without a copy: valid until anything is allocated. */
  readonly look: (buffer: Buffer<A>) => TypedArray
  /** Says that another tensor is made of the same buffer. */
  readonly share: (buffer: Buffer<A>) => void
  readonly enter: () => void
  readonly leave: () => void
  /** Makes room; whether there is more than before. */
  readonly relieve: Residency<A>['relieve']
  /** What holds the memory. */
  readonly kinds: Residency<A>['kinds']
  /** Bytes that stay. */
  readonly held: () => number
}

/** Smaller values live on the host: copying them costs less than remembering them. */
const worthKeeping = 1 << 14

const gone = (a: Aval): never =>
  fail(DonatedError, 'read: the memory of this tensor was donated to a jitted function', {
    args: { x: a },
    fix: 'use the value that the function returned, or do not donate this argument',
  })

/** Copies of host arrays. What is read once is needed until the end of the run only; what is read twice is worth a copy that stays. */
const createCopies = <A>(memory: Allocator<A>, { add, restore, use, watch }: Residency<A>) => {
  const copies = new WeakMap<TypedArray, Block<A>>()
  const met = new WeakSet<TypedArray>()
  const passing: { readonly address: A; readonly bytes: number }[] = []
  const copyIn = (array: TypedArray, a: Aval): A => {
    const address = memory.alloc(bytesOf(a))
    memory.write(address, array, a)
    return address
  }
  return {
    copyIn,
    copyOf: (array: TypedArray): Block<A> | undefined => copies.get(array),
    /** The place of the elements of an array. */
    ofArray: (array: TypedArray, a: Aval): A => {
      const known = copies.get(array)
      if (known !== undefined && known.address !== null) return use(known, known.address)
      const address = copyIn(array, a)
      if (met.has(array)) {
        const block = add(a, address, true)
        copies.set(array, block)
        watch(array, block)
      } else {
        if (bytesOf(a) >= worthKeeping) met.add(array)
        passing.push({ address, bytes: bytesOf(a) })
      }
      return address
    },
    /** The place of a block that had to leave. */
    again: (holder: object, block: Block<A>): A => {
      const address = copyIn(block.host ?? gone(block.aval), block.aval)
      restore(block, address)
      watch(holder, block)
      return use(block, address)
    },
    /** Frees what was copied for this run alone. */
    pass: (): void => {
      for (const c of passing) memory.free(c.address, c.bytes)
      passing.length = 0
    },
  }
}

/** Residents of a memory. Beyond the budget `collect` is called, or old ones leave. */
export const createResidents = <A>(memory: VisibleMemory<A>, budget: Budget, collect: Collect | null): Residents<A> => {
  const residency = createResidency(memory, collect)
  const { add, asks, begin, evictTo, held, kinds, relieve, restore, surrender, sweep, use, watch } = residency
  const { again, copyIn, copyOf, ofArray, pass } = createCopies(memory, residency)
  const ask = createAsker(budget, sweep, held)
  let limit = budget.least
  let depth = 0

  return {
    address: (buffer, a) => {
      if (!isHeld(buffer)) return ofArray(buffer, a)
      const { block } = buffer
      return block.address === null ? again(buffer, block) : use(block, block.address)
    },
    take: (buffer, a) => {
      const block = isHeld(buffer) ? buffer.block : copyOf(buffer)
      if (block === undefined || block.address === null) return copyIn(isHeld(buffer) ? (buffer.block.host ?? gone(a)) : buffer, a)
      if (!block.shared) return surrender(block)
      const from = use(block, block.address) // not to be moved out while there is made room for the copy
      const address = memory.alloc(block.bytes)
      memory.copy(address, from, block.bytes)
      return address
    },
    giveBack: (buffer, address, a) => {
      const block = isHeld(buffer) ? buffer.block : undefined
      // What was taken of a host array, or of a block that is shared, was a copy.
      if (block === undefined || block.address !== null || block.host !== null) return memory.free(address, bytesOf(a))
      restore(block, address)
    },
    give: (address, a) => {
      const bytes = bytesOf(a)
      if (bytes >= worthKeeping) {
        const buffer: Held<A> = { block: add(a, address, false) }
        watch(buffer, buffer.block)
        return buffer
      }
      const array = memory.read(address, a)
      memory.free(address, bytes)
      return array
    },
    read: (buffer) => {
      if (!isHeld(buffer)) return buffer
      const { address, aval, host } = buffer.block
      return host ?? (address === null ? gone(aval) : memory.read(address, aval))
    },
    look: (buffer) => {
      if (!isHeld(buffer)) return buffer
      const { block } = buffer
      return block.host ?? (block.address === null ? gone(block.aval) : memory.view(use(block, block.address), block.aval))
    },
    share: (buffer) => {
      if (isHeld(buffer)) buffer.block.shared = true
    },
    enter: () => {
      if (depth++ === 0) begin()
    },
    leave: () => {
      if (--depth > 0) return
      pass()
      if (held() <= limit) return
      limit = ask()
      if (!asks()) evictTo((limit = budget.least))
    },
    relieve,
    kinds,
    held,
  }
}
