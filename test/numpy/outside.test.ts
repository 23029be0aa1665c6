/** Positions out of range: one rule per function, the same eagerly and compiled. */
import { describe, expect, it } from 'vitest'
import type { DType, Tensor } from '../../src/index.js'
import type { OutOfRange } from '../../src/numpy.js'
import { grad, jit, lax, nn, np, random, ShapeError, TraceError, ValueError, vmap } from '../../src/index.js'

const i32 = (v: readonly number[] | number): Tensor => np.array(v, { dtype: 'int32' })
const f64 = (v: readonly number[]): Tensor => np.array(v, { dtype: 'float64' })

/** The same in three ways: known positions, positions of a compiled function, and of vmap. */
const everyWay = (f: (i: Tensor) => Tensor, at: readonly number[]): unknown => {
  const eagerly = f(i32(at)).toArray()
  expect(jit(f)(i32(at)).toArray()).toEqual(eagerly)
  expect(grad((w: Tensor) => np.sum(np.mul(np.where(np.isnan(f(i32(at))), 0, f(i32(at))), w)))(np.ones([])).ndim).toBe(0)
  return eagerly
}

describe('reads', () => {
  const x = f64([10, 20, 30])
  const at = [-4, -3, -1, 0, 2, 3, 2 ** 31 - 1, -(2 ** 31)]
  const readers: Readonly<Record<string, (i: Tensor, mode?: OutOfRange) => Tensor>> = {
    take: (i, mode) => np.take(x, i, mode === undefined ? {} : { mode }),
    takeAlongAxis: (i, mode) => np.takeAlongAxis(x, i, mode === undefined ? {} : { mode }),
    'at.get': (i, mode) => np.at(x, i).get(mode === undefined ? {} : { mode }),
    'at.get beside a slice': (i, mode) => np.index(np.at(np.reshape(x, [3, 1]), i, ':').get(mode === undefined ? {} : { mode }), ':', 0),
  }

  it.each(Object.keys(readers))('%s: NaN, the nearest, around', (name) => {
    const read = readers[name]!
    const inside = [10, 30, 10, 30]
    expect(everyWay((i) => read(i), at)).toEqual([NaN, ...inside, NaN, NaN, NaN])
    expect(everyWay((i) => read(i, 'fill'), at)).toEqual([NaN, ...inside, NaN, NaN, NaN])
    expect(everyWay((i) => read(i, 'clip'), at)).toEqual([10, 10, 10, 10, 30, 30, 30, 10])
    expect(everyWay((i) => read(i, 'wrap'), at)).toEqual([30, ...inside, 10, 20, 20])
    expect(read(i32([-3, 2]), 'throw').toArray()).toEqual([10, 30])
    expect(() => read(i32([0, 3]), 'throw')).toThrow(/index 3 is out of range for 3 elements \(x axis 0\)/)
    expect(() => jit((i: Tensor) => read(i, 'throw'))(i32([0]))).toThrow(TraceError)
    expect(() => read(i32([0]), 'nearest' as OutOfRange)).toThrow(ValueError)
  })

  it('marks by dtype, as JAX does, or by a value that is given', () => {
    const marks: readonly (readonly [DType, number | boolean])[] = [
      ['float32', NaN],
      ['float64', NaN],
      ['int32', -(2 ** 31)],
      ['uint32', 2 ** 32 - 1],
      ['bool', true],
    ]
    for (const [dtype, mark] of marks) {
      const read = (i: Tensor): Tensor => np.take(np.zeros([2], { dtype }), i)
      expect(read(i32([5])).toArray()).toEqual([mark])
      expect(jit(read)(i32([5])).toArray()).toEqual([mark])
    }
    expect(np.take(x, i32([5, 1]), { fillValue: 7 }).toArray()).toEqual([7, 20])
    expect(np.takeAlongAxis(x, i32([5, 1]), { fillValue: 0 }).toArray()).toEqual([0, 20])
    expect(() => np.take(np.zeros([2], { dtype: 'int32' }), i32([5]), { fillValue: NaN })).toThrow(ValueError)
  })

  it('JavaScript numbers throw, in a compiled function too', () => {
    const reads: readonly ((t: Tensor) => Tensor)[] = [
      (t) => np.take(t, [3]),
      (t) => np.take(t, -4),
      (t) => np.takeAlongAxis(t, [3]),
      (t) => np.index(t, 3),
      (t) => np.index(t, [0, 3]),
      (t) => np.index(t, [[-4]]),
      (t) => np.at(t, 3).set(1),
      (t) => np.at(t, [3]).add(1),
      (t) => np.at(t, [0, -4]).get(),
      (t) => np.take(t, [3e9]),
    ]
    for (const read of reads) {
      expect(() => read(x), String(read)).toThrow(ShapeError)
      expect(() => jit(read)(x), String(read)).toThrow(ShapeError)
    }
    expect(np.take(x, [3, -4], { mode: 'fill' }).toArray()).toEqual([NaN, NaN])
  })

  it('index marks too, whatever it is mixed with', () => {
    const m = np.reshape(np.arange(6, { dtype: 'float64' }), [2, 3])
    const f = (i: Tensor): Tensor => np.index(m, i, ':')
    const g = (i: Tensor): Tensor => np.index(m, [1, 0], i)
    for (const run of [f, jit(f)])
      expect(run(i32([1, 2])).toArray()).toEqual([
        [3, 4, 5],
        [NaN, NaN, NaN],
      ])
    for (const run of [g, jit(g)]) expect(run(i32([-1, 9])).toArray()).toEqual([5, NaN])
    expect(vmap((i: Tensor) => np.index(x, i))(i32([2, 3])).toArray()).toEqual([30, NaN])
  })

  it('positions of uint32 are never negative', () => {
    const far = np.array([4e9, 2 ** 32 - 1, 1], { dtype: 'uint32' })
    for (const run of [(f: (i: Tensor) => Tensor) => f, jit as (f: (i: Tensor) => Tensor) => (i: Tensor) => Tensor]) {
      expect(run((i) => np.take(x, i))(far).toArray()).toEqual([NaN, NaN, 20])
      expect(run((i) => np.take(x, i, { mode: 'clip' }))(far).toArray()).toEqual([30, 30, 20])
      expect(run((i) => np.take(x, i, { mode: 'wrap' }))(far).toArray()).toEqual([20, 10, 20])
    }
  })

  it('of an empty axis nothing can be read, but marked', () => {
    const none = f64([])
    expect(np.take(none, i32([0])).toArray()).toEqual([NaN])
    expect(np.take(none, i32([]), { mode: 'clip' }).shape).toEqual([0])
    for (const mode of ['clip', 'wrap', 'throw'] as const) expect(() => np.take(none, i32([0]), { mode })).toThrow(ShapeError)
    expect(() => jit((i: Tensor) => np.take(none, i, { mode: 'wrap' }))(i32([0]))).toThrow(/is empty/)
  })

  it('the derivative of what is marked is none of an element', () => {
    const d = grad((t: Tensor) => np.sum(np.take(t, i32([5, 1, 1]), { fillValue: 0 })))
    expect(d(x).toArray()).toEqual([0, 2, 0])
    expect(jit(d)(x).toArray()).toEqual([0, 2, 0])
  })

  it('an embedding marks the integers outside its table', () => {
    const layer = nn.embedding(3, 2)
    const params = layer.init(random.key(0))
    const run = (ids: Tensor): Tensor => layer.apply(params)(ids)
    for (const f of [run, jit(run)]) {
      const rows = np.isnan(f(i32([2, 3])))
      expect(rows.toArray()).toEqual([
        [false, false],
        [true, true],
      ])
    }
  })
})

describe('writes', () => {
  const x = f64([1, 2, 3])
  const writers = {
    set: (i: Tensor, mode?: OutOfRange | 'drop') => np.at(x, i).set(9, mode === undefined ? {} : { mode }),
    add: (i: Tensor, mode?: OutOfRange | 'drop') => np.at(x, i).add(8, mode === undefined ? {} : { mode }),
    max: (i: Tensor, mode?: OutOfRange | 'drop') => np.at(x, i).max(9, mode === undefined ? {} : { mode }),
    'set through a reversed slice': (i: Tensor, mode?: OutOfRange | 'drop') =>
      np.index(np.at(np.reshape(x, [3, 1]), i, '::-1').set(9, mode === undefined ? {} : { mode }), ':', 0),
  }
  it.each(Object.keys(writers) as (keyof typeof writers)[])('%s: dropped, the nearest, around', (name) => {
    const write = writers[name]
    for (const run of [(f: (i: Tensor) => Tensor) => f, jit as (f: (i: Tensor) => Tensor) => (i: Tensor) => Tensor]) {
      const after = (at: readonly number[], mode?: OutOfRange | 'drop'): unknown => run((i) => write(i, mode))(i32(at)).toArray()
      const first = name === 'add' ? 9 : 9
      expect(after([3, -4])).toEqual([1, 2, 3])
      expect(after([3, -4], 'drop')).toEqual([1, 2, 3])
      expect(after([3, -4], 'fill')).toEqual([1, 2, 3])
      expect(after([-3])).toEqual([first, 2, 3])
      expect(after([-4], 'clip')).toEqual([first, 2, 3])
      expect(after([3], 'wrap')).toEqual([first, 2, 3])
    }
    expect(() => write(i32([3]), 'throw')).toThrow(ShapeError)
    expect(() => jit((i: Tensor) => write(i, 'throw'))(i32([0]))).toThrow(TraceError)
  })

  it('embedding reads as take does', () => {
    const read =
      (options: nn.EmbeddingOptions) =>
      (i: Tensor): Tensor =>
        np.squeeze(nn.embedding(3, 1, options).apply({ table: np.reshape(np.array([10, 20, 30]), [3, 1]) })(i))
    expect(everyWay(read({}), [0, -1, 3])).toEqual([10, 30, NaN])
    expect(everyWay(read({ mode: 'clip' }), [0, -1, 3])).toEqual([10, 10, 30])
    expect(everyWay(read({ mode: 'wrap' }), [0, -1, 4])).toEqual([10, 30, 20])
    expect(everyWay(read({ fillValue: 0 }), [0, -1, 3])).toEqual([10, 30, 0])
    expect(() => read({ mode: 'throw' })(i32([0, 3]))).toThrow(/^take: index 3 is out of range for 3 elements/)
    expect(() => jit(read({ mode: 'throw' }))(i32([0, 1]))).toThrow(TraceError)
    expect(() => nn.embedding(3, 1, { mode: 'drop' as OutOfRange })).toThrow(/^embedding: mode must be one of/)
  })

  it('updates check their options, under a mask too', () => {
    const x = f64([1, 2, 3])
    for (const place of [np.at(x, 0), np.at(x, np.greater(x, 1)), np.at(x, i32([0]))]) {
      for (const update of [place.set, place.add, place.sub, place.mul, place.div, place.max, place.min]) {
        expect(() => update(1, { mode: 'nearest' as OutOfRange })).toThrow(/^at: mode must be one of/)
        expect(() => update(1, { mod: 'clip' } as never)).toThrow(/^at: there is no option 'mod'; did you mean 'mode'/)
        expect(() => update(1, 'clip' as never)).toThrow(/^at: options must be a plain record/)
      }
      expect(() => place.get({ mode: 'drop' as OutOfRange })).toThrow(/^at: mode must be one of/)
      expect(() => place.get({ fill: 0 } as never)).toThrow(/^at: there is no option 'fill'/)
      expect(() => place.apply(1 as never)).toThrow(/^at: f must be a function/)
    }
    expect(
      np
        .at(x, i32([5]))
        .set(1, { mode: 'drop' })
        .toArray(),
    ).toEqual([1, 2, 3])
  })

  it('dynamic slices are moved inside, whatever the start', () => {
    const run = jit((i: Tensor) => lax.dynamicSlice(np.arange(5), [i], [2]))
    for (const [start, want] of [
      [2, [2, 3]],
      [9, [3, 4]],
      [2 ** 31 - 1, [3, 4]],
      [-1, [3, 4]],
      [-5, [0, 1]],
      [-9, [0, 1]],
    ] as const) {
      expect(lax.dynamicSlice(np.arange(5), [start], [2]).toArray()).toEqual(want)
      expect(run(i32(start)).toArray()).toEqual(want)
    }
    expect(lax.dynamicSlice(np.arange(5), [3e9], [2]).toArray()).toEqual([3, 4])
    expect(lax.dynamicSlice(np.arange(5), [np.array(4e9, { dtype: 'uint32' })], [2]).toArray()).toEqual([3, 4])
    expect(() => lax.dynamicSlice(np.arange(5), [0.5], [2])).toThrow(ValueError)
    expect(() => lax.dynamicSlice(np.arange(5), [np.array(0.5)], [2])).toThrow(/expected integers/)
  })

  it('oneHot has no 1 for what is outside', () => {
    for (const f of [nn.oneHot, (t: Tensor, n: number) => jit((u: Tensor) => nn.oneHot(u, n))(t)])
      expect(f(i32([-1, 1, 2]), 2).toArray()).toEqual([
        [0, 0],
        [0, 1],
        [0, 0],
      ])
  })
})
