import { describe, expect, it } from 'vitest'
import { np } from '../src/index.js'
import { expectClose } from './expectClose.js'

const f64 = (x: readonly number[]) => np.array(x, { dtype: 'float64' })

describe('expectClose', () => {
  it('accepts what lies within the tolerance, as tensor, typed array or nested lists', () => {
    expectClose(f64([1, 2]), [1, 2 + 1e-12], { atol: 1e-11 })
    expectClose(Float64Array.of(1, 2), [1, 2 * (1 + 1e-12)], { rtol: 1e-11 })
    expectClose([[1, 2]], np.array([[1, 2]]), { atol: 0 })
    expectClose(3, 3.0000002, { ulp: 1 })
    expectClose(f64([NaN, Infinity, -0]), [NaN, Infinity, 0], { atol: 0 })
    expectClose([], [], { atol: 0 })
    expectClose(np.array([[1, 2]]), [1, 2], { atol: 0 })
  })
  it('counts entries before it compares them', () => {
    expect(() => {
      expectClose(f64([]), [1, 2], { atol: 1 })
    }).toThrow(/the shape of the result/)
    expect(() => {
      expectClose(f64([1, 2, 3]), [1, 2], { atol: 1 })
    }).toThrow(/the shape of the result/)
    expect(() => {
      expectClose([1, 2], [[1, 2]], { atol: 1 })
    }).toThrow(/the shape of the result/)
    expect(() => {
      expectClose([1, 2], [[1], [1, 2]], { atol: 1 })
    }).toThrow(/a ragged list/)
  })
  it('names the entry and both numbers', () => {
    expect(() => {
      expectClose(f64([1, 2.5, 3]), [1, 2, 3], { atol: 0.25, what: 'slope' })
    }).toThrow(/slope: entry 1 of 3 is 2.5, expected 2 \(difference 0.5, allowed \{"atol":0.25\}; 1 entries differ\)/)
  })
  it.each([
    [[NaN], [1], { atol: 9 }],
    [[1], [NaN], { atol: 9 }],
    [[Infinity], [1e300], { rtol: 1 }],
    [[1], [Infinity], { rtol: 1 }],
    [[-Infinity], [Infinity], { rtol: 1 }],
    [[1 + 2 ** -21], [1], { ulp: 2 }],
    [[1e-3], [0], { rtol: 1 }],
  ] as const)('%j is not %j within %j', (got, expected, tolerance) => {
    expect(() => {
      expectClose(got, expected, tolerance)
    }).toThrow(/entry 0 of 1/)
  })
  it('asks for a tolerance, and for the dtype where one is named', () => {
    expect(() => {
      expectClose(1, 1, {})
    }).toThrow(/a tolerance is required/)
    expect(() => {
      expectClose(np.array([1]), [1], { atol: 0, dtype: 'float64' })
    }).toThrow(/the dtype of the result/)
  })
})
