import { describe, expect, it } from 'vitest'
import { expectSame } from '../../laws/same.js'
import { np } from '../../src/index.js'

describe('expectSame', () => {
  const x = np.array([1, 2])
  const unlike = (actual: unknown, expected: unknown): string => {
    try {
      expectSame('the update', actual, expected)
    } catch (error) {
      return String(error)
    }
    return 'nothing was thrown'
  }

  it('accepts equal trees', () => {
    expect(unlike({ a: x, b: ['s', 1] }, { a: np.array([1, 2]), b: ['s', 1] })).toBe('nothing was thrown')
  })

  it('tells trees of one number of leaves by their structure', () => {
    expect(unlike({ a: x }, { b: x })).toMatch(/the update: structure .*a.*expected .*b/)
    expect(unlike([x, []], [x])).toMatch(/the update: structure/)
  })

  it('names the leaf that differs: a tensor, its shape, or anything else', () => {
    expect(unlike({ a: x, b: x }, { a: x, b: np.array([1, 3]) })).toMatch(/the update at 'b'/)
    expect(unlike([x], [np.reshape(x, [2, 1])])).toMatch(/the update at '0'/)
    expect(unlike([1], [2])).toMatch(/the update at '0': 1, expected 2/)
    expect(unlike([0], [-0])).toMatch(/the update at '0'/)
  })
})
