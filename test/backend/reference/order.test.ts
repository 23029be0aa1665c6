import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { routine, value, type Value } from './compute.js'

const sort = (operands: readonly Value[], axis: number, keys: number): number[][] =>
  routine(
    'sort',
    operands,
    { axis, keys },
    operands.map((x) => x.aval),
  ).map((a) => Array.from(a))

describe('sort', () => {
  it('is stable and lexicographic, as Array.sort with a comparator', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { maxLength: 40 })
    fc.assert(
      fc.property(rows, (pairs) => {
        const n = pairs.length
        const operands = [
          value(
            [n],
            pairs.map((p) => p[0]),
          ),
          value(
            [n],
            pairs.map((p) => p[1]),
            'int32',
          ),
          value(
            [n],
            pairs.map((_, i) => i),
            'int32',
          ),
        ]
        for (const keys of [1, 2]) {
          const order = pairs.map((_, i) => i).sort((i, j) => pairs[i]![0] - pairs[j]![0] || (keys === 2 ? pairs[i]![1] - pairs[j]![1] : 0))
          expect(sort(operands, 0, keys)[2]).toEqual(order)
        }
      }),
    )
  })

  it('puts NaN last and holds -0 equal to 0', () => {
    const x = value([6], [NaN, 0, -0, -Infinity, NaN, 1])
    const i = value([6], [0, 1, 2, 3, 4, 5], 'int32')
    expect(sort([x, i], 0, 1)).toEqual([
      [-Infinity, 0, -0, 1, NaN, NaN],
      [3, 1, 2, 5, 0, 4],
    ])
  })

  it('sorts along any axis', () => {
    const x = value([2, 3, 2], [5, 0, 3, 9, 4, 1, 1, 1, 0, 2, 2, 0])
    expect(sort([x], 1, 1)[0]).toEqual([3, 0, 4, 1, 5, 9, 0, 0, 1, 1, 2, 2])
    expect(sort([x], 2, 1)[0]).toEqual([0, 5, 3, 9, 1, 4, 1, 1, 0, 2, 0, 2])
    expect(sort([value([0, 3], [])], 0, 1)[0]).toEqual([])
  })
})

describe('scatter', () => {
  const scatter = (x: Value, indices: Value, updates: Value, axes: readonly number[], batch: number, op: string): number[] =>
    Array.from(routine('scatter', [x, indices, updates], { axes, batch, op, mode: 'drop' }, [x.aval])[0]!)
  const at = (shape: readonly number[], v: readonly number[]) => value(shape, v, 'int32')

  it('combines in every way, drops what is out of range, and leaves its input alone', () => {
    const x = value([4], [1, 2, 3, 4])
    const i = at([5, 1], [1, 1, -1, 4, 3])
    const u = value([5], [10, 20, 99, 99, -5])
    expect(scatter(x, i, u, [0], 0, 'set')).toEqual([1, 20, 3, -5])
    expect(scatter(x, i, u, [0], 0, 'add')).toEqual([1, 32, 3, -1])
    expect(scatter(x, i, u, [0], 0, 'mul')).toEqual([1, 400, 3, -20])
    expect(scatter(x, i, u, [0], 0, 'max')).toEqual([1, 20, 3, 4])
    expect(scatter(x, i, u, [0], 0, 'min')).toEqual([1, 2, 3, -5])
    expect(Array.from(x.data)).toEqual([1, 2, 3, 4])
  })

  it('writes windows of the axes that are not indexed', () => {
    const x = value([3, 2], [0, 0, 0, 0, 0, 0])
    expect(scatter(x, at([2, 1], [2, 0]), value([2, 2], [1, 2, 3, 4]), [0], 0, 'set')).toEqual([3, 4, 0, 0, 1, 2])
    expect(scatter(x, at([1, 1], [1]), value([1, 3], [7, 8, 9]), [1], 0, 'set')).toEqual([0, 7, 0, 8, 0, 9])
    expect(scatter(x, at([2], [1, 0]), value([], [5]), [0, 1], 0, 'add')).toEqual([0, 0, 5, 0, 0, 0])
    expect(scatter(x, at([2], [1, 2]), value([], [5]), [1, 0], 0, 'add')).toEqual([0, 0, 0, 0, 0, 5])
  })

  it('keeps batches apart', () => {
    const x = value([2, 3], [0, 0, 0, 0, 0, 0])
    expect(scatter(x, at([2, 2, 1], [0, 0, 2, 1]), value([2, 2], [1, 2, 3, 4]), [1], 1, 'add')).toEqual([3, 0, 0, 0, 4, 3])
  })

  it('adds many float32 updates as if exactly', () => {
    const n = 1000
    const x = value([1], [1e8])
    expect(scatter(x, at([n, 1], new Array<number>(n).fill(0)), value([n], new Array<number>(n).fill(1)), [0], 0, 'add')).toEqual([
      Math.fround(1e8 + n),
    ])
  })

  it('wraps integers', () => {
    expect(scatter(value([1], [2147483647], 'int32'), at([1, 1], [0]), at([1], [1]), [0], 0, 'add')).toEqual([-2147483648])
    expect(scatter(value([1], [65537], 'int32'), at([1, 1], [0]), at([1], [65537]), [0], 0, 'mul')).toEqual([131073])
  })
})
