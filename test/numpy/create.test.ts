import { describe, expect, it } from 'vitest'
import { DTypeError, ShapeError, ValueError, grad, jit, np } from '../../src/index.js'
import type { DType, Tensor } from '../../src/index.js'

describe('array', () => {
  it('takes its dtype from the data', () => {
    expect(
      np.array([
        [1, 2],
        [3, 4],
      ]).aval,
    ).toBe(np.ones([2, 2]).aval)
    expect(np.array([true, false]).dtype).toBe('bool')
    expect(np.array([true, 2]).dtype).toBe('float32')
    expect(np.array(new Float64Array(2)).dtype).toBe('float64')
    expect(np.array(new Uint8Array([1, 255])).dtype).toBe('int32')
    expect(np.array([new Int32Array([1]), new Int32Array([2])]).aval).toBe(np.zeros([2, 1], { dtype: 'int32' }).aval)
    expect(np.array([]).aval).toBe(np.zeros([0]).aval)
    expect(np.array([[], []]).shape).toEqual([2, 0])
    expect(np.array(5).shape).toEqual([])
  })

  it('knows its size in elements and bytes', () => {
    expect(np.zeros([300, 2]).size).toBe(600)
    expect(np.zeros([300, 2]).nbytes).toBe(2400)
    expect((['bool', 'int32', 'uint32', 'float32', 'float64'] as const).map((dtype) => np.zeros([3], { dtype }).nbytes)).toEqual([
      3, 12, 12, 12, 24,
    ])
    expect(np.zeros([0, 5]).nbytes).toBe(0)
  })

  it('converts to the dtype asked for', () => {
    expect(np.array([1.7, -1.7, -0.5], { dtype: 'int32' }).toArray()).toEqual([1, -1, 0])
    expect(() => np.array([1, NaN], { dtype: 'int32' })).toThrow(/array: NaN is no int32/)
    expect(np.array([0, 0.5, NaN], { dtype: 'bool' }).toArray()).toEqual([false, true, true])
    expect(np.array([true, false], { dtype: 'float64' }).toArray()).toEqual([1, 0])
    expect(np.array(np.array([1, 2]), { dtype: 'int32' }).dtype).toBe('int32')
  })

  it('copies: what the caller mutates afterwards is another thing', () => {
    const data = new Float32Array([1, 2])
    const list = [[1], [2]]
    const [x, y] = [np.array(data), np.array(list)]
    data[0] = 9
    list[0]![0] = 9
    expect(x.toArray()).toEqual([1, 2])
    expect(y.toArray()).toEqual([[1], [2]])
  })

  it('stacks tensors, traced ones too', () => {
    expect(np.array([np.array([1, 2]), [3, 4]]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(
      np
        .array([
          [np.array(1), 2],
          [3, np.array(4)],
        ])
        .toArray(),
    ).toEqual([
      [1, 2],
      [3, 4],
    ])
    const f = (x: Tensor): Tensor => np.sum(np.mul(np.array([x, np.square(x)]), np.array([3, 5])))
    expect(grad(f)(np.array(2)).item()).toBe(3 + 5 * 4)
    expect(jit(f)(np.array(2)).item()).toBe(26)
  })

  it('says where nested data is ragged or is no data', () => {
    expect(() => np.array([[1, 2], [3]])).toThrow('array: x is ragged: x[0] has shape [2], x[1] has [1]')
    expect(() =>
      np.array([
        [[1], [2]],
        [[1], [2, 3]],
      ]),
    ).toThrow('x[1] is ragged: x[1][0] has shape [1], x[1][1] has [2]')
    expect(() => np.array([1, [2]])).toThrow(ShapeError)
    // @ts-expect-error -- a string is no data
    expect(() => np.array([1, ['2']])).toThrow(/x\[1\]\[0\] is the string '2'/)
    expect(() => np.array(new BigInt64Array(1) as unknown as Float32Array)).toThrow(DTypeError)
    expect(() => np.array([1], { dtype: 'float16' as unknown as DType })).toThrow(
      /dtype must be the name of a dtype, got the string 'float16'[^]*float32/,
    )
  })
})

describe('constants', () => {
  it('fills shapes', () => {
    expect(np.zeros(3).toArray()).toEqual([0, 0, 0])
    expect(np.ones([2, 1], { dtype: 'int32' }).toArray()).toEqual([[1], [1]])
    expect(np.full([2], true).toArray()).toEqual([true, true])
    expect(np.full([2, 2], np.array([1, 2])).toArray()).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(np.full([], 0.1, { dtype: 'float64' }).item()).toBe(0.1)
    expect(np.zerosLike(np.array([true])).dtype).toBe('bool')
    expect(np.onesLike(np.arange(2), { dtype: 'float64' }).aval).toBe(np.ones([2], { dtype: 'float64' }).aval)
    expect(np.fullLike(np.zeros([2]), 7).toArray()).toEqual([7, 7])
    expect(np.zeros([0, 3]).shape).toEqual([0, 3])
    expect(() => np.zeros([-1])).toThrow(ShapeError)
    expect(() => np.zeros([1.5])).toThrow(ShapeError)
  })

  it('makes ranges', () => {
    expect(np.arange(3).aval).toBe(np.zeros([3], { dtype: 'int32' }).aval)
    expect(np.arange(1, 2, 0.25).toArray()).toEqual([1, 1.25, 1.5, 1.75])
    expect(np.arange(5, 0, -2).toArray()).toEqual([5, 3, 1])
    expect(np.arange(5, 0).shape).toEqual([0])
    expect(np.arange(2, { dtype: 'float64' }).dtype).toBe('float64')
    expect(() => np.arange(0, 1, 0)).toThrow(ValueError)
    expect(np.linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(np.linspace(0, 1, 1).toArray()).toEqual([0])
    expect(np.linspace(0, np.array([1, 2]), 3).toArray()).toEqual([
      [0, 0],
      [0.5, 1],
      [1, 2],
    ])
    expect(np.logspace(0, 2, 3).toArray()).toEqual([1, 10, 100])
    expect(np.geomspace(1, 8, 4).toArray()).toEqual([1, 2, 4, 8])
    expect(np.linspace(0.1, 0.3, 7, { dtype: 'float64' }).toArray()).toContain(0.3)
  })

  it('makes matrices', () => {
    expect(np.eye(2, 3, { k: 1 }).toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ])
    expect(np.identity(2, { dtype: 'int32' }).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(np.tri(2, { m: 3, k: 1 }).toArray()).toEqual([
      [1, 1, 0],
      [1, 1, 1],
    ])
    expect(np.tril(np.ones([2, 3]), { k: -1 }).toArray()).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ])
    expect(np.triu(np.ones([2, 2, 2])).toArray()).toEqual([
      [
        [1, 1],
        [0, 1],
      ],
      [
        [1, 1],
        [0, 1],
      ],
    ])
    expect(np.diag(np.array([1, 2]), { k: -1 }).toArray()).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 2, 0],
    ])
    expect(np.meshgrid([np.arange(2), np.arange(3)], { indexing: 'ij' })[1].toArray()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
    expect(() => np.tril(np.ones([2]))).toThrow(ShapeError)
  })

  it('keeps NaN and infinities out of a triangle that hides them', () => {
    expect(np.tril(np.full([2, 2], NaN)).toArray()).toEqual([
      [NaN, 0],
      [NaN, NaN],
    ])
  })
})

it('knows the limits of dtypes', () => {
  expect(Math.fround(1 + np.finfo('float32').eps)).toBeGreaterThan(1)
  expect(Math.fround(1 + np.finfo('float32').eps / 2)).toBe(1)
  expect(Math.fround(np.finfo('float32').max)).toBe(np.finfo('float32').max)
  expect(np.iinfo('int32')).toEqual({ min: -2147483648, max: 2147483647 })
  expect(() => np.finfo('int32')).toThrow(DTypeError)
  expect(() => np.iinfo('bool')).toThrow(DTypeError)
})
