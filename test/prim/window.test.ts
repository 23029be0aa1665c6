import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/core/tensor.js'
import { mul } from '../../src/prim/elementwise.js'
import { patches, unpatches } from '../../src/prim/patches.js'
import type { Sliding } from '../../src/prim/sliding.js'
import { windowMax, windowMin, windowSum } from '../../src/prim/window.js'
import { vjp } from '../../src/transforms/vjp.js'
import { apart, build, dyadic, expectBatching, expectClose, expectDerivatives, indices, read, tensor, values } from './subject.js'

type Case = { readonly x: readonly number[] } & Pick<Sliding, 'window'> & Partial<Sliding>

const slidingOf = ({ window, strides, padding, windowDilation }: Case): Sliding => ({
  window,
  strides: strides ?? window.map(() => 1),
  padding: padding ?? window.map(() => [0, 0]),
  windowDilation: windowDilation ?? window.map(() => 1),
})

const counts = (spatial: readonly number[], p: Sliding): number[] =>
  spatial.map((n, k) =>
    Math.max(0, Math.floor((n + p.padding[k]![0] + p.padding[k]![1] - (p.window[k]! - 1) * p.windowDilation[k]! - 1) / p.strides[k]!) + 1),
  )

const placeOf = (o: readonly number[], w: readonly number[], p: Sliding): number[] =>
  o.map((i, k) => i * p.strides[k]! + w[k]! * p.windowDilation[k]! - p.padding[k]![0])

const naive = (x: Tensor, p: Sliding, start: number, f: (a: number, b: number) => number): Tensor =>
  build(
    counts(x.shape, p),
    (o) =>
      indices(p.window)
        .map((w) => read(x, placeOf(o, w, p), start))
        .reduce(f, start),
    x.dtype,
  )

const cases: Readonly<Record<string, Case>> = {
  plain: { x: [5, 4], window: [2, 2] },
  'pooling of images': {
    x: [2, 1, 5, 6],
    window: [1, 1, 3, 2],
    strides: [1, 1, 2, 2],
    padding: [
      [0, 0],
      [0, 0],
      [1, 1],
      [0, 0],
    ],
  },
  'strides that do not divide': {
    x: [8, 7],
    window: [3, 2],
    strides: [2, 3],
    padding: [
      [1, 0],
      [0, 0],
    ],
  },
  'gaps between windows': { x: [9], window: [2], strides: [4] },
  dilated: {
    x: [7, 6],
    window: [3, 2],
    windowDilation: [2, 3],
    padding: [
      [1, 1],
      [0, 2],
    ],
  },
  cropped: { x: [8], window: [3], padding: [[-2, -1]], strides: [2] },
  'whole windows of padding': { x: [3], window: [2], padding: [[4, 3]], strides: [2] },
  'one window': { x: [3, 2], window: [3, 2] },
  'no examples': { x: [0, 4], window: [1, 2] },
  'an empty axis': { x: [2, 0], window: [1, 2] },
  'three axes': {
    x: [3, 4, 3],
    window: [2, 3, 2],
    strides: [1, 1, 2],
    padding: [
      [0, 1],
      [1, 1],
      [1, 0],
    ],
  },
}

describe('windows', () => {
  for (const [name, c] of Object.entries(cases)) {
    const p = slidingOf(c)
    const x = dyadic(c.x, 3)
    const y = apart(c.x, 4)
    it(`sum: ${name}`, () => {
      expectClose(
        windowSum(x, p),
        naive(x, p, 0, (a, b) => a + b),
      )
      expectDerivatives((t) => [windowSum(t, p)], [x], 2)
      expectBatching(
        (t) => [windowSum(t, p)],
        [x],
        (_k, shape) => dyadic(shape, 8),
      )
    })
    it(`max: ${name}`, () => {
      expectClose(
        windowMax(x, p),
        naive(x, p, -Infinity, (a, b) => Math.max(a, b)),
      )
      if (name !== 'whole windows of padding') expectDerivatives((t) => [windowMax(t, p)], [y], 2)
      expectBatching(
        (t) => [windowMax(t, p)],
        [x],
        (_k, shape) => dyadic(shape, 8),
      )
    })
    it(`min: ${name}`, () => {
      expectClose(
        windowMin(x, p),
        naive(x, p, Infinity, (a, b) => Math.min(a, b)),
      )
      if (name !== 'whole windows of padding') expectDerivatives((t) => [windowMin(t, p)], [y], 2)
      expectBatching(
        (t) => [windowMin(t, p)],
        [x],
        (_k, shape) => dyadic(shape, 8),
      )
    })
  }

  it('max and min of cubes are exact to third order', () => {
    const p = slidingOf({ x: [5], window: [3], strides: [1], padding: [[1, 1]] })
    const cube = (t: Tensor): Tensor => mul(t, mul(t, t))
    expectDerivatives((t) => [windowMax(cube(t), p)], [apart([5], 2)], 3, 1 / 256)
    expectDerivatives((t) => [windowMin(cube(t), p)], [apart([5], 2)], 3, 1 / 256)
  })

  it('ties share the cotangent evenly, padding takes none', () => {
    const p = slidingOf({ x: [4], window: [3], strides: [3], padding: [[1, 1]] })
    const pull = (f: (x: Tensor) => Tensor, x: readonly number[]): number[] =>
      values(vjp(f, tensor([x.length], x))[1](tensor([2], [6, 12]))[0])
    expect(pull((x) => windowMax(x, p), [0, 0, 0, 0])).toEqual([3, 3, 6, 6])
    expect(pull((x) => windowMin(x, p), [0, 0, 5, 5])).toEqual([3, 3, 6, 6])
    expect(pull((x) => windowMax(x, p), [-Infinity, -Infinity, 1, 1])).toEqual([3, 3, 6, 6])
  })

  it('a window of padding alone is the identity of its operation and has derivative 0', () => {
    const p = slidingOf({ x: [1], window: [1], strides: [2], padding: [[2, 0]] })
    expect(values(windowMax(tensor([1], [7]), p))).toEqual([-Infinity, 7])
    expect(values(vjp((x: Tensor) => windowMax(x, p), tensor([1], [7]))[1](tensor([2], [5, 3]))[0])).toEqual([3])
  })

  it('NaN wins', () => {
    const p = slidingOf({ x: [4], window: [2] })
    expect(values(windowMax(tensor([4], [1, NaN, 2, 3]), p))).toEqual([NaN, NaN, 3])
    expect(values(windowMin(tensor([4], [1, NaN, 2, 3]), p))).toEqual([NaN, NaN, 2])
  })

  it('of integers, padded with what never wins', () => {
    const p = slidingOf({ x: [3], window: [2], padding: [[1, 1]] })
    const x = tensor([3], [-5, -7, -6], 'int32')
    expect(values(windowMax(x, p))).toEqual([-5, -5, -6, -6])
    expect(values(windowMin(tensor([3], [5, 7, 6], 'uint32'), p))).toEqual([5, 5, 6, 6])
    expect(values(windowSum(x, p))).toEqual([-5, -12, -13, -6])
  })

  it('shows the sum when no window fits, and what is wrong with the window', () => {
    const max = (c: Case) => (): Tensor => windowMax(dyadic(c.x), slidingOf(c))
    expect(max({ x: [1, 1, 4, 5], window: [1, 1, 7, 2] })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: windowMax: output height is (4 + 2*0 - 7)/1 + 1 = -2
        x: float64[1,1,4,5]
        try: a window that spans at most 4 there, or 3 more padding]
    `)
    expect(max({ x: [4], window: [3], windowDilation: [3], padding: [[1, 0]] })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: windowMax: output size 0 is (4 + 1 + 0 - ((3 - 1)*3 + 1))/1 + 1 = -1
        x: float64[4]
        try: a window that spans at most 5 there, or 2 more padding]
    `)
    expect(max({ x: [4, 4], window: [2] })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: windowMax: the window has 1 sizes, x has 2 axes
        x: float64[4,4]
        try: window 1 on the axes that are not pooled]
    `)
    expect(max({ x: [4], window: [0] })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: windowMax: window must be 1 positive integer, got [0]
        x: float64[4]]
    `)
    expect(() => windowSum(tensor([2], [1, 1], 'bool'), slidingOf({ x: [2], window: [2] }))).toThrowErrorMatchingInlineSnapshot(`
      [DTypeError: windowSum: needs numbers, got bool
        x: bool[2]
        try: cast to 'int32' or 'float32' first]
    `)
  })
})

describe('patches and unpatches', () => {
  for (const [name, c] of Object.entries(cases)) {
    const p = slidingOf(c)
    const x = dyadic([2, ...c.x], 3)
    const out = counts(c.x, p)
    const n = c.x.length
    const q = { ...p, shape: c.x }
    const y = dyadic([2, ...out, ...p.window], 6)
    it(`are what windows cover, and its adjoint: ${name}`, () => {
      const cells = build([2, ...out, ...p.window], ([b, ...at]) => read(x, [b!, ...placeOf(at.slice(0, n), at.slice(n), p)]))
      expectClose(patches(x, p), cells)
      const back = build(x.shape, ([b, ...at]) =>
        indices([...out, ...p.window]).reduce((sum, i) => {
          const place = placeOf(i.slice(0, n), i.slice(n), p)
          return place.every((t, k) => t === at[k]) ? sum + read(y, [b!, ...i]) : sum
        }, 0),
      )
      expectClose(unpatches(y, q), back)
    })
    it(`have exact derivatives and batch: ${name}`, () => {
      expectDerivatives((t) => [patches(t, p)], [x], 2)
      expectDerivatives((t) => [unpatches(t, q)], [y], 2)
      expectBatching(
        (t) => [patches(t, p)],
        [x],
        (_k, shape) => dyadic(shape, 8),
      )
      expectBatching(
        (t) => [unpatches(t, q)],
        [y],
        (_k, shape) => dyadic(shape, 8),
      )
    })
  }

  it('errors', () => {
    const p = slidingOf({ x: [4], window: [2] })
    expect(() => unpatches(dyadic([2, 3]), { ...p, shape: [4] })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: unpatches: windows over [4] have shape [3,2]
        x: float64[2,3]]
    `)
    expect(() => patches(dyadic([]), p)).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: patches: 1 windowed axes, but x has 0
        x: float64[]]
    `)
    expect(() => patches(dyadic([1]), p)).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: patches: output length is (1 + 2*0 - 2)/1 + 1 = 0
        x: float64[1]
        try: a window that spans at most 1 there, or 1 more padding]
    `)
  })
})
