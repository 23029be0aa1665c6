import { describe, expect, it } from 'vitest'
import { aval } from '../../src/core/aval.js'
import { formatTensor } from '../../src/core/format.js'
import { np } from '../../src/index.js'

const f32 = (...xs: number[]): string => formatTensor(Float32Array.from(xs), aval([xs.length], 'float32'))
const f64 = (...xs: number[]): string => formatTensor(Float64Array.from(xs), aval([xs.length], 'float64'))

// The expected texts are what NumPy 2 prints for the same elements (with true and false in lower case).
describe('formatTensor', () => {
  it('prints scalars in full', () => {
    const scalar = (x: number, dtype: 'float32' | 'float64' = 'float64'): string =>
      formatTensor(dtype === 'float32' ? Float32Array.of(x) : Float64Array.of(x), aval([], dtype))
    expect([2, 0.1, 0.1 + 0.2, -0, NaN, -Infinity, 1e-5, 1e16, 123456789].map((x) => scalar(x))).toEqual([
      '2.0',
      '0.1',
      '0.30000000000000004',
      '-0.0',
      'nan',
      '-inf',
      '1e-05',
      '1e+16',
      '123456789.0',
    ])
    expect(scalar(Math.fround(0.1), 'float32')).toBe('0.1')
    expect(scalar(1234567, 'float32')).toBe('1.234567e+06')
    expect(formatTensor(Uint8Array.of(1), aval([], 'bool'))).toBe('true')
    expect(formatTensor(Int32Array.of(-3), aval([], 'int32'))).toBe('-3')
  })

  it('aligns numbers at the point', () => {
    expect(f64(1, 2, 3)).toBe('[1. 2. 3.]')
    expect(f64(1.5, 22.25, -3)).toBe('[ 1.5  22.25 -3.  ]')
    expect(f64(0, -0, 1)).toBe('[ 0. -0.  1.]')
    expect(f32(0.1, 0.2, 1 / 3)).toBe('[0.1        0.2        0.33333334]')
    expect(f64(1 / 3, 2 / 3)).toBe('[0.33333333 0.66666667]')
    expect(f32(1.1, 100.123)).toBe('[  1.1   100.123]')
  })

  it('uses scientific notation when sizes differ much', () => {
    expect(f64(1e10, 1.5)).toBe('[1.0e+10 1.5e+00]')
    expect(f64(1e10, 1e12)).toBe('[1.e+10 1.e+12]')
    expect(f64(1e-5, 1)).toBe('[1.e-05 1.e+00]')
    expect(f64(0, 1e-10)).toBe('[0.e+00 1.e-10]')
    expect(f64(1, 1001)).toBe('[1.000e+00 1.001e+03]')
    expect(f32(783975.5, 1513923.8)).toBe('[7.8397550e+05 1.5139238e+06]')
    expect(f64(1e-300, -1e100)).toBe('[ 1.e-300 -1.e+100]')
    expect(f64(Math.PI * 1e9, 1)).toBe('[3.14159265e+09 1.00000000e+00]')
  })

  it('prints NaN and infinities', () => {
    expect(f64(NaN, Infinity, -Infinity)).toBe('[ nan  inf -inf]')
    expect(f64(NaN, 1.5, -Infinity)).toBe('[ nan  1.5 -inf]')
    expect(f64(NaN, 1.5)).toBe('[nan 1.5]')
    expect(f64(NaN, 100)).toBe('[ nan 100.]')
    expect(f64(1e10, NaN)).toBe('[1.e+10    nan]')
  })

  it('prints integers and booleans', () => {
    expect(String(np.array([1, -20, 300], { dtype: 'int32' }))).toBe('[  1 -20 300]')
    expect(String(np.array([true, false]))).toBe('[ true false]')
  })

  it('nests brackets, with empty lines between matrices', () => {
    expect(
      String(
        np.array([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toBe('[[1. 2.]\n [3. 4.]]')
    expect(String(np.reshape(np.arange(8), [2, 2, 2]))).toBe('[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]')
    expect(String(np.zeros([1, 1, 1, 1]))).toBe('[[[[0.]]]]')
  })

  it('says the shape of empty tensors', () => {
    expect(String(np.zeros([0]))).toBe('[]')
    expect(String(np.zeros([2, 0]))).toBe('[] (shape [2,0])')
  })

  it('wraps lines at 75 characters', () => {
    expect(String(np.arange(30))).toBe('[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29]')
    const rows = String(np.reshape(np.arange(60), [2, 30])).split('\n')
    expect(rows.map((r) => r.length)).toEqual([73, 20, 73, 21])
    expect(rows[1]).toBe('  24 25 26 27 28 29]')
  })

  it('summarises more than 1000 elements', () => {
    expect(String(np.arange(1001))).toBe('[   0    1    2 ...  998  999 1000]')
    expect(String(np.arange(1000))).toContain('500')
    const rows = String(np.reshape(np.arange(2000), [1000, 2])).split('\n')
    expect(rows).toEqual(['[[   0    1]', ' [   2    3]', ' [   4    5]', ' ...', ' [1994 1995]', ' [1996 1997]', ' [1998 1999]]'])
    expect(String(np.zeros([2, 1000]))).toBe('[[0. 0. 0. ... 0. 0. 0.]\n [0. 0. 0. ... 0. 0. 0.]]')
  })
})

describe('exponents', () => {
  it('have the digits of the longest', () => {
    expect(String(np.array([1e-100, 5], { dtype: 'float64' }))).toBe('[1.e-100 5.e+000]')
    expect(String(np.array([1e-10, 5], { dtype: 'float64' }))).toBe('[1.e-10 5.e+00]')
  })
})
