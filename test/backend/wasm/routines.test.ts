/** sort, scatter, running reductions and integer products on generated code: the reference's results, however ranges are cut. */
import { describe, expect, it } from 'vitest'
import type { Aval } from '../../../src/core/aval.js'
import { aval } from '../../../src/core/aval.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes, isReal } from '../../../src/core/dtype.js'
import type { Tensor } from '../../../src/core/tensor.js'
import { programKernel } from '../../../src/backend/reference/program.js'
import { optimize } from '../../../src/ir/optimize.js'
import { trace } from '../../../src/ir/trace.js'
import { wasm } from '../../../src/wasm.js'
import { cummax, cummin, cumprod, cumsum } from '../../../src/prim/cumulative.js'
import { dotGeneral } from '../../../src/prim/dot.js'
import { scatter } from '../../../src/prim/gather.js'
import { scatterReduce } from '../../../src/prim/scatterReduce.js'
import { sort } from '../../../src/prim/sort.js'
import { byGrain, compileSteps, uneven } from './run.js'
import { draws } from './programs.js'

type F = (xs: readonly Tensor[]) => readonly Tensor[]
type Shape = readonly number[]

const all: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']
const numbers: readonly DType[] = ['float32', 'float64', 'int32', 'uint32']

/** Few different values, so that ties are many; of floats some NaN, infinities and both zeros. */
const tied = (a: Aval, seed: number): TypedArray => {
  const draw = draws(seed)
  const odd = [NaN, -0, 0, Infinity, -Infinity, 1e-40]
  return dtypes[a.dtype].make(a.size).map(() => {
    if (a.dtype === 'bool') return draw(2)
    if (a.dtype === 'uint32') return draw(4) === 0 ? 4294967295 - draw(3) : draw(9)
    if (isReal(a.dtype) && draw(7) === 0) return odd[draw(odd.length)]!
    return draw(19) - 9
  })
}
const spread = (a: Aval, seed: number): TypedArray => {
  const draw = draws(seed)
  return dtypes[a.dtype].make(a.size).map(() => (a.dtype === 'bool' ? draw(2) : (draw(2000001) - 1000000) / (isReal(a.dtype) ? 1000 : 1)))
}

/** The same elements as the reference's, but for `relative` of their size, cut in two ways and as a compiled Program. */
const agrees = (f: F, avals: readonly Aval[], ins: readonly TypedArray[], relative = 0): void => {
  const program = optimize(trace('test', f, avals).program)
  const want = programKernel(program)(ins)
  const run = compileSteps(program)
  const compiled = wasm
    .compile(program, { donate: [] })(ins)
    .map((x, k) => wasm.get(x, program.outputs[k]!.aval) as TypedArray)
  for (const results of [run(ins, byGrain), run(ins, uneven), compiled]) {
    expect(results.length).toBe(want.length)
    results.forEach((got, k) => {
      const expected = want[k]!
      expect(got.length).toBe(expected.length)
      for (let i = 0; i < got.length; i++) {
        const [a, b] = [got[i]!, expected[i]!]
        if (Object.is(a, b) || Math.abs(a - b) <= relative * Math.abs(b)) continue
        expect.fail(`output ${k} element ${i} of ${got.length}: ${a}, expected ${b}`)
      }
    })
  }
}

describe('sort', () => {
  const sorted = (shape: Shape, axis: number, kinds: readonly DType[], keys: number, values = tied): void => {
    const avals = kinds.map((d) => aval(shape, d))
    agrees(
      (xs) => sort(xs, { axis, keys }),
      avals,
      avals.map((a, k) => values(a, 11 + k)),
    )
  }

  it.each(all)('orders %s along any axis, stably', (d) => {
    for (const n of [1, 2, 3, 17, 48, 49, 200]) {
      sorted([n], 0, [d, 'int32'], 1)
      sorted([3, n, 2], 1, [d, 'int32'], 1, n % 2 === 0 ? spread : tied)
    }
    sorted([0, 4], 1, [d], 1)
    sorted([4, 0], 0, [d], 1)
  })

  it('sorts by several keys', () => {
    sorted([300], 0, ['bool', 'float64', 'int32'], 3)
    sorted([2, 40], 1, ['float32', 'uint32', 'int32'], 2)
    sorted([500, 3], 0, ['int32', 'float32', 'float64', 'bool'], 2)
  })

  it('orders many', () => {
    sorted([100003], 0, ['float32', 'int32'], 1, spread)
    sorted([30011], 0, ['float64'], 1, spread)
    sorted([700, 90], 1, ['float32'], 1, spread)
  })
})

describe('scatter', () => {
  const ops = ['set', 'add', 'mul', 'max', 'min'] as const
  const apply =
    (op: (typeof ops)[number], axes: readonly number[], batch: number): F =>
    ([x, i, u]) => [
      op === 'set' || op === 'add' ? scatter(x!, i!, u!, { axes, batch, op }) : scatterReduce(x!, i!, u!, { axes, batch, op }),
    ]
  /** Places inside and around x. */
  const places = (shape: Shape, sizes: Shape, seed: number): TypedArray => {
    const draw = draws(seed)
    const k = sizes.length
    return new Int32Array(shape.reduce((n, m) => n * m, 1)).map((_, i) => draw(sizes[i % k]! + 2) - 1)
  }
  const scattered = (
    op: (typeof ops)[number],
    d: DType,
    x: Shape,
    indices: Shape,
    updates: Shape,
    axes: readonly number[],
    batch: number,
    values = tied,
  ): void => {
    const avals = [aval(x, d), aval(indices, 'int32'), aval(updates, d)]
    const sizes = axes.map((a) => x[a]!)
    agrees(apply(op, axes, batch), avals, [values(avals[0]!, 3), places(indices, sizes, 4), values(avals[2]!, 5)], 0)
  }

  it.each(ops)('%s at any places of any dtype', (op) => {
    for (const d of d_of(op)) {
      scattered(op, d, [7], [20, 1], [20], [0], 0)
      scattered(op, d, [9, 21], [13, 1], [13, 21], [0], 0)
      scattered(op, d, [9, 21], [13, 1], [13, 9], [1], 0)
      scattered(op, d, [3, 5, 6], [3, 4, 1], [3, 4, 6], [1], 1)
      scattered(op, d, [3, 5, 6], [4, 2, 2], [4, 2, 5], [0, 2], 0)
      scattered(op, d, [2, 3, 5, 6], [2, 4, 2], [2, 4, 3], [3, 2], 1)
      scattered(op, d, [4, 1, 3], [2, 0], [2, 4, 1, 3], [], 0)
      scattered(op, d, [5, 3], [1, 1], [1, 3], [0], 0)
      scattered(op, d, [5, 3], [0, 1], [0, 3], [0], 0)
    }
  })
  const d_of = (op: string): readonly DType[] => (op === 'max' || op === 'min' || op === 'mul' ? numbers : all)

  it('takes many updates of few and of many places', () => {
    for (const op of ops) {
      scattered(op, 'float32', [37, 300], [400, 1], [400, 300], [0], 0, spread)
      scattered(op, 'float32', [5000], [30000, 1], [30000], [0], 0, tied)
      scattered(op, 'float32', [2, 5000, 3], [2, 30, 1], [2, 30, 3], [1], 1, tied)
      scattered(op, 'float32', [3, 50, 5, 18], [3, 70, 1], [3, 70, 50, 18], [2], 1, tied)
      scattered(op, 'float64', [5000, 3], [3000, 1], [3000, 3], [0], 0, spread)
    }
  })

  it('rounds sums of float32 once', () => {
    const avals = [aval([2], 'float32'), aval([1 << 16, 1], 'int32'), aval([1 << 16], 'float32')]
    const u = new Float32Array(1 << 16).fill(1)
    agrees(apply('add', [0], 0), avals, [Float32Array.of(2 ** 24, 0), new Int32Array(1 << 16), u])
  })
})

describe('running reductions', () => {
  const along = { cumsum, cumprod, cummax, cummin }
  it.each(Object.entries(along))('%s along any axis, both ways', (name, f) => {
    const near = name === 'cumsum' || name === 'cumprod' ? 2e-7 : 0
    for (const d of numbers)
      for (const reverse of [false, true])
        for (const [shape, axis] of [
          [[1], 0],
          [[37], 0],
          [[64], 0],
          [[3, 50], 1],
          [[9, 18], 1],
          [[5, 7, 2], 1],
          [[5, 7, 4], 1],
          [[4, 33], 0],
          [[2, 3, 19], 1],
          [[6, 40], 0],
          [[0, 3], 1],
          [[3, 0], 1],
        ] as const) {
          const a = aval(shape, d)
          const ins = dtypes[d].make(a.size).map((_, i) => (d === 'uint32' ? i % 5 : (((i * 7) % 11) - 4) / (isReal(d) ? 4 : 1)))
          agrees(([x]) => [f(x!, axis, reverse)], [a], [ins], near)
          if (near === 0) agrees(([x]) => [f(x!, axis, reverse)], [a], [tied(a, 9)])
        }
  })

  it('keeps the digits of long sums', () => {
    const a = aval([1 << 18], 'float32')
    agrees(([x]) => [cumsum(x!, 0)], [a], [spread(a, 2)], 1e-6)
    const ones = new Float32Array(1 << 18).fill(1.1)
    for (const reverse of [false, true]) agrees(([x]) => [cumsum(x!, 0, reverse)], [a], [ones], 6e-8)
  })

  it('carries NaN and infinities on', () => {
    const a = aval([40], 'float32')
    const x = new Float32Array(40).fill(1)
    x[13] = Infinity
    x[29] = NaN
    for (const f of [cumsum, cumprod, cummax, cummin]) for (const reverse of [false, true]) agrees(([t]) => [f(t!, 0, reverse)], [a], [x])
  })
})

describe('integer products', () => {
  it('wrap', () => {
    for (const d of ['int32', 'uint32'] as const) {
      const params = { lhsContract: [2], rhsContract: [1], lhsBatch: [0], rhsBatch: [2] }
      for (const [x, y] of [
        [
          [2, 5, 7],
          [9, 7, 2],
        ],
        [
          [1, 3, 0],
          [4, 0, 1],
        ],
        [
          [1, 33, 40],
          [50, 40, 1],
        ],
      ] as const) {
        const avals = [aval(x, d), aval(y, d)]
        agrees(
          ([a, b]) => [dotGeneral(a!, b!, params)],
          avals,
          avals.map((a, k) => tied(a, k + 1)),
        )
      }
    }
  })
})
