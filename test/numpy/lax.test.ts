import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShapeError, grad, jit, lax, np } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { element, elements, modelOf, numbered, places } from './nested.js'

describe('convGeneralDilated', () => {
  it('agrees with loops over positions, channels and windows', () => {
    const small = fc.integer({ min: 1, max: 3 })
    fc.assert(
      fc.property(
        fc.record({
          size: fc.tuple(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 })),
          window: fc.tuple(small, small),
          strides: fc.tuple(small, small),
          rhsDilation: fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 2)),
          padding: fc.tuple(fc.tuple(fc.nat(2), fc.nat(2)), fc.tuple(fc.nat(2), fc.nat(2))),
          groups: fc.constantFrom(1, 2),
        }),
        ({ size, window, strides, rhsDilation, padding, groups }) => {
          const spans = window.map((w, k) => (w - 1) * rhsDilation[k]! + 1)
          const out = size.map((n, k) => Math.floor((n + padding[k]![0] + padding[k]![1] - spans[k]!) / strides[k]!) + 1)
          fc.pre(out.every((n) => n > 0))
          const [x, w] = [numbered([2, 2 * groups, ...size]), numbered([4, 2, ...window], 3)]
          const y = lax.convGeneralDilated(x, w, { strides, padding, rhsDilation, groups })
          expect(y.shape).toEqual([2, 4, ...out])
          const [mx, mw] = [modelOf(x), modelOf(w)]
          const want = places(y.shape).map(([n, o, i, j]) =>
            places([2, ...window]).reduce((sum, [c, p, q]) => {
              const row = i! * strides[0] + p! * rhsDilation[0] - padding[0][0]
              const column = j! * strides[1] + q! * rhsDilation[1] - padding[1][0]
              if (row < 0 || column < 0 || row >= size[0] || column >= size[1]) return sum
              const channel = Math.floor(o! / (4 / groups)) * 2 + c!
              return sum + element(mx, [n!, channel, row, column]) * element(mw, [o!, c!, p!, q!])
            }, 0),
          )
          elements(y).forEach((v, k) => expect(v).toBeCloseTo(want[k]!, 9))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('pads by name', () => {
    const [x, w] = [np.ones([1, 1, 5]), np.ones([1, 1, 2])]
    expect(lax.convGeneralDilated(x, w, { padding: 'SAME' }).toArray()).toEqual([[[2, 2, 2, 2, 1]]])
    expect(lax.convGeneralDilated(x, w, { padding: 'VALID', strides: 2 }).toArray()).toEqual([[[2, 2]]])
    expect(lax.paddingOf('SAME', [6], [3], [2], [1])).toEqual([[0, 1]])
    expect(lax.paddingOf(2, [6, 6], [3, 3], [1, 1], [1, 1])).toEqual([
      [2, 2],
      [2, 2],
    ])
  })

  it('says which axes, strides or padding do not fit', () => {
    const x = np.ones([1, 1, 4, 4])
    expect(() => lax.convGeneralDilated(x, np.ones([1, 1, 7, 7]))).toThrow(ShapeError)
    expect(() => lax.convGeneralDilated(x, np.ones([1, 1, 3]))).toThrow(/x has 4 axes and w has 3/)
    expect(() => lax.convGeneralDilated(x, np.ones([1, 1, 3, 3]), { strides: [1] })).toThrow(/1 numbers for 2 axes/)
    expect(() => lax.convGeneralDilated(x, np.ones([1, 1, 3, 3]), { padding: [[1, 1]] })).toThrow(ShapeError)
  })
})

describe('windows', () => {
  it('sum, max and min agree with the elements under each window', () => {
    const x = numbered([5, 6])
    const options = { window: [2, 3], strides: [1, 2] }
    const under = lax.patches(x, { window: [2, 3], strides: [1, 2] })
    expect(under.shape).toEqual([4, 2, 2, 3])
    expect(lax.reduceWindow(x, 'sum', options).toArray()).toEqual(np.sum(under, { axis: [2, 3] }).toArray())
    expect(lax.reduceWindow(x, 'max', options).toArray()).toEqual(np.max(under, { axis: [2, 3] }).toArray())
    expect(lax.reduceWindow(x, 'min', options).toArray()).toEqual(np.min(under, { axis: [2, 3] }).toArray())
    expect(lax.reduceWindow(np.array([-1, -2]), 'max', { window: [2], padding: 'SAME' }).toArray()).toEqual([-1, -2])
  })
})

describe('dynamic slices', () => {
  it('move their start so that they lie inside', () => {
    const x = np.arange(5)
    expect([2, 9, -1].map((start) => lax.dynamicSlice(x, [start], [2]).toArray())).toEqual([
      [2, 3],
      [3, 4],
      [3, 4],
    ])
    expect(lax.dynamicUpdateSlice(np.zeros(4), np.array([1, 2]), [9]).toArray()).toEqual([0, 0, 1, 2])
    const traced = jit((i: Tensor) => lax.dynamicSlice(x, [i], [2]))
    expect([1, -2].map((i) => traced(np.array(i, { dtype: 'int32' })).toArray())).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(() => lax.dynamicSlice(x, [0, 0], [1, 1])).toThrow(/2 starts for 1 axes/)
    expect(() => lax.dynamicSlice(x, [0], [9])).toThrow(ShapeError)
  })

  it('have derivatives', () => {
    const f = (x: Tensor, u: Tensor): Tensor => np.sum(np.square(lax.dynamicUpdateSlice(x, u, [1])))
    expect(grad(f)(np.array([1, 2, 3]), np.array([5])).toArray()).toEqual([2, 0, 6])
    expect(grad(f, { argnums: 1 })(np.array([1, 2, 3]), np.array([5])).toArray()).toEqual([10])
  })
})

it('pads between elements and cuts off', () => {
  expect(lax.pad(np.array([1, 2]), 0, [[1, 0, 1]]).toArray()).toEqual([0, 1, 0, 2])
  expect(lax.pad(np.array([1, 2, 3]), 9, [[-1, 1, 0]]).toArray()).toEqual([2, 3, 9])
  expect(lax.iota([2, 3], { axis: 1 }).toArray()).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ])
  expect(lax.bitcast(1, 'int32').item()).toBe(0x3f800000)
  expect(grad(lax.stopGradient)(2).item()).toBe(0)
  expect(
    lax.dotGeneral(numbered([2, 3]), numbered([2, 3]), { lhsContract: [1], rhsContract: [1], lhsBatch: [0], rhsBatch: [0] }).shape,
  ).toEqual([2])
})
