import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrange, inLines, type Interval } from '../../src/compile/arena.js'

/** Bytes that are needed at once at most: no arrangement takes less. */
const least = (intervals: readonly Interval[]): number =>
  Math.max(
    0,
    ...intervals.map(({ from }) => intervals.filter((i) => i.from <= from && from <= i.to).reduce((n, { bytes }) => n + inLines(bytes), 0)),
  )

const interval = fc
  .record({ bytes: fc.oneof(fc.nat(300), fc.nat(100_000)), from: fc.nat(30), length: fc.oneof(fc.nat(3), fc.nat(30)) })
  .map(({ bytes, from, length }) => ({ bytes, from, to: from + length }))

describe('an arena', () => {
  it('never holds two values in one place at one time', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 40 }), (intervals) => {
        const { offsets, bytes } = arrange(intervals)
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
        expect(bytes).toBeLessThanOrEqual(intervals.reduce((n, i) => n + inLines(i.bytes), 0))
      }),
    )
  })
  it('is as small as can be where values follow one another', () => {
    const chain = Array.from({ length: 20 }, (_, k) => ({ bytes: 640 * (1 + (k % 5)), from: k, to: k + 1 }))
    expect(arrange(chain).bytes).toBe(least(chain))
    const nested = Array.from({ length: 20 }, (_, k) => ({ bytes: 64 * (1 + ((7 * k) % 5)), from: k, to: 39 - k }))
    expect(arrange(nested).bytes).toBe(least(nested))
  })
  it('has room for many values', () => {
    const long = Array.from({ length: 5000 }, (_, k) => ({ bytes: 64 * (1 + ((7 * k) % 5)), from: k, to: k + (k % 9) }))
    expect(arrange(long).bytes).toBeLessThan(1.5 * least(long))
  })
})
