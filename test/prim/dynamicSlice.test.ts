import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/core/tensor.js'
import { dynamicSlice, dynamicUpdateSlice } from '../../src/prim/dynamicSlice.js'
import { mul } from '../../src/prim/elementwise.js'
import { build, dyadic, expectBatching, expectClose, expectDerivatives, read, tensor, values } from './subject.js'

const at = (n: number): Tensor => tensor([], [n], 'int32')
const clamp = (start: number, size: number, n: number): number => Math.max(0, Math.min(start, n - size))

const cases: readonly { readonly x: readonly number[]; readonly sizes: readonly number[]; readonly starts: readonly number[] }[] = [
  { x: [4, 5], sizes: [2, 3], starts: [1, 2] },
  { x: [4, 5], sizes: [2, 3], starts: [-7, 9] },
  { x: [4, 5], sizes: [4, 2], starts: [3, 1] },
  { x: [3, 2, 4], sizes: [1, 2, 3], starts: [2, 0, 1] },
  { x: [3, 2, 4], sizes: [3, 2, 4], starts: [1, 1, 1] },
  { x: [5], sizes: [0], starts: [2] },
  { x: [0, 2], sizes: [0, 1], starts: [0, 1] },
  { x: [], sizes: [], starts: [] },
]

for (const { x: shape, sizes, starts } of cases)
  describe(`[${shape.join(',')}] by [${sizes.join(',')}] from (${starts.join(',')})`, () => {
    const x = dyadic(shape, 1)
    const u = dyadic(sizes, 2)
    const places = starts.map(at)
    const from = starts.map((b, k) => clamp(b, sizes[k]!, shape[k]!))
    const make = (k: number, s: readonly number[], floats: number): Tensor =>
      k < floats ? dyadic(s, 3 + k) : tensor(s, values(dyadic(s, 5 + k)).map(Math.round), 'int32')

    it('dynamicSlice', () => {
      expectClose(
        dynamicSlice(x, places, sizes),
        build(sizes, (i) =>
          read(
            x,
            i.map((n, k) => n + from[k]!),
          ),
        ),
      )
      expectDerivatives((a) => [dynamicSlice(a, places, sizes)], [x], 2)
      expectDerivatives((a) => [dynamicSlice(mul(a, a), places, sizes)], [x], 2)
      expectBatching(
        (a, ...bs) => [dynamicSlice(a, bs, sizes)],
        [x, ...places],
        (k, s) => make(k, s, 1),
      )
    })
    it('dynamicUpdateSlice', () => {
      const wanted = build(shape, (i) => {
        const j = i.map((n, k) => n - from[k]!)
        return j.every((n, k) => n >= 0 && n < sizes[k]!) ? read(u, j) : read(x, i)
      })
      expectClose(dynamicUpdateSlice(x, u, places), wanted)
      expectDerivatives((a, b) => [dynamicUpdateSlice(a, b, places)], [x, u], 2)
      expectDerivatives((a, b) => [dynamicUpdateSlice(mul(a, a), mul(b, b), places)], [x, u], 2)
      expectBatching(
        (a, b, ...bs) => [dynamicUpdateSlice(a, b, bs)],
        [x, u, ...places],
        (k, s) => make(k, s, 2),
      )
    })
  })

describe('errors', () => {
  it('say what does not fit', () => {
    const x = dyadic([4, 3])
    expect(() => dynamicSlice(x, [at(0), at(0)], [2, 4])).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: dynamicSlice: a slice of 4 does not fit in axis 1 of size 3
        x: float64[4,3]]
    `)
    expect(() => dynamicSlice(x, [at(0)], [2, 3])).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: dynamicSlice: x has 2 axes, the slice 2 and there are 1 starts
        x: float64[4,3]]
    `)
    expect(() => dynamicSlice(x, [at(0), tensor([], [1])], [2, 3])).toThrowErrorMatchingInlineSnapshot(`
      [DTypeError: dynamicSlice: starts must be int32, got float64
        x: float64[4,3]]
    `)
    expect(() => dynamicSlice(x, [at(0), tensor([1], [1], 'int32')], [2, 3])).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: dynamicSlice: starts must be scalars, got [1]
        x: float64[4,3]]
    `)
    expect(() => dynamicUpdateSlice(x, dyadic([1, 1], 1, 'float32'), [at(0), at(0)])).toThrowErrorMatchingInlineSnapshot(`
      [DTypeError: dynamicUpdateSlice: x is float64 and update is float32
        x: float64[4,3]   update: float32[1,1]]
    `)
    expect(() => dynamicUpdateSlice(x, dyadic([5, 1]), [at(0), at(0)])).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: dynamicUpdateSlice: a slice of 5 does not fit in axis 0 of size 4
        x: float64[4,3]   update: float64[5,1]]
    `)
  })
})
