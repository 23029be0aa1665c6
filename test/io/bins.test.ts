import { describe, expect, it } from 'vitest'
import { countBins } from '../../src/io/bins.js'

describe('countBins', () => {
  it('counts what is finite, and says how many are not', () => {
    expect(countBins([1, 2, NaN, 3, Infinity, -Infinity, 5], 4)).toEqual({
      edges: [1, 2, 3, 4, 5],
      counts: [1, 1, 1, 1],
      size: 4,
      min: 1,
      max: 5,
      skipped: 3,
    })
  })
  it('of nothing finite has no bins; of one value has one around it', () => {
    expect(countBins([NaN], 4)).toEqual({ edges: [], counts: [], size: 0, min: 0, max: 0, skipped: 1 })
    expect(countBins([7, 7], 4)).toEqual({ edges: [6.5, 7.5], counts: [2], size: 2, min: 7, max: 7, skipped: 0 })
    expect(countBins([4096], 4).edges).toEqual([4092, 4100])
  })
  it('stands the largest range', () => {
    const { edges, counts } = countBins([-1.7e308, 1.7e308, 0], 2)
    expect(counts).toEqual([1, 2])
    expect(edges.every(Number.isFinite)).toBe(true)
  })
})
