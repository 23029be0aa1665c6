/**
 * What stays in the heap between calls: results until they are collected, copies of host arrays that are read again and again.
 * Finalizers do not run in synchronous code. So there is a budget: beyond it the collector is asked what is gone; where it cannot be
 * asked, what was used longest ago moves to a host array, where the collector sees it. Nothing is lost when a block goes.
 */
import type { Aval } from '../../core/aval.js'
import { dtypes, type TypedArray } from '../../core/dtype.js'
import { DonatedError, fail } from '../../core/errors.js'
import { showAval } from '../../core/showAval.js'
import type { Collect } from './collector.js'
import type { Heap } from './heap.js'
import { mebibytes } from './memory.js'
import { bytesOf } from './machine.js'

/** A value in the heap, or moved from there to the host. */
interface Block {
  readonly aval: Aval
  readonly bytes: number
  /** 0 when it is not in the heap. */
  address: number
  /** The elements, when they had to leave the heap. */
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

/** What tensors hold of a block; when it is collected, the block is free. */
export interface Held {
  readonly block: Block
}

/** A buffer of the backend: a host array, or a value in the heap. */
export type Buffer = TypedArray | Held

/** True for a value in the heap. */
export const isHeld = (b: Buffer): b is Held => !ArrayBuffer.isView(b)

/** Values in the heap, within a budget. */
export interface Residents {
  /** The address of a buffer's elements, valid until the outermost `leave`. */
  readonly address: (buffer: Buffer, a: Aval) => number
  /** A block with a buffer's elements, the caller's own; the buffer cannot be read again. */
  readonly take: (buffer: Buffer, a: Aval) => number
  /** Undoes a `take`: the block, unchanged, is the buffer's again. */
  readonly giveBack: (buffer: Buffer, address: number, a: Aval) => void
  /** A buffer of what lies in a block, which is given away. */
  readonly give: (address: number, a: Aval) => Buffer
  /** The elements of a buffer, for reading only. */
  readonly read: (buffer: Buffer) => TypedArray
  /** As `read`, without a copy: valid until anything is allocated. */
  readonly look: (buffer: Buffer) => TypedArray
  /** Says that another tensor is made of the same buffer. */
  readonly share: (buffer: Buffer) => void
  readonly enter: () => void
  readonly leave: () => void
}

/** Smaller values live on the host: copying them costs less than remembering them. */
const worthKeeping = 1 << 14

/** Bytes that may be held between two questions to the collector. */
export interface Budget {
  /** Always. */
  readonly least: number
  /** Where results come so fast that asking would take more than a tenth of the time. */
  readonly most: number
}

/** Residents of `heap`. Beyond the budget `collect` is called, or old ones leave. */
export const createResidents = (heap: Heap, budget: Budget, collect: Collect | null): Residents => {
  /** Whether the collector can be asked, as far as is known. */
  let asks = collect !== null
  const copies = new WeakMap<TypedArray, Block>()
  /** Host arrays that were read before: what is read twice is worth a copy that stays. */
  const met = new WeakSet<TypedArray>()
  // Sets iterate in order of insertion: the first is the least recently used.
  const kept = new Set<Block>()
  const passing: { readonly address: number; readonly bytes: number }[] = []
  let held = 0
  let limit = budget.least
  let depth = 0
  let run = 0
  /** What was held, and when, after the collector was asked last. */
  let after = { held: 0, time: performance.now() }

  const forget = (block: Block): void => {
    if (kept.delete(block)) held -= block.bytes
  }
  const release = (block: Block): void => {
    if (block.address === 0) return
    forget(block)
    heap.free(block.address, block.bytes)
    block.address = 0
  }
  const remember = (block: Block): void => {
    kept.add(block)
    held += block.bytes
  }
  const use = (block: Block): number => {
    block.run = run
    kept.delete(block)
    kept.add(block)
    return block.address
  }
  const collected = new FinalizationRegistry<Block>(release)

  const watch = (holder: object, block: Block): void => {
    collected.register(holder, block, block)
    // Where nobody can ask, a weak reference would only keep its target until the job ends.
    if (asks) block.holder = new WeakRef(holder)
  }

  const toHost = ({ aval, address }: Block): TypedArray => {
    const array = dtypes[aval.dtype].make(aval.size)
    array.set(heap.view(aval.dtype, address, aval.size))
    return array
  }
  /** The registry lets go of the block: nothing but its tensor may keep the host array. */
  const evict = (block: Block): void => {
    if (!block.copy) block.host ??= toHost(block)
    collected.unregister(block)
    release(block)
  }
  const copyIn = (array: TypedArray, a: Aval): number => {
    const address = heap.alloc(bytesOf(a))
    heap.view(a.dtype, address, a.size).set(array)
    return address
  }
  const gone = (a: Aval): never =>
    fail(DonatedError, 'read: the memory of this tensor was donated to a jitted function', {
      args: { x: a },
      fix: 'use the value that the function returned, or do not donate this argument',
    })
  const freshBlock = (a: Aval, address: number, copy: boolean): Block => {
    const block: Block = { aval: a, bytes: bytesOf(a), address, host: null, copy, shared: false, run, holder: null }
    remember(block)
    return block
  }

  /** Frees blocks whose tensors, and copies whose arrays, are gone. */
  const sweep = (): void => {
    asks &&= collect!()
    for (const block of kept) {
      if (block.run === run || block.holder?.deref() !== undefined || block.holder === null) continue
      collected.unregister(block)
      release(block)
    }
  }
  /** Moves to the host what this run does not use, oldest first, until `bytes` are held. */
  const evictTo = (bytes: number): void => {
    for (const block of kept) {
      if (held <= bytes) return
      if (block.run !== run) evict(block)
    }
  }

  /** Asks the collector; how much may be held until it is asked again. */
  const ask = (): number => {
    const [asked, grown] = [performance.now(), held - after.held]
    sweep()
    const now = performance.now()
    const worth = (10 * grown * (now - asked)) / Math.max(asked - after.time, 1)
    after = { held, time: now }
    // What lives on is not to be asked about again too soon.
    return Math.max(budget.least, 2 * held, Math.min(held + worth, budget.most))
  }

  const relieve = (): boolean => {
    const before = held
    sweep()
    if (held > before / 2) evictTo(before / 2)
    return held < before
  }
  /** Who holds the memory: ` (3 x float32[1024,1024] 12 MiB, ..., working memory 4 MiB)`. */
  const report = (): string => {
    const kinds = new Map<string, { count: number; bytes: number }>()
    for (const { aval, bytes } of kept) {
      const name = showAval(aval)
      const kind = kinds.get(name) ?? { count: 0, bytes: 0 }
      kinds.set(name, { count: kind.count + 1, bytes: kind.bytes + bytes })
    }
    const most = [...kinds].sort(([, a], [, b]) => b.bytes - a.bytes)
    const lines = most.slice(0, 3).map(([name, { count, bytes }]) => `${count} x ${name} ${mebibytes(bytes)}`)
    const others = most.length > 3 ? ['...'] : []
    const running = heap.used() - held
    const rest = running > 0 ? [`working memory ${mebibytes(running)}`] : []
    return ` (${[...lines, ...others, ...rest].join(', ')})`
  }
  heap.whenFull(relieve, report)

  return {
    address: (buffer, a) => {
      if (isHeld(buffer)) {
        const { block } = buffer
        if (block.address !== 0) return use(block)
        block.address = copyIn(block.host ?? gone(a), a)
        block.host = null
        remember(block)
        watch(buffer, block)
        return use(block)
      }
      const known = copies.get(buffer)
      if (known !== undefined && known.address !== 0) return use(known)
      const address = copyIn(buffer, a)
      if (met.has(buffer)) {
        const block = freshBlock(a, address, true)
        copies.set(buffer, block)
        watch(buffer, block)
      } else {
        if (bytesOf(a) >= worthKeeping) met.add(buffer)
        passing.push({ address, bytes: bytesOf(a) })
      }
      return address
    },
    take: (buffer, a) => {
      const block = isHeld(buffer) ? buffer.block : copies.get(buffer)
      if (block === undefined || block.address === 0) return copyIn(isHeld(buffer) ? (buffer.block.host ?? gone(a)) : buffer, a)
      if (block.shared) {
        block.run = run // not to be moved out while there is made room for the copy
        const address = heap.alloc(block.bytes)
        heap.copy(address, block.address, block.bytes)
        return address
      }
      const { address } = block
      forget(block)
      block.address = 0
      return address
    },
    giveBack: (buffer, address, a) => {
      const block = isHeld(buffer) ? buffer.block : undefined
      // What was taken of a host array, or of a block that is shared, was a copy.
      if (block === undefined || block.address !== 0 || block.host !== null) return heap.free(address, bytesOf(a))
      block.address = address
      remember(block)
    },
    give: (address, a) => {
      const bytes = bytesOf(a)
      if (bytes >= worthKeeping) {
        const buffer: Held = { block: freshBlock(a, address, false) }
        watch(buffer, buffer.block)
        return buffer
      }
      const array = dtypes[a.dtype].make(a.size)
      array.set(heap.view(a.dtype, address, a.size))
      heap.free(address, bytes)
      return array
    },
    read: (buffer) => {
      if (!isHeld(buffer)) return buffer
      const { block } = buffer
      return block.host ?? (block.address === 0 ? gone(block.aval) : toHost(block))
    },
    look: (buffer) => {
      if (!isHeld(buffer)) return buffer
      const { block } = buffer
      return block.host ?? (block.address === 0 ? gone(block.aval) : heap.view(block.aval.dtype, use(block), block.aval.size))
    },
    share: (buffer) => {
      if (isHeld(buffer)) buffer.block.shared = true
    },
    enter: () => {
      if (depth++ === 0) run++
    },
    leave: () => {
      if (--depth > 0) return
      for (const c of passing) heap.free(c.address, c.bytes)
      passing.length = 0
      if (held <= limit) return
      limit = ask()
      if (!asks) evictTo((limit = budget.least))
    },
  }
}
