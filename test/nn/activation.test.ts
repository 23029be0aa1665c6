import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { grad, jvp, nn, np, vmap } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const f64 = (data: readonly number[]): Tensor => np.array(data, { dtype: 'float64' })
const sigma = (x: number): number => 1 / (1 + Math.exp(-x))

/** Each function with its value in plain numbers, and the places where it or its slope has a kink. */
const functions: Readonly<Record<string, readonly [(x: Tensor) => Tensor, (x: number) => number, readonly number[]]>> = {
  relu: [nn.relu, (x) => Math.max(x, 0), [0]],
  relu6: [nn.relu6, (x) => Math.min(Math.max(x, 0), 6), [0, 6]],
  sigmoid: [nn.sigmoid, sigma, []],
  softplus: [nn.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), []],
  logSigmoid: [nn.logSigmoid, (x) => -(Math.max(-x, 0) + Math.log1p(Math.exp(-Math.abs(x)))), []],
  silu: [nn.silu, (x) => x * sigma(x), []],
  elu: [(x) => nn.elu(x, { alpha: 0.5 }), (x) => (x > 0 ? x : 0.5 * Math.expm1(x)), [0]],
  celu: [(x) => nn.celu(x, { alpha: 0.5 }), (x) => (x > 0 ? x : 0.5 * Math.expm1(x / 0.5)), [0]],
  selu: [nn.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)), [0]],
  leakyRelu: [(x) => nn.leakyRelu(x, { negativeSlope: 0.2 }), (x) => (x > 0 ? x : 0.2 * x), [0]],
  softSign: [nn.softSign, (x) => x / (1 + Math.abs(x)), [0]],
  hardTanh: [nn.hardTanh, (x) => Math.max(-1, Math.min(1, x)), [-1, 1]],
  hardSigmoid: [nn.hardSigmoid, (x) => Math.max(0, Math.min(1, x / 6 + 0.5)), [-3, 3]],
  hardSwish: [nn.hardSwish, (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)), [-3, 3]],
  'gelu tanh': [nn.gelu, (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))), []],
}
const places = [-900, -20, -5.5, -2.25, -1.5, -0.75, -1e-3, 0, 1e-3, 0.75, 2.25, 5.5, 20, 900]

describe('activations', () => {
  for (const [name, [f, value, kinks]] of Object.entries(functions)) {
    it(`${name}: values, from -900 to 900`, () => {
      const y = f(f64(places)).toTypedArray()
      places.forEach((x, i) => {
        expect(Math.abs(y[i]! - value(x))).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(x)))
      })
    })
    it(`${name}: derivative is the slope, forward as backward`, () => {
      const smooth = places.filter((x) => kinks.every((k) => Math.abs(x - k) > 1e-2))
      const slopes = vmap(grad((x: Tensor) => f(x)))(f64(smooth)).toTypedArray()
      const [, pushed] = jvp(f, [f64(smooth)], [np.ones([smooth.length], { dtype: 'float64' })])
      const difference = smooth.map((x) => {
        const h = 1e-5 * Math.max(1, Math.abs(x))
        return (value(x + h) - value(x - h)) / (2 * h)
      })
      expectClose(slopes, difference, { atol: 1e-6 })
      expectClose(pushed, slopes, { atol: 5e-15 })
    })
  }

  it('at a kink the derivative is that of the flat side; NaN stays NaN', () => {
    const slope = (f: (x: Tensor) => Tensor, x: number) => Number(grad(f)(np.array(x, { dtype: 'float64' })))
    expect([slope(nn.relu, 0), slope(nn.relu6, 0), slope(nn.relu6, 6)]).toEqual([0, 0, 0])
    expect([nn.relu, nn.relu6, nn.elu, nn.hardTanh, nn.sigmoid].map((f) => Number(f(np.array(NaN))))).toEqual([NaN, NaN, NaN, NaN, NaN])
  })

  it('slopes at 0 of those that bend there', () => {
    const slope = (f: (x: Tensor) => Tensor) => Number(grad(f)(np.array(0, { dtype: 'float64' })))
    expect([slope(nn.softSign), slope(nn.celu), slope(nn.elu)]).toEqual([1, 1, 1])
  })

  it('second derivatives of the branches that overflow stay finite', () => {
    const second = (f: (x: Tensor) => Tensor, x: number) => Number(grad(grad(f))(np.array(x, { dtype: 'float64' })))
    expect([second(nn.elu, 1000), second(nn.celu, 1000), second(nn.softplus, 1000), second(nn.silu, -1000)]).toEqual([0, 0, 0, 0])
  })

  it('gelu by erf', () => {
    expect(Number(nn.gelu(np.array(1, { dtype: 'float64' }), { approximate: false }))).toBeCloseTo(0.8413447460685429, 14)
  })

  it('keep float32, and make float32 of integers', () => {
    expect([nn.relu(np.zeros([2])).dtype, nn.sigmoid(np.array([1, 2], { dtype: 'int32' })).dtype]).toEqual(['float32', 'float32'])
  })
})
