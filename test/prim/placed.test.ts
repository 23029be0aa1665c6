import { afterEach, describe, expect, it } from 'vitest'
import { grad, jit, lax } from '../../src/index.js'
import type { DType } from '../../src/core/dtype.js'
import { DonatedError, ShapeError, TraceError } from '../../src/core/errors.js'
import type { Tensor } from '../../src/core/tensor.js'
import { configure, device } from '../../src/device/select.js'
import * as np from '../../src/numpy.js'
import { pad, slice } from '../../src/prim/pad.js'
import { padFromP, sliceFromP } from '../../src/prim/placed.js'
import { scalar } from '../../src/core/tensor.js'
import { compilations } from '../device/counting.js'
import { build, expectClose, read, tensor, values } from './subject.js'

const first = device()
afterEach(() => {
  configure({ backend: first })
})
const both = ['wasm', 'reference'] as const

const counted = (shape: readonly number[], dtype: DType = 'float32'): Tensor =>
  tensor(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (dtype === 'bool' ? ((i * 5) % 3) & 1 : i + 1)),
    dtype,
  )

describe('slices and paddings evaluated at positions', () => {
  it.each(both)('are those of the definition, small and large: %s', (backend) => {
    configure({ backend })
    for (const dtype of ['float32', 'float64', 'int32', 'bool'] as const)
      for (const [x, start, size, step] of [
        [counted([7], dtype), [2], [3], [1]],
        [counted([7], dtype), [6], [1], [1]],
        [counted([7], dtype), [3], [0], [1]],
        [counted([5, 6], dtype), [1, 2], [2, 3], [2, 1]],
        [counted([4, 5, 6], dtype), [1, 0, 3], [2, 5, 2], [1, 1, 2]],
        [counted([90, 70], dtype), [17, 5], [50, 61], [1, 1]],
        [counted([90, 70], dtype), [80, 0], [10, 70], [1, 1]],
        [counted([90, 70], dtype), [3, 2], [40, 30], [2, 2]],
        [counted([0, 3], dtype), [0, 1], [0, 2], [1, 1]],
      ] as const) {
        const limit = start.map((b, k) => (size[k] === 0 ? b : b + (size[k]! - 1) * step[k]! + 1))
        const y = slice(x, start, limit, step)
        expectClose(
          y,
          build(
            size,
            (at) =>
              read(
                x,
                at.map((i, k) => start[k]! + i * step[k]!),
              ),
            dtype,
          ),
        )
        const low = start.map((n) => n + 1)
        const high = start.map((_, k) => k)
        const interior = step.map((d) => d - 1)
        const wide = (n: number, k: number): number => (n === 0 ? 0 : n + (n - 1) * interior[k]!)
        const z = pad(y, scalar(1, dtype), { low, high, interior })
        expectClose(
          z,
          build(
            size.map((n, k) => low[k]! + wide(n, k) + high[k]!),
            (at) => {
              const from = at.map((i, k) => (i - low[k]!) / step[k]!)
              return from.every((i, k) => Number.isInteger(i) && i >= 0 && i < size[k]!) ? read(y, from) : 1
            },
            dtype,
          ),
        )
      }
  })
  it.each(both)('read large values where they are, after others came and went: %s', (backend) => {
    configure({ backend })
    const x = np.add(np.reshape(np.arange(60_000), [300, 200]), 0)
    for (let i = 0; i < 300; i += 7) {
      expect(values(np.index(x, i, 3))).toEqual([i * 200 + 3])
      expect(values(np.index(x, i, '10:13'))).toEqual([10, 11, 12].map((k) => i * 200 + k))
      np.add(x, i)
    }
  })
  it('refuse what a slice refuses, in its words', () => {
    expect(() => slice(counted([4]), [2], [5])).toThrow(ShapeError)
    expect(() => slice(counted([4]), [2], [1])).toThrow(/slice: 2:1:1 does not fit axis 0 of size 4/)
    const x = np.add(counted([4]), 1)
    jit((y: Tensor) => np.add(y, 1), { donate: [0] })(x)
    expect(() => slice(x, [1], [2])).toThrow(DonatedError)
    expect(() => slice(x, [1], [2])).toThrow(/^DonatedError: slice|slice: this tensor was donated/)
  })
  it('keep a weak dtype weak', () => {
    expect(np.index(np.reshape(3, [1]), 0).aval.weak).toBe(np.reshape(3, [1]).aval.weak)
  })
  it('are not traced', () => {
    expect(() => (sliceFromP.batch as () => unknown)()).toThrow(TraceError)
    expect(padFromP.linear.kind).toBe('zero')
  })
})

describe('positions are arguments', () => {
  const m = counted([10_000, 3])
  const wide = counted([40, 300])
  const cases: readonly (readonly [string, number, (i: number) => unknown, number])[] = [
    ['np.index(x, i)', 10_000, (i) => np.index(m, i), 2],
    ["np.index(x, 'i:i+3')", 200, (i) => np.index(m, `${i}:${i + 3}`), 1],
    ["np.index(x, ':', i)", 300, (i) => np.index(wide, ':', i), 2],
    ["np.index(x, ':', 'i:i+8:2')", 200, (i) => np.index(wide, ':', `${i}:${i + 8}:2`), 1],
    ['np.index(x, -i)', 200, (i) => np.index(m, -1 - i), 2],
    ['a row of x', 40, (i) => np.index(wide, i), 2],
    ['np.take(x, i)', 200, (i) => np.take(m, i, { axis: 0 }), 8],
    ['np.at(x, i).set', 200, (i) => np.at(m, i).set(1), 8],
    ["np.at(x, 'i:i+2').add", 200, (i) => np.at(m, `${i}:${i + 2}`).add(1), 8],
    ["np.at(x, 'i:i+4:2').set", 200, (i) => np.at(wide, ':', `${i}:${i + 4}:2`).set(1), 14],
    ['np.roll(x, i)', 100, (i) => np.roll(wide, i), 4],
    ['np.roll(x, -i) along an axis', 100, (i) => np.roll(wide, -i, { axis: 1 }), 2],
    ['np.roll(x, [i, 2i]) along two', 30, (i) => np.roll(wide, [i, 2 * i], { axis: [0, 1] }), 4],
    ['grad of np.roll(x, i)', 100, (i) => grad((x: Tensor) => np.sum(np.roll(x, i + 1, { axis: 1 })))(wide), 8],
    ['lax.dynamicSlice', 200, (i) => lax.dynamicSlice(m, [i, 0], [2, 3]), 8],
    ['grad of np.index(x, i)', 200, (i) => grad((x: Tensor) => np.sum(np.index(x, i + 1)))(m), 8],
    ["grad of np.index(x, 'i:i+6:2')", 200, (i) => grad((x: Tensor) => np.sum(np.index(x, `${i + 1}:${i + 7}:2`)))(m), 10],
    ['x * k', 10_000, (i) => np.mul(wide, i * 1.5), 2],
    ['np.full', 1000, (i) => np.full([3], i / 7), 2],
    ['np.clip', 200, (i) => np.clip(wide, i, i + 1.5), 4],
    ['np.where', 200, (i) => np.where(np.greater(wide, i), i, 0), 8],
  ]
  it.each(both)('one Program serves all: %s', (backend) => {
    const counts = cases.map(([name, n, f, bound]) => {
      const { programs } = compilations(backend, () => {
        for (let i = 0; i < n; i++) f(i)
      })
      return [name, programs <= bound ? 'within' : `${programs} programs, wanted at most ${bound}`]
    })
    expect(counts.filter(([, c]) => c !== 'within')).toEqual([])
  })
  it('one kernel serves slices of a compiled Program', () => {
    const x = np.add(counted([512, 40]), 0)
    const rows = jit((y: Tensor) => Array.from({ length: 200 }, (_, i) => np.index(y, `${i}:${i + 257}`)))
    const { modules } = compilations('wasm', () => {
      rows(x)
    })
    expect(modules).toBeLessThanOrEqual(4)
    expect(values(rows(x)[17]!)[0]).toBe(17 * 40 + 1)
  })
  it('10 000 numbers in the place of a traced one compile one Program', () => {
    const f = jit((x: Tensor, k: number) => np.mul(x, k))
    const { programs } = compilations('wasm', () => {
      for (let i = 0; i < 10_000; i++) f(wide, i * 1.1)
    })
    expect(programs).toBe(1)
    expect(values(f(wide, 0.5))[1]).toBe(1)
  })
})
