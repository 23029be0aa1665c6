import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/core/tensor.js'
import { conv, type ConvParams } from '../../src/prim/conv.js'
import { evalShape } from '../../src/transforms/evalShape.js'
import { vjp } from '../../src/transforms/vjp.js'
import { vmap } from '../../src/transforms/vmap.js'
import { build, dyadic, expectBatching, expectClose, expectDerivatives, indices, read, tensor } from './subject.js'

type Case = { readonly x: readonly number[]; readonly w: readonly number[] } & Partial<ConvParams>

const paramsOf = ({ x, groups = 1, ...given }: Case): ConvParams => {
  const n = x.length - 2
  const ones = new Array<number>(n).fill(1)
  const none = ones.map((): [number, number] => [0, 0])
  return {
    strides: given.strides ?? ones,
    padding: given.padding ?? none,
    lhsDilation: given.lhsDilation ?? ones,
    rhsDilation: given.rhsDilation ?? ones,
    groups,
  }
}

/** The sum of the doc comment, written out. */
const naive = (x: Tensor, w: Tensor, p: ConvParams): Tensor => {
  const spatial = x.shape.slice(2)
  const window = w.shape.slice(2)
  const spread = (n: number, d: number): number => (n === 0 ? 0 : (n - 1) * d + 1)
  const out = spatial.map((n, k) => {
    const room = spread(n, p.lhsDilation[k]!) + p.padding[k]![0] + p.padding[k]![1] - spread(window[k]!, p.rhsDilation[k]!)
    return Math.max(0, Math.floor(room / p.strides[k]!) + 1)
  })
  const [inGroup, outGroup] = [x.shape[1]! / p.groups, w.shape[0]! / p.groups]
  return build([x.shape[0]!, w.shape[0]!, ...out], ([n, o, ...at]) => {
    let sum = 0
    for (let c = 0; c < inGroup; c++)
      for (const k of indices(window)) {
        const from = at.map((i, d) => i * p.strides[d]! + k[d]! * p.rhsDilation[d]! - p.padding[d]![0])
        if (from.some((i, d) => i % p.lhsDilation[d]! !== 0)) continue
        const place = from.map((i, d) => i / p.lhsDilation[d]!)
        sum += read(x, [n!, Math.floor(o! / outGroup) * inGroup + c, ...place]) * read(w, [o!, c, ...k])
      }
    return sum
  })
}

const cases: Readonly<Record<string, Case>> = {
  plain: { x: [2, 3, 5, 4], w: [2, 3, 3, 2] },
  padded: {
    x: [1, 2, 4, 5],
    w: [3, 2, 3, 3],
    padding: [
      [1, 2],
      [0, 1],
    ],
  },
  'strided, the stride does not divide': {
    x: [2, 2, 7, 8],
    w: [2, 2, 3, 2],
    strides: [2, 3],
    padding: [
      [1, 1],
      [0, 0],
    ],
  },
  'stride larger than the window': { x: [1, 1, 9], w: [2, 1, 2], strides: [4] },
  'cropped by negative padding': {
    x: [1, 2, 7, 6],
    w: [2, 2, 2, 3],
    padding: [
      [-1, -2],
      [-1, 1],
    ],
  },
  'cropped and strided': {
    x: [1, 1, 9, 8],
    w: [1, 1, 2, 2],
    padding: [
      [-2, 1],
      [1, -3],
    ],
    strides: [2, 2],
  },
  'padding wider than the kernel': { x: [1, 1, 2], w: [1, 1, 2], padding: [[5, 4]], strides: [2] },
  'padding so wide that a window lies outside': { x: [1, 1, 1], w: [1, 1, 1], padding: [[10, 0]], strides: [7] },
  'kernel dilated': {
    x: [1, 2, 8, 7],
    w: [2, 2, 3, 2],
    rhsDilation: [2, 3],
    padding: [
      [2, 1],
      [0, 2],
    ],
    strides: [1, 2],
  },
  'input dilated': {
    x: [1, 2, 4, 3],
    w: [2, 2, 3, 3],
    lhsDilation: [2, 3],
    padding: [
      [2, 2],
      [1, 1],
    ],
  },
  'both dilated, strided, cropped': {
    x: [1, 2, 5, 4],
    w: [2, 2, 2, 3],
    lhsDilation: [3, 2],
    rhsDilation: [2, 1],
    strides: [2, 3],
    padding: [
      [-1, 2],
      [1, -1],
    ],
  },
  groups: {
    x: [2, 4, 5, 4],
    w: [6, 2, 2, 3],
    groups: 2,
    padding: [
      [1, 0],
      [0, 1],
    ],
  },
  depthwise: { x: [1, 3, 5, 5], w: [3, 1, 3, 3], groups: 3, strides: [2, 1] },
  'groups, dilated, strided': { x: [2, 4, 7], w: [4, 2, 2], groups: 2, rhsDilation: [2], strides: [2], padding: [[1, 2]] },
  'one dimension': { x: [2, 3, 9], w: [4, 3, 3], strides: [2], padding: [[1, 2]] },
  'three dimensions': {
    x: [1, 2, 3, 4, 3],
    w: [2, 2, 2, 2, 2],
    strides: [1, 2, 1],
    padding: [
      [0, 1],
      [1, 0],
      [0, 0],
    ],
  },
  'no dimension: a matrix product': { x: [3, 4], w: [2, 4] },
  'no examples': { x: [0, 2, 4], w: [3, 2, 2] },
  'no channels': { x: [2, 0, 4], w: [3, 0, 2] },
  'no output channels': { x: [2, 2, 4], w: [0, 2, 2] },
  'an empty axis': { x: [2, 2, 0], w: [3, 2, 2] },
  'an empty axis, padded': { x: [1, 2, 0], w: [3, 2, 2], padding: [[2, 2]] },
}

describe('conv', () => {
  for (const [name, c] of Object.entries(cases)) {
    const p = paramsOf(c)
    const x = dyadic(c.x, 1)
    const w = dyadic(c.w, 2)
    const f = (a: Tensor, b: Tensor): readonly Tensor[] => [conv(a, b, p)]
    it(`is the sum: ${name}`, () => {
      expectClose(conv(x, w, p), naive(x, w, p))
    })
    it(`has exact derivatives: ${name}`, () => {
      expectDerivatives(f, [x, w], 2)
    })
    it(`batches: ${name}`, () => {
      expectBatching(f, [x, w], (k, shape) => dyadic(shape, 5 + k))
    })
  }

  it('has a third derivative of zero and batched second derivatives', () => {
    const p = paramsOf({ x: [1, 2, 6], w: [2, 1, 2], groups: 2, strides: [2], padding: [[1, 0]] })
    expectDerivatives((x, w) => [conv(x, w, p)], [dyadic([1, 2, 6], 1), dyadic([2, 1, 2], 2)], 3)
  })

  it('batches its gradients: one per example', () => {
    const p = paramsOf({ x: [1, 2, 6], w: [2, 1, 2], groups: 2, strides: [2], padding: [[1, 0]] })
    const pulls = (x: Tensor, w: Tensor, cy: Tensor): readonly Tensor[] => vjp((a: Tensor, b: Tensor) => conv(a, b, p), x, w)[1](cy)
    expectBatching(pulls, [dyadic([1, 2, 6], 1), dyadic([2, 1, 2], 2), dyadic([1, 2, 3], 3)], (k, shape) => dyadic(shape, 4 + k))
  })

  it('of integers', () => {
    const p = paramsOf({ x: [1, 1, 4], w: [1, 1, 2] })
    const y = conv(tensor([1, 1, 4], [1, 2, 3, 4], 'int32'), tensor([1, 1, 2], [10, -1], 'int32'), p)
    expectClose(y, tensor([1, 1, 3], [8, 17, 26], 'int32'))
  })

  it('batches over nothing', () => {
    const p = paramsOf({ x: [1, 2, 4], w: [2, 2, 2] })
    expect(vmap((x: Tensor, w: Tensor) => conv(x, w, p))(dyadic([0, 1, 2, 4]), dyadic([0, 2, 2, 2])).shape).toEqual([0, 1, 2, 3])
    expect(vmap((w: Tensor) => conv(dyadic([1, 2, 4]), w, p))(dyadic([0, 2, 2, 2])).shape).toEqual([0, 1, 2, 3])
  })

  const message = (c: Case): string => {
    try {
      evalShape((x: Tensor, w: Tensor) => conv(x, w, paramsOf(c)), dyadic(c.x), dyadic(c.w))
    } catch (e) {
      return e instanceof Error ? e.message : String(e)
    }
    return 'no error'
  }

  it('shows the sum when no window fits', () => {
    expect(message({ x: [1, 3, 4, 9], w: [2, 3, 7, 7] })).toMatchInlineSnapshot(`
      "conv: output height is (4 + 2*0 - 7)/1 + 1 = -2
        x: float64[1,3,4,9]   w: float64[2,3,7,7]
        try: a window that spans at most 4 there, or 3 more padding"
    `)
    const dilated: Case = {
      x: [1, 3, 9, 4],
      w: [2, 3, 3, 3],
      padding: [
        [0, 0],
        [1, 0],
      ],
      lhsDilation: [1, 2],
      rhsDilation: [1, 5],
    }
    expect(message(dilated)).toMatchInlineSnapshot(`
      "conv: output width is (((4 - 1)*2 + 1) + 1 + 0 - ((3 - 1)*5 + 1))/1 + 1 = -2
        x: float64[1,3,9,4]   w: float64[2,3,3,3]
        try: a window that spans at most 8 there, or 3 more padding"
    `)
    expect(message({ x: [1, 3, 4], w: [2, 3, 5] })).toMatchInlineSnapshot(`
      "conv: output length is (4 + 2*0 - 5)/1 + 1 = 0
        x: float64[1,3,4]   w: float64[2,3,5]
        try: a window that spans at most 4 there, or 1 more padding"
    `)
    expect(
      message({
        x: [1, 1, 2, 2, 2],
        w: [1, 1, 1, 1, 3],
        padding: [
          [0, 0],
          [0, 0],
          [-1, -1],
        ],
      }),
    ).toMatchInlineSnapshot(`
      "conv: output width is (2 + 2*(-1) - 3)/1 + 1 = -2
        x: float64[1,1,2,2,2]   w: float64[1,1,1,1,3]
        try: 3 more padding"
    `)
  })

  it('names what does not fit', () => {
    expect(message({ x: [1, 3, 4, 4], w: [2, 4, 3, 3] })).toMatchInlineSnapshot(`
      "conv: channels differ: 3 (x axis 1) and 4 (w axis 1)
        x: float64[1,3,4,4]   w: float64[2,4,3,3]
        try: w of shape [2, 3, 3, 3]"
    `)
    expect(message({ x: [1, 4, 4], w: [2, 4, 3], groups: 2 })).toMatchInlineSnapshot(`
      "conv: channels differ: 4/2 = 2 (x axis 1) and 4 (w axis 1)
        x: float64[1,4,4]   w: float64[2,4,3]
        try: w of shape [2, 2, 3]"
    `)
    expect(message({ x: [1, 3, 4], w: [2, 3, 3], groups: 2 })).toMatchInlineSnapshot(`
      "conv: 3 channels in and 2 out do not divide into 2 groups
        x: float64[1,3,4]   w: float64[2,3,3]"
    `)
    expect(message({ x: [1, 3, 4], w: [2, 3, 3, 3] })).toMatchInlineSnapshot(`
      "conv: x has 3 axes and w 4
        x: float64[1,3,4]   w: float64[2,3,3,3]
        try: x [N, C, spatial...] and w [O, C/groups, spatial...]"
    `)
    expect(message({ x: [1, 3, 4], w: [2, 3, 3], strides: [0] })).toMatchInlineSnapshot(`
      "conv: strides must be 1 positive integer, got [0]
        x: float64[1,3,4]   w: float64[2,3,3]"
    `)
    expect(message({ x: [1, 3, 4, 4], w: [2, 3, 3, 3], padding: [[1, 1]] })).toMatchInlineSnapshot(`
      "conv: padding must be 2 pairs [before, after] of integers, got [[1,1]]
        x: float64[1,3,4,4]   w: float64[2,3,3,3]"
    `)
    const mixed = (): Tensor => conv(dyadic([1, 1, 4]), dyadic([1, 1, 2], 1, 'float32'), paramsOf({ x: [1, 1, 4], w: [1, 1, 2] }))
    expect(mixed).toThrow('cannot convolve float64 with float32')
  })
})
