import { target } from '../../../src/backend/wasm/target.js'
import { describe, expect, it } from 'vitest'
import { aval } from '../../../src/core/aval.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import type { Tensor } from '../../../src/core/tensor.js'
import { fuse } from '../../../src/compile/loops.js'
import { programKernel } from '../../../src/backend/reference/program.js'
import type { Program } from '../../../src/ir/program.js'
import { optimize } from '../../../src/ir/optimize.js'
import { trace } from '../../../src/ir/trace.js'
import * as np from '../../../src/numpy.js'
import { concat, iota, pad, slice } from '../../../src/prim/structure.js'
import { dynamicSlice, dynamicUpdateSlice } from '../../../src/prim/dynamicSlice.js'
import { gather } from '../../../src/prim/gather.js'
import { patches, unpatches } from '../../../src/prim/patches.js'
import { windowMax, windowMin, windowSum } from '../../../src/prim/window.js'
import { threefry2x32 } from '../../../src/prim/random.js'
import { fmaModes } from './fma.js'
import type { Caps } from '../../../src/backend/wasm/kernel.js'
import { byGrain, compileSteps, plain, uneven } from './run.js'
import { draws, inputsOf, programOf } from './programs.js'

type F = (xs: readonly Tensor[]) => readonly Tensor[]
const traced = (f: F, shapes: readonly (readonly number[])[], dtype: DType = 'float32'): Program =>
  optimize(
    trace(
      'test',
      f,
      shapes.map((s) => aval(s, dtype)),
    ).program,
  )
const random = (program: Program, seed = 1): TypedArray[] => {
  const draw = draws(seed)
  return program.inputs.map(({ aval: a }) => dtypes[a.dtype].make(a.size).map(() => (draw(8001) - 4000) / 1000))
}
const bytesOf = (x: TypedArray): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength)

/** What the machine may offer. */
const modes: readonly Caps[] = fmaModes.flatMap((fma) => [false, true].map((wide) => ({ ...plain, fma, wide })))

/** Results on generated code, the same bytes under two ways of cutting ranges. */
const both = (program: Program, ins: readonly TypedArray[], caps = plain): TypedArray[] => {
  const run = compileSteps(program, caps)
  const results = run(ins, byGrain)
  const again = run(ins, uneven)
  expect(results.length).toBe(program.outputs.length)
  results.forEach((r, k) => {
    expect(Buffer.compare(bytesOf(again[k]!), bytesOf(r))).toBe(0)
  })
  return results
}

const close = (program: Program, ins: readonly TypedArray[], relative: number, absolute = relative, caps = plain): void => {
  const want = programKernel(program)(ins)
  const results = both(program, ins, caps)
  expect(results.length).toBe(want.length)
  results.forEach((got, k) => {
    const expected = want[k]!
    expect(got.length).toBe(expected.length)
    for (let i = 0; i < got.length; i++) {
      const [a, b] = [got[i]!, expected[i]!]
      if (Object.is(a, b) || a === b) continue
      if (!(Math.abs(a - b) <= absolute + relative * Math.abs(b))) expect.fail(`output ${k} element ${i}: ${a}, expected ${b}`)
    }
  })
}
const exact = (program: Program, ins: readonly TypedArray[]): void => {
  close(program, ins, 0)
}

describe('exact Programs', () => {
  it('threefry and shifts beside rows: every vector of a group is shifted', () => {
    for (const columns of [2, 10]) {
      const program = traced(
        ([x]) => {
          const ints = (v: Tensor): Tensor => np.astype(v, 'uint32')
          const least = np.min(np.broadcastTo(np.expandDims(x!, 1), [13, columns]), { axis: 1 })
          return [ints(np.neg(x!)), ...threefry2x32(ints(least), ints(np.neg(x!)), ints(np.neg(x!)), ints(x!))]
        },
        [[13]],
      )
      exact(program, inputsOf(program, 1))
    }
  })
  for (let block = 0; block < 20; block++)
    it(`random ${block}`, () => {
      for (let seed = block * 20; seed < block * 20 + 20; seed++) {
        const program = programOf(seed)
        try {
          exact(program, inputsOf(program, seed))
        } catch (e) {
          throw new Error(`seed ${seed}: ${String(e)}`, { cause: e })
        }
      }
    })
})

const softmax =
  (axis: number): F =>
  ([x]) => {
    const e = np.exp(np.sub(x!, np.max(x!, { axis, keepdims: true })))
    return [np.div(e, np.sum(e, { axis, keepdims: true }))]
  }
const norm: F = ([x, g, b]) => {
  const mean = np.mean(x!, { axis: -1, keepdims: true })
  const centred = np.sub(x!, mean)
  const variance = np.mean(np.mul(centred, centred), { axis: -1, keepdims: true })
  return [np.add(np.mul(np.div(centred, np.sqrt(np.add(variance, 1e-5))), g!), b!)]
}
const adam: F = ([w, m, v, g]) => {
  const m2 = np.add(np.mul(m!, 0.9), np.mul(g!, 0.1))
  const v2 = np.add(np.mul(np.abs(v!), 0.99), np.mul(np.mul(g!, g!), 0.01))
  return [np.sub(w!, np.mul(np.div(m2, np.add(np.sqrt(v2), 1e-8)), 0.01)), m2, v2]
}

describe.each(modes)('fused patterns, fused multiply-add $fma, wide $wide', (caps) => {
  const near = (program: Program, relative: number, absolute = relative): void => {
    close(program, random(program), relative, absolute, caps)
  }
  for (const shape of [
    [5, 3],
    [31, 103],
    [2, 1],
    [1, 257],
    [4, 64],
  ]) {
    it(`softmax of [${shape.join()}]`, () => {
      for (const axis of [0, 1]) {
        const program = traced(softmax(axis), [shape])
        if (!shape.includes(1)) expect(fuse(program, target).steps.length).toBe(1)
        near(program, 1e-6)
      }
    })
    it(`layer norm of [${shape.join()}]`, () => {
      const program = traced(norm, [shape, shape.slice(1), shape.slice(1)])
      // Over one or two elements the variance may vanish.
      near(program, 1e-5, shape[1]! < 3 ? 1e-2 : 1e-5)
    })
    it(`Adam on [${shape.join()}]`, () => {
      const program = traced(adam, [shape, shape, shape, shape])
      expect(fuse(program, target).steps.length).toBe(1)
      near(program, 1e-6)
    })
  }
  it('softmax in float64 and of the middle axis', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const program = traced(softmax(1), [[5, 31, 7]], dtype)
      near(program, dtype === 'float64' ? 1e-14 : 1e-6)
    }
  })
  it('transposes of every size', () => {
    for (const [m, n] of [
      [1, 5],
      [4, 4],
      [5, 7],
      [16, 16],
      [17, 33],
      [64, 40],
      [3, 100],
      [130, 67],
    ]) {
      for (const dtype of ['float32', 'float64', 'int32', 'bool'] as const) {
        const program = traced(([x]) => [np.transpose(x!)], [[m!, n!]], dtype)
        exact(program, inputsOf(program, m! * 7 + n!))
      }
      const program = traced(
        ([x, y]) => [np.add(np.transpose(x!), y!), np.exp(np.transpose(x!))],
        [
          [m!, n!],
          [n!, m!],
        ],
      )
      close(program, random(program), 1e-6)
      const batched = traced(
        ([x]) => [np.transpose(x!, [0, 2, 1]), np.transpose(x!, [2, 0, 1]), np.transpose(x!, [2, 1, 0])],
        [[3, m!, n!]],
      )
      exact(batched, random(batched))
    }
  })
})

describe('long reductions', () => {
  it('sums of floats keep their digits', () => {
    const ones = traced(([x]) => [np.sum(x!)], [[2 ** 25]])
    expect(both(ones, [new Float32Array(2 ** 25).fill(1)])[0]![0]).toBe(33554432)
    const tenths = traced(([x]) => [np.mean(x!)], [[1e7]])
    expect(both(tenths, [new Float32Array(1e7).fill(0.1)])[0]![0]).toBe(Math.fround(0.1))
  })
  it('over any axis of a tall, a flat and a deep array', () => {
    for (const shape of [
      [70_001, 3],
      [3, 70_001],
      [20_001, 2, 5],
      [2, 40_000, 3],
    ])
      for (const axis of [[0], [1], [0, 1], shape.map((_, k) => k), [shape.length - 1]]) {
        const program = traced(([x]) => [np.sum(np.mul(x!, x!), { axis }), np.max(x!, { axis }), np.add(np.min(x!, { axis }), 1)], [shape])
        close(program, random(program), 1e-6)
      }
  })
  it('short ones, of every length, over rows and columns', () => {
    for (const [n, m] of [
      [2, 4],
      [3, 11],
      [4, 5],
      [5, 8],
      [7, 6],
      [8, 9],
      [10, 4],
      [16, 5],
      [17, 7],
    ] as const)
      for (const [shape, axis] of [
        [[m, n], 1],
        [[n, m], 0],
        [[3, n, m], 1],
      ] as const) {
        const along = { axis, keepdims: true } as const
        for (const dtype of ['float32', 'float64'] as const) {
          const program = traced(
            ([x]) => {
              const e = np.exp(np.sub(x!, np.max(x!, along)))
              const d = np.sub(x!, np.mean(x!, along))
              return [np.div(e, np.sum(e, along)), np.div(d, np.sqrt(np.mean(np.square(d), along))), np.prod(x!, { axis })]
            },
            [shape],
            dtype,
          )
          const ulps = dtype === 'float32' ? 4e-6 : 1e-14
          close(program, random(program, n), ulps, ulps)
        }
        for (const dtype of ['float32', 'int32', 'uint32', 'bool'] as const) {
          const program = traced(
            ([x]) => {
              const most = np.max(x!, along)
              const places = np.where(np.equal(x!, most), iota([...shape], 'int32', axis), n)
              return [np.min(places, { axis }), most, np.any(x!, { axis }), np.all(x!, { axis }), np.add(x!, most)]
            },
            [shape],
            dtype,
          )
          exact(program, inputsOf(program, 17 * n + m))
        }
      }
  })
  it('shares of a total where rows hold infinities and NaN', () => {
    for (const n of [3, 10, 40]) {
      const program = traced(
        ([x]) => {
          const e = np.exp(np.sub(x!, np.max(x!, { axis: 1, keepdims: true })))
          const total = np.sum(e, { axis: 1, keepdims: true })
          return [np.div(e, total), np.div(x!, total)]
        },
        [[6, n]],
      )
      const x = Float32Array.from({ length: 6 * n }, (_, i) => [0, -Infinity, NaN, Infinity, -90, 3e38][Math.trunc(i / n)]! || i % 2)
      x.fill(-Infinity, n, 2 * n - 1)
      close(program, [x], 1e-6, 1e-44)
    }
  })
  it('of integers, bools and products', () => {
    for (const dtype of ['int32', 'uint32', 'float64'] as const) {
      const program = traced(
        ([x]) => [np.sum(x!), np.max(x!), np.prod(np.maximum(np.minimum(x!, 1), 1)), np.any(np.greater(x!, 7))],
        [[200_003]],
        dtype,
      )
      exact(program, inputsOf(program, 5))
    }
  })
  it('beside a result of every element, and of positions', () => {
    for (const shape of [[70_001], [3, 70_001], [70_001, 3]]) {
      const program = traced(
        ([x]) => {
          const y = np.mul(x!, x!)
          return [y, np.sum(y, { axis: shape[0]! > 3 ? 0 : 1 })]
        },
        [shape],
      )
      expect(fuse(program, target).steps.length).toBe(1)
      close(program, random(program), 1e-6)
      const axis = shape[0]! > 3 ? 0 : 1
      const positions = traced(
        ([x]) => [np.sum(np.mul(x!, np.bitwiseAnd(iota([...shape], 'int32', axis), 1023)), { axis })],
        [shape],
        'int32',
      )
      exact(positions, inputsOf(positions, 4))
    }
  })
  it('NaN wins wherever it stands', () => {
    for (const n of [5, 1000, 200_003])
      for (const at of [0, 3, n >> 1, n - 1]) {
        const program = traced(([x]) => [np.max(x!), np.min(x!), np.sum(x!)], [[n]])
        const x = new Float32Array(n).fill(1)
        x[at] = NaN
        for (const r of both(program, [x])) expect(r[0]).toBeNaN()
      }
  })
})

describe('loop nests', () => {
  const nest = (f: F, ...avals: readonly (readonly [readonly number[], DType])[]): void => {
    const { program } = trace(
      'nest',
      f,
      avals.map(([shape, dtype]) => aval(shape, dtype)),
    )
    exact(program, inputsOf(program, avals.length))
  }
  it('pad, concat and slices of every dtype', () => {
    for (const dtype of ['float32', 'float64', 'int32', 'uint32', 'bool'] as const) {
      nest(([x, v]) => [pad(x!, v!, { low: [1, 2], high: [2, -1], interior: [1, 0] })], [[5, 7], dtype], [[], dtype])
      nest(([x, v]) => [pad(x!, v!, { low: [-1, 0, 3], high: [0, 1, 300], interior: [0, 2, 0] })], [[3, 4, 700], dtype], [[], dtype])
      nest(([x, y]) => [concat([x!, y!, x!], 1)], [[5, 7], dtype], [[5, 3], dtype])
      nest(([x, y]) => [concat([slice(x!, [1], [9000], [2]), y!], 0)], [[9000], dtype], [[3], dtype])
    }
  })
  it('windows, patches and their adjoints', () => {
    const p = {
      window: [1, 3, 2],
      strides: [1, 1, 2],
      padding: [
        [0, 0],
        [1, 1],
        [0, 1],
      ] as [number, number][],
      windowDilation: [1, 2, 1],
    }
    for (const dtype of ['float32', 'float64', 'int32'] as const) {
      nest(([x]) => [windowSum(x!, p)], [[3, 9, 11], dtype])
      nest(([x]) => [windowMax(x!, p), windowMin(x!, p)], [[3, 9, 11], dtype])
    }
    const q = {
      window: [3, 3],
      strides: [1, 2],
      padding: [
        [1, 1],
        [1, 1],
      ] as [number, number][],
      windowDilation: [1, 1],
    }
    nest(([x]) => [patches(x!, q)], [[3, 2, 9, 11], 'float32'])
    nest(([x]) => [unpatches(x!, { ...q, shape: [9, 11] })], [[3, 2, 9, 6, 3, 3], 'float32'])
  })
  it('computed places', () => {
    for (const mode of ['clip', 'fill', 'zero'] as const) {
      nest(([x, i]) => [gather(x!, i!, { axes: [0], batch: 0, mode })], [[5, 3], 'float32'], [[9, 1], 'int32'])
      nest(([x, i]) => [gather(x!, i!, { axes: [2, 1], batch: 1, mode })], [[2, 5, 3, 4], 'int32'], [[2, 9, 2], 'int32'])
    }
    nest(([x, i, j]) => [dynamicSlice(x!, [i!, j!], [2, 3])], [[7, 50], 'float32'], [[], 'int32'], [[], 'int32'])
    nest(([x, u, i, j]) => [dynamicUpdateSlice(x!, u!, [i!, j!])], [[7, 50], 'float32'], [[2, 3], 'float32'], [[], 'int32'], [[], 'int32'])
  })
  it('positions, and reductions of nothing', () => {
    nest(() => [iota([3, 4], 'float32', 1), iota([3000], 'uint32', 0), iota([2, 3], 'int32', 0)])
    nest(([x]) => [np.sum(x!, { axis: 0 }), np.prod(x!, { axis: 0 }), np.sum(x!)], [[0, 5], 'float32'])
    nest(([x]) => [np.exp(x!), np.add(x!, 1)], [[0, 5], 'float32'])
  })
  it('threefry', () => {
    const { program } = trace(
      'threefry',
      ([a, b, c, d]) => threefry2x32(a!, b!, c!, d!),
      Array.from({ length: 4 }, () => aval([1003], 'uint32')),
    )
    const draw = draws(9)
    exact(
      program,
      program.inputs.map(() => Uint32Array.from({ length: 1003 }, () => draw(2 ** 16) * 65536 + draw(2 ** 16))),
    )
  })
})
