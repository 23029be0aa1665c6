import { describe, expect, it } from 'vitest'
import { dropAxes, range, sizeOf } from '../../src/core/shape.js'
import { hostTensor, type Tensor } from '../../src/core/tensor.js'
import { mul } from '../../src/prim/elementwise.js'
import { gather, scatter, takeAlong } from '../../src/prim/gather.js'
import type { Places } from '../../src/prim/places.js'
import { scatterReduce } from '../../src/prim/scatterReduce.js'
import { vjp } from '../../src/transforms/vjp.js'
import { apart, build, dyadic, expectBatching, expectClose, expectDerivatives, indices, read, tensor, values } from './subject.js'

type Case = { readonly x: readonly number[]; readonly at: readonly number[]; readonly places: readonly number[] } & Places

/** Shapes of `x` and indices, and the indices, some outside `x`, some twice. */
const cases: Readonly<Record<string, Case>> = {
  rows: { x: [4, 3], at: [5, 1], places: [3, 2, 2, 0, 3], axes: [0], batch: 0 },
  'rows, some outside': { x: [4, 3], at: [4, 1], places: [3, -1, 4, 0], axes: [0], batch: 0 },
  columns: { x: [2, 5], at: [3, 2, 1], places: [3, 0, 4, 0, 1, 3], axes: [1], batch: 0 },
  elements: { x: [3, 4], at: [6, 2], places: [0, 0, 2, 3, 1, 1, 2, 3, 3, 0, 1, -1], axes: [0, 1], batch: 0 },
  'axes in another order': { x: [3, 2, 4], at: [3, 2], places: [3, 2, 0, 1, 3, 2], axes: [2, 0], batch: 0 },
  'one place': { x: [3, 2], at: [1], places: [1], axes: [0], batch: 0 },
  'along a batch': { x: [2, 3, 2], at: [2, 4, 1], places: [0, 2, 2, 1, 1, 1, 0, 7], axes: [1], batch: 1 },
  'along two': { x: [2, 1, 3], at: [2, 1, 2, 1], places: [0, 2, 1, 1], axes: [2], batch: 2 },
  nowhere: { x: [3, 2], at: [0, 1], places: [], axes: [0], batch: 0 },
  'whole, by no index': { x: [2, 2], at: [3, 0], places: [], axes: [], batch: 0 },
  'slices of nothing': { x: [3, 0], at: [2, 1], places: [0, 2], axes: [0], batch: 0 },
}

const rowOf = (c: Case, lead: readonly number[]): number[] => range(c.axes.length).map((k) => read(tensor(c.at, c.places), [...lead, k]))
const clip = (i: number, n: number): number => Math.min(Math.max(i, 0), n - 1)

/** Where in `x` element `at` of the gathered shape lies. */
const placeIn = (c: Case, at: readonly number[], clipped: boolean): number[] => {
  const lead = at.slice(0, c.at.length - 1)
  const rest = at.slice(c.at.length - 1)
  const row = rowOf(c, lead)
  let free = 0
  return c.x.map((n, d) => {
    const k = c.axes.indexOf(d)
    return d < c.batch ? lead[d]! : k < 0 ? rest[free++]! : clipped ? clip(row[k]!, n) : row[k]!
  })
}
const gatheredShape = (c: Case): number[] => [...c.at.slice(0, -1), ...dropAxes(c.x, [...range(c.batch), ...c.axes])]
const naiveGather = (x: Tensor, c: Case, mode: 'clip' | 'fill' | 'zero'): Tensor =>
  build(gatheredShape(c), (at) => read(x, placeIn(c, at, mode === 'clip'), mode === 'fill' ? NaN : 0))

const naiveScatter = (x: Tensor, u: Tensor, c: Case, f: (old: number, update: number) => number): Tensor => {
  const out = Float64Array.from(values(x))
  for (const at of indices(gatheredShape(c))) {
    const place = placeIn(c, at, false)
    if (place.some((i, d) => i < 0 || i >= c.x[d]!)) continue
    const o = place.reduce((t, i, d) => t * c.x[d]! + i, 0)
    out[o] = f(out[o]!, read(u, at))
  }
  return hostTensor(x.aval, out)
}

for (const [name, c] of Object.entries(cases)) {
  const at = tensor(c.at, c.places, 'int32')
  const { axes, batch } = c
  const x = dyadic(c.x, 1)
  const u = dyadic(gatheredShape(c), 2)
  // places for the batching law: anything from -1 to one too many
  const anywhere = (shape: readonly number[], seed: number): Tensor =>
    tensor(
      shape,
      values(dyadic(shape, seed)).map((v) => Math.round((v + 2) * 1.5) - 1),
      'int32',
    )

  describe(`gather: ${name}`, () => {
    for (const mode of ['clip', 'fill', 'zero'] as const) {
      it(`reads, ${mode}`, () => {
        expectClose(gather(x, at, { axes, batch, mode }), naiveGather(x, c, mode))
      })
      it(`batches, ${mode}`, () => {
        const make = (k: number, shape: readonly number[]): Tensor => (k === 0 ? dyadic(shape, 9) : anywhere(shape, 7))
        expectBatching((a, i) => [gather(a, i, { axes, batch, mode })], [x, at], make)
      })
    }
    for (const mode of ['clip', 'zero'] as const)
      it(`has exact derivatives, ${mode}`, () => {
        expectDerivatives((a) => [gather(a, at, { axes, batch, mode })], [x], 2)
      })
    it('pulls nothing out of a fill', () => {
      const [, pull] = vjp((a: Tensor) => gather(a, at, { axes, batch, mode: 'fill' }), x)
      const [, same] = vjp((a: Tensor) => gather(a, at, { axes, batch, mode: 'zero' }), x)
      expectClose(pull(u)[0], same(u)[0])
    })
  })

  describe(`scatter: ${name}`, () => {
    const ops = {
      set: (_old: number, v: number) => v,
      add: (old: number, v: number) => old + v,
      mul: (old: number, v: number) => old * v,
      max: Math.max,
      min: Math.min,
    } as const
    for (const op of ['set', 'add'] as const) {
      const f = (a: Tensor, i: Tensor, v: Tensor): readonly Tensor[] => [scatter(a, i, v, { axes, batch, op })]
      it(op, () => {
        expectClose(f(x, at, u)[0]!, naiveScatter(x, u, c, ops[op]))
        expectDerivatives((a, v) => f(a, at, v), [x, u], 2)
        expectDerivatives((a, v) => f(mul(a, a), at, mul(v, v)), [x, u], 2)
        expectBatching(
          (a, i, v) => f(a, i, v),
          [x, at, u],
          (k, shape) => (k === 1 ? anywhere(shape, 7) : dyadic(shape, 9 + k)),
        )
      })
    }
    for (const op of ['mul', 'max', 'min'] as const) {
      const f = (a: Tensor, i: Tensor, v: Tensor): readonly Tensor[] => [scatterReduce(a, i, v, { axes, batch, op })]
      it(op, () => {
        expectClose(f(x, at, u)[0]!, naiveScatter(x, u, c, ops[op]))
        const all = apart([sizeOf(c.x) + sizeOf(u.shape)], 3)
        const [a0, u0] = [tensor(c.x, values(all).slice(0, x.size)), tensor(u.shape, values(all).slice(x.size))]
        expectDerivatives((a, v) => f(a, at, v), [a0, u0], 2, 1 / 64)
        expectBatching(
          (a, i, v) => f(a, i, v),
          [x, at, u],
          (k, shape) => (k === 1 ? anywhere(shape, 7) : dyadic(shape, 9 + k)),
        )
      })
    }
  })
}

describe('scatter', () => {
  const rows = (n: readonly number[]): Tensor => tensor([n.length, 1], n, 'int32')
  const p = { axes: [0], batch: 0 }
  it('multiplies exactly, with exact derivatives to third order, at zeros', () => {
    const x = tensor([3], [2, 0, -1])
    const u = tensor([5], [0, 3, 0, 0.5, 2])
    const f = (a: Tensor, v: Tensor): readonly Tensor[] => [scatterReduce(a, rows([0, 0, 1, 1, 9]), v, { ...p, op: 'mul' })]
    expect(values(f(x, u)[0]!)).toEqual([0, 0, -1])
    expectDerivatives((a, v) => f(a, v), [x, u], 3)
  })
  it('ties of an extreme share evenly', () => {
    const f = (a: Tensor, v: Tensor): Tensor => scatterReduce(a, rows([0, 0, 1, 1]), v, { ...p, op: 'max' })
    const [cx, cu] = vjp(f, tensor([2], [1, 0]), tensor([4], [1, 1, 2, 1]))[1](tensor([2], [6, 5]))
    expect(values(cx)).toEqual([2, 0])
    expect(values(cu)).toEqual([2, 2, 5, 0])
  })
  it('a later update of one place wins and takes the cotangent', () => {
    const f = (a: Tensor, v: Tensor): Tensor => scatter(a, rows([1, 1, 0]), v, { ...p, op: 'set' })
    const [y, pull] = vjp(f, tensor([3], [1, 2, 3]), tensor([3], [10, 20, 30]))
    expect(values(y)).toEqual([30, 20, 3])
    const [cx, cu] = pull(tensor([3], [5, 6, 7]))
    expect(values(cx)).toEqual([0, 0, 7])
    expect(values(cu)).toEqual([0, 6, 5])
  })
  it('of every dtype', () => {
    for (const dtype of ['int32', 'uint32', 'float32', 'float64'] as const) {
      const x = tensor([3], [1, 2, 3], dtype)
      const u = tensor([2], [5, 7], dtype)
      expectClose(scatter(x, rows([2, 2]), u, { ...p, op: 'add' }), tensor([3], [1, 2, 15], dtype))
      expectClose(scatterReduce(x, rows([2, 2]), u, { ...p, op: 'max' }), tensor([3], [1, 2, 7], dtype))
      expectClose(gather(x, rows([2, 5]), { ...p, mode: 'zero' }), tensor([2], [3, 0], dtype))
    }
    expect(values(scatter(tensor([2], [0, 0], 'bool'), rows([1]), tensor([1], [1], 'bool'), { ...p, op: 'set' }))).toEqual([0, 1])
  })
  it('says what does not fit', () => {
    const x = dyadic([4, 3])
    expect(() => gather(x, tensor([2, 1], [0, 1]), { ...p, mode: 'clip' })).toThrowErrorMatchingInlineSnapshot(`
      [DTypeError: gather: indices must be int32, got float64
        x: float64[4,3]   indices: float64[2,1]
        try: cast the indices]
    `)
    expect(() => gather(x, rows([0]), { axes: [0, 1], batch: 0, mode: 'clip' })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: gather: indices must end in an axis of size 2, one entry per indexed axis
        x: float64[4,3]   indices: int32[1,1]]
    `)
    expect(() => gather(x, rows([0]), { axes: [2], batch: 0, mode: 'clip' })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: gather: axes [2] must be distinct and from 0 to 1
        x: float64[4,3]   indices: int32[1,1]]
    `)
    expect(() => gather(dyadic([0, 3]), rows([0]), { ...p, mode: 'clip' })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: gather: axis 0 of x is empty, there is nothing to read
        x: float64[0,3]   indices: int32[1,1]]
    `)
    const threeRows = tensor([3, 2, 1], [0, 0, 0, 0, 0, 0], 'int32')
    expect(() => gather(x, threeRows, { axes: [1], batch: 1, mode: 'clip' })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: gather: the first 1 axes of x and indices differ
        x: float64[4,3]   indices: int32[3,2,1]]
    `)
    expect(() => scatter(x, rows([0]), dyadic([2, 3]), { ...p, op: 'add' })).toThrowErrorMatchingInlineSnapshot(`
      [ShapeError: scatter: updates must have shape [1,3]
        x: float64[4,3]   indices: int32[1,1]   updates: float64[2,3]]
    `)
    expect(() => scatter(x, rows([0]), dyadic([1, 3], 1, 'float32'), { ...p, op: 'add' })).toThrowErrorMatchingInlineSnapshot(`
      [DTypeError: scatter: x is float64 and updates are float32
        x: float64[4,3]   indices: int32[1,1]   updates: float32[1,3]]
    `)
  })
})

describe('takeAlong', () => {
  it('reads along any axis, with exact derivatives, batched', () => {
    const x = dyadic([3, 4, 2], 4)
    const places: Readonly<Record<number, Tensor>> = {
      0: tensor([2, 4, 2], [0, 2, 1, 1, 2, 0, 0, 1, 2, 2, 1, 0, 1, 2, 0, 0], 'int32'),
      1: tensor([3, 1, 2], [3, 0, 1, 2, 3, 3], 'int32'),
      2: tensor(
        [3, 4, 3],
        Array.from({ length: 36 }, (_, i) => i % 2),
        'int32',
      ),
    }
    for (const [axis, i] of Object.entries(places).map(([k, v]): [number, Tensor] => [Number(k), v])) {
      expectClose(
        takeAlong(x, i, axis),
        build(i.shape, (at) =>
          read(
            x,
            at.map((n, k) => (k === axis ? read(i, at) : n)),
          ),
        ),
      )
      expectDerivatives((a) => [takeAlong(a, i, axis)], [x], 2)
      const make = (k: number, shape: readonly number[]): Tensor =>
        k === 0
          ? dyadic(shape, 3)
          : tensor(
              shape,
              values(dyadic(shape, 2)).map((v) => (v > 0 ? 1 : 0)),
              'int32',
            )
      expectBatching((a, j) => [takeAlong(a, j, axis)], [x, i], make)
    }
  })
})
