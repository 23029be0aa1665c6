import { describe, expect, it } from 'vitest'
import { expectClose, LawError, tensorOf } from '../../laws/index.js'

const compared = (actual: number, expected: number, options: Parameters<typeof expectClose>[3], dtype: 'float32' | 'float64' = 'float32') =>
  expect(() => {
    expectClose('x', tensorOf([actual], [1], dtype), tensorOf([expected], [1], dtype), options)
  })

describe('expectClose', () => {
  it('counts units in the last place of each element', () => {
    compared(1 + 2 ** -22, 1, { ulp: 2 }).not.toThrow()
    compared(1 + 3 * 2 ** -23, 1, { ulp: 2 }).toThrow(LawError)
    compared(2 ** -22, 0, { ulp: 2 }).toThrow(/allowed/)
  })
  it('or of the size of what the elements were computed from', () => {
    compared(2 ** -22, 0, { ulp: 2, scale: 1.5 }).not.toThrow()
    compared(3 * 2 ** -23, 0, { ulp: 2, scale: 1.5 }).toThrow(LawError)
    compared(2 ** -22, 0, { ulp: 2, scale: 1.5 }, 'float64').toThrow(LawError)
    compared(2 ** -51, 0, { ulp: 2, scale: 1.5 }, 'float64').not.toThrow()
    compared(NaN, 0, { ulp: 2, scale: 1e30 }).toThrow(LawError)
    compared(Infinity, 1, { ulp: 2, scale: 1e30 }).toThrow(LawError)
  })
  it('in which larger elements keep their own units', () => {
    compared(1024 + 2 ** -12, 1024, { ulp: 2, scale: 1 }).not.toThrow()
    compared(1024 + 3 * 2 ** -13, 1024, { ulp: 2, scale: 1 }).toThrow(LawError)
  })
})
