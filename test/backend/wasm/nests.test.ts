/** Loop nests without tests in their loops: the reference's results at every border, however ranges are cut. */
import { describe, expect, it } from 'vitest'
import { aval } from '../../../src/core/aval.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes, isReal } from '../../../src/core/dtype.js'
import type { Tensor } from '../../../src/core/tensor.js'
import { programKernel } from '../../../src/backend/reference/program.js'
import { optimize } from '../../../src/ir/optimize.js'
import { trace } from '../../../src/ir/trace.js'
import { createTerms } from '../../../src/backend/wasm/nests/terms.js'
import { nestOf } from '../../../src/backend/wasm/nests/nest.js'
import { planNest } from '../../../src/backend/wasm/nests/plan.js'
import { s } from '../../../src/kernel/scalar.js'
import { gather, takeAlong } from '../../../src/prim/gather.js'
import { dynamicSlice, dynamicUpdateSlice } from '../../../src/prim/dynamicSlice.js'
import { patches, unpatches } from '../../../src/prim/patches.js'
import { concat, pad } from '../../../src/prim/structure.js'
import { windowMax, windowMin, windowSum } from '../../../src/prim/window.js'
import { byGrain, compileSteps, uneven } from './run.js'
import { draws } from './programs.js'

type F = (xs: readonly Tensor[]) => readonly Tensor[]
type Shape = readonly number[]
const all: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

const filled = (shape: Shape, d: DType, seed: number): TypedArray => {
  const draw = draws(seed)
  return dtypes[d].make(shape.reduce((n, m) => n * m, 1)).map(() => {
    if (d === 'bool') return draw(2)
    if (isReal(d) && draw(20) === 0) return [NaN, Infinity, -Infinity, -0, -0, 0][draw(6)]!
    return isReal(d) ? (draw(2001) - 1000) / 8 : draw(2001) - (d === 'uint32' ? 0 : 1000)
  })
}

const agrees = (f: F, inputs: readonly (readonly [Shape, DType, TypedArray?])[]): void => {
  const program = optimize(
    trace(
      'test',
      f,
      inputs.map(([shape, d]) => aval(shape, d)),
    ).program,
  )
  const ins = inputs.map(([shape, d, data], k) => data ?? filled(shape, d, k + 3))
  const want = programKernel(program)(ins)
  const run = compileSteps(program)
  for (const cuts of [byGrain, uneven]) {
    const results = run(ins, cuts)
    expect(results.length).toBe(want.length)
    results.forEach((got, k) => {
      const expected = want[k]!
      expect(got.length).toBe(expected.length)
      for (let i = 0; i < got.length; i++)
        if (!Object.is(got[i], expected[i])) expect.fail(`output ${k} element ${i} of ${got.length}: ${got[i]}, expected ${expected[i]}`)
    })
  }
}

const places = (n: number, below: number, seed: number): TypedArray => {
  const draw = draws(seed)
  return new Int32Array(n).map(() => draw(below + 4) - 2)
}

describe('padding', () => {
  it.each(all)('of %s before, after, between, cutting off', (d) => {
    for (const shape of [[19, 23], [3, 40, 5], [200], [7, 2, 33]])
      for (const [low, high, interior] of [
        [1, 1, 0],
        [2, 0, 1],
        [0, 3, 2],
        [-1, 2, 0],
        [1, -1, 1],
        [-1, -1, 3],
        [5, 6, 0],
      ] as const) {
        const wide = (n: number): number[] => shape.map((m) => (m > 2 ? n : Math.max(n, 0)))
        agrees(
          ([x, v]) => [pad(x!, v!, { low: wide(low), high: wide(high), interior: wide(interior) })],
          [
            [shape, d],
            [[], d],
          ],
        )
      }
  })
})

describe('joining and cutting', () => {
  it.each(all)('of %s along any axis', (d) => {
    for (const shape of [
      [13, 17],
      [3, 5, 37],
      [4, 50, 2],
    ])
      shape.forEach((_, axis) => {
        const sized = (n: number): number[] => shape.map((m, k) => (k === axis ? n : m))
        agrees(
          (xs) => [concat(xs, axis)],
          [
            [sized(1), d],
            [sized(9), d],
            [sized(30), d],
          ],
        )
      })
    for (const [a, b] of [
      [0, 0],
      [3, 100],
      [-4, 2],
      [99, 5],
    ])
      agrees(
        ([x, u, i, j]) => [dynamicSlice(x!, [i!, j!], [11, 29]), dynamicUpdateSlice(x!, u!, [i!, j!])],
        [
          [[20, 43], d],
          [[11, 29], d],
          [[], 'int32', Int32Array.of(a!)],
          [[], 'int32', Int32Array.of(b!)],
        ],
      )
  })
})

describe('writing a slice', () => {
  it.each(all)('of %s over rows, blocks and everything', (d) => {
    for (const [x, u] of [
      [[50], [17]],
      [[50], [50]],
      [[50], [0]],
      [
        [6, 30, 8],
        [6, 5, 8],
      ],
      [
        [6, 30, 8],
        [2, 30, 3],
      ],
      [
        [6, 30, 8],
        [1, 1, 8],
      ],
      [
        [6, 30, 8],
        [4, 3, 2],
      ],
      [[], []],
    ])
      for (const start of [-3, 0, 2, 100])
        agrees(
          ([t, v, ...starts]) => [dynamicUpdateSlice(t!, v!, starts)],
          [[x!, d], [u!, d], ...x!.map((): readonly [Shape, DType, TypedArray] => [[], 'int32', Int32Array.of(start)])],
        )
  })
})

describe('gathering', () => {
  it.each(all)('of %s by rows and by elements', (d) => {
    for (const mode of ['clip', 'zero'] as const) {
      const rows = (x: Shape, axes: readonly number[], batch: number, at: Shape): void => {
        const n = at.reduce((p, q) => p * q, 1)
        agrees(
          ([t, i]) => [gather(t!, i!, { axes, batch, mode })],
          [
            [x, d],
            [at, 'int32', places(n, Math.min(...axes.map((a) => x[a]!)), 5)],
          ],
        )
      }
      rows([11, 37], [0], 0, [21, 1])
      rows([11, 3], [0], 0, [90, 1])
      rows([37, 11], [1], 0, [21, 1])
      rows([200], [0], 0, [300, 1])
      rows([5, 6, 40], [1], 1, [5, 8, 1])
      rows([5, 6, 40], [0, 1], 0, [9, 2])
      rows([5, 6, 40], [0, 2], 0, [9, 3, 2])
      agrees(
        ([t, i]) => [takeAlong(t!, i!, 1, mode)],
        [
          [[6, 9, 7], d],
          [[6, 12, 7], 'int32', places(6 * 12 * 7, 9, 2)],
        ],
      )
    }
  })
})

describe('windows', () => {
  const geometries = [
    {
      window: [2, 2],
      strides: [2, 2],
      padding: [
        [0, 0],
        [0, 0],
      ],
      windowDilation: [1, 1],
    },
    {
      window: [3, 3],
      strides: [1, 1],
      padding: [
        [1, 1],
        [1, 1],
      ],
      windowDilation: [1, 1],
    },
    {
      window: [3, 3],
      strides: [2, 2],
      padding: [
        [1, 1],
        [1, 1],
      ],
      windowDilation: [1, 1],
    },
    {
      window: [3, 2],
      strides: [3, 1],
      padding: [
        [2, 0],
        [0, 1],
      ],
      windowDilation: [1, 2],
    },
    {
      window: [1, 5],
      strides: [1, 4],
      padding: [
        [0, 0],
        [3, 3],
      ],
      windowDilation: [1, 1],
    },
    {
      window: [2, 3],
      strides: [1, 2],
      padding: [
        [-1, 1],
        [1, -2],
      ],
      windowDilation: [3, 1],
    },
    {
      window: [9, 9],
      strides: [1, 3],
      padding: [
        [0, 0],
        [4, 4],
      ],
      windowDilation: [1, 1],
    },
  ] as const
  const spatial = [
    [12, 30],
    [17, 21],
    [24, 13],
  ]

  it.each(['float32', 'float64', 'int32', 'uint32'] as const)('of %s: sums, extremes, cells and back', (d) => {
    for (const size of spatial)
      for (const g of geometries) {
        const whole = {
          window: [1, 1, ...g.window],
          strides: [1, 1, ...g.strides],
          padding: [[0, 0] as const, [0, 0] as const, ...g.padding],
          windowDilation: [1, 1, ...g.windowDilation],
        }
        const x = [2, 3, ...size]
        // whole numbers: sums do not depend on their order
        const data = filled(x, d, 4).map((v) => (Number.isFinite(v) ? Math.trunc(v) : v))
        agrees(([t]) => [windowSum(t!, whole), windowMax(t!, whole), windowMin(t!, whole), patches(t!, g)], [[x, d, data]])
        const cells = trace('cells', ([t]: readonly Tensor[]) => [patches(t!, g)], [aval(x, d)]).program.outputs[0]!.aval.shape
        const back = filled(cells, d, 6).map((v) => (Number.isFinite(v) ? Math.trunc(v) : 1))
        agrees(([t]) => [unpatches(t!, { ...g, shape: size })], [[cells, d, back]])
      }
  })

  it('slide along one axis and along three', () => {
    const one = { window: [4], strides: [3], padding: [[2, 1]], windowDilation: [2] } as const
    const three = {
      window: [2, 3, 2],
      strides: [2, 1, 2],
      padding: [
        [0, 1],
        [1, 1],
        [1, 0],
      ],
      windowDilation: [1, 1, 1],
    } as const
    agrees(([t]) => [windowMax(t!, one), patches(t!, one)], [[[1000], 'float32']])
    const zeros = new Float32Array(1000).map((_, k) => (k % 7 < 3 ? 0 : -0))
    agrees(([t]) => [windowMax(t!, one), windowMin(t!, one)], [[[1000], 'float32', zeros]])
    agrees(([t]) => [windowMax(t!, three), patches(t!, three)], [[[7, 9, 20], 'float32']])
  })
})

describe('planNest', () => {
  it('walks along the rows of what a gather writes', () => {
    const place = s.load(1, [s.index(0), s.index(1)], 'int32')
    const body = s.load(0, [s.index(0), place], 'float32')
    const ins = [aval([100, 100], 'float32'), aval([100, 100], 'int32')]
    const plan = planNest(nestOf({ kind: 'loops', shape: [100, 100], dtype: 'float32', body }, ins))
    expect(plan?.order).toEqual([0, 1])
  })

  it('leaves no test in the loops of a padded window, and lanes inside', () => {
    const x = aval([2, 56, 56], 'float32')
    const at = (axis: number) => s.add(s.add(s.mul(s.index(axis), s.int(2)), s.index(axis + 2)), s.int(-1))
    const inside = (axis: number) => s.and(s.ge(at(axis), s.int(0)), s.lt(at(axis), s.int(56)))
    const value = s.load(0, [s.index(0), at(1), at(2)], 'float32')
    const plan = planNest(
      nestOf(
        {
          kind: 'loops',
          shape: [2, 28, 28],
          dtype: 'float32',
          reduce: { sizes: [3, 3], combine: 'max' },
          body: s.select(s.and(inside(1), inside(2)), value, s.like(value, -Infinity)),
        },
        [x],
      ),
    )
    expect(plan?.order[2]).toBe(2)
    const ops = new Set<string>()
    let leaves = 0
    const visit = (t: NonNullable<typeof plan>['tree']): void => {
      if (t.kind === 'branch') return t.pieces.forEach((p) => visit(p.inside))
      leaves++
      expect(t.lanes).toBe(true)
      for (const p of t.points) {
        const walk = (term: typeof p.value): void => {
          ops.add(term.op)
          term.args.forEach(walk)
        }
        walk(p.value)
      }
    }
    visit(plan!.tree)
    expect(leaves).toBe(4)
    expect(ops.has('select')).toBe(false)
    expect(ops.has('ge')).toBe(false)
  })

  it('knows what positions decide', () => {
    const terms = createTerms({ ins: [] }, () => 1)
    const segment = { segment: { from: 3, step: 2, count: 10 }, name: 'a' } // 3, 5, ... 21
    const decided = (e: Parameters<typeof terms.of>[0]): number | null => {
      const t = terms.of(e, [segment])
      return t.op === 'const' ? t.n : null
    }
    const i = s.index(0)
    expect(decided(s.ge(i, s.int(3)))).toBe(1)
    expect(decided(s.ge(i, s.int(4)))).toBe(null)
    expect(decided(s.lt(i, s.int(22)))).toBe(1)
    expect(decided(s.lt(i, s.int(3)))).toBe(0)
    expect(decided(s.eq(i, s.int(4)))).toBe(0)
    expect(decided(s.eq(i, s.int(5)))).toBe(null)
    expect(decided(s.rem(i, s.int(2)))).toBe(1)
    expect(decided(s.rem(s.sub(i, s.int(40)), s.int(2)))).toBe(-1)
    expect(decided(s.sub(s.mul(s.div(i, s.int(2)), s.int(2)), s.sub(i, s.int(1))))).toBe(0)
    expect(decided(s.sub(s.mul(s.div(s.sub(i, s.int(40)), s.int(2)), s.int(2)), s.sub(i, s.int(39))))).toBe(0)
  })
})
