/** Matrix products of every size, layout and kernel, against sums that are exact, however the work is cut. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { configure, jit, lax, np, reference, type Tensor } from '../../../src/index.js'
import { wasm } from '../../../src/wasm.js'
import type { TypedArray } from '../../../src/core/dtype.js'
import { createHeap } from '../../../src/backend/wasm/heap.js'
import type { Caps, Sweep } from '../../../src/backend/wasm/kernel.js'
import { createLibrary, createLoad } from '../../../src/backend/wasm/modules.js'
import { createTeam } from '../../../src/backend/wasm/threads/team.js'
import { compilePlainly } from '../../../src/backend/wasm/v8.js'
import { moduleBuilder } from '../../../src/backend/wasm/module.js'
import { i32, f32x4, v128 } from '../../../src/backend/wasm/instructions.js'
import { productFor } from '../../../src/backend/wasm/gemm/gemm.js'
import { double, single } from '../../../src/backend/wasm/gemm/lanes.js'
import { wayFor, type Way } from '../../../src/backend/wasm/gemm/plan.js'
import { expectClose } from '../../expectClose.js'

type Float = 'float32' | 'float64'

/** One product, or a batch of them: sizes and which operands lie transposed. */
interface Case {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly ta: boolean
  readonly tb: boolean
  readonly batch: number
  readonly dtype: Float
}

const random = (seed: number): ((n: number) => number) => {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >>> 8) % n
  }
}

const base: Caps = { fma: false, ordered: false, wide: false, shared: false }

/** Every index by itself, last first; or all at once; or by grain. */
const cuts: Record<string, Sweep> = {
  whole: (kernel, args, total) => {
    kernel.call(args, 0, total)
  },
  'last first': (kernel, args, total) => {
    for (let i = total; i-- > 0;) kernel.call(args, i, i + 1)
  },
  grain: (kernel, args, total, grain) => {
    for (let i = 0; i < total; i += grain) kernel.call(args, i, Math.min(total, i + grain))
  },
}

const layout = ({ m, n, k, ta, tb, batch, dtype }: Case, gap = 0) => {
  const bytes = dtype === 'float32' ? 4 : 8
  const axis = (size: number, stride: number) => ({ size, stride: stride * bytes, table: null })
  const [aWidth, bWidth] = [(ta ? m : k) + gap, (tb ? k : n) + gap]
  const [aSize, bSize] = [(ta ? k : m) * aWidth, (tb ? n : k) * bWidth]
  return {
    aSize,
    bSize,
    a: (i: number, p: number) => (ta ? p * aWidth + i : i * aWidth + p),
    b: (p: number, j: number) => (tb ? j * bWidth + p : p * bWidth + j),
    products: {
      m: axis(m, ta ? 1 : aWidth),
      n: axis(n, tb ? bWidth : 1),
      aDepth: axis(k, ta ? aWidth : 1),
      bDepth: axis(k, tb ? 1 : bWidth),
      aBatch: Array.from({ length: batch }, (_, i) => i * aSize * bytes),
      bBatch: Array.from({ length: batch }, (_, i) => i * bSize * bytes),
    },
  }
}

/** A place to multiply at: results come back, memory beside them is checked. */
const bench = (caps: Caps, threads = 1) => {
  const heap = createHeap(caps.shared)
  const team = createTeam(heap)
  team.limit(threads)
  const library = createLibrary(createLoad(heap, team.own, compilePlainly, false), caps.shared)
  const multiply = (c: Case, a: TypedArray, b: TypedArray, sweep: Sweep = team.sweep, gap = 0, mostBytes?: number): TypedArray => {
    const bytes = c.dtype === 'float32' ? 4 : 8
    const size = c.batch * c.m * c.n
    const guard = 64
    const blocks = [a.byteLength, b.byteLength, size * bytes + 2 * guard]
    const [pa, pb, pc] = blocks.map((n) => heap.alloc(n)) as [number, number, number]
    heap.view(c.dtype, pa, a.length).set(a)
    heap.view(c.dtype, pb, b.length).set(b)
    heap.view('bool', pc, blocks[2]!).fill(0xa5)
    const l = c.dtype === 'float32' ? single : double
    const { scratch, run } = productFor({ heap, caps, library, sweep }, l, layout(c, gap).products, mostBytes)
    const at = heap.alloc(scratch)
    run(pa, pb, pc + guard, at)
    heap.free(at, scratch)
    const result = heap.view(c.dtype, pc + guard, size).slice()
    const around = heap.view('bool', pc, blocks[2]!)
    for (let i = 0; i < guard; i++)
      if (around[i] !== 0xa5 || around[around.length - 1 - i] !== 0xa5) throw new Error('memory beside the result was written')
    ;[pa, pb, pc].forEach((at, i) => {
      heap.free(at, blocks[i]!)
    })
    return result
  }
  return { multiply, team, heap }
}

const make = (dtype: Float, n: number, value: (i: number) => number): TypedArray =>
  dtype === 'float32' ? Float32Array.from({ length: n }, (_, i) => value(i)) : Float64Array.from({ length: n }, (_, i) => value(i))

/** Sums of products in float64. */
const oracle = (c: Case, a: TypedArray, b: TypedArray, gap = 0): number[] => {
  const at = layout(c, gap)
  const { m, n, k } = c
  const out: number[] = []
  for (let e = 0; e < c.batch; e++) {
    const x = Float64Array.from({ length: m * k }, (_, q) => a[e * at.aSize + at.a(Math.floor(q / k), q % k)]!)
    const y = Float64Array.from({ length: n * k }, (_, q) => b[e * at.bSize + at.b(q % k, Math.floor(q / k))]!)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0
        for (let p = 0; p < k; p++) sum += x[i * k + p]! * y[j * k + p]!
        out.push(sum)
      }
  }
  return out
}

/** The first element that differs in any bit, or -1. */
const differ = (x: TypedArray, y: TypedArray): number => {
  const [p, q] = [x, y].map((v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength)) as [Uint8Array, Uint8Array]
  if (p.length !== q.length) return 0
  const at = p.findIndex((v, i) => v !== q[i])
  return at < 0 ? at : Math.floor(at / x.BYTES_PER_ELEMENT)
}

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 15, 16, 17, 31, 33, 64, 100, 130, 257]
const randomCase = (next: (n: number) => number): Case => {
  const size = (): number => sizes[next(sizes.length)]!
  const [m, n, k] = [size(), size(), size() * (next(6) === 0 ? 9 : 1)]
  return {
    m,
    n,
    k,
    ta: next(2) === 1,
    tb: next(2) === 1,
    batch: m * n * k < 5e4 ? 1 + next(5) : 1,
    dtype: next(2) === 1 ? 'float32' : 'float64',
  }
}

/** Small integers: every order of summation gives the same, exactly. */
const operands = (c: Case, next: (n: number) => number, gap = 0): readonly [TypedArray, TypedArray] => {
  const at = layout(c, gap)
  return [make(c.dtype, c.batch * at.aSize, () => next(17) - 8), make(c.dtype, c.batch * at.bSize, () => next(17) - 8)]
}

const wayOf = (c: Case): Way => {
  const { m, n, aDepth, bDepth } = layout(c).products
  const strides = { aRow: m.stride, aDepth: aDepth.stride, bDepth: bDepth.stride, bColumn: n.stride }
  return wayFor({ m: c.m, n: c.n, k: c.k, ...strides, tables: false }, c.dtype === 'float32' ? single : double)
}

/** Whether this engine has relaxed SIMD. */
const relaxed = ((): boolean => {
  const m = moduleBuilder(false)
  m.func('f', ['i32'], null, (b, at) => b.run(v128.store(at, f32x4.relaxedMadd(v128.load(at), v128.load(i32.const(0)), v128.load(at)))))
  return WebAssembly.validate(m.finish() as BufferSource)
})()

const machines: readonly (readonly [string, Caps])[] = [
  ['4 x 2 vectors', base],
  ...(relaxed
    ? ([
        ['6 x 2 vectors', { ...base, fma: true, ordered: true }],
        ['6 x 4 vectors', { ...base, fma: true, ordered: true, wide: true }],
      ] as const)
    : []),
]

describe.each(machines)('products in tiles of %s', (_, caps) => {
  const { multiply } = bench(caps)

  it('are exact for any sizes, layouts and cuts', () => {
    const next = random(7)
    const seen = new Set<string>()
    for (let round = 0; round < 400; round++) {
      const c = randomCase(next)
      const gap = next(3) === 0 ? 1 + next(5) : 0
      const [a, b] = operands(c, next, gap)
      const expected = oracle(c, a, b, gap)
      const names = Object.keys(cuts)
      const got = multiply(c, a, b, cuts[names[round % names.length]!], gap)
      const wrong = got.findIndex((v, i) => v !== expected[i])
      if (wrong >= 0) throw new Error(`${JSON.stringify({ ...c, gap })}: element ${wrong} is ${got[wrong]!}, not ${expected[wrong]!}`)
      const way = wayOf(c)
      seen.add(`${way.kernel}${way.exchanged ? ' exchanged' : ''}`)
    }
    expect([...seen].sort()).toEqual(['axpy', 'axpy exchanged', 'direct', 'dots', 'dots exchanged', 'panels'])
  })

  it('are exact for sizes just beside blocks', () => {
    const next = random(3)
    for (const [m, n, k] of [
      [1, 1025, 70],
      [3, 4099, 40],
      [1030, 3, 41],
      [129, 513, 513],
      [127, 515, 1025],
      [16, 1100, 1030],
      [700, 130, 31],
      [1, 1, 5000],
    ] as const)
      for (const [ta, tb] of [
        [false, false],
        [false, true],
        [true, false],
      ] as const) {
        const c: Case = { m, n, k, ta, tb, batch: 1, dtype: 'float32' }
        const [a, b] = operands(c, next)
        const expected = oracle(c, a, b)
        expect(multiply(c, a, b, cuts['grain']).findIndex((v, i) => v !== expected[i])).toBe(-1)
      }
  })

  it('do not depend on how the work is cut, to the last bit', () => {
    const next = random(11)
    for (let round = 0; round < 60; round++) {
      const c = randomCase(next)
      const at = layout(c)
      const a = make(c.dtype, c.batch * at.aSize, (i) => Math.sin(i * 1.7))
      const b = make(c.dtype, c.batch * at.bSize, (i) => Math.cos(i * 0.3))
      const [first, ...others] = Object.values(cuts).map((cut) => multiply(c, a, b, cut))
      for (const other of others) expect(differ(other, first!)).toBe(-1)
    }
  })

  it('round as little as a sum can', () => {
    const next = random(5)
    for (let round = 0; round < 60; round++) {
      const c = randomCase(next)
      const at = layout(c)
      const a = make(c.dtype, c.batch * at.aSize, (i) => Math.sin(i * 1.7))
      const b = make(c.dtype, c.batch * at.bSize, (i) => Math.cos(i * 0.3))
      const expected = oracle(c, a, b)
      const bound = (c.dtype === 'float32' ? 2 ** -24 : 2 ** -52) * (c.k + 2)
      expectClose(multiply(c, a, b), expected, { atol: bound * Math.max(1, c.k / 4), what: `product ${round}` })
    }
  })

  it('keep NaN and infinities to their rows and columns', () => {
    const next = random(13)
    for (let round = 0; round < 80; round++) {
      const c = { ...randomCase(next), batch: 1 }
      const at = layout(c)
      const [a, b] = operands(c, next)
      a[at.a(next(c.m), next(c.k))] = [NaN, Infinity, -Infinity][next(3)]!
      b[at.b(next(c.k), next(c.n))] = [NaN, Infinity, -Infinity][next(3)]!
      expect([...multiply(c, a, b)]).toEqual(oracle(c, a, b).map((v) => v + 0))
    }
  })

  it('go in pieces where panels would take too much memory', () => {
    const next = random(17)
    for (const [m, n, k, batch] of [
      [150, 170, 1500, 1],
      [129, 140, 60, 7],
      [900, 131, 130, 1],
      [131, 700, 513, 2],
      [100, 600, 700, 2],
    ] as const)
      for (const [ta, tb] of [
        [false, true],
        [true, false],
      ] as const) {
        const c: Case = { m, n, k, ta, tb, batch, dtype: 'float32' }
        const [a, b] = operands(c, next)
        const expected = oracle(c, a, b)
        expect(multiply(c, a, b, cuts['grain'], 0, 2 ** 17).findIndex((v, i) => v !== expected[i])).toBe(-1)
      }
  })
})

it('the same bits come from one thread and from three', async () => {
  const one = bench({ ...base, shared: true })
  const three = bench({ ...base, shared: true }, 3)
  const cases: Case[] = [
    { m: 300, n: 290, k: 700, ta: false, tb: false, batch: 1, dtype: 'float32' },
    { m: 64, n: 80, k: 65, ta: true, tb: false, batch: 40, dtype: 'float64' },
    { m: 99, n: 530, k: 600, ta: false, tb: true, batch: 2, dtype: 'float64' },
    { m: 3, n: 3000, k: 900, ta: false, tb: false, batch: 1, dtype: 'float32' },
    { m: 2000, n: 5, k: 900, ta: false, tb: true, batch: 1, dtype: 'float32' },
  ]
  const data = cases.map((c) => {
    const at = layout(c)
    return [
      make(c.dtype, c.batch * at.aSize, (i) => Math.sin(i * 1.7)),
      make(c.dtype, c.batch * at.bSize, (i) => Math.cos(i * 0.3)),
    ] as const
  })
  const expected = cases.map((c, i) => one.multiply(c, ...data[i]!))
  for (let round = 0; round < 40 && (round < 6 || three.team.workers() < 2); round++) {
    cases.forEach((c, i) => {
      expect(differ(three.multiply(c, ...data[i]!), expected[i]!)).toBe(-1)
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(three.team.workers()).toBe(2)
  cases.forEach((c, i) => {
    expect(differ(three.multiply(c, ...data[i]!), expected[i]!)).toBe(-1)
  })
  three.team.limit(1)
})

describe('axes in any order', () => {
  beforeAll(() => {
    configure({ backend: wasm })
  })
  afterAll(() => {
    configure({ backend: reference })
  })
  const filled = (shape: readonly number[], seed: number): Tensor => {
    const next = random(seed)
    const values = Float32Array.from({ length: shape.reduce((p, n) => p * n, 1) }, () => next(17) - 8)
    return np.reshape(np.array(values), [...shape])
  }
  const size: Record<string, number> = { a: 3, b: 2, c: 5, d: 8, e: 7, h: 4, s: 9, t: 6 }
  it.each([
    'bthd,bshd->bhts',
    'bhts,bshd->bthd',
    'bthd,hde->bte',
    'bhtd,hde->bte',
    'acb,dbc->ad',
    'abcd,cbe->ade',
    'tah,hbs->tabs',
    'abcd,ebdc->ae',
    'abc,abc->',
    'abc,abc->b',
    'abcde,eca->bd',
    'tb,tb->b',
    'bt,bs->bts',
    'a,b->ab',
  ])('%s', (spec) => {
    const [ins, out] = spec.split('->') as [string, string]
    const [left, right] = ins.split(',') as [string, string]
    const shapeOf = (axes: string): number[] => [...axes].map((x) => size[x]!)
    const [x, y] = [filled(shapeOf(left), 1), filled(shapeOf(right), 2)]
    const got = np.einsum(spec, x, y)
    configure({ backend: reference })
    const expected = np.einsum(spec, x, y)
    configure({ backend: wasm })
    expect(got.shape).toEqual(shapeOf(out))
    expect([...got.toTypedArray()]).toEqual([...expected.toTypedArray()])
  })

  /** Where axes of each kind lie is given by the order of random keys. */
  const axes = fc.record({
    kinds: fc.array(fc.constantFrom('batch', 'left', 'right', 'one'), { maxLength: 6 }),
    sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 }),
    keys: fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
    values: fc.array(fc.constantFrom(0, -0, 1, -1, 3, -2.5, 7, NaN, Infinity), { minLength: 7, maxLength: 7 }),
    dtype: fc.constantFrom('float32', 'float64', 'int32', 'uint32'),
  })
  it('sums of one product are that product, and 0 where it is -0', () => {
    fc.assert(
      fc.property(axes, ({ kinds, sizes, keys, values, dtype }) => {
        const side = (own: string, from: number) => {
          const mine = kinds.flatMap((kind, k) => (kind === own || kind === 'batch' || kind === 'one' ? [k] : []))
          const order = [...mine].sort((a, b) => keys[from + a]! - keys[from + b]!)
          const shape = order.map((k) => (kinds[k] === 'one' ? 1 : sizes[k]!))
          const n = shape.reduce((p, m) => p * m, 1)
          const of = (kind: string): number[] => mine.filter((k) => kinds[k] === kind).map((k) => order.indexOf(k))
          const whole = (v: number): number => (dtype.startsWith('float') ? v : Number.isFinite(v) ? Math.trunc(Math.abs(v)) * 70000 : 5)
          const x = np.reshape(np.array(Float64Array.from({ length: n }, (_, i) => whole(values[(i + from) % 7]!))), shape)
          return { x: np.astype(x, dtype), contract: of('one'), batch: of('batch') }
        }
        const [l, r] = [side('left', 0), side('right', 6)]
        const f = jit((x: Tensor, y: Tensor) =>
          lax.dotGeneral(x, y, { lhsContract: l.contract, rhsContract: r.contract, lhsBatch: l.batch, rhsBatch: r.batch }),
        )
        const got = f(l.x, r.x)
        configure({ backend: reference })
        const expected = f(l.x, r.x)
        configure({ backend: wasm })
        expect(got.aval).toBe(expected.aval)
        expect([...got.toTypedArray()]).toEqual([...expected.toTypedArray()])
      }),
    )
  })

  it('no rows, no columns, nothing to sum', () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const [m, n, k] of [
        [0, 3, 2],
        [3, 0, 2],
        [3, 2, 0],
        [0, 0, 0],
      ] as const) {
        const c = np.matmul(np.ones([m, k], { dtype }), np.ones([k, n], { dtype }))
        expect(c.shape).toEqual([m, n])
        expect([...c.toTypedArray()]).toEqual(new Array(m * n).fill(0))
      }
  })
})
