import { describe, expect, it } from 'vitest'
import { aval, withShape } from '../../src/core/aval.js'

describe('avals', () => {
  it('are one object for one shape, dtype and weakness', () => {
    expect(aval([2, 3], 'float32')).toBe(aval([2, 3], 'float32'))
    expect(aval([2, 3], 'float32')).not.toBe(aval([3, 2], 'float32'))
    expect(aval([2], 'float32')).not.toBe(aval([2], 'int32'))
    expect(aval([2], 'float32', true)).not.toBe(aval([2], 'float32'))
    expect(aval([0, 3], 'bool').size).toBe(0)
    expect(aval([2, 3], 'bool').size).toBe(6)
    expect(withShape(aval([6], 'int32', true), [2, 3])).toBe(aval([2, 3], 'int32', true))
  })
  it.each([[[NaN]], [[-1]], [[1.5]], [[2, Infinity]], [[2 ** 53]], [['3']], [[undefined]]])('have whole sizes: %j is none', (shape) => {
    expect(() => aval(shape as number[], 'float32')).toThrow(/whole numbers from 0/)
  })
})
