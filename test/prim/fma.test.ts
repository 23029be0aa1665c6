import { describe, expect, it } from 'vitest'
import { grad, np, special } from '../../src/index.js'
import type { DType, Tensor } from '../../src/index.js'
import { fma } from '../../src/prim/fma.js'
import { xlaErf, xlaErfInv, xlaLog, xlaLog1p } from '../../src/prim/xlaFloat32.js'
import { expectClose } from '../expectClose.js'

const of = (x: number, dtype: DType): Tensor => np.array(x, { dtype })
const at = (x: number, y: number, z: number, dtype: DType): number => Number(fma(of(x, dtype), of(y, dtype), of(z, dtype)))

describe('fma', () => {
  it('keeps what a rounded product loses', () => {
    const e = 2 ** -52
    expect(at(1 + e, 1 + e, -(1 + 2 * e), 'float64')).toBe(e * e)
    const f = 2 ** -23
    expect(at(1 + f, 1 + f, -(1 + 2 * f), 'float32')).toBe(f * f)
    expect(at(0.1, 10, -1, 'float64')).toBe(5.551115123125783e-17)
  })
  it('treats zeros, infinities and NaN as a product and a sum do', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      expect(at(Infinity, 2, 1, dtype)).toBe(Infinity)
      expect(at(Infinity, 0, 1, dtype)).toBe(NaN)
      expect(at(Infinity, 1, -Infinity, dtype)).toBe(NaN)
      expect(at(3, 2, -Infinity, dtype)).toBe(-Infinity)
      expect(at(0, 5, 7, dtype)).toBe(7)
    }
    expect(at(1e300, 10, 1, 'float64')).toBe(1e301)
  })
  it('has the derivatives of x * y + z', () => {
    const slopes = grad((x: Tensor, y: Tensor, z: Tensor) => fma(x, y, z), { argnums: [0, 1, 2] })(
      of(2, 'float64'),
      of(3, 'float64'),
      of(5, 'float64'),
    )
    expect(slopes.map(Number)).toEqual([3, 2, 1])
  })
})

describe('functions with XLA’s roundings', () => {
  const xs = [1e-30, 1e-7, 0.125, 0.3, 0.70710677, 0.99999994, 1, 1.5, 1000, 3e38]
  const f32 = (data: readonly number[]): Tensor => np.array(data)
  const close = (got: Tensor, exact: readonly number[], ulps: number): void => {
    expectClose(got, exact, { rtol: ulps * 2 ** -23, atol: ulps * 2 ** -123 })
  }

  it('are the functions within a few ulp', () => {
    const rounded = xs.map(Math.fround)
    close(xlaLog(f32(xs)), rounded.map(Math.log), 1)
    close(xlaLog1p(f32(xs)), rounded.map(Math.log1p), 2)
    close(
      xlaErf(f32(xs)),
      [...np.array(rounded, { dtype: 'float64' }).toTypedArray()].map((x) => Number(erf64(x))),
      8,
    )
    const ys = [-0.9999, -0.5, -0.001, 0.25, 0.75, 0.99].map(Math.fround)
    close(xlaErf(xlaErfInv(f32(ys))), ys, 16)
  })
  it('at the edges too', () => {
    const edges = f32([0, -1, Infinity, NaN])
    expect(xlaLog(edges).toArray()).toEqual([-Infinity, NaN, Infinity, NaN])
    expect(xlaLog1p(f32([-1, -2, Infinity, NaN, -0])).toArray()).toEqual([-Infinity, NaN, Infinity, NaN, -0])
    expect(xlaErfInv(f32([1, -1, 2, NaN, 0])).toArray()).toEqual([Infinity, -Infinity, NaN, NaN, 0])
    expect(xlaErf(f32([Infinity, -Infinity, NaN])).toArray()).toEqual([1, -1, NaN])
  })
  it('are for float32 only', () => {
    expect(() => xlaLog(of(1, 'float64'))).toThrow(/only for float32/)
  })
})

/** The error function in float64, by the accurate primitive. */
const erf64 = (x: number): Tensor => special.erf(of(x, 'float64'))
