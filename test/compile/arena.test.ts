import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aligned, arrange, separate, type Interval } from '../../src/compile/arena.js'

/** Bytes that are needed at once at most: no arrangement takes less. */
const least = (intervals: readonly Interval[]): number =>
  Math.max(
    0,
    ...intervals.map(({ from }) =>
      intervals.filter((i) => i.from <= from && from <= i.to).reduce((n, { bytes }) => n + aligned(bytes, 64), 0),
    ),
  )

const interval = fc
  .record({ bytes: fc.oneof(fc.nat(300), fc.nat(100_000)), from: fc.nat(30), length: fc.oneof(fc.nat(3), fc.nat(30)) })
  .map(({ bytes, from, length }) => ({ bytes, from, to: from + length }))

describe('an arena', () => {
  it('never holds two values in one place at one time', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 40 }), (intervals) => {
        const { offsets, bytes } = arrange(intervals, 64)
        expect(offsets.length).toBe(intervals.length)
        intervals.forEach((a, i) => {
          expect(offsets[i]! % 64).toBe(0)
          expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(bytes)
          intervals.slice(0, i).forEach((b, j) => {
            const apart = a.to < b.from || b.to < a.from
            expect(apart || offsets[i]! + a.bytes <= offsets[j]! || offsets[j]! + b.bytes <= offsets[i]!).toBe(true)
          })
        })
        expect(bytes).toBeGreaterThanOrEqual(least(intervals))
        expect(bytes).toBeLessThanOrEqual(intervals.reduce((n, i) => n + aligned(i.bytes, 64), 0))
      }),
    )
  })
  it('is as small as can be where values follow one another', () => {
    const chain = Array.from({ length: 20 }, (_, k) => ({ bytes: 640 * (1 + (k % 5)), from: k, to: k + 1 }))
    expect(arrange(chain, 64).bytes).toBe(least(chain))
    const nested = Array.from({ length: 20 }, (_, k) => ({ bytes: 64 * (1 + ((7 * k) % 5)), from: k, to: 39 - k }))
    expect(arrange(nested, 64).bytes).toBe(least(nested))
  })
  it('has room for many values', () => {
    const long = Array.from({ length: 5000 }, (_, k) => ({ bytes: 64 * (1 + ((7 * k) % 5)), from: k, to: k + (k % 9) }))
    expect(arrange(long, 64).bytes).toBeLessThan(1.5 * least(long))
  })
})

describe('separate blocks', () => {
  it('hold one value at a time, and as many as need be', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 40 }), (intervals) => {
        const { bytes, block } = separate(intervals)
        expect(block.map((k) => k < 0)).toEqual(intervals.map((x) => x.bytes === 0))
        expect(intervals.filter((x, i) => x.bytes > (bytes[block[i]!] ?? 0))).toEqual([])
        const meet = (i: number, j: number): boolean => intervals[i]!.from <= intervals[j]!.to && intervals[j]!.from <= intervals[i]!.to
        expect(block.filter((k, i) => k >= 0 && block.some((other, j) => j < i && other === k && meet(i, j)))).toEqual([])
        expect(new Set(block.filter((b) => b >= 0)).size).toBe(bytes.length)
      }),
    )
  })
  it('are few where values follow one another', () => {
    const chain = Array.from({ length: 20 }, (_, k) => ({ bytes: 640 * (1 + (k % 5)), from: k, to: k + 1 }))
    expect(separate(chain).bytes.length).toBeLessThan(4)
  })
})
