/**
 * Residency: the blocks of a device's memory that stay between calls, least recently used first. The collector says which of them nobody
 * holds any more; where it cannot be asked, what was used longest ago moves to a host array. Nothing is lost when a block goes.
 */
import type { Aval } from '../../core/aval.js'
import type { TypedArray } from '../../core/dtype.js'
import { showAval } from '../../core/showAval.js'
import { bytesOf } from '../../compile/cost.js'
import type { VisibleMemory } from './allocator.js'

/** A value in the device's memory, or moved from there to the host. */
export interface Block<A> {
  readonly aval: Aval
  readonly bytes: number
  /** `null` when it is not on the device. */
  address: A | null
  /** The elements, when they had to leave the device. */
  host: TypedArray | null
  /** A copy of a host array: nothing is lost with it. */
  readonly copy: boolean
  /** More than one tensor is made of it: it cannot be taken. */
  shared: boolean
  /** The run that used it last. */
  run: number
  /** What a tensor holds of it, or the array that it is a copy of; where the collector can be asked about them. */
  holder: WeakRef<object> | null
}

/** Collects, so that weak references to what is not reachable are empty at once; `false` says that it could not. */
export type Collect = () => boolean

/** The blocks that stay. */
export interface Residency<A> {
  /** Bytes in all of them. */
  readonly held: () => number
  /** Whether the collector can be asked, as far as is known. */
  readonly asks: () => boolean
  /** Begins a run: what it uses does not leave before the next one. */
  readonly begin: () => void
  /** A block at `address`, which stays. */
  readonly add: (aval: Aval, address: A, copy: boolean) => Block<A>
  /** The block has come back to `address`. */
  readonly restore: (block: Block<A>, address: A) => void
  /** Its place belongs to the caller from now on. */
  readonly surrender: (block: Block<A>) => A
  /** The place of a block, which this run uses. */
  readonly use: (block: Block<A>, address: A) => A
  /** When `holder` is collected, the block is free. */
  readonly watch: (holder: object, block: Block<A>) => void
  /** Frees what nobody holds, as the collector says. */
  readonly sweep: () => void
  /** Moves to the host what this run does not use, oldest first, until `bytes` are held. */
  readonly evictTo: (bytes: number) => void
  /** Makes room, by half at least where it can; whether there is more than before. */
  readonly relieve: () => boolean
  /** What holds the memory, by kind of value, the largest first. */
  readonly kinds: () => readonly { readonly name: string; readonly count: number; readonly bytes: number }[]
}

/** No blocks yet, in `memory`; `collect` is `null` where the collector cannot be asked. */
export const createResidency = <A>({ free, read }: Pick<VisibleMemory<A>, 'free' | 'read'>, collect: Collect | null): Residency<A> => {
  let asks = collect !== null
  // Sets iterate in order of insertion: the first is the least recently used.
  const kept = new Set<Block<A>>()
  let held = 0
  let run = 0

  const remember = (block: Block<A>): void => {
    kept.add(block)
    held += block.bytes
  }
  const forget = (block: Block<A>): void => {
    if (kept.delete(block)) held -= block.bytes
  }
  const release = (block: Block<A>): void => {
    if (block.address === null) return
    forget(block)
    free(block.address, block.bytes)
    block.address = null
  }
  const collected = new FinalizationRegistry<Block<A>>(release)
  /** The registry lets go of the block: nothing but its tensor may keep the host array. */
  const evict = (block: Block<A>): void => {
    if (!block.copy && block.address !== null) block.host ??= read(block.address, block.aval)
    collected.unregister(block)
    release(block)
  }
  const sweep = (): void => {
    asks &&= collect!()
    for (const block of kept) {
      if (block.run === run || block.holder?.deref() !== undefined || block.holder === null) continue
      collected.unregister(block)
      release(block)
    }
  }
  const evictTo = (bytes: number): void => {
    for (const block of kept) {
      if (held <= bytes) return
      if (block.run !== run) evict(block)
    }
  }

  return {
    held: () => held,
    asks: () => asks,
    begin: () => {
      run++
    },
    add: (aval, address, copy) => {
      const block: Block<A> = { aval, bytes: bytesOf(aval), address, host: null, copy, shared: false, run, holder: null }
      remember(block)
      return block
    },
    restore: (block, address) => {
      block.address = address
      block.host = null
      remember(block)
    },
    surrender: (block) => {
      const address = block.address!
      forget(block)
      block.address = null
      return address
    },
    use: (block, address) => {
      block.run = run
      kept.delete(block)
      kept.add(block)
      return address
    },
    watch: (holder, block) => {
      collected.register(holder, block, block)
      // Where nobody can ask, a weak reference would only keep its target until the job ends.
      if (asks) block.holder = new WeakRef(holder)
    },
    sweep,
    evictTo,
    relieve: () => {
      const before = held
      sweep()
      if (held > before / 2) evictTo(before / 2)
      return held < before
    },
    kinds: () => {
      const kinds = new Map<string, { readonly name: string; readonly count: number; readonly bytes: number }>()
      for (const { aval, bytes } of kept) {
        const name = showAval(aval)
        const kind = kinds.get(name)
        kinds.set(name, { name, count: (kind?.count ?? 0) + 1, bytes: (kind?.bytes ?? 0) + bytes })
      }
      return [...kinds.values()].sort((x, y) => y.bytes - x.bytes)
    },
  }
}
