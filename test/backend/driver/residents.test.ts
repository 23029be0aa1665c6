/** Values that stay in memory between calls: within a budget, never lost. */
import { describe, expect, it } from 'vitest'
import { collector } from '../../../src/backend/driver/collector.js'
import type { Collect } from '../../../src/backend/driver/residency.js'
import type { VisibleMemory } from '../../../src/backend/driver/allocator.js'
import type { Buffer } from '../../../src/backend/driver/residents.js'
import { createResidents, isHeld } from '../../../src/backend/driver/residents.js'
import { createHeap } from '../../../src/backend/wasm/heap.js'
import { bytesOf } from '../../../src/compile/cost.js'
import { allocatorOf } from '../../../src/backend/wasm/machine.js'
import { showUse } from '../../../src/backend/wasm/memory.js'
import { aval } from '../../../src/core/aval.js'
import { type DType, dtypes, type TypedArray } from '../../../src/core/dtype.js'

const mebibyte = 2 ** 20
const giving = (pages: number) => {
  const heap = createHeap(false, pages)
  const residents = createResidents(allocatorOf(heap), { least: 2 ** 40, most: 2 ** 40 }, () => true)
  heap.whenFull(residents.relieve, () => showUse(residents.kinds(), heap.used() - residents.held()))
  const give = (shape: readonly number[], dtype: DType): Buffer<number> => {
    const a = aval(shape, dtype)
    return residents.give(heap.alloc(bytesOf(a)), a)
  }
  return { heap, residents, give }
}

describe('residents of a heap', () => {
  it('that is full says which values hold it', () => {
    const { heap, residents, give } = giving(48 * 16)
    residents.enter()
    const live = [give([2, 1024, 1024], 'float32'), give([2 ** 14], 'int32'), give([2 ** 21], 'float64'), give([2 ** 21], 'float64')]
    live.push(give([2 ** 13], 'float32'))
    expect(() => heap.alloc(8 * mebibyte)).toThrow(
      /full: 40 MiB in use \(2 x float64\[2097152\] 32 MiB, 1 x float32\[2,1024,1024\] 8 MiB, 1 x int32\[16384\] 0 MiB, \.\.\.\), 8 MiB more needed, 48 MiB at most/,
    )
    expect(live.every(isHeld)).toBe(true)
  })
  it('moves what earlier calls left to the host until what is free is in one piece', () => {
    const { heap, residents, give } = giving(48 * 16)
    residents.enter()
    const live = Array.from({ length: 5 }, () => give([2 ** 21], 'float32'))
    live.forEach((b, k) => heap.view('float32', residents.address(b, aval([2 ** 21], 'float32')), 1).fill(k))
    residents.leave()
    residents.enter()
    const mine = residents.address(live[1]!, aval([2 ** 21], 'float32'))
    expect(heap.alloc(24 * mebibyte)).toBeGreaterThan(mine)
    expect(() => heap.alloc(16 * mebibyte)).toThrow(
      /32 MiB in use \(1 x float32\[2097152\] 8 MiB, working memory 24 MiB\), 16 MiB more needed/,
    )
    residents.leave()
    expect(live.map((b) => residents.read(b)[0])).toEqual([0, 1, 2, 3, 4])
  })
  it('moves nothing out for what cannot be had at all', () => {
    const { heap, residents, give } = giving(48 * 16)
    residents.enter()
    const live = Array.from({ length: 5 }, () => give([2 ** 21], 'float32'))
    residents.leave()
    residents.enter()
    for (const bytes of [48 * mebibyte, 2 ** 32, 2 ** 33, 1e12, 2 ** 50, 1e300])
      expect(() => heap.alloc(bytes)).toThrow(/full: 40 MiB in use \(5 x float32\[2097152\] 40 MiB\), /)
    residents.leave()
    expect(live.length).toBe(5)
  })
  it('copies a shared value that is donated when there is room only after others have moved out', () => {
    const { heap, residents, give } = giving(48 * 16)
    const a = aval([2 ** 21], 'float32')
    residents.enter()
    const live = Array.from({ length: 5 }, () => give([2 ** 21], 'float32'))
    live.forEach((b, k) => heap.view('float32', residents.address(b, a), 2 ** 21).fill(k + 7))
    residents.share(live[0]!)
    residents.leave()
    residents.enter()
    const copy = heap.view('float32', residents.take(live[0]!, a), 2 ** 21)
    expect([copy[0], copy[2 ** 21 - 1]]).toEqual([7, 7])
    residents.leave()
    expect(live.map((b) => residents.read(b)[0])).toEqual([7, 8, 9, 10, 11])
  })
})

/** Memory whose addresses are objects: a place is a box of elements. */
interface Box {
  elements: TypedArray | null
}

const boxes = () => {
  let blocks = 0
  const memory: VisibleMemory<Box> = {
    align: 1,
    bytesOf,
    alloc: () => {
      blocks++
      return { elements: null }
    },
    free: (at) => {
      if (at.elements === null) throw new Error('freed twice')
      at.elements = null
      blocks--
    },
    at: (base) => base,
    copy: (to, from) => {
      to.elements = from.elements!.slice()
    },
    set: () => undefined,
    get: () => 0,
    read: (at) => at.elements!.slice(),
    write: (at, data) => {
      at.elements = data.slice()
    },
    view: (at) => at.elements!,
  }
  return { memory, blocks: () => blocks }
}

describe('residents of memory whose addresses are objects', () => {
  const a = aval([2 ** 13], 'float32')
  const bytes = bytesOf(a)
  const make = (collect: Collect | null, count: number) => {
    const { memory, blocks } = boxes()
    const residents = createResidents(memory, { least: count * bytes, most: count * bytes }, collect)
    const give = (x: number): Buffer<Box> => {
      const at = memory.alloc(bytes)
      memory.write(at, dtypes.float32.make(a.size).fill(x), a)
      return residents.give(at, a)
    }
    return { residents, blocks, give }
  }
  it('leave for the host beyond the budget, the least recently used first, and come back when they are used', () => {
    const { residents, blocks, give } = make(null, 2)
    residents.enter()
    const [x, y, z] = [give(1), give(2), give(3)] as const
    residents.leave()
    // What the run that has just ended made is not moved out by it.
    expect(blocks()).toBe(3)
    residents.enter()
    expect(residents.address(x, a).elements![0]).toBe(1)
    residents.leave()
    expect(blocks()).toBe(2)
    expect([x, y, z].map((b) => residents.read(b)[0])).toEqual([1, 2, 3])
    residents.enter()
    expect(residents.address(y, a).elements![7]).toBe(2)
    residents.leave()
    expect([x, y, z].map((b) => residents.look(b)[1])).toEqual([1, 2, 3])
    expect(blocks()).toBe(2)
  })
  it('keep what is taken out of reach, until it is given back', () => {
    const { residents, blocks, give } = make(null, 8)
    residents.enter()
    const x = give(5)
    const at = residents.take(x, a)
    residents.leave()
    expect(() => residents.read(x)).toThrow(/donated/)
    expect(residents.held()).toBe(0)
    residents.giveBack(x, at, a)
    expect(residents.read(x)[3]).toBe(5)
    expect([residents.held(), blocks()]).toEqual([bytes, 1])
  })
  it('hold a copy of a host array from its second use on, and only until the end of the run before', () => {
    const { residents, blocks } = make(null, 8)
    const array = new Float32Array(a.size).fill(4)
    const counts = [1, 2, 3].map(() => {
      residents.enter()
      residents.address(array, a)
      residents.leave()
      return blocks()
    })
    expect(counts).toEqual([0, 1, 1])
  })
  it('are freed when nobody holds them, where the collector can be asked', () => {
    const collect = collector()!
    const { residents, blocks, give } = make(collect, 1)
    const drop = (): void => {
      residents.enter()
      give(1)
      give(2)
      residents.leave()
    }
    for (let k = 0; k < 6; k++) drop()
    // Of 12 values those of the last run, and as many again before the collector is asked once more.
    expect(blocks()).toBeLessThanOrEqual(4)
  })
})
