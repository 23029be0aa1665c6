import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aval } from '../../../src/core/aval.js'
import { sizeOf, stridesOf } from '../../../src/core/shape.js'
import type { Combine } from '../../../src/kernel/loop.js'
import { s } from '../../../src/kernel/scalar.js'
import { loop, routine, value, type Value } from './compute.js'

const reduce = (x: Value, axes: readonly number[], combine: Combine, wrap = false): number[] => {
  const kept = x.aval.shape.map((_, k) => k).filter((k) => !axes.includes(k))
  const at = x.aval.shape.map((_, k) => s.index(axes.includes(k) ? kept.length + axes.indexOf(k) : kept.indexOf(k)))
  const load = s.load(0, at, x.aval.dtype)
  const shape = kept.map((k) => x.aval.shape[k]!)
  // Adding an input-independent zero hides the load, so that the general path is taken.
  const body = wrap ? s.add(load, s.sub(s.like(load, 0), s.like(load, 0))) : load
  return Array.from(loop({ shape, dtype: x.aval.dtype, reduce: { sizes: axes.map((k) => x.aval.shape[k]!), combine }, body }, [x]))
}

const naive = (x: Value, axes: readonly number[], start: number, f: (a: number, b: number) => number): number[] => {
  const { shape } = x.aval
  const kept = shape.map((_, k) => k).filter((k) => !axes.includes(k))
  const strides = stridesOf(shape)
  const outShape = kept.map((k) => shape[k]!)
  const outStrides = stridesOf(outShape)
  const out = new Array<number>(sizeOf(outShape)).fill(start)
  for (let p = 0; p < x.data.length; p++) {
    const to = kept.reduce((o, k, j) => o + (Math.floor(p / strides[k]!) % shape[k]!) * outStrides[j]!, 0)
    out[to] = f(out[to]!, x.data[p]!)
  }
  return out
}

const cases = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 4 }).chain((shape) =>
  fc.record({
    x: fc
      .array(fc.integer({ min: -9, max: 9 }), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
      .map((v) => value(shape, v, 'float64')),
    axes: fc.subarray(
      shape.map((_, k) => k),
      { minLength: 1 },
    ),
  }),
)

describe('reductions', () => {
  for (const wrap of [false, true])
    it(`agrees with the definition ${wrap ? 'for a computed body' : 'along strides'}`, () => {
      fc.assert(
        fc.property(cases, ({ x, axes }) => {
          expect(reduce(x, axes, 'add', wrap)).toEqual(naive(x, axes, 0, (a, b) => a + b))
          expect(reduce(x, axes, 'max', wrap)).toEqual(naive(x, axes, -Infinity, Math.max))
          expect(reduce(x, axes, 'min', wrap)).toEqual(naive(x, axes, Infinity, Math.min))
        }),
        { numRuns: 200 },
      )
    })

  it('adds long columns and rows over several blocks', () => {
    const x = value(
      [3, 2500],
      Float64Array.from({ length: 7500 }, (_, i) => i % 17),
      'float64',
    )
    for (const axes of [[0], [1], [0, 1]]) expect(reduce(x, axes, 'add')).toEqual(naive(x, axes, 0, (a, b) => a + b))
  })

  it('adds 2^25 float32 ones to 33554432', () => {
    const x = { aval: aval([2 ** 25], 'float32'), data: new Float32Array(2 ** 25).fill(1) }
    expect(reduce(x, [0], 'add')).toEqual([33554432])
  })

  it('is accurate for tenths', () => {
    const x = value([1000000], new Float32Array(1000000).fill(0.1))
    expect(Math.abs(reduce(x, [0], 'add')[0]! - 1e6 * Math.fround(0.1))).toBeLessThan(0.005)
  })

  it('lets NaN win wherever it stands', () => {
    for (const place of [0, 1, 5]) {
      const x = value(
        [6],
        [1, 2, 3, 4, 5, 6].map((v, i) => (i === place ? NaN : v)),
      )
      for (const wrap of [false, true]) for (const c of ['max', 'min'] as const) expect(reduce(x, [0], c, wrap)).toEqual([NaN])
    }
  })

  it('gives the identity of an empty extent', () => {
    for (const [combine, dtype, identity] of [
      ['add', 'float32', 0],
      ['mul', 'float32', 1],
      ['max', 'float32', -Infinity],
      ['min', 'int32', 2147483647],
      ['max', 'uint32', 0],
      ['and', 'bool', 1],
      ['or', 'bool', 0],
      ['and', 'int32', -1],
    ] as const)
      expect(reduce(value([2, 0], [], dtype), [1], combine)).toEqual([identity, identity])
  })

  it('wraps sums and products of integers', () => {
    expect(reduce(value([3], [2147483647, 1, 1], 'int32'), [0], 'add')).toEqual([-2147483647])
    expect(reduce(value([2], [4294967295, 2], 'uint32'), [0], 'add')).toEqual([1])
    expect(reduce(value([2], [65537, 65537], 'int32'), [0], 'mul')).toEqual([131073])
    expect(reduce(value([3], [1, 0, 1], 'bool'), [0], 'add')).toEqual([1])
  })

  it('runs along an axis both ways', () => {
    const x = value([2, 3], [1, 2, 3, 4, 5, 6])
    const run = (name: string, axis: number, reverse: boolean) => Array.from(routine(name, [x], { axis, reverse }, [x.aval])[0]!)
    expect(run('cumsum', 1, false)).toEqual([1, 3, 6, 4, 9, 15])
    expect(run('cumsum', 1, true)).toEqual([6, 5, 3, 15, 11, 6])
    expect(run('cumprod', 0, false)).toEqual([1, 2, 3, 4, 10, 18])
    expect(run('cummax', 1, true)).toEqual([3, 3, 3, 6, 6, 6])
    const y = value([4], [1, NaN, 0, 5])
    expect(Array.from(routine('cummin', [y], { axis: 0, reverse: false }, [y.aval])[0]!)).toEqual([1, NaN, NaN, NaN])
  })
})
