/** Integers beside JavaScript's numbers: compared by value or refused, never wrapped; and what their arithmetic does at its ends. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DType, Tensor } from '../../src/index.js'
import { configure, device, devices, jit, np, random, ValueError } from '../../src/index.js'

const i32 = (v: readonly number[] | number): Tensor => np.array(v, { dtype: 'int32' })
const u32 = (v: readonly number[] | number): Tensor => np.array(v, { dtype: 'uint32' })
const lowest = -(2 ** 31)
const highest = 2 ** 31 - 1

const kinds: readonly (readonly [DType, readonly number[]])[] = [
  ['int32', [lowest, -5, -1, 0, 1, 2, 16777217, highest]],
  ['uint32', [0, 1, 2, 16777217, highest, 2 ** 31, 2 ** 32 - 1]],
  ['bool', [0, 1]],
]
const numbers = [3e9, 1e300, 2 ** 32, 2 ** 31, -1, -1.5, 0.5, 1.5, 16777216.5, 0, -0, 2, lowest - 1, lowest, NaN, Infinity, -Infinity]
const orders = {
  less: (a: number, b: number) => a < b,
  lessEqual: (a: number, b: number) => a <= b,
  greater: (a: number, b: number) => a > b,
  greaterEqual: (a: number, b: number) => a >= b,
  equal: (a: number, b: number) => a === b,
  notEqual: (a: number, b: number) => a !== b,
}

describe.each(['wasm', 'reference'] as const)('on %s', (backend) => {
  const before = device()
  beforeEach(() => {
    configure({ backend: devices[backend]! })
  })
  afterEach(() => {
    configure({ backend: before })
  })

  it.each(Object.keys(orders) as (keyof typeof orders)[])('%s compares integers and numbers by value', (name) => {
    const holds = orders[name]
    for (const [dtype, values] of kinds) {
      const x = np.array(values, { dtype })
      for (const v of numbers) {
        const said = `${name} ${dtype} ${v}`
        expect(np[name](x, v).toArray(), said).toEqual(values.map((a) => holds(a, v)))
        expect(np[name](v, x).toArray(), said).toEqual(values.map((a) => holds(v, a)))
        expect(jit((t: Tensor) => np[name](t, v))(x).toArray(), said).toEqual(values.map((a) => holds(a, v)))
      }
    }
    for (const a of numbers) for (const b of numbers) expect(np[name](a, b).item(), `${a} ${b}`).toBe(holds(a, b))
  })

  it.each(Object.keys(orders) as (keyof typeof orders)[])('%s compares int32 with uint32 by value', (name) => {
    const [a, b] = [kinds[0]![1], kinds[1]![1]]
    const [x, y] = [np.reshape(i32(a), [a.length, 1]), u32(b)]
    expect(np[name](x, y).toArray()).toEqual(a.map((p) => b.map((q) => orders[name](p, q))))
    expect(np[name](y, x).toArray()).toEqual(a.map((p) => b.map((q) => orders[name](q, p))))
    expect(jit(np[name])(x, y).toArray()).toEqual(a.map((p) => b.map((q) => orders[name](p, q))))
  })

  it('limits beyond the dtype leave a side open, and an interval without integers is refused', () => {
    const x = i32([-5, 1, 7])
    expect(np.clip(x, 0, 4e9).toArray()).toEqual([0, 1, 7])
    expect(np.clip(x, -4e9, 2).toArray()).toEqual([-5, 1, 2])
    expect(np.clip(u32([0, 5]), -3, 2).toArray()).toEqual([0, 2])
    expect(np.minimum(x, 3e9).toArray()).toEqual([-5, 1, 7])
    expect(np.maximum(-3e9, x).toArray()).toEqual([-5, 1, 7])
    expect(np.fmin(x, 3e9).toArray()).toEqual([-5, 1, 7])
    expect(np.fmax(x, -3e9).toArray()).toEqual([-5, 1, 7])
    expect(np.clip(x, 0, 4e9).dtype).toBe('int32')
    expect(() => np.clip(x, 3e9, 4e9)).toThrow(/3000000000 is no int32/)
    expect(() => np.maximum(x, 3e9)).toThrow(ValueError)
    expect(() => np.minimum(u32([1]), -1)).toThrow(/-1 is no uint32, which holds 0 to 4294967295/)
    expect(() => np.fmax(x, 3e9)).toThrow(ValueError)
    expect(np.max(i32([-5, -7]), { initial: -Infinity }).item()).toBe(-5)
    expect(np.min(u32([5]), { initial: 1e10 }).item()).toBe(5)
    expect(() => np.max(i32([1]), { initial: 3e9 })).toThrow(ValueError)
    expect(() => np.max(i32([]), { initial: -Infinity })).toThrow(ValueError)
  })

  it('arithmetic refuses a number that the dtype cannot hold', () => {
    const x = i32([1])
    for (const f of [np.add, np.sub, np.mul, np.floorDivide, np.remainder, np.fmod, np.pow, np.bitwiseAnd, np.leftShift]) {
      expect(() => f(x, 3e9)).toThrow(/: 3000000000 is no int32, which holds -2147483648 to 2147483647/)
      expect(() => f(3e9, x)).toThrow(ValueError)
    }
    expect(() => np.add(u32([1]), -1)).toThrow(/add: -1 is no uint32/)
    expect(np.add(x, 1.5).dtype).toBe('float32')
    expect(np.add(x, Infinity).toArray()).toEqual([Infinity])
    expect(np.add(u32([1]), 4e9).toArray()).toEqual([4000000001])
  })

  it('numbers become elements by their whole part, or are refused', () => {
    const wide = [2 ** 40, -(2 ** 31) - 1, 2 ** 31, NaN, Infinity, -Infinity]
    for (const v of wide) {
      const makers: readonly (() => unknown)[] = [
        () => np.array(v, { dtype: 'int32' }),
        () => np.array([[1], [v]], { dtype: 'int32' }),
        () => np.array(new Float64Array([v]), { dtype: 'int32' }),
        () => np.array([new Float64Array([v])], { dtype: 'int32' }),
        () => np.asarray([v], { dtype: 'int32' }),
        () => np.full([2], v, { dtype: 'int32' }),
        () => np.fullLike(i32([1]), v),
        () => np.at(i32([1]), 0).set(v),
        () => np.at(i32([1, 2]), [0, 1]).max(v),
        () => np.pad(i32([1]), 1, { constantValues: v }),
        () => np.linspace(v, 0, 2, { dtype: 'int32' }),
      ]
      for (const make of makers) expect(make, `${v} ${String(make)}`).toThrow(/AdjointError|ValueError|DTypeError|is no int32|does not fit/)
    }
    for (const v of [2 ** 40, 2 ** 31, -1e10]) {
      const x = i32([1])
      expect(() => np.where(np.array([true]), x, v)).toThrow(/where: .* is no int32/)
      expect(() => np.concatenate([x, np.reshape(i32([1]), [1])]).dtype && np.stack([i32(1), v])).toThrow(/stack: .* is no int32/)
      expect(() => np.arange(v, v + 2)).toThrow(/arange: .* is no int32/)
      expect(() => np.geomspace(Math.abs(v), 2 * Math.abs(v), 2, { dtype: 'int32' })).toThrow(/geomspace: .* is no int32/)
    }
    expect(() => np.full([2], -1, { dtype: 'uint32' })).toThrow(/try: 'float64' as the dtype/)
    expect(() => np.full([2], 3e9, { dtype: 'int32' })).toThrow(/try: 'uint32' or 'float64' as the dtype/)
    expect(() => np.array(new Int32Array([-1]), { dtype: 'uint32' })).toThrow(ValueError)
    expect(() => np.array(new Uint32Array([3e9]), { dtype: 'int32' })).toThrow(ValueError)
    expect(np.array([1.9, -1.9, highest + 0.5], { dtype: 'int32' }).toArray()).toEqual([1, -1, highest])
    expect(np.array(new Float32Array([-0.5, 4294967040]), { dtype: 'uint32' }).toArray()).toEqual([0, 4294967040])
    expect(np.full([2], NaN, { dtype: 'bool' }).toArray()).toEqual([true, true])
    expect([...np.full([2], 7, { dtype: 'bool' }).toTypedArray()]).toEqual([1, 1])
    expect([...np.pad(np.array([false]), 1, { constantValues: 2 }).toTypedArray()]).toEqual([1, 0, 1])
  })

  it('converts tensors by saturating, and integers of the other sign bit for bit', () => {
    expect(np.astype(np.array([2 ** 40, -(2 ** 40), NaN, Infinity]), 'int32').toArray()).toEqual([highest, lowest, 0, highest])
    expect(np.astype(np.array([2 ** 40, -1, NaN]), 'uint32').toArray()).toEqual([2 ** 32 - 1, 0, 0])
    expect(np.astype(i32([-1, 5]), 'uint32').toArray()).toEqual([2 ** 32 - 1, 5])
    expect(np.astype(u32([2 ** 32 - 1, 5]), 'int32').toArray()).toEqual([-1, 5])
  })

  it('by 0 and by -1, shifts beyond the bits, and sums are those of XLA', () => {
    const run = (f: (x: Tensor, y: Tensor) => Tensor, x: Tensor, y: Tensor): unknown => {
      const eagerly = f(x, y).toArray()
      expect(jit(f)(x, y).toArray()).toEqual(eagerly)
      return eagerly
    }
    const zeros = i32([0, 0, 0])
    expect(run(np.floorDivide, i32([5, -5, 0]), zeros)).toEqual([-1, -1, -1])
    expect(run(np.remainder, i32([5, -5, 0]), zeros)).toEqual([5, -5, 0])
    expect(run(np.fmod, i32([5, -5, 0]), zeros)).toEqual([5, -5, 0])
    expect(run(np.floorDivide, u32([5, 0]), u32([0, 0]))).toEqual([2 ** 32 - 1, 2 ** 32 - 1])
    expect(run(np.floorDivide, i32([lowest]), i32([-1]))).toEqual([lowest])
    expect(run(np.remainder, i32([lowest]), i32([-1]))).toEqual([0])
    expect(run(np.leftShift, i32([1, 1, 1]), i32([31, 32, -1]))).toEqual([lowest, 0, 0])
    expect(run(np.rightShift, i32([-8, 8, -8]), i32([32, 40, -1]))).toEqual([-1, 0, -1])
    expect(run(np.rightShift, u32([2 ** 32 - 1, 8]), u32([31, 32]))).toEqual([1, 0])
    expect(run(np.add, i32([highest]), i32([1]))).toEqual([lowest])
    expect(run(np.sub, u32([0]), u32([1]))).toEqual([2 ** 32 - 1])
    expect(run(np.mul, i32([65536]), i32([65537]))).toEqual([65536])
    expect(np.sum(u32([2 ** 32 - 1, 2])).item()).toBe(1)
    expect(np.cumsum(i32([highest, 1, 1])).toArray()).toEqual([highest, lowest, lowest + 1])
    expect(np.prod(u32([2 ** 31, 2])).item()).toBe(0)
    expect(np.negative(i32([lowest])).toArray()).toEqual([lowest])
    expect(np.abs(i32([lowest])).toArray()).toEqual([lowest])
  })

  it('powers of integers are exact modulo 2^32', () => {
    const power = (x: number, y: number): number => Number(BigInt.asIntN(32, BigInt(x) ** BigInt(y)))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 0, max: 200 })), { minLength: 1, maxLength: 8 }),
        (pairs) => {
          const [x, y] = [i32(pairs.map((p) => p[0])), i32(pairs.map((p) => p[1]))]
          const want = pairs.map(([a, b]) => power(a, b))
          expect(np.pow(x, y).toArray()).toEqual(want)
          expect(pairs.map(([a, b]) => np.pow(i32(a), b).item())).toEqual(want)
        },
      ),
      { numRuns: 20 },
    )
    expect(np.pow(i32([2, 3, -1, 1]), i32([64, 65, 65, 99])).toArray()).toEqual([0, power(3, 65), -1, 1])
    expect(np.pow(i32([2, -1, -1, 1, 0]), i32([-1, -1, -2, -5, -1])).toArray()).toEqual([0, -1, 1, 1, 0])
    expect(() => np.pow(i32([2]), -1)).toThrow(ValueError)
  })

  it('rounds integers to tens and hundreds, halves to even', () => {
    expect(np.round(i32([15, 25, -15, -25, 4, 6, highest]), { decimals: -1 }).toArray()).toEqual([20, 20, -20, -20, 0, 10, highest])
    expect(np.round(i32([149, 150, 250, -51]), { decimals: -2 }).toArray()).toEqual([100, 200, 200, -100])
    expect(np.round(i32([highest, lowest]), { decimals: -10 }).toArray()).toEqual([0, -0].map(() => 0))
    expect(np.round(u32([2 ** 32 - 1, 5, 15]), { decimals: -1 }).toArray()).toEqual([2 ** 32 - 1, 0, 20])
    expect(np.round(i32([15]), { decimals: 3 }).toArray()).toEqual([15])
  })
})

describe('ranges of integers', () => {
  it('linspace takes the whole numbers below, from numbers and from tensors', () => {
    const want = [-2, -1, 0, 1, 2]
    expect(np.linspace(-1.5, 2, 5, { dtype: 'int32' }).toArray()).toEqual(want)
    expect(np.linspace(np.array(-1.5), 2, 5, { dtype: 'int32' }).toArray()).toEqual(want)
    expect(np.linspace(0, 3, 3, { dtype: 'int32', endpoint: false }).toArray()).toEqual([0, 1, 2])
    expect(() => np.linspace(-1.5, 2, 5, { dtype: 'uint32' })).toThrow(/-2 is no uint32/)
  })

  it('geomspace and logspace are exact at their ends', () => {
    expect(np.geomspace(1, 256, 9, { dtype: 'int32' }).toArray()).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256])
    expect(np.geomspace(3, 1e9, 2, { dtype: 'int32' }).toArray()).toEqual([3, 1e9])
    expect(np.logspace(0, 9, 4, { dtype: 'int32' }).toArray()).toEqual([1, 1000, 1e6, 1e9])
    expect(() => np.logspace(0, 12, 4, { dtype: 'int32' })).toThrow(ValueError)
  })

  it('arange takes known scalars, of their own dtype', () => {
    expect(np.arange(i32(3)).toArray()).toEqual([0, 1, 2])
    expect(np.arange(1, i32(4)).dtype).toBe('int32')
    expect(np.arange(np.array(2, { dtype: 'float64' })).dtype).toBe('float64')
    expect(() => np.arange(i32([1, 2]))).toThrow(/bounds are numbers, not a tensor of 1 axes/)
    expect(() => jit((n: Tensor) => np.arange(n))(i32(3))).toThrow(/not known while tracing/)
  })

  it('diagonals far outside are no diagonals that wrap', () => {
    expect(np.eye(2, { k: 2 ** 32 + 1 }).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(np.tril(np.ones([2, 2]), { k: 2 ** 32 }).toArray()).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  it('searchsorted compares a number with integers by value', () => {
    const table = i32([16777216, 16777217])
    expect(np.searchsorted(table, 16777217).item()).toBe(1)
    expect(np.searchsorted(table, 3e9).item()).toBe(2)
    expect(np.searchsorted(table, 16777216.5, { side: 'right' }).item()).toBe(1)
    expect(np.searchsorted(np.array([1, NaN]), NaN).item()).toBe(1)
  })

  it('randint draws between bounds that its dtype holds', () => {
    const key = random.key(0)
    expect(np.max(random.randint(key, [1000], 0, 3e9, { dtype: 'uint32' })).item()).toBeGreaterThan(2 ** 31)
    expect(random.randint(key, [2], lowest, 2 ** 31).shape).toEqual([2])
    for (const [low, high] of [
      [0, 3e9],
      [-3e9, 0],
      [0, 2 ** 31 + 1],
    ] as const)
      expect(() => random.randint(key, [2], low, high)).toThrow(/are not all int32/)
    expect(() => random.randint(key, [2], -1, 5, { dtype: 'uint32' })).toThrow(/are not all uint32/)
    expect(() => random.randint(key, [2], 5, 5)).toThrow(/no integers from 5 up to 5/)
    expect(() => random.randint(key, [2], 0.5, 5)).toThrow(ValueError)
    expect(() => random.randint(key, [2], 0, NaN)).toThrow(ValueError)
    expect(() => random.randint(key, [2], i32(0), 3e9)).toThrow(ValueError)
  })
})
