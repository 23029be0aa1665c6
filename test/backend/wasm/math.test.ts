import { describe, expect, it } from 'vitest'
import { castLoop, compareLoops, selectLoop } from '../../../src/backend/reference/convert.js'
import { floatLoops, nextafterLoops } from '../../../src/backend/reference/float.js'
import { signedLoops, unsignedLoops } from '../../../src/backend/reference/integer.js'
import type { Loop } from '../../../src/backend/reference/loop.js'
import { binary, cast, clampBy, compare, select, shiftBy, unary } from '../../../src/backend/wasm/math/index.js'
import type { Body } from '../../../src/backend/wasm/code.js'
import { constant } from '../../../src/backend/wasm/loops/lanes.js'
import type { FourLanes } from '../../../src/backend/wasm/math/index.js'
import type { Node } from '../../../src/backend/wasm/math/node.js'
import { held, ref } from '../../../src/backend/wasm/math/node.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../../../src/kernel/operations.js'
import { correctlyRounded } from './correctlyRounded.js'
import { fmaModes } from './fma.js'
import type { Case } from './mathHarness.js'
import { compileCases, randoms, ulps } from './mathHarness.js'

/**
 * Largest error in ulps: [float32 against the reference's float64, float64 against correctly rounded values, float64
 * against the reference]. The third bounds the errors of both together; 3 for digamma is the reference's own error below 1.
 */
const unaryBounds = {
  neg: [0, 0, 0],
  abs: [0, 0, 0],
  sign: [0, 0, 0],
  floor: [0, 0, 0],
  ceil: [0, 0, 0],
  round: [0, 0, 0],
  trunc: [0, 0, 0],
  sqrt: [0.501, 0, 0],
  rsqrt: [0.501, 1, 0],
  cbrt: [0.97, 0, 1],
  exp: [0.9, 0, 1],
  exp2: [1.1, 0, 1],
  expm1: [1.66, 0, 1],
  log: [0.85, 0, 1],
  log2: [1.45, 0, 1],
  log10: [1.25, 0, 1],
  log1p: [1.5, 1, 1],
  sin: [1.5, 0, 1],
  cos: [1.51, 0, 1],
  tan: [1.8, 1, 2],
  asin: [1.4, 1, 1],
  acos: [1.05, 0, 1],
  atan: [1.9, 1, 1],
  sinh: [1.65, 0, 2],
  cosh: [1.5, 0, 1],
  tanh: [1.7, 1, 2],
  asinh: [1.65, 1, 2],
  acosh: [1.6, 1, 1],
  atanh: [1.6, 1, 1],
  sigmoid: [1.7, 0, 2],
  erf: [1.1, 1, 1],
  erfc: [1.8, 2, 2],
  erfInv: [0.501, 1, 1],
  lgamma: [0.501, 1, 2],
  digamma: [0.501, 1, 3],
} as const satisfies { readonly [K in UnaryOp]?: readonly [number, number, number] }

const binaryBounds = {
  add: [0.501, 0, 0],
  sub: [0.501, 0, 0],
  mul: [0.501, 0, 0],
  div: [0.501, 0, 0],
  max: [0, 0, 0],
  min: [0, 0, 0],
  rem: [0, 0, 0],
  nextafter: [0, 0, 0],
  pow: [1.1, 0, 1],
  atan2: [1.9, 0, 1],
  hypot: [0.501, 0, 2],
} as const satisfies { readonly [K in BinaryOp]?: readonly [number, number, number] }

const floats = ['float32', 'float64'] as const
const bitsOf = { float32: 24, float64: 53 } as const
const cases = new Map<string, Case>()
for (const d of floats) {
  for (const op of Object.keys(unaryBounds) as UnaryOp[])
    cases.set(`${op} ${d}`, { ins: [d], out: d, make: (c, b, x) => unary(c, b, op, d, x) })
  for (const op of Object.keys(binaryBounds) as BinaryOp[])
    cases.set(`${op} ${d}`, { ins: [d, d], out: d, make: (c, b, x, y) => binary(c, b, op, d, x, y) })
  for (const op of ['max', 'min'] as const)
    for (const bound of [0, -0, 1.5])
      cases.set(`${op} ${d} ${Object.is(bound, -0) ? '-0' : bound}`, { ins: [d], out: d, make: (_c, b, x) => clampBy(b, op, d, x, bound) })
}
const signed = ['neg', 'abs', 'sign', 'not', 'popcount', 'clz'] as const
const integral = ['add', 'sub', 'mul', 'div', 'rem', 'pow', 'max', 'min', 'and', 'or', 'xor', 'shl', 'shr'] as const
for (const d of ['int32', 'uint32'] as const) {
  for (const op of signed) cases.set(`${op} ${d}`, { ins: [d], out: d, make: (c, b, x) => unary(c, b, op, d, x) })
  for (const op of integral) cases.set(`${op} ${d}`, { ins: [d, d], out: d, make: (c, b, x, y) => binary(c, b, op, d, x, y) })
  for (const op of ['shl', 'shr'] as const)
    for (const by of [0, 13, 31, 32]) cases.set(`${op} ${d} ${by}`, { ins: [d], out: d, make: (_c, b, x) => shiftBy(b, op, d, x, by) })
}
const all = Object.keys(dtypes) as DType[]
const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const satisfies readonly CompareOp[]
/** Choices of which one side or both are constants; null is an operand. */
const constants = [
  ['from 0', 0, null],
  ['to 0', null, 0],
  ['to -0', null, -0],
  ['from 1', 1, null],
  ['between 1 and -3', 1, -3],
  ['between NaN and -0', NaN, -0],
] as const
for (const d of all) {
  for (const op of comparisons) cases.set(`${op} ${d}`, { ins: [d, d], out: 'bool', make: (c, b, x, y) => compare(c, b, op, d, x, y) })
  const nodes = (b: Body, xs: FourLanes): Node[] => xs.map((x) => ref(held(b, x)))
  cases.set(`select ${d}`, { ins: ['bool', d, d], out: d, make: (_c, b, t, x, y) => select(b, d, t, nodes(b, x), nodes(b, y)) })
  for (const [name, left, right] of constants)
    cases.set(`select ${d} ${name}`, {
      ins: ['bool', d, d],
      out: d,
      make: (_c, b, t, x, y) =>
        select(b, d, t, left === null ? nodes(b, x) : constant(left, d), right === null ? nodes(b, y) : constant(right, d)),
    })
  for (const to of all) cases.set(`cast ${d} ${to}`, { ins: [d], out: to, make: (c, b, x) => cast(c, b, d, to, x) })
}
const runs = new Map(fmaModes.map((fma) => [fma, compileCases(cases, fma)]))
const run = runs.get(false)!

const special = {
  float32: [
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    2,
    -2,
    3,
    -3,
    1e-45,
    -1e-45,
    1.1754943508222875e-38,
    3.4028234663852886e38,
    -3.4028234663852886e38,
    Infinity,
    -Infinity,
    NaN,
    2.5,
    3.5,
    -2.5,
    8388609,
    1e10,
    16777216,
  ],
  float64: [
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    2,
    -2,
    3,
    -3,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    Infinity,
    -Infinity,
    NaN,
    2.5,
    3.5,
    -2.5,
    4503599627370497,
    1e22,
    1e10,
  ],
} as const

/** Arguments over all magnitudes, dense near 0, 1 and the multiples of pi/4. */
const sample = (d: 'float32' | 'float64', n: number, seed: number): number[] => {
  const r = randoms(seed)
  const sign = () => (r() < 0.5 ? -1 : 1)
  const wide = d === 'float32' ? 125 : 1000
  return Array.from({ length: n }, (_, k) => {
    switch (k % 6) {
      case 0:
        return r() * 2 - 1
      case 1:
        return r() * 20 - 10
      case 2:
        return sign() * (1 + r()) * 2 ** Math.floor(r() * 2 * wide - wide)
      case 3:
        return 1 + sign() * 2 ** -(r() * (bitsOf[d] - 1))
      case 4:
        return (k * Math.PI) / 4
      default:
        return sign() * 2 ** (r() * 16 - 8)
    }
  })
}
const reference = (loop: Loop, out: TypedArray, ...xs: readonly TypedArray[]): TypedArray => {
  loop(out, xs[0]!.length, xs[0]!, xs[1] ?? xs[0]!, xs[2] ?? xs[0]!)
  return out
}
/** The worst error over arrays, and where. */
const worst = (got: TypedArray, want: TypedArray, d: 'float32' | 'float64', xs: readonly TypedArray[]) => {
  let most = { error: -1, at: [] as number[], got: 0, want: 0 }
  for (let i = 0; i < got.length; i++) {
    const error = ulps(got[i]!, want[i]!, d)
    if (error > most.error) most = { error, at: xs.map((x) => x[i]!), got: got[i]!, want: want[i]! }
  }
  return most
}

describe.each(floats.flatMap((d) => fmaModes.map((fma) => [d, fma] as const)))('elementary functions of %s, fused %s', (d, fma) => {
  const run = runs.get(fma)!
  const against = d === 'float32' ? 0 : 2
  const make = (v: readonly number[]) => dtypes[d].from(v)

  it.each(Object.entries(unaryBounds))('%s is near the reference', (op, bounds) => {
    const x = make([...special[d], ...sample(d, 6000, 5)])
    // lgamma and digamma cancel at their zeros left of 0, as the reference does: there the error is absolute.
    const kept = op === 'lgamma' || op === 'digamma' ? x.filter((v) => v >= 0 || v !== v) : x
    const want = reference(floatLoops[op as UnaryOp]!, new Float64Array(kept.length), kept)
    const most = worst(run(`${op} ${d}`, kept), want, d, [kept])
    expect(most.error, JSON.stringify(most)).toBeLessThanOrEqual(bounds[against])
  })

  it.each(Object.entries(binaryBounds))('%s is near the reference', (op, bounds) => {
    const edges = special[d].flatMap((p) => special[d].map((q) => [p, q] as const))
    const x = make([...edges.map((e) => e[0]), ...sample(d, 3000, 6)])
    const y = make([...edges.map((e) => e[1]), ...sample(d, 3001, 7).slice(1).reverse()])
    const loop = op === 'nextafter' ? nextafterLoops[d] : floatLoops[op as BinaryOp]!
    const most = worst(run(`${op} ${d}`, x, y), reference(loop, new Float64Array(x.length), x, y), d, [x, y])
    expect(most.error, JSON.stringify(most)).toBeLessThanOrEqual(bounds[against])
  })

  const everywhere = Object.entries(unaryBounds).filter(([, bounds]) => bounds[0] > 0.501 && d === 'float32')
  it.each(everywhere)('%s is near the reference over all bit patterns', (op, bounds) => {
    const x = new Float32Array(Uint32Array.from({ length: 40000 }, (_, k) => k * 107377 + 1).buffer)
    const most = worst(run(`${op} ${d}`, x), reference(floatLoops[op as UnaryOp]!, new Float64Array(x.length), x), d, [x])
    expect(most.error, JSON.stringify(most)).toBeLessThanOrEqual(bounds[0])
  })

  it('gives an element the same result whatever its neighbours are', () => {
    const values = make([0.3, 40.7, 1e6, 1e30, -5.5, Infinity, NaN, 1e-30, 2 ** 24, Math.PI])
    for (const op of Object.keys(unaryBounds)) {
      const alone = run(`${op} ${d}`, make(Array.from(values).flatMap((v) => [v, v, v, v])))
      for (const shift of [0, 1, 2, 3]) {
        const together = run(`${op} ${d}`, make([...Array<number>(shift).fill(1e20), ...values]))
        expect([...together].slice(shift), `${op} after ${shift} others`).toEqual([...values].map((_, k) => alone[4 * k]))
      }
    }
  })

  it.each([0, -0, 1.5])('clamps by the constant %d', (bound) => {
    const x = make(special[d])
    for (const op of ['max', 'min'] as const)
      expect(run(`${op} ${d} ${Object.is(bound, -0) ? '-0' : bound}`, x)).toEqual(x.map((v) => Math[op](v, bound)))
  })
})

const exactly = Object.entries(correctlyRounded).flatMap(([op, rows]) => fmaModes.map((fma) => [op, fma, rows] as const))
it.each(exactly)('%s of float64, fused %s, is near correctly rounded values', (op, fma, rows) => {
  const run = runs.get(fma)!
  const arity = rows[0]!.length - 1
  const column = (k: number) => Float64Array.from(rows, (r) => r[k]!)
  const xs = Array.from({ length: arity }, (_, k) => column(k))
  const most = worst(run(`${op} float64`, ...xs), column(arity), 'float64', xs)
  const bounds: Readonly<Record<string, readonly number[]>> = { ...unaryBounds, ...binaryBounds }
  expect(most.error, JSON.stringify(most)).toBeLessThanOrEqual(bounds[op]![1]!)
})

const words = (() => {
  const r = randoms(3)
  const edges = [0, 1, -1, 2, 3, -3, 31, 32, 33, 2147483647, -2147483648, -2147483647, 65536, 7]
  const random = Array.from({ length: 200 }, () => Math.floor(r() * 4294967296) - 2147483648)
  const x = [...edges.flatMap((v) => edges.map(() => v)), ...random]
  const y = [...edges.flatMap(() => edges), ...random.map((_, k) => Math.floor(r() * 2 ** (1 + (k % 32))))]
  return [x, y] as const
})()

describe.each(['int32', 'uint32'] as const)('operations on %s', (d) => {
  const loops = d === 'int32' ? signedLoops : unsignedLoops
  const [x, y] = words.map((v) => dtypes[d].from(v)) as [TypedArray, TypedArray]
  it.each(signed)('%s', (op) => {
    expect(run(`${op} ${d}`, x)).toEqual(reference(loops[op]!, dtypes[d].make(x.length), x))
  })
  it.each(integral)('%s', (op) => {
    expect(run(`${op} ${d}`, x, y)).toEqual(reference(loops[op]!, dtypes[d].make(x.length), x, y))
  })
  it.each([0, 13, 31, 32])('shifts by %i', (by) => {
    for (const op of ['shl', 'shr'] as const)
      expect(run(`${op} ${d} ${by}`, x)).toEqual(reference(loops[op]!, dtypes[d].make(x.length), x, dtypes[d].make(x.length).fill(by)))
  })
})

describe.each(all)('comparison, choice and casts of %s', (d) => {
  const values =
    d === 'float32' || d === 'float64'
      ? [...special[d], 2147483647, 4294967295, -2147483648, 0.9, -0.9, 1e9]
      : d === 'bool'
        ? [0, 1]
        : words[0].slice(0, 210)
  const pairs = values.flatMap((p) => values.slice(0, 30).map((q) => [p, q] as const))
  const x = dtypes[d].from(pairs.map((p) => p[0]))
  const y = dtypes[d].from(pairs.map((p) => p[1]))
  it.each(comparisons)('%s', (op) => {
    expect(run(`${op} ${d}`, x, y)).toEqual(reference(compareLoops[op], new Uint8Array(x.length), x, y))
  })
  it('select', () => {
    const t = Uint8Array.from(x, (_, k) => (k % 3 === 0 ? 1 : 0))
    expect(run(`select ${d}`, t, x, y)).toEqual(reference(selectLoop, dtypes[d].make(x.length), t, x, y))
    for (const [name, left, right] of constants) {
      const of = (value: number | null, operand: TypedArray): TypedArray =>
        value === null ? operand : dtypes[d].from(Array.from(operand, () => (d === 'bool' ? Number(value !== 0) : value)))
      expect(run(`select ${d} ${name}`, t, x, y), name).toEqual(
        reference(selectLoop, dtypes[d].make(x.length), t, of(left, x), of(right, y)),
      )
    }
  })
  it.each(all)('cast to %s', (to) => {
    expect(run(`cast ${d} ${to}`, x)).toEqual(reference(castLoop(d, to), dtypes[to].make(x.length), x))
  })
})
