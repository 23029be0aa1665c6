import { describe, expect, it } from 'vitest'
import { elementOf, type DType } from '../../src/core/dtype.js'

describe('elementOf', () => {
  it('is the whole part of what an integer dtype holds, up to both limits, and undefined beyond', () => {
    const limits: readonly (readonly [DType, number, number])[] = [
      ['int32', -(2 ** 31), 2 ** 31 - 1],
      ['uint32', 0, 2 ** 32 - 1],
    ]
    for (const [dtype, low, high] of limits) {
      expect([low, high, 7.9].map((v) => elementOf(v, dtype))).toEqual([low, high, 7])
      expect([low - 1, high + 1, NaN, Infinity, -Infinity].map((v) => elementOf(v, dtype))).toEqual(new Array(5).fill(undefined))
    }
  })

  it('is 0 or 1 of bool, and every number of floats', () => {
    expect([0, -0, 2, NaN].map((v) => elementOf(v, 'bool'))).toEqual([0, 0, 1, 1])
    expect([0.5, 1e300, -Infinity].map((v) => elementOf(v, 'float32'))).toEqual([0.5, 1e300, -Infinity])
  })
})
