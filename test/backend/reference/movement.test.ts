import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sizeOf } from '../../../src/core/shape.js'
import { s } from '../../../src/kernel/scalar.js'
import { broadcastView, identityView, isContiguous, sliceView, transposeView, type View } from '../../../src/kernel/view.js'
import { loop, value, view } from './compute.js'

const iota = (shape: readonly number[]) =>
  value(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => i),
    'float64',
  )

/** What a view means, element by element. */
const naive = (v: View): number[] => {
  const out: number[] = []
  const go = (axis: number, at: number): void => {
    if (axis === v.shape.length) out.push(at)
    else for (let i = 0; i < v.shape[axis]!; i++) go(axis + 1, at + i * v.strides[axis]!)
  }
  go(0, v.offset)
  return out
}

const shapes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 })
const views = shapes.chain((shape) =>
  fc
    .tuple(
      fc.shuffledSubarray(
        shape.map((_, k) => k),
        { minLength: shape.length },
      ),
      fc.tuple(...shape.map((n) => fc.tuple(fc.nat(Math.max(0, n - 1)), fc.constantFrom(-2, -1, 1, 2)))),
      fc.option(fc.integer({ min: 0, max: 70 }), { nil: undefined }),
    )
    .map(([perm, cuts, spread]) => {
      const moved = transposeView(identityView(shape), perm)
      const bounds = moved.shape.map((n, k) => ({ n, start: n === 0 ? 0 : cuts[k]![0] % n, step: cuts[k]![1] }))
      const sizes = bounds.map(({ n, start, step }) =>
        n === 0 ? 0 : step > 0 ? Math.ceil((n - start) / step) : Math.floor(start / -step) + 1,
      )
      const cut = sliceView(
        moved,
        bounds.map((b) => b.start),
        sizes,
        bounds.map((b) => b.step),
      )
      const v =
        spread === undefined
          ? cut
          : broadcastView(
              cut,
              [...cut.shape.slice(0, 1), spread, ...cut.shape.slice(1)],
              cut.shape.map((_, k) => (k === 0 ? 0 : k + 1)),
            )
      return { shape, v: cut.shape.length === 0 && spread !== undefined ? broadcastView(cut, [spread], []) : v }
    }),
)

describe('views', () => {
  it('copies exactly the elements that the view names', () => {
    fc.assert(
      fc.property(views, ({ shape, v }) => {
        expect(Array.from(view(v, iota(shape)))).toEqual(naive(v))
      }),
      { numRuns: 500 },
    )
  })

  it('transposes big matrices tile by tile', () => {
    const v = transposeView(identityView([3, 70, 90]), [0, 2, 1])
    expect(Array.from(view(v, iota([3, 70, 90])))).toEqual(naive(v))
  })

  it('is contiguous when its elements follow one another in memory', () => {
    fc.assert(
      fc.property(views, ({ v }) => {
        fc.pre(sizeOf(v.shape) > 0)
        expect(isContiguous(v)).toBe(naive(v).every((at, i) => at === v.offset + i))
      }),
      { numRuns: 500 },
    )
  })

  it('does not copy the whole of an array', () => {
    const x = iota([4, 5])
    expect(view(identityView([4, 5]), x)).toBe(x.data)
    expect(view(identityView([2, 5]), x)).not.toBe(x.data)
  })
})

describe('loops without reduction', () => {
  it('loads at affine indices, as the view of the same strides', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (n, m) => {
        const x = iota([n, 2 * m + 1])
        const body = s.load(0, [s.index(1), s.add(s.mul(s.int(2), s.index(0)), s.int(1))], 'float64')
        const expected = Array.from({ length: n * m }, (_, p) => (p % n) * (2 * m + 1) + 2 * Math.floor(p / n) + 1)
        expect(Array.from(loop({ shape: [m, n], dtype: 'float64', body }, [x]))).toEqual(expected)
      }),
    )
  })

  it('guards loads outside the array by select', () => {
    const x = iota([3])
    const i = s.sub(s.index(0), s.int(2))
    const inside = s.and(s.ge(i, s.int(0)), s.lt(i, s.int(3)))
    const body = s.select(inside, s.load(0, [i], 'float64'), s.const(-7, 'float64'))
    expect(Array.from(loop({ shape: [7], dtype: 'float64', body }, [x]))).toEqual([-7, -7, 0, 1, 2, -7, -7])
  })

  it('loads at computed indices', () => {
    const x = iota([4, 5])
    const at = value([3], [3, 0, 2], 'int32')
    const row = s.load(1, [s.index(0)], 'int32')
    expect(Array.from(loop({ shape: [3, 2], dtype: 'float64', body: s.load(0, [row, s.index(1)], 'float64') }, [x, at]))).toEqual([
      15, 16, 0, 1, 10, 11,
    ])
  })

  it('knows its position, over many chunks', () => {
    const got = loop(
      {
        shape: [3, 1000, 2],
        dtype: 'int32',
        body: s.add(s.mul(s.index(1), s.int(10)), s.add(s.index(2), s.mul(s.index(0), s.int(100000)))),
      },
      [],
    )
    expect(Array.from(got)).toEqual(
      Array.from({ length: 6000 }, (_, p) => Math.floor(p / 2000) * 100000 + (Math.floor(p / 2) % 1000) * 10 + (p % 2)),
    )
  })
})
