import { afterEach, describe, expect, it } from 'vitest'
import { grad, jit } from '../../src/index.js'
import type { DType } from '../../src/core/dtype.js'
import { peek, type Tensor } from '../../src/core/tensor.js'
import { configure, device } from '../../src/device/select.js'
import * as np from '../../src/numpy.js'
import { compilations, fastest } from '../device/counting.js'
import { values } from './subject.js'

const first = device()
afterEach(() => {
  configure({ backend: first })
})

const n = 20_000
const elements = Array.from({ length: n }, (_, i) => (i * 7919) % 5)
const total = (f: (x: number) => number): number => elements.reduce((sum, x) => sum + f(x), 0)

describe('reductions of integers and booleans', () => {
  it.each(['wasm', 'reference'])('are one Program where they are large, with the values of the definition: %s', (backend) => {
    configure({ backend })
    for (const dtype of ['int32', 'uint32', 'float32', 'float64', 'bool'] as DType[]) {
      const x = np.astype(np.array(elements), dtype)
      const isTrue = total((v) => (v === 0 ? 0 : 1))
      const sum = dtype === 'bool' ? isTrue : total((v) => v)
      expect([np.sum(x).item(), np.countNonzero(x).item(), np.any(x).item(), np.all(x).item()]).toEqual([sum, isTrue, true, false])
      expect(np.mean(x).item()).toBeCloseTo(sum / n, 5)
      const columns = [0, 1, 2, 3, 4].map((k) =>
        elements.reduce((m, v, i) => m + (i % 5 === k ? (dtype === 'bool' ? Math.sign(v) : v) : 0), 0),
      )
      expect(values(np.sum(np.reshape(x, [n / 5, 5]), { axis: 0 }))).toEqual(columns)
      expect(np.argmax(x).item()).toBe(dtype === 'bool' ? elements.findIndex((v) => v !== 0) : elements.indexOf(4))
      expect(np.argmin(x).item()).toBe(0)
    }
    const x = np.greater(np.array(elements), 2)
    expect(np.sum(x, { keepdims: true }).shape).toEqual([1])
    const { programs } = compilations(backend, () => {
      np.sum(x)
    })
    expect(programs).toBe(1)
  })
  it('are traced as what they consist of', () => {
    const x = np.array(elements)
    expect(jit((y: Tensor) => np.countNonzero(y))(x).item()).toBe(np.countNonzero(x).item())
    expect(peek(grad((y: Tensor) => np.mul(np.sum(np.greater(y, 1)), np.sum(y)))(x))[0]).toBe(np.sum(np.greater(x, 1)).item())
  })
  it('take as long as those of float32', () => {
    configure({ backend: 'wasm' })
    const x = np.astype(np.arange(1_000_000), 'float32')
    const b = np.greater(x, 500)
    const i = np.astype(x, 'int32')
    const time = (f: () => Tensor): number => fastest(() => void peek(f()), 15)
    const base = time(() => np.sum(x))
    for (const f of [np.sum, np.prod, np.any, np.all, np.mean, np.countNonzero])
      for (const y of [b, i])
        expect(
          time(() => f(y)),
          f.name,
        ).toBeLessThan(6 * base + 1)
  })
})
