import { describe, expect, it } from 'vitest'
import { np } from '../../src/index.js'

const f64 = (x: number) => np.array(x, { dtype: 'float64' })

describe('isclose', () => {
  it('allows atol + rtol |b|: relative to the second', () => {
    const close = (a: number, b: number, options: { rtol?: number; atol?: number }): boolean =>
      Boolean(np.isclose(f64(a), f64(b), options).item())
    expect(close(1100, 1000, { rtol: 0.1, atol: 0 })).toBe(true)
    expect(close(1101, 1000, { rtol: 0.1, atol: 0 })).toBe(false)
    expect(close(1000, 1111, { rtol: 0.1, atol: 0 })).toBe(true)
    expect(close(1e-4, 1.05e-4, { rtol: 0.1, atol: 0 })).toBe(true)
    expect(close(1e-4, 2e-4, { rtol: 0.1, atol: 0 })).toBe(false)
    expect(close(1, 1.5, { rtol: 0, atol: 0.5 })).toBe(true)
    expect(close(1, 3, { rtol: 0.5, atol: 0.5 })).toBe(true)
    expect(close(1, 3.1, { rtol: 0.5, atol: 0.5 })).toBe(false)
  })
})
