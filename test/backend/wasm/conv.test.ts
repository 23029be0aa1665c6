/** Convolutions on the heap agree with the reference to the last bit where numbers are small integers, NaN and infinities included. */
import { describe, expect, it } from 'vitest'
import { aval } from '../../../src/core/aval.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import { ShapeError } from '../../../src/core/errors.js'
import type { Program } from '../../../src/ir/program.js'
import { optimize } from '../../../src/ir/optimize.js'
import { trace } from '../../../src/ir/trace.js'
import { vjp } from '../../../src/index.js'
import { conv, type ConvParams } from '../../../src/prim/conv.js'
import { reference } from '../../../src/backend/reference/index.js'
import { wasm } from '../../../src/wasm.js'
import { draws } from './programs.js'

interface Case {
  readonly x: readonly number[]
  readonly w: readonly number[]
  readonly params: ConvParams
}

const plain = (n: number): ConvParams => ({
  strides: new Array<number>(n).fill(1),
  padding: new Array<readonly [number, number]>(n).fill([0, 0]),
  lhsDilation: new Array<number>(n).fill(1),
  rhsDilation: new Array<number>(n).fill(1),
  groups: 1,
})
const of = (x: readonly number[], w: readonly number[], params: Partial<ConvParams> = {}): Case => ({
  x,
  w,
  params: { ...plain(x.length - 2), ...params },
})

/** One convolution; `null` where no window fits. */
const forward = ({ x, w, params }: Case, dtype: DType): Program | null => {
  try {
    return optimize(trace('conv', ([a, b]) => [conv(a!, b!, params)], [aval(x, dtype), aval(w, dtype)]).program)
  } catch (e) {
    if (e instanceof ShapeError) return null
    throw e
  }
}

/** Both gradients as functions of the input, the weights and the cotangent. */
const gradients = ({ x, w, params }: Case, y: readonly number[], dtype: DType): Program =>
  optimize(
    trace('gradients', ([a, b, c]) => [...vjp((p, q) => conv(p, q, params), a!, b!)[1](c!)], [
      aval(x, dtype),
      aval(w, dtype),
      aval(y, dtype),
    ]).program,
  )

const integersFor = (program: Program, seed: number): TypedArray[] => {
  const draw = draws(seed)
  return program.inputs.map(({ aval: a }) => dtypes[a.dtype].make(a.size).map(() => draw(9) - 4))
}

/** Equal numbers; the sign of zero is nobody's. */
const agree = (program: Program, ins: readonly TypedArray[], note: string): void => {
  const want = reference.compile(program, { donate: [] })(ins)
  const got = wasm.compile(program, { donate: [] })(ins)
  expect(got.length).toBe(want.length)
  expect(want.length).toBe(program.outputs.length)
  want.forEach((r, k) => {
    const expected = r as TypedArray
    const actual = wasm.get(got[k], program.outputs[k]!.aval) as TypedArray
    expect(actual.length).toBe(expected.length)
    for (let i = 0; i < expected.length; i++)
      if (actual[i] !== expected[i] && !(Number.isNaN(actual[i]) && Number.isNaN(expected[i])))
        expect.fail(`${note}: output ${k} element ${i}: ${actual[i]}, expected ${expected[i]}`)
  })
}

const checkBoth = (c: Case, dtype: DType, seed: number, change: (ins: TypedArray[]) => void = () => undefined): boolean => {
  const program = forward(c, dtype)
  if (program === null) return false
  const note = `${dtype} ${JSON.stringify(c)}`
  const ins = integersFor(program, seed)
  change(ins)
  agree(program, ins, note)
  const pulled = gradients(c, program.outputs[0]!.aval.shape, dtype)
  const all = integersFor(pulled, seed + 1)
  change(all)
  agree(pulled, all, `gradients ${note}`)
  return true
}

const randomCase = (seed: number): Case => {
  const draw = draws(seed)
  const n = 1 + draw(3)
  const groups = draw(3) === 0 ? 1 + draw(4) : 1
  const few = draw(2) === 0
  const [channels, filters] = [1 + draw(few ? 2 : 7), 1 + draw(few ? 3 : 11)]
  const per = <T>(f: () => T): T[] => Array.from({ length: n }, f)
  const most = n === 1 ? 70 : n === 2 ? 19 : 8
  return {
    x: [1 + draw(4), groups * channels, ...per(() => 1 + draw(most))],
    w: [groups * filters, channels, ...per(() => 1 + draw(4))],
    params: {
      strides: per(() => (draw(2) === 0 ? 1 : 1 + draw(4))),
      padding: per((): [number, number] => [draw(5) - 1, draw(5) - 1]),
      lhsDilation: per(() => (draw(3) === 0 ? 1 + draw(3) : 1)),
      rhsDilation: per(() => (draw(3) === 0 ? 1 + draw(3) : 1)),
      groups,
    },
  }
}

describe('conv', () => {
  it('agrees in random shapes, strides, dilations, paddings and groups, with both gradients', () => {
    let run = 0
    for (let seed = 0; seed < 250; seed++) if (checkBoth(randomCase(seed), seed % 3 === 0 ? 'float64' : 'float32', seed)) run++
    expect(run).toBeGreaterThan(150)
  })

  it('agrees with NaN and infinities in the input and in the weights', () => {
    let run = 0
    for (let seed = 1000; seed < 1120; seed++) {
      const draw = draws(seed)
      const odd = [NaN, Infinity, -Infinity]
      const sprinkle = (ins: TypedArray[]): void => {
        for (const x of ins) if (x.length > 0 && draw(2) === 0) x[draw(x.length)] = odd[draw(3)]!
      }
      if (checkBoth(randomCase(seed), seed % 3 === 0 ? 'float64' : 'float32', seed, sprinkle)) run++
    }
    expect(run).toBeGreaterThan(70)
  })

  it.each([
    [
      'a layer of a network',
      of([3, 16, 28, 28], [32, 16, 3, 3], {
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    ['channels beyond one block of depth', of([2, 70, 9, 9], [9, 70, 3, 3])],
    ['a window beyond one block of depth', of([2, 3, 30, 29], [5, 3, 22, 21])],
    [
      'a stride of two',
      of([2, 5, 31, 30], [6, 5, 3, 3], {
        strides: [2, 2],
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    ['patches', of([2, 3, 32, 32], [24, 3, 8, 8], { strides: [8, 8] })],
    ['one tap', of([3, 33, 14, 14], [17, 33, 1, 1])],
    ['one tap and a stride', of([3, 33, 14, 14], [17, 33, 1, 1], { strides: [2, 2] })],
    [
      'small images',
      of([9, 40, 7, 7], [30, 40, 3, 3], {
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    [
      'a channel each',
      of([3, 8, 18, 17], [8, 1, 3, 3], {
        groups: 8,
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    [
      'a channel each, and a stride',
      of([3, 8, 18, 17], [16, 1, 3, 3], {
        groups: 8,
        strides: [2, 2],
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    [
      'groups',
      of([3, 24, 12, 13], [32, 6, 3, 3], {
        groups: 4,
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    ['one axis', of([4, 6, 300], [12, 6, 7], { padding: [[3, 3]] })],
    [
      'three axes',
      of([2, 4, 9, 10, 11], [8, 4, 3, 3, 3], {
        padding: [
          [1, 1],
          [1, 1],
          [1, 1],
        ],
      }),
    ],
    ['no axes', of([5, 7], [9, 7])],
    ['more filters than a strip holds', of([40, 3, 3, 3], [1200, 3, 3, 3])],
    [
      'an image without elements',
      of([2, 3, 0, 4], [5, 3, 2, 2], {
        padding: [
          [2, 2],
          [1, 1],
        ],
      }),
    ],
    ['no images', of([0, 3, 4, 4], [5, 3, 2, 2])],
    ['no channels', of([2, 0, 4, 4], [5, 0, 2, 2])],
  ])('agrees on %s', (_, c) => {
    for (const dtype of ['float32', 'float64'] as const) expect(checkBoth(c, dtype, 7)).toBe(true)
  })

  it('does not depend on the number of threads', () => {
    const cases = [
      of([6, 16, 28, 28], [32, 16, 3, 3], {
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
      of([3, 48, 31, 31], [40, 48, 3, 3], { strides: [2, 2] }),
      of([2, 32, 60, 60], [32, 1, 3, 3], {
        groups: 32,
        padding: [
          [1, 1],
          [1, 1],
        ],
      }),
      of([64, 6, 14, 14], [16, 6, 5, 5]),
      of([4, 2, 5000], [3, 2, 9]),
    ]
    for (const c of cases) {
      const program = gradients(c, forward(c, 'float32')!.outputs[0]!.aval.shape, 'float32')
      const ins = integersFor(program, 5).map((x) => x.map((v, k) => v * Math.sin(k)))
      const results = [1, 2, 4].map((threads) => {
        wasm.tune?.({ threads })
        const run = wasm.compile(program, { donate: [] })
        return run(ins).map((r, k) => [...(wasm.get(r, program.outputs[k]!.aval) as TypedArray)])
      })
      expect(results[1]).toEqual(results[0])
      expect(results[2]).toEqual(results[0])
    }
  })

  it('keeps the digits of long sums', () => {
    // Half a million terms: their sum in one float32 would lose the fourth digit.
    const c = of([1, 1, 700, 700], [1, 1, 3, 3])
    const program = gradients(c, [1, 1, 698, 698], 'float32')
    const [x, w, y] = program.inputs.map((v) => new Float32Array(v.aval.size)) as [Float32Array, Float32Array, Float32Array]
    const draw = draws(11)
    x.forEach((_, k) => (x[k] = 1 + draw(1000) / 1000))
    y.forEach((_, k) => (y[k] = 1 + draw(1000) / 1000))
    let want = 0
    for (let i = 0; i < 698; i++) for (let j = 0; j < 698; j++) want += x[i * 700 + j]! * y[i * 698 + j]!
    const got = wasm.compile(program, { donate: [] })([x, w, y])
    expect(Math.abs((wasm.get(got[1], program.outputs[1]!.aval) as TypedArray)[0]! / want - 1)).toBeLessThan(1e-6)
  })

  it('agrees on integers', () => {
    const program = forward(of([2, 3, 6, 6], [4, 3, 3, 3]), 'int32')!
    agree(program, integersFor(program, 3), 'int32')
  })
})
