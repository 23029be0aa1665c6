import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { all, errorOf, some } from '../../bench/oracle.js'
import { quantile, spread, summary } from '../../bench/statistics.js'
import { valuesOf, normal, integers } from '../../bench/inputs.js'

describe('quantiles', () => {
  it('of a few numbers, in any order', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2)
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5)
    expect(summary([11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual({ median: 6, p10: 2, p90: 10 })
    expect(quantile([], 0.5)).toBeNaN()
  })
  it('lie between the least and the greatest, and grow', () =>
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (xs, q) => {
        const v = quantile(xs, q)
        expect(v).toBeGreaterThanOrEqual(Math.min(...xs))
        expect(v).toBeLessThanOrEqual(Math.max(...xs))
        expect(quantile(xs, 1)).toBeGreaterThanOrEqual(v)
      }),
    ))
  it('spread is relative', () => expect(spread({ median: 10, p10: 9, p90: 11 })).toBe(0.1))
})

describe('errors of results', () => {
  const want = [all([1, -2, 2])]
  it('are none for the right result, and relative to value and size', () => {
    expect(errorOf([[1, -2, 2]], want)).toBe(0)
    expect(errorOf([[1, -2, 2 + 0.01 * (2 + Math.sqrt(3))]], want)).toBeCloseTo(0.01, 12)
  })
  it('are infinite for NaN, missing and surplus elements and outputs', () => {
    expect(errorOf([[1, NaN, 2]], want)).toBe(Infinity)
    expect(errorOf([[1, -2]], want)).toBe(Infinity)
    expect(errorOf([[1, -2, 2, 0]], want)).toBe(Infinity)
    expect(errorOf([], want)).toBe(Infinity)
    expect(errorOf([[1, -2, 2], [1]], want)).toBe(Infinity)
  })
  it('NaN where NaN is right is right', () => expect(errorOf([[NaN, 1]], [all([NaN, 1])])).toBe(0))
  it('are seen at the places that were computed, which are different ones', () => {
    const output = some(1000, 64, (i) => i)
    const got = Array.from({ length: 1000 }, (_, i) => i)
    expect(new Set(Array.from(output.at!)).size).toBe(64)
    expect(errorOf([got], [output])).toBe(0)
    got[output.at![7]!]! += 100
    expect(errorOf([got], [output])).toBeGreaterThan(0.01)
  })
})

describe('inputs', () => {
  it('are the same for the same name, others for another', () => {
    const input = normal([100])
    expect(valuesOf('a', input)).toEqual(valuesOf('a', input))
    expect(valuesOf('a', input)).not.toEqual(valuesOf('b', input))
  })
  it('have the spread they say', () => {
    const x = Array.from(valuesOf('x', normal([100_000], 3)))
    const mean = x.reduce((a, b) => a + b, 0) / x.length
    expect(Math.abs(mean)).toBeLessThan(0.05)
    expect(Math.sqrt(x.reduce((a, b) => a + b * b, 0) / x.length)).toBeCloseTo(3, 1)
    const k = valuesOf('k', integers([1000], 7))
    expect([Math.min(...k), Math.max(...k)]).toEqual([0, 6])
  })
})
