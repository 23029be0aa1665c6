import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashParams, sameParams } from '../../src/device/same.js'

const values = fc.oneof(
  fc.constantFrom<unknown>(0, -0, NaN, Infinity, 1.5, true, false, 'add', '', null, undefined),
  fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 3 }),
  fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }), { maxLength: 2 }),
  fc.record({ low: fc.integer({ min: 0, max: 1 }) }, { noNullPrototype: true }),
)
const records = fc.dictionary(fc.constantFrom('axis', 'axes', 'mode'), values, { noNullPrototype: true })

const copy = <T>(v: T): T => structuredClone(v)

describe('parameters', () => {
  it('are the same as their copies, and hash alike', () => {
    fc.assert(
      fc.property(records, (p) => {
        expect(sameParams(p, copy(p))).toBe(true)
        expect(hashParams(1, p)).toBe(hashParams(1, copy(p)))
      }),
    )
  })

  it('are the same exactly when they are deeply equal by Object.is', () => {
    fc.assert(
      fc.property(records, records, (a, b) => {
        let equal = true
        try {
          expect(a).toStrictEqual(b)
        } catch {
          equal = false
        }
        expect(sameParams(a, b)).toBe(equal)
      }),
      { numRuns: 1000 },
    )
  })

  it('spread over hashes, fractions too', () => {
    for (const of of [(i: number) => i, (i: number) => i / 1000, (i: number) => 1e10 + i, (i: number) => Math.sqrt(i)]) {
      const hashes = new Set(Array.from({ length: 4000 }, (_, i) => hashParams(7, { value: of(i) })))
      expect(hashes.size).toBeGreaterThan(3900)
    }
  })

  it('compare functions and Programs by identity', () => {
    const f = () => 1
    const program = () => ({ inputs: [], equations: [], outputs: [] })
    const p = program()
    expect(sameParams({ f }, { f })).toBe(true)
    expect(sameParams({ f }, { f: () => 1 })).toBe(false)
    expect(sameParams({ p }, { p })).toBe(true)
    expect(sameParams({ p: [p] }, { p: [program()] })).toBe(false)
    expect(sameParams({}, { f })).toBe(false)
  })
})
