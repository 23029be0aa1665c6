import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShapeError, grad, np } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { element, elements, filledShapes, modelOf, numbered, places, shapes } from './nested.js'

const permuted = shapes(4).chain((s) =>
  fc.tuple(
    fc.constant(s),
    fc.shuffledSubarray(
      s.map((_, k) => k),
      { minLength: s.length },
    ),
  ),
)

describe('shape', () => {
  it('flipud reverses rows, fliplr columns; derivatives go back the same way', () => {
    const x = np.array([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(np.flipud(x).toArray()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ])
    expect(np.fliplr(x).toArray()).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ])
    expect(np.flipud(np.array([1, 2])).toArray()).toEqual([2, 1])
    expect(grad((y: Tensor) => np.sum(np.mul(np.fliplr(np.flipud(y)), x)))(x).toArray()).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ])
    expect(() => np.fliplr(np.array([1, 2]))).toThrow(ShapeError)
  })

  it('reshape keeps the order of elements and infers one size', () => {
    fc.assert(
      fc.property(shapes(4), (shape) => {
        const x = numbered(shape)
        expect(elements(np.ravel(x))).toEqual(elements(x))
        expect(np.reshape(np.ravel(x), shape).toArray()).toEqual(x.toArray())
        if (x.size > 0 && shape.length > 0) expect(np.reshape(x, [-1, shape[0]!]).shape).toEqual([x.size / shape[0]!, shape[0]])
      }),
    )
    expect(() => np.reshape(np.arange(6), [4])).toThrow(/6 elements do not fill \[4\]/)
    expect(() => np.reshape(np.arange(6), [4, -1])).toThrow(ShapeError)
    expect(() => np.reshape(np.arange(6), [-1, -1])).toThrow(ShapeError)
    expect(np.flatten(np.ones([2, 3, 4]), { start: 1 }).shape).toEqual([2, 12])
    expect(np.flatten(np.array(1)).shape).toEqual([1])
  })

  it('transpose moves axis perm[k] to k', () => {
    fc.assert(
      fc.property(permuted, ([shape, perm]) => {
        const x = numbered(shape)
        const y = np.transpose(x, perm)
        const model = modelOf(x)
        expect(y.shape).toEqual(perm.map((p) => shape[p]))
        expect(elements(y)).toEqual(
          places(y.shape).map((at) =>
            element(
              model,
              shape.map((_, k) => at[perm.indexOf(k)]!),
            ),
          ),
        )
      }),
    )
    expect(np.transpose(np.ones([2, 3, 4])).shape).toEqual([4, 3, 2])
    expect(() => np.transpose(np.ones([2, 3]), [0, 0])).toThrow(/not a permutation/)
  })

  it('names of axis movements agree with transpose', () => {
    fc.assert(
      fc.property(filledShapes(2, 4), fc.nat(3), fc.nat(3), (shape, i, j) => {
        const [a, b] = [i % shape.length, j % shape.length]
        const x = numbered(shape)
        expect(np.swapaxes(np.swapaxes(x, a, b), a, b).toArray()).toEqual(x.toArray())
        const moved = np.moveaxis(x, a, b)
        expect(moved.shape[b]).toBe(shape[a])
        expect(np.moveaxis(moved, b, a).toArray()).toEqual(x.toArray())
        expect(np.squeeze(np.expandDims(x, a), { axis: a }).toArray()).toEqual(x.toArray())
      }),
    )
    expect(np.moveaxis(np.ones([2, 3, 4]), [0, 1], [-1, 0]).shape).toEqual([3, 4, 2])
    expect(np.matrixTranspose(np.ones([5, 2, 3])).shape).toEqual([5, 3, 2])
    expect(np.expandDims(np.ones([2]), [0, -1]).shape).toEqual([1, 2, 1])
    expect(np.squeeze(np.ones([1, 2, 1])).shape).toEqual([2])
    expect(() => np.squeeze(np.ones([2, 1]), { axis: 0 })).toThrow(/axis 0 has size 2/)
    expect(() => np.moveaxis(np.ones([2, 3]), [0, 0], [0, 1])).toThrow(ShapeError)
  })

  it('sumTo is the transpose of broadcastTo: inner products agree', () => {
    fc.assert(
      fc.property(
        filledShapes(0, 3),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
        (shape, lead, ones) => {
          const small = shape.map((n, k) => (ones[k] === true ? 1 : n))
          const big = [...lead, ...shape]
          const [x, y] = [numbered(small), numbered(big, 7)]
          expect(np.vdot(np.broadcastTo(x, big), y).item()).toBe(np.vdot(x, np.sumTo(y, small)).item())
        },
      ),
    )
    expect(() => np.broadcastTo(np.ones([2]), [3])).toThrow(ShapeError)
    expect(() => np.broadcastTo(np.ones([2, 2]), [2])).toThrow(ShapeError)
    expect(() => np.sumTo(np.ones([2, 3]), [2])).toThrow(ShapeError)
    expect(np.broadcastArrays([np.ones([2, 1]), np.ones([3]), 5]).map((t) => t.shape)).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ])
  })

  it('adds axes as NumPy does', () => {
    expect([
      np.atleast1d(5).shape,
      np.atleast2d(np.ones([2])).shape,
      np.atleast3d(np.ones([2])).shape,
      np.atleast3d(np.ones([2, 3])).shape,
    ]).toEqual([[1], [1, 2], [1, 2, 1], [2, 3, 1]])
  })
})

describe('joining and splitting', () => {
  it('split undoes concatenate', () => {
    fc.assert(
      fc.property(
        filledShapes(1, 3),
        fc.nat(2),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
        (shape, a, sizes) => {
          const axis = a % shape.length
          const parts = sizes.map((n, i) =>
            numbered(
              shape.map((s, k) => (k === axis ? n : s)),
              i,
            ),
          )
          const whole = np.concatenate(parts, { axis })
          expect(whole.shape[axis]).toBe(sizes.reduce((p, q) => p + q, 0))
          const ends = sizes.slice(0, -1).map((_, i) => sizes.slice(0, i + 1).reduce((p, q) => p + q, 0))
          expect(np.split(whole, ends, { axis }).map((t) => t.toArray())).toEqual(parts.map((t) => t.toArray()))
        },
      ),
    )
  })

  it('unstack undoes stack', () => {
    fc.assert(
      fc.property(shapes(3), fc.nat(3), fc.integer({ min: 1, max: 4 }), (shape, a, n) => {
        const axis = a % (shape.length + 1)
        const parts = Array.from({ length: n }, (_, i) => numbered(shape, i))
        expect(np.unstack(np.stack(parts, { axis }), { axis }).map((t) => t.toArray())).toEqual(parts.map((t) => t.toArray()))
      }),
    )
  })

  it('promotes, and says which shapes differ', () => {
    expect(np.concatenate([np.arange(2), np.ones([1])]).aval).toBe(np.zeros([3]).aval)
    expect(np.stack([1, np.array(2, { dtype: 'float64' })]).dtype).toBe('float64')
    expect(np.concatenate([np.ones([1, 2]), np.ones([3])], { axis: null }).shape).toEqual([5])
    expect(() => np.concatenate([np.ones([2, 3]), np.ones([2, 4])])).toThrow(/\[2,3\] \(x\) and \[2,4\] \(y\)/)
    expect(() => np.stack([np.ones([2]), np.ones([3])])).toThrow(/np\.concatenate/)
    expect(() => np.concatenate([])).toThrow(/nothing to join/)
    expect(() => np.concatenate([1, 2])).toThrow(ShapeError)
    expect(() => np.split(np.arange(5), 2)).toThrow(/arraySplit/)
    expect(np.arraySplit(np.arange(5), 3).map((t) => t.size)).toEqual([2, 2, 1])
    expect(np.vstack([np.arange(2), np.ones([1, 2])]).shape).toEqual([2, 2])
    expect(np.hstack([np.ones([2, 1]), np.ones([2, 3])]).shape).toEqual([2, 4])
    expect(np.dstack([np.arange(2), np.arange(2)]).shape).toEqual([1, 2, 2])
    expect(np.columnStack([np.arange(2), np.ones([2, 2])]).shape).toEqual([2, 3])
  })

  it('tiles and repeats', () => {
    fc.assert(
      fc.property(filledShapes(1, 3, 3), fc.integer({ min: 0, max: 3 }), fc.nat(2), (shape, n, a) => {
        const axis = a % shape.length
        const x = numbered(shape)
        const model = modelOf(x)
        const at =
          (f: (i: number) => number) =>
          (p: readonly number[]): number =>
            element(
              model,
              p.map((i, k) => (k === axis ? f(i) : i)),
            )
        const repeated = np.repeat(x, n, { axis })
        expect(elements(repeated)).toEqual(places(repeated.shape).map(at((i) => Math.floor(i / n))))
        const tiled = np.tile(
          x,
          shape.map((_, k) => (k === axis ? n : 1)),
        )
        expect(elements(tiled)).toEqual(places(tiled.shape).map(at((i) => i % shape[axis]!)))
      }),
    )
    expect(np.repeat(np.array([1, 2]), [0, 3]).toArray()).toEqual([2, 2, 2])
    expect(np.tile(np.array([1, 2]), [2, 2]).toArray()).toEqual([
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ])
    expect(() => np.repeat(np.array([1, 2]), [1])).toThrow(ShapeError)
  })
})

describe('rearranging', () => {
  it('flip, roll and rot90 return to where they started', () => {
    fc.assert(
      fc.property(filledShapes(2, 3), fc.integer({ min: -9, max: 9 }), (shape, n) => {
        const x = numbered(shape)
        expect(np.flip(np.flip(x)).toArray()).toEqual(x.toArray())
        expect(np.roll(np.roll(x, n, { axis: 1 }), -n, { axis: 1 }).toArray()).toEqual(x.toArray())
        expect(elements(np.roll(x, n))).toEqual(elements(x).map((_, i, xs) => xs[(((i - n) % xs.length) + xs.length) % xs.length]))
        expect(np.rot90(np.rot90(x, { k: n }), { k: -n }).toArray()).toEqual(x.toArray())
        expect(np.rot90(x, { k: 2 }).toArray()).toEqual(np.rot90(np.rot90(x)).toArray())
      }),
    )
    expect(
      np
        .rot90(
          np.array([
            [1, 2],
            [3, 4],
          ]),
        )
        .toArray(),
    ).toEqual([
      [2, 4],
      [1, 3],
    ])
    expect(np.roll(np.zeros([0]), 3).shape).toEqual([0])
  })

  it('pads with the element that each mode names', () => {
    const x = np.array([1, 2, 3])
    const padded = (mode: 'edge' | 'reflect' | 'symmetric' | 'wrap'): unknown => np.pad(x, [4, 5], { mode }).toArray()
    expect(np.pad(x, [1, 2], { constantValues: 9 }).toArray()).toEqual([9, 1, 2, 3, 9, 9])
    expect(padded('edge')).toEqual([1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3])
    expect(padded('reflect')).toEqual([1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2])
    expect(padded('symmetric')).toEqual([3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1, 2])
    expect(padded('wrap')).toEqual([3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2])
    expect(
      np
        .pad(np.ones([1, 1]), [
          [1, 0],
          [0, 2],
        ])
        .toArray(),
    ).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ])
    expect(grad((v: Tensor) => np.sum(np.pad(v, 2, { mode: 'reflect' })))(x).toArray()).toEqual([2, 3, 2])
    expect(np.pad(np.array([true]), 1).toArray()).toEqual([false, true, false])
    expect(() => np.pad(np.zeros([0]), 1, { mode: 'edge' })).toThrow(/empty/)
    expect(() => np.pad(x, -1)).toThrow(/lax\.pad/)
    expect(() =>
      np.pad(np.ones([2, 2]), [
        [1, 1],
        [1, 1],
        [1, 1],
      ]),
    ).toThrow(ShapeError)
  })
})
