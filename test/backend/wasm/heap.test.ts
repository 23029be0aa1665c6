/** Blocks of memory: never two at one place, joined again when they are free, packed so that little is lost. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHeap } from '../../../src/backend/wasm/heap.js'
import { createRanges } from '../../../src/backend/wasm/ranges.js'

describe('ranges', () => {
  it('give what they have, cut and joined', () => {
    const ranges = createRanges()
    expect(ranges.take(64, false)).toBeUndefined()
    ranges.give(1000, 100)
    ranges.give(1200, 100)
    expect(ranges.take(150, false)).toBeUndefined()
    ranges.give(1100, 100)
    expect(ranges.take(300, false)).toBe(1000)
    ranges.give(1000, 300)
    expect([ranges.take(100, false), ranges.take(150, false), ranges.take(60, false), ranges.take(50, false)]).toEqual([
      1000,
      1100,
      undefined,
      1250,
    ])
  })
  it('are cut at either end', () => {
    const ranges = createRanges()
    ranges.give(1000, 300)
    expect([ranges.take(100, true), ranges.take(50, false), ranges.take(151, false)]).toEqual([1200, 1000, undefined])
    expect(ranges.take(150, true)).toBe(1050)
  })
  it('prefer the range that is nearly filled', () => {
    const ranges = createRanges()
    ranges.give(0x1000, 5000)
    ranges.give(0x4000, 1100)
    ranges.give(0x8000, 1050)
    expect(ranges.take(1024, false)).toBe(0x8000)
    expect(ranges.take(1024, false)).toBe(0x4000)
    expect(ranges.take(1024, false)).toBe(0x1000)
  })
  it('extend what was never used', () => {
    const ranges = createRanges()
    ranges.give(100, 50)
    expect(ranges.takeBefore(140)).toBe(140)
    expect(ranges.takeBefore(150)).toBe(100)
    expect(ranges.takeBefore(150)).toBe(150)
  })
})

/** Asks for a block of a size, or gives back one of those that there are. */
const step = fc.record({
  last: fc.boolean(),
  size: fc.oneof(fc.nat(300), fc.nat(20_000), fc.nat(400_000)),
  back: fc.nat(1000),
  free: fc.boolean(),
})

describe('a heap', () => {
  it('never gives out a byte twice, and has all of them back in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const heap = createHeap(false)
        const held: { readonly address: number; readonly size: number }[] = []
        for (const { last, size, back, free } of steps) {
          if (free && held.length > 0) {
            const [block] = held.splice(back % held.length, 1)
            heap.free(block!.address, block!.size)
            continue
          }
          const address = heap.alloc(size, last)
          expect(address).toBeGreaterThan(0)
          expect(address % 64).toBe(0)
          expect(address + size).toBeLessThanOrEqual(heap.memory.buffer.byteLength)
          for (const other of held) expect(address + size <= other.address || other.address + other.size <= address).toBe(true)
          held.push({ address, size: Math.max(size, 1) })
        }
        expect(heap.used()).toBeGreaterThanOrEqual(held.reduce((n, b) => n + b.size, 0))
        for (const { address, size } of held) heap.free(address, size)
        expect(heap.used()).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
  it('gives freed neighbours out as one', () => {
    const heap = createHeap(false)
    const parts = Array.from({ length: 64 }, () => heap.alloc(2 ** 18))
    const { byteLength } = heap.memory.buffer
    for (const k of [1, 3, 2, 0, ...parts.keys()].filter((k, i, all) => all.indexOf(k) === i)) heap.free(parts[k]!, 2 ** 18)
    expect(heap.alloc(64 * 2 ** 18)).toBe(Math.min(...parts))
    expect(heap.memory.buffer.byteLength).toBe(byteLength)
  })
  it('serves steps of different sizes from the memory of the largest', () => {
    const heap = createHeap(false)
    for (const n of [9_633_792, 2_408_448, 3_276_800, 819_200, 5_000_000, 1_605_632, 9_000_000])
      for (let k = 0; k < 3; k++) heap.free(heap.alloc(n), n)
    expect(heap.memory.buffer.byteLength).toBeLessThan(1.3 * 9_633_792)
  })
})
