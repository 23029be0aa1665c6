import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import {
  checkpoint,
  cond,
  configure,
  customJvp,
  DTypeError,
  dtypes,
  explain,
  foriLoop,
  grad,
  jit,
  jvp,
  np,
  pureCallback,
  reference,
  scan,
  ShapeError,
  shapeDtype,
  stopGradient,
  trace,
  TraceError,
  tree,
  TreeError,
  ValueError,
  vmap,
  wasm,
  whileLoop,
} from '../../src/index.js'
import type { DType } from '../../src/index.js'

const f32 = (...shape: number[]) => ({ shape, dtype: 'float32' as const })
const twice = (x: Tensor): Tensor => np.mul(x, 2)
const doubled = (x: Tensor): Tensor => pureCallback(twice, { shape: x.shape, dtype: x.dtype }, x)
const three = np.array([1, 2, 3])

/** `f`, and how often it was called. */
const counted = <A extends readonly Tensor[]>(f: (...xs: A) => Tensor) => {
  const calls: unknown[] = []
  return {
    calls,
    f: (...xs: A): Tensor => {
      calls.push(xs.map((x) => x.toArray()))
      return f(...xs)
    },
  }
}

describe.each([reference, wasm])('pureCallback on $name', (backend) => {
  beforeAll(() => {
    configure({ backend })
  })
  afterAll(() => {
    configure({ backend: 'wasm' })
  })

  it('is the function: eagerly, compiled, and in what is compiled', () => {
    const { f, calls } = counted(twice)
    const g = (x: Tensor): Tensor => np.add(pureCallback(f, { shape: x.shape, dtype: x.dtype }, np.mul(x, 3)), 1)
    const expected = [7, 13, 19]
    expect(g(three).toArray()).toEqual(expected)
    const compiled = jit(g)
    expect(compiled(three).toArray()).toEqual(expected)
    expect(compiled(np.array([0, 0, 1])).toArray()).toEqual([1, 1, 7])
    expect(jit((x: Tensor) => compiled(x))(three).toArray()).toEqual(expected)
    expect(checkpoint(g)(three).toArray()).toEqual(expected)
    expect(calls).toEqual([[[3, 6, 9]], [[3, 6, 9]], [[0, 0, 3]], [[3, 6, 9]], [[3, 6, 9]]])
  })
  it('runs in control flow, as often as the control flow says', () => {
    const { f, calls } = counted(twice)
    const step = (x: Tensor): Tensor => pureCallback(f, f32(), x)
    const one = np.array(1)
    expect(jit((x: Tensor) => foriLoop(0, 3, (_, c: Tensor) => step(c), x))(one).item()).toBe(8)
    expect(jit((x: Tensor) => scan((c: Tensor, y: Tensor) => [step(c), step(y)], x, three))(one).map((t) => t.toArray())).toEqual([
      8,
      [2, 4, 6],
    ])
    expect(
      jit((x: Tensor) =>
        whileLoop(
          (c: Tensor) => np.less(step(c), 20),
          (c) => np.add(c, 4),
          x,
        ),
      )(one).item(),
    ).toBe(13)
    expect(calls).toHaveLength(3 + 6 + 4)
    const either = jit((p: Tensor, x: Tensor) => cond(p, step, np.neg, x))
    expect(either(np.array(true), one).item()).toBe(2)
    expect(either(np.array(false), one).item()).toBe(-1)
    expect(calls).toHaveLength(14)
  })
  it.each(Object.keys(dtypes) as DType[])('takes and gives %s, of every shape', (dtype) => {
    for (const shape of [[], [0], [3, 0, 2], [2, 3]]) {
      const x = np.astype(np.reshape(np.arange(shape.reduce((a, b) => a * b, 1)), shape), dtype)
      const same = (y: Tensor): Tensor => pureCallback((z) => z, { shape, dtype }, y)
      for (const y of [same(x), jit(same)(x), jit((v: Tensor) => same(np.where(np.equal(v, v), v, v)))(x)]) {
        expect(y.aval).toEqual(x.aval)
        expect(y.toArray()).toEqual(x.toArray())
      }
    }
  })
  it('takes and gives trees; numbers and booleans stand for scalars, static leaves are as they are', () => {
    const f = ({ x, k }: { x: Tensor; k: Tensor }, name: string): { sum: Tensor; big: boolean; rest: [number] } => {
      expect(name).toBe('sum')
      return { sum: np.add(x, k), big: x.size > 2, rest: [7] }
    }
    const run = (x: Tensor) =>
      pureCallback(f, { sum: x, big: { shape: [], dtype: 'bool' }, rest: [{ shape: [], dtype: 'int32' }] } as const, { x, k: 10 }, 'sum')
    for (const { sum, big, rest } of [run(three), jit(run)(three)]) {
      expect(sum.toArray()).toEqual([11, 12, 13])
      expect(big.item()).toBe(true)
      expect([rest[0].item(), rest[0].dtype]).toEqual([7, 'int32'])
    }
    expect(pureCallback(() => null, null)).toBe(null)
    expect(pureCallback(() => 3, shapeDtype([])).item()).toBe(3)
  })
  it('is given what nobody else changes, and gives what nobody changes later', () => {
    const kept: Tensor[] = []
    const cached = np.array([5, 6])
    const f = jit((x: Tensor) => pureCallback((y) => (kept.push(y), cached), f32(2), np.mul(x, 2)), { donate: [0] })
    const [a, b] = [f(np.array([1, 2])), f(np.array([3, 4]))]
    expect(kept.map((t) => t.toArray())).toEqual([
      [2, 4],
      [6, 8],
    ])
    expect([a.toArray(), b.toArray(), cached.toArray()]).toEqual([cached.toArray(), cached.toArray(), [5, 6]])
  })
  it('may compute with the library itself, in the middle of a compiled Program', () => {
    const big = np.ones([200, 200])
    const inner = jit((x: Tensor) => np.sum(np.matmul(x, big)))
    const f = jit((x: Tensor) => {
      const y = np.matmul(x, x)
      return np.add(
        pureCallback((z) => grad((v: Tensor) => inner(np.mul(v, v)))(z), f32(200, 200), y),
        np.matmul(y, y),
      )
    })
    const expected = 2 * 200 * 200 + 200 * 200 * 200
    expect(
      f(big)
        .toTypedArray()
        .every((v) => v === expected),
    ).toBe(true)
  })
  it('is dropped where nothing reads it', () => {
    const { f, calls } = counted(twice)
    jit((x: Tensor) => {
      pureCallback(f, f32(3), x)
      return x
    })(three)
    expect(calls).toEqual([])
  })
  it('arrives with its error, name and cause; memory is free again and what was donated is accounted for', () => {
    const cause = new RangeError('no such\nthing')
    const solve = (): Tensor => {
      throw cause
    }
    const f = (x: Tensor): Tensor => np.add(pureCallback(solve, f32(3), np.mul(x, 2)), x)
    for (const run of [f, jit(f), jit((x: Tensor) => foriLoop(0, 4, (_, c: Tensor) => f(c), x))]) {
      expect(() => run(three)).toThrow(ValueError)
      expect(() => run(three)).toThrow('pureCallback: solve threw RangeError: no such\n  try: error.cause is what it threw')
      let found: unknown
      try {
        run(three)
      } catch (error) {
        found = (error as Error).cause
      }
      expect(found).toBe(cause)
    }
    const x = np.array([1, 2, 3])
    expect(() => jit(f, { donate: [0] })(x)).toThrow('solve threw')
    expect(x.toArray()).toEqual([1, 2, 3])
  })
  it('compares what comes back with what was declared', () => {
    const run = (given: unknown, declared: { shape: number[]; dtype: DType } = f32(3)) =>
      jit(() => pureCallback((() => given) as never, declared))()
    expect(() => run(np.ones([2]))).toThrow(ShapeError)
    expect(() => run(np.ones([2]))).toThrow('pureCallback: the result of f: shapes differ: [2] given, [3] needed')
    expect(() => run(np.ones([3], { dtype: 'int32' }))).toThrow(DTypeError)
    expect(() => run([1, 2, 3])).toThrow(TreeError)
    expect(() => run(new Float32Array(3))).toThrow(/Float32Array/)
    expect(() => run(Promise.resolve(three))).toThrow('returned a Promise')
    expect(() => run(undefined)).toThrow(TreeError)
  })
})

describe('vmap of pureCallback', () => {
  const batch = np.array([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  const shift = np.array([10, 20])
  const sum = (x: Tensor, y: Tensor): Tensor => np.add(x, y)
  const over = (vmapMethod: 'sequential' | 'expandDims' | 'broadcastAll') => {
    const { f, calls } = counted(sum)
    return { calls, g: (x: Tensor, y: Tensor): Tensor => pureCallback(f, f32(2), x, y, { vmapMethod }) }
  }
  const expected = [
    [11, 22],
    [13, 24],
    [15, 26],
  ]

  it('says what is missing without a method', () => {
    expect(() => vmap(doubled)(batch)).toThrow(TraceError)
    expect(() => vmap(doubled)(batch)).toThrow(
      "pureCallback: twice does not say what vmap is to do with it\n  try: a last argument { vmapMethod: 'sequential' }",
    )
    expect(vmap((x: Tensor) => np.add(x, doubled(shift)))(batch).toArray()).toEqual(expected.map((r) => r.map((v, k) => v + [10, 20][k]!)))
  })
  it.each([
    ['sequential', [2], [2], 3],
    ['expandDims', [3, 2], [1, 2], 1],
    ['broadcastAll', [3, 2], [3, 2], 1],
  ] as const)('%s', (method, x, y, times) => {
    for (const wrap of [(h: (a: Tensor, b: Tensor) => Tensor) => h, (h: (a: Tensor, b: Tensor) => Tensor) => jit(h)]) {
      const { g, calls } = over(method)
      expect(wrap(vmap(g, { inAxes: [0, null] }))(batch, shift).toArray()).toEqual(expected)
      expect(calls).toHaveLength(times)
      const shapes = (calls as unknown[][]).map((c) => c.map((v) => np.array(v as number[]).shape))
      expect(shapes[0]).toEqual([x, y])
    }
  })
  it.each(['sequential', 'expandDims', 'broadcastAll'] as const)('%s, over two axes and over members of compiled functions', (method) => {
    const { g, calls } = over(method)
    const both = vmap(vmap(jit(g), { inAxes: [0, null] }), { inAxes: [null, 0] })
    const shifts = np.array([
      [10, 20],
      [30, 40],
    ])
    expect(both(batch, shifts).toArray()).toEqual([expected, expected.map((r) => r.map((v) => v + 20))])
    expect(calls).toHaveLength(method === 'sequential' ? 6 : 1)
    if (method === 'sequential')
      expect(calls[1]).toEqual([
        [3, 4],
        [10, 20],
      ])
  })
  it('calls nothing for no member, sequentially', () => {
    const { g, calls } = over('sequential')
    expect(vmap(g, { inAxes: [0, null] })(np.zeros([0, 2]), shift).shape).toEqual([0, 2])
    expect(calls).toEqual([])
  })
  it('refuses options that there are not', () => {
    expect(() => pureCallback(sum, f32(2), shift, shift, { vmapmethod: 'sequential' } as never)).toThrow("did you mean 'vmapMethod'?")
    expect(() => pureCallback(sum, f32(2), shift, shift, { vmapMethod: 'each' } as never)).toThrow(ValueError)
  })
})

describe('pureCallback', () => {
  it('has no derivative of its own, and takes the one that is given', () => {
    const why = 'pureCallback: twice has no derivative, because no transform sees into it\n  try: customJvp or customVjp around the call'
    expect(() => grad((x: Tensor) => np.sum(doubled(x)))(three)).toThrow(why)
    expect(() => jvp(doubled, [three], [three])).toThrow(TraceError)
    expect(() => grad(jit((x: Tensor) => np.sum(doubled(x))))(three)).toThrow(why)
    expect(grad((x: Tensor) => np.sum(np.mul(x, doubled(stopGradient(x)))))(three).toArray()).toEqual([2, 4, 6])
    const known = customJvp(doubled, ([x], [dx]) => [doubled(x), np.mul(dx, 2)])
    expect(jit(grad((x: Tensor) => np.sum(known(x))))(three).toArray()).toEqual([2, 2, 2])
  })
  it('refuses declarations that are none', () => {
    const one = (): number => 1
    expect(() => pureCallback(one as never, { shape: [], dtype: 'float16' } as never)).toThrow(DTypeError)
    expect(() => pureCallback(one as never, { shape: [-1], dtype: 'float32' } as never)).toThrow(ShapeError)
    expect(() => pureCallback(one as never, 3 as never)).toThrow('pureCallback: resultShapes must declare a result, got 3')
    expect(() => pureCallback(one as never, { y: [{ shape: [2] }] } as never)).toThrow('resultShapes.y[0].shape[0] must declare')
    expect(() => pureCallback(3 as never, f32())).toThrow(ValueError)
  })
  it('shows in Programs and explanations as a step of the host', () => {
    expect(String(trace(doubled, three))).toContain('pureCallback[f=<twice> vmapMethod=null batches=[]] a')
    expect(explain(jit(doubled), three).steps.map((s) => s.name)).toEqual(['host pureCallback'])
    expect(tree.leaves(doubled(three))).toHaveLength(1)
  })
})
