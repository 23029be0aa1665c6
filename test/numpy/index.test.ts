import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DTypeError, ShapeError, TraceError, ValueError, checkpoint, grad, jit, np, vmap } from '../../src/index.js'
import type { IndexItem } from '../../src/numpy.js'
import type { Tensor } from '../../src/index.js'
import { element, elements, filledShapes, modelOf, numbered, places } from './nested.js'

interface Bounds {
  readonly start: number | null
  readonly stop: number | null
  readonly step: number
}

/** What a Python slice selects of `n` elements, by walking over them. */
const walk = (n: number, { start, stop, step }: Bounds): readonly number[] => {
  const all = Array.from({ length: n }, (_, i) => i)
  const from = (v: number): number => (v < 0 ? v + n : v)
  if (step > 0) {
    const [s, e] = [start === null ? 0 : Math.max(0, from(start)), stop === null ? n : from(stop)]
    return all.filter((i) => i >= s && i < e && (i - s) % step === 0)
  }
  const [s, e] = [start === null ? n - 1 : Math.min(n - 1, from(start)), stop === null ? -1 : Math.max(-1, from(stop))]
  return all.reverse().filter((i) => i <= s && i > e && (s - i) % -step === 0)
}

/** An entry of an index expression, as the tensor sees it and as the model does. */
type Entry =
  | { readonly kind: 'int'; readonly at: number }
  | { readonly kind: 'slice'; readonly bounds: Bounds }
  | { readonly kind: 'new' }
  | { readonly kind: 'list'; readonly at: readonly number[] }

const bound = fc.option(fc.integer({ min: -6, max: 6 }), { nil: null })
const boundsOf: fc.Arbitrary<Bounds> = fc.record({ start: bound, stop: bound, step: fc.constantFrom(1, 1, 2, 3, -1, -2) })

const entryFor = (n: number, lists: number | null): fc.Arbitrary<Entry> =>
  fc.oneof(
    fc.record({ kind: fc.constant('int' as const), at: fc.integer({ min: -n, max: n - 1 }) }),
    fc.record({ kind: fc.constant('slice' as const), bounds: boundsOf }),
    ...(lists === null
      ? []
      : [
          fc.record({
            kind: fc.constant('list' as const),
            at: fc.array(fc.integer({ min: -n, max: n - 1 }), { minLength: lists, maxLength: lists }),
          }),
        ]),
  )

/** A shape with entries for its first axes and new axes among them. */
const indexings = (withLists: boolean) =>
  fc.tuple(filledShapes(1, 4, 4), fc.integer({ min: 0, max: 3 })).chain(([shape, length]) =>
    fc
      .nat(shape.length)
      .chain((used) =>
        fc.tuple(
          fc.constant(shape),
          fc.tuple(...shape.slice(0, used).map((n) => entryFor(n, withLists ? length : null))),
          fc.array(fc.nat(used), { maxLength: 2 }),
        ),
      )
      .map(([s, entries, news]) => ({
        shape: s,
        entries: entries.flatMap((e, k) => [...news.filter((p) => p === k).map((): Entry => ({ kind: 'new' })), e]),
      })),
  )

const toItem = (e: Entry, text: boolean): IndexItem => {
  switch (e.kind) {
    case 'int':
      return e.at
    case 'new':
      return null
    case 'list':
      return np.array(e.at, { dtype: 'int32' })
    case 'slice':
      return text ? `${e.bounds.start ?? ''}:${e.bounds.stop ?? ''}:${e.bounds.step}` : e.bounds
  }
}

/** NumPy's indexing on a nested list: shape of the result and where each of its elements comes from. */
const model = (
  shape: readonly number[],
  entries: readonly Entry[],
): { readonly shape: readonly number[]; readonly from: (at: readonly number[]) => readonly number[] } => {
  const named = entries.filter((e) => e.kind !== 'new').length
  const all: readonly Entry[] = [
    ...entries,
    ...shape.slice(named).map((): Entry => ({ kind: 'slice', bounds: { start: null, stop: null, step: 1 } })),
  ]
  const lists = all.flatMap((e) => (e.kind === 'list' ? [e.at.length] : []))
  const advanced = (e: Entry): boolean => lists.length > 0 && (e.kind === 'list' || e.kind === 'int')
  const marks = all.flatMap((e, i) => (advanced(e) ? [i] : []))
  const together = marks.every((m, i) => i === 0 || m === marks[i - 1]! + 1)
  // One tag per axis of the result: which entry it belongs to, or the lists in common.
  const tags: (number | 'lists')[] = []
  if (lists.length > 0 && !together) tags.push('lists')
  all.forEach((e, i) => {
    if (advanced(e)) {
      if (together && i === marks[0]) tags.push('lists')
    } else if (e.kind !== 'int') tags.push(i)
  })
  let axis = 0
  const axisOf = all.map((e) => (e.kind === 'new' ? -1 : axis++))
  const picks = all.map((e, i) => (e.kind === 'slice' ? walk(shape[axisOf[i]!]!, e.bounds) : []))
  const size = (tag: number | 'lists'): number => (tag === 'lists' ? lists[0]! : all[tag]!.kind === 'new' ? 1 : picks[tag]!.length)
  const wrap = (v: number, n: number): number => (v < 0 ? v + n : v)
  return {
    shape: tags.map(size),
    from: (at) =>
      all.flatMap((e, i) => {
        const n = shape[axisOf[i]!]!
        if (e.kind === 'new') return []
        if (e.kind === 'int') return [wrap(e.at, n)]
        if (e.kind === 'list') return [wrap(e.at[at[tags.indexOf('lists')]!]!, n)]
        return [picks[i]![at[tags.indexOf(i)]!]!]
      }),
  }
}

describe('index', () => {
  it.each([
    ['numbers, slices and new axes', false],
    ['index arrays among them', true],
  ])('agrees with a model on nested lists: %s', (_, withLists) => {
    fc.assert(
      fc.property(indexings(withLists), fc.boolean(), ({ shape, entries }, text) => {
        const x = numbered(shape)
        const y = np.index(x, ...entries.map((e) => toItem(e, text)))
        const want = model(shape, entries)
        const nested = modelOf(x)
        expect(y.shape).toEqual(want.shape)
        expect(elements(y)).toEqual(places(want.shape).map((at) => element(nested, want.from(at))))
      }),
      { numRuns: 500 },
    )
  })

  it('puts the ellipsis in the place of the axes not mentioned', () => {
    const x = numbered([2, 3, 4])
    expect(np.index(x, '...', 1).toArray()).toEqual(np.index(x, ':', ':', 1).toArray())
    expect(np.index(x, 0, '...').toArray()).toEqual(np.index(x, 0).toArray())
    expect(np.index(x, '...').toArray()).toEqual(x.toArray())
    expect(np.index(x, 0, '...', 0, 0).shape).toEqual([])
    expect(np.index(x).toArray()).toEqual(x.toArray())
  })

  it('selects by masks', () => {
    fc.assert(
      fc.property(filledShapes(1, 3), fc.integer(), (shape, seed) => {
        const x = numbered(shape, seed % 50)
        const mask = np.greater(x, 0)
        const flags = elements(mask)
        expect(elements(np.index(x, mask))).toEqual(elements(x).filter((_, i) => flags[i] === 1))
      }),
    )
    const x = numbered([2, 3])
    expect(np.index(x, [true, false]).toArray()).toEqual([(x.toArray() as number[][])[0]])
    expect(np.index(x, ':', [true, false, true]).shape).toEqual([2, 2])
    expect(() => np.index(x, [true, false, true])).toThrow(/mask has 3 elements on axis 0, x has 2/)
    expect(() => jit((v: Tensor) => np.index(v, np.greater(v, 0)))(x)).toThrow(TraceError)
  })

  it('broadcasts index arrays', () => {
    const x = numbered([3, 4])
    const rows = np.array([[0], [2]], { dtype: 'int32' })
    expect(np.index(x, rows, [1, 3]).shape).toEqual([2, 2])
    expect(np.index(x, rows, [1, 3]).toArray()).toEqual([
      [np.index(x, 0, 1).item(), np.index(x, 0, 3).item()],
      [np.index(x, 2, 1).item(), np.index(x, 2, 3).item()],
    ])
    expect(() => np.index(x, [0, 1], [0, 1, 2])).toThrow(ShapeError)
  })

  it('says what is wrong with an index', () => {
    const x = np.ones([2, 3])
    expect(() => np.index(x, 2)).toThrow(/2 is out of range for axis 0 of size 2/)
    expect(() => np.index(x, [0, 5])).toThrow(/index 5 is out of range for 2 elements/)
    expect(() => np.index(x, 0, 0, 0)).toThrow(/3 indices for 2 axes/)
    expect(() => np.index(x, '...', '...')).toThrow(ValueError)
    const read = (text: string) => np.index(x, text) // computed, so that it compiles
    expect(() => read('a:b')).toThrow(/'a:b' is not a slice/)
    expect(() => read('1')).toThrow(ValueError)
    expect(() => np.index(x, '::0')).toThrow(/step 0/)
    expect(() => np.index(x, 0.5)).toThrow(DTypeError)
    expect(() => np.index(x, np.array([0.5]))).toThrow(DTypeError)
  })

  it('takes traced indices, marked by NaN where they are out of range', () => {
    const x = np.array([10, 20, 30])
    const pick = (i: Tensor): Tensor => np.index(x, i)
    expect(vmap(pick)(np.array([0, -1, 7], { dtype: 'int32' })).toArray()).toEqual([10, 30, NaN])
    expect(jit(pick)(np.array(-1, { dtype: 'int32' })).item()).toBe(30)
    expect(
      vmap((row: Tensor, i: Tensor) => np.index(row, i))(
        np.array([
          [1, 2],
          [3, 4],
        ]),
        np.array([1, 0], { dtype: 'int32' }),
      ).toArray(),
    ).toEqual([2, 3])
  })

  it('has a derivative that counts how often an element was read', () => {
    const f = (x: Tensor): Tensor => np.sum(np.index(x, [0, 0, 2], '::2'))
    expect(grad(f)(np.ones([3, 3])).toArray()).toEqual([
      [2, 0, 2],
      [0, 0, 0],
      [1, 0, 1],
    ])
    expect(grad(checkpoint(f))(np.ones([3, 3])).toArray()).toEqual([
      [2, 0, 2],
      [0, 0, 0],
      [1, 0, 1],
    ])
    const g = (x: Tensor): Tensor => np.sum(np.square(np.index(x, '::-2')))
    expect(grad(g)(np.array([1, 2, 3])).toArray()).toEqual([2, 0, 6])
  })
})

describe('at', () => {
  const combine: Readonly<Record<'set' | 'add' | 'mul' | 'max' | 'min', (a: number, b: number) => number>> = {
    set: (_, b) => b,
    add: (a, b) => a + b,
    mul: (a, b) => a * b,
    max: (a, b) => Math.max(a, b),
    min: (a, b) => Math.min(a, b),
  }

  it.each(['set', 'add', 'mul', 'max', 'min'] as const)('%s agrees with assigning element by element', (op) => {
    fc.assert(
      fc.property(indexings(true), ({ shape, entries }) => {
        const x = numbered(shape)
        const want = model(shape, entries)
        const values = numbered(want.shape, 3)
        const data = [...elements(x)]
        const strides = shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1))
        const v = elements(values)
        places(want.shape).forEach((at, i) => {
          const flat = want.from(at).reduce((sum, p, k) => sum + p * strides[k]!, 0)
          data[flat] = combine[op](data[flat]!, v[i]!)
        })
        const y = np.at(x, ...entries.map((e) => toItem(e, false)))[op](values)
        expect(y.shape).toEqual(shape)
        expect(elements(y)).toEqual(data)
        expect(elements(x)).toEqual(elements(numbered(shape)))
      }),
      { numRuns: 200 },
    )
  })

  it('broadcasts values and has the other operations', () => {
    const x = np.array([
      [1, 2],
      [3, 4],
    ])
    expect(np.at(x, 0).set(9).toArray()).toEqual([
      [9, 9],
      [3, 4],
    ])
    expect(
      np
        .at(x, ':', 1)
        .sub(np.array([1, 2]))
        .toArray(),
    ).toEqual([
      [1, 1],
      [3, 2],
    ])
    expect(np.at(x, 1).div(2).toArray()).toEqual([
      [1, 2],
      [1.5, 2],
    ])
    expect(np.at(x, 1, 1).apply(np.square).toArray()).toEqual([
      [1, 2],
      [3, 16],
    ])
    expect(np.at(x, '...', 0).get().toArray()).toEqual([1, 3])
    expect(() => np.at(x, 0).set(np.ones([3]))).toThrow(/do not broadcast to the part, \[2\]/)
    expect(() => np.at(x, 0).set(np.ones([2, 2]))).toThrow(ShapeError)
  })

  it('keeps the dtype and refuses values that do not fit', () => {
    const x = np.arange(3)
    expect(np.at(x, 0).set(7).dtype).toBe('int32')
    expect(() => np.at(x, 0).set(0.5)).toThrow(DTypeError)
    expect(() => np.at(x, 0).set(np.array([0.5]))).toThrow(DTypeError)
    expect(
      np
        .at(np.zeros([2]), 0)
        .set(true)
        .toArray(),
    ).toEqual([1, 0])
    expect(
      np
        .at(np.array([true, false]), 1)
        .set(true)
        .toArray(),
    ).toEqual([true, true])
  })

  it('updates under a mask, also where the mask is traced', () => {
    const relu = (x: Tensor): Tensor => np.at(x, np.less(x, 0)).set(0)
    expect(jit(relu)(np.array([-1, 2])).toArray()).toEqual([0, 2])
    expect(grad((x: Tensor) => np.sum(relu(x)))(np.array([-1, 2])).toArray()).toEqual([0, 1])
    expect(
      np
        .at(np.ones([2, 2]), [true, false])
        .add(np.array([1, 2]))
        .toArray(),
    ).toEqual([
      [2, 3],
      [1, 1],
    ])
    const x = np.array([1, -2, -3])
    expect(
      np
        .at(x, np.less(x, 0))
        .set(np.array([7, 8]))
        .toArray(),
    ).toEqual([1, 7, 8])
  })

  it('leaves out traced places that are out of range', () => {
    const put = jit((i: Tensor) => np.at(np.zeros([3]), i).set(1))
    expect(put(np.array(-1, { dtype: 'int32' })).toArray()).toEqual([0, 0, 1])
    expect(put(np.array(3, { dtype: 'int32' })).toArray()).toEqual([0, 0, 0])
    const column = jit((i: Tensor) => np.at(np.zeros([2, 3]), '::-1', i).add(np.array([1, 2])))
    expect(column(np.array(1, { dtype: 'int32' })).toArray()).toEqual([
      [0, 2, 0],
      [0, 1, 0],
    ])
    expect(column(np.array(5, { dtype: 'int32' })).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('sends cotangents to what was written and to what was kept', () => {
    const f = (x: Tensor, v: Tensor): Tensor => np.sum(np.mul(np.at(x, '1:').set(v), np.array([1, 2, 3])))
    expect(grad(f)(np.ones([3]), np.ones([2])).toArray()).toEqual([1, 0, 0])
    expect(grad(f, { argnums: 1 })(np.ones([3]), np.ones([2])).toArray()).toEqual([2, 3])
    const rows = (t: Tensor): Tensor => np.sum(np.square(np.at(np.ones([2]), [0, 0, 1]).add(t)))
    expect(grad(rows)(np.array([1, 2, 3])).toArray()).toEqual([8, 8, 8])
  })
})

describe('take', () => {
  const x = np.array([
    [1, 2, 3],
    [4, 5, 6],
  ])

  it('replaces an axis by the axes of the indices', () => {
    expect(np.take(x, [[2, 0]], { axis: 1 }).toArray()).toEqual([[[3, 1]], [[6, 4]]])
    expect(np.take(x, [5, -1, 0]).toArray()).toEqual([6, 6, 1])
    expect(np.take(x, 1, { axis: 0 }).toArray()).toEqual([4, 5, 6])
    expect(() => np.take(x, [3], { axis: 1 })).toThrow(/take: index 3 is out of range for 3 elements \(x axis 1\)/)
    expect(() => np.take(x, np.array([0.5]))).toThrow(DTypeError)
  })

  it('treats what is out of range as told', () => {
    const v = np.array([1, 2, 3])
    expect(np.take(v, [3, -4, 9], { mode: 'clip' }).toArray()).toEqual([3, 1, 3])
    expect(np.take(v, [3, -4, 7], { mode: 'wrap' }).toArray()).toEqual([1, 3, 2])
    expect(np.take(v, [3, -1], { mode: 'fill' }).toArray()).toEqual([NaN, 3])
    expect(np.take(np.arange(3), [3], { mode: 'fill' }).toArray()).toEqual([-(2 ** 31)])
    const traced = jit((i: Tensor) => np.take(v, i, { mode: 'wrap' }))
    expect(traced(np.array([3, -4], { dtype: 'int32' })).toArray()).toEqual([1, 3])
  })

  it('along an axis gives every line its own indices', () => {
    expect(np.takeAlongAxis(x, [[0], [2]], { axis: 1 }).toArray()).toEqual([[1], [6]])
    expect(np.takeAlongAxis(x, [[1, 0]], { axis: 1 }).toArray()).toEqual([
      [2, 1],
      [5, 4],
    ])
    expect(np.takeAlongAxis(x, [[0, -1, 0]], { axis: 0 }).toArray()).toEqual([[1, 5, 3]])
    expect(np.takeAlongAxis(x, [5], { axis: null }).toArray()).toEqual([6])
    expect(() => np.takeAlongAxis(x, [0])).toThrow(/indices have 1 axes, x has 2/)
  })

  it('reads diagonals', () => {
    expect(np.diagonal(x, { offset: 1 }).toArray()).toEqual([2, 6])
    expect(np.diagonal(x, { offset: -1 }).toArray()).toEqual([4])
    expect(np.diagonal(x, { offset: 5 }).shape).toEqual([0])
    expect(np.trace(x).item()).toBe(6)
    expect(np.diag(np.diag(x)).toArray()).toEqual([
      [1, 0],
      [0, 5],
    ])
    expect(np.diagonal(np.ones([2, 3, 4]), { axis1: 2, axis2: 0 }).shape).toEqual([3, 2])
    expect(grad((v: Tensor) => np.trace(v))(np.ones([2, 3])).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ])
    expect(() => np.diagonal(np.ones([3]))).toThrow(ShapeError)
    expect(() => np.diagonal(x, { axis1: 0, axis2: -2 })).toThrow(ShapeError)
  })
})

describe('search', () => {
  it('finds positions of what is true', () => {
    const x = np.array([
      [0, 1],
      [2, 0],
    ])
    expect(np.nonzero(x).map((t) => t.toArray())).toEqual([
      [0, 1],
      [1, 0],
    ])
    expect(np.argwhere(x).toArray()).toEqual([
      [0, 1],
      [1, 0],
    ])
    expect(np.flatnonzero(x).toArray()).toEqual([1, 2])
    expect(np.extract(np.greater(x, 0), x).toArray()).toEqual([1, 2])
    expect(() => jit((v: Tensor) => np.flatnonzero(v))(x)).toThrow(TraceError)
  })

  it('finds different elements and puts them back', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 2, 3, NaN, -0, 0), { minLength: 1, maxLength: 12 }), (xs) => {
        const { values, indices, inverse, counts } = np.uniqueAll(np.array(xs))
        const back = np.take(values, inverse).toArray() as number[]
        expect(back.map((v) => v + 0)).toEqual(xs.map((v) => v + 0))
        expect((np.take(np.array(xs), indices).toArray() as number[]).map((v) => v + 0)).toEqual(
          (values.toArray() as number[]).map((v) => v + 0),
        )
        expect(np.sum(counts).item()).toBe(xs.length)
      }),
    )
    expect(np.unique(np.array([3, NaN, 1, NaN, 3])).toArray()).toEqual([1, 3, NaN])
  })
})
