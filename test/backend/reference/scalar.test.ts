import { describe, expect, it } from 'vitest'
import { s } from '../../../src/kernel/scalar.js'
import { map, value } from './compute.js'

const list = (a: ArrayLike<number> | undefined): number[] => Array.from(a!)
const minus = -2147483648

describe('elementwise equations', () => {
  it('rounds float32 after every operation', () => {
    const x = value([1], [1e8])
    expect(list(map([x], (a) => s.sub(s.add(a, s.like(a, 1)), a))[0])).toEqual([0])
    const y = value([1], [1e8], 'float64')
    expect(list(map([y], (a) => s.sub(s.add(a, s.like(a, 1)), a))[0])).toEqual([1])
  })

  it('wraps integers', () => {
    const x = value([3], [2147483647, minus, 65537], 'int32')
    expect(list(map([x], (a) => s.add(a, s.like(a, 1)))[0])).toEqual([minus, -2147483647, 65538])
    expect(list(map([x], (a) => s.mul(a, a))[0])).toEqual([1, 0, 131073])
    expect(list(map([x], (a) => s.neg(a))[0])).toEqual([-2147483647, minus, -65537])
    const u = value([2], [0, 4294967295], 'uint32')
    expect(list(map([u], (a) => s.sub(a, s.like(a, 1)))[0])).toEqual([4294967295, 4294967294])
    expect(list(map([u], (a) => s.mul(a, a))[0])).toEqual([0, 1])
  })

  it('divides integers by truncation, and by zero', () => {
    const x = value([5], [7, -7, 7, -7, minus], 'int32')
    const y = value([5], [2, 2, 0, 0, -1], 'int32')
    expect(list(map([x, y], s.div)[0])).toEqual([3, -3, -1, -1, minus])
    expect(list(map([x, y], s.rem)[0])).toEqual([1, -1, 7, -7, 0])
    const u = value([2], [4294967295, 5], 'uint32')
    const v = value([2], [2, 0], 'uint32')
    expect(list(map([u, v], s.div)[0])).toEqual([2147483647, 4294967295])
  })

  it('shifts everything out from 32 on', () => {
    const x = value([4], [-8, -8, -8, 1], 'int32')
    const n = value([4], [1, 32, -1, 31], 'int32')
    expect(list(map([x, n], s.shl)[0])).toEqual([-16, 0, 0, minus])
    expect(list(map([x, n], s.shr)[0])).toEqual([-4, -1, -1, 0])
    const u = value([3], [4294967288, 4294967288, 1], 'uint32')
    const m = value([3], [1, 32, 31], 'uint32')
    expect(list(map([u, m], s.shr)[0])).toEqual([2147483644, 0, 0])
    expect(list(map([u, m], s.shl)[0])).toEqual([4294967280, 0, 2147483648])
  })

  it('counts bits', () => {
    const x = value([4], [0, 1, -1, 0x0f0f], 'int32')
    expect(list(map([x], s.popcount)[0])).toEqual([0, 1, 32, 8])
    expect(list(map([x], s.clz)[0])).toEqual([32, 31, 0, 20])
    expect(list(map([x], s.not)[0])).toEqual([-1, -2, 0, -3856])
  })

  it('converts: saturating, NaN to 0, wrapping between integers', () => {
    const x = value([7], [1.9, -1.9, NaN, Infinity, -Infinity, 3e9, -0.5])
    expect(list(map([x], (a) => s.cast(a, 'int32'))[0])).toEqual([1, -1, 0, 2147483647, minus, 2147483647, 0])
    expect(list(map([x], (a) => s.cast(a, 'uint32'))[0])).toEqual([1, 0, 0, 4294967295, 0, 3e9, 0])
    expect(list(map([x], (a) => s.cast(a, 'bool'))[0])).toEqual([1, 1, 1, 1, 1, 1, 1])
    const i = value([2], [-1, 5], 'int32')
    expect(list(map([i], (a) => s.cast(a, 'uint32'))[0])).toEqual([4294967295, 5])
    const u = value([1], [4294967295], 'uint32')
    expect(list(map([u], (a) => s.cast(a, 'int32'))[0])).toEqual([-1])
    expect(list(map([u], (a) => s.cast(a, 'float32'))[0])).toEqual([4294967296])
  })

  it('keeps bits', () => {
    const x = value([3], [1, -0, Infinity])
    expect(list(map([x], (a) => s.bitcast(a, 'uint32'))[0])).toEqual([0x3f800000, 0x80000000, 0x7f800000])
    const payload = value([1], [0x7fc00123], 'uint32')
    expect(list(map([payload], (a) => s.bitcast(s.bitcast(a, 'float32'), 'uint32'))[0])).toEqual([0x7fc00123])
  })

  it('compares, NaN unequal to everything', () => {
    const x = value([3], [1, NaN, 2])
    const y = value([3], [1, NaN, 3])
    const ask = { eq: [1, 0, 0], ne: [0, 1, 1], lt: [0, 0, 1], le: [1, 0, 1], gt: [0, 0, 0], ge: [1, 0, 0] } as const
    for (const [op, expected] of Object.entries(ask)) expect(list(map([x, y], s[op as keyof typeof ask])[0])).toEqual(expected)
  })

  it('computes operations of floats that JavaScript has as it does', () => {
    const values = [-Infinity, -2.5, -1, -0.5, -0, 0, 0.5, 1, 2.5, 4, Infinity, NaN]
    const x = value([values.length], values, 'float64')
    const asks = {
      neg: (v: number) => -v, abs: Math.abs, sign: Math.sign, floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc, sqrt: Math.sqrt,
      rsqrt: (v: number) => 1 / Math.sqrt(v), exp: Math.exp, log: Math.log, sin: Math.sin, cos: Math.cos, tanh: Math.tanh,
    } // prettier-ignore
    for (const [op, f] of Object.entries(asks)) expect(list(map([x], s[op as keyof typeof asks])[0]), op).toEqual(values.map(f))
  })

  it('propagates NaN through max and min', () => {
    const x = value([4], [NaN, 1, -0, 1])
    const y = value([4], [1, NaN, 0, 2])
    expect(list(map([x, y], s.max)[0])).toEqual([NaN, NaN, 0, 2])
    expect(list(map([x, y], s.min)[0])).toEqual([NaN, NaN, -0, 1])
  })

  it('takes bool as a two-element lattice', () => {
    const x = value([4], [0, 0, 1, 1], 'bool')
    const y = value([4], [0, 1, 0, 1], 'bool')
    expect(list(map([x, y], s.and)[0])).toEqual([0, 0, 0, 1])
    expect(list(map([x, y], s.add)[0])).toEqual([0, 1, 1, 1])
    expect(list(map([x], s.not)[0])).toEqual([1, 1, 0, 0])
    expect(list(map([x, y], s.xor)[0])).toEqual([0, 1, 1, 0])
  })

  it('evaluates shared nodes, constants and several outputs over many chunks', () => {
    const n = 5000
    const x = value(
      [n],
      Float64Array.from({ length: n }, (_, i) => i),
      'float64',
    )
    const [y, z, w, one, same] = map([x], (a) => {
      const square = s.mul(a, a)
      return [s.add(square, square), s.sub(square, s.like(a, 3)), square, s.like(a, 1), a]
    })
    for (const i of [0, 1, 2047, 2048, 4999]) {
      expect([y![i], z![i], w![i], one![i], same![i]]).toEqual([2 * i * i, i * i - 3, i * i, 1, i])
    }
  })

  it('gives back immutable input as output, and handles empty arrays', () => {
    const x = value([2], [1, 2])
    expect(map([x], (a) => a)[0]).toBe(x.data)
    expect(map([value([0], [])], (a) => s.add(s.exp(a), s.like(a, 1)))[0]).toHaveLength(0)
  })

  it('survives deep expressions', () => {
    const x = value([2], [0, 1], 'int32')
    expect(
      list(
        map([x], (a) => {
          let e = a
          for (let k = 0; k < 20000; k++) e = s.add(e, a)
          return e
        })[0],
      ),
    ).toEqual([0, 20001])
  })
})
