/** NumPy's names beside ours. */
import { describe, expect, it } from 'vitest'
import * as np from '../../src/numpy.js'

const names = {
  subtract: 'sub',
  multiply: 'mul',
  divide: 'div',
  trueDivide: 'div',
  negative: 'neg',
  power: 'pow',
  absolute: 'abs',
  invert: 'bitwiseNot',
  bitwiseInvert: 'bitwiseNot',
  bitwiseLeftShift: 'leftShift',
  bitwiseRightShift: 'rightShift',
  deg2rad: 'radians',
  rad2deg: 'degrees',
  fix: 'trunc',
  around: 'round',
  amax: 'max',
  amin: 'min',
  concat: 'concatenate',
  rowStack: 'vstack',
  permuteDims: 'transpose',
  uniqueValues: 'unique',
} as const

describe('NumPy has these names too', () => {
  it.each(Object.entries(names))('%s is %s', (name, ours) => {
    expect(np[name as keyof typeof names]).toBeTypeOf('function')
    expect(np[name as keyof typeof names]).toBe(np[ours])
  })
})
