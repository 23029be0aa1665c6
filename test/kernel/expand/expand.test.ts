/** Definitions of scalar operations: each means what the operation means, to within its stated error, where it is exact to the bit. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import type { DType } from '../../../src/core/dtype.js'
import { aval } from '../../../src/core/aval.js'
import { scalarKernel } from '../../../src/backend/reference/scalar.js'
import { lacking } from '../../../src/kernel/expand/definitions.js'
import type { Definitions } from '../../../src/kernel/expand/expand.js'
import { expand, expansion } from '../../../src/kernel/expand/expand.js'
import { fmaSingle } from '../../../src/kernel/expand/fma.js'
import type { Op } from '../../../src/kernel/operations.js'
import { operations } from '../../../src/kernel/operations.js'
import { properties } from '../../../src/kernel/properties.js'
import type { Expr } from '../../../src/kernel/scalar.js'
import { nodesOf, s } from '../../../src/kernel/scalar.js'

const run = (root: Expr, inputs: readonly TypedArray[]): TypedArray =>
  scalarKernel([root], inputs.length, [aval([inputs[0]!.length], root.dtype)])(inputs)[0]!

const arities = { unary: 1, binary: 2, ternary: 3, compare: 2, convert: 2, select: 3 } as const
const arityOf = (op: Op): number =>
  Math.max(
    ...(Object.keys(operations) as (keyof typeof operations)[]).map((form) =>
      (operations[form] as readonly Op[]).includes(op) ? arities[form] : 0,
    ),
  )
const operandsFor = (op: Op, dtype: DType): readonly Expr[] => Array.from({ length: arityOf(op) }, (_, k) => s.input(k, dtype))
const apply = (op: Op, xs: readonly Expr[]): Expr => (s[op] as (...xs: readonly Expr[]) => Expr)(...xs)

/** Every bit pattern of float32 is as likely, so that all exponents, subnormal numbers, infinities and NaN come up. */
const single = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((bits) => new Float32Array(new Uint32Array([bits]).buffer)[0]!)

/** `x * y + z` with one rounding, by rational arithmetic on integers of any size. */
const exactFma = (x: number, y: number, z: number): number => {
  if (![x, y, z].every(Number.isFinite) || x === 0 || y === 0) return Math.fround(x * y + z)
  if (z === 0) return Math.fround(x * y)
  const scale = 400
  const integer = (v: number, shift: number): bigint => {
    // a float32 times 2^149 is whole
    const whole = BigInt(v * 2 ** 149)
    return whole << BigInt(shift)
  }
  const total = integer(x, 0) * integer(y, 0) * (1n << BigInt(scale - 298)) + integer(z, scale - 149)
  if (total === 0n) return 0
  const negative = total < 0n
  const size = negative ? -total : total
  const digits = size.toString(2).length
  // The last place of the result: 24 digits, or the place of the least subnormal number.
  const last = Math.max(digits - 24, scale - 149)
  const unit = 1n << BigInt(last)
  const rest = size % unit
  let head = size / unit
  if (rest * 2n > unit || (rest * 2n === unit && head % 2n === 1n)) head += 1n
  const value = Number(head) * 2 ** (last - scale)
  return Math.fround(negative ? -value : value)
}

describe('the definition of fma in uint32', () => {
  const check = (triples: readonly (readonly [number, number, number])[]): void => {
    const columns = [0, 1, 2].map((k) => Float32Array.from(triples, (t) => t[k]!))
    const got = run(fmaSingle(s.input(0, 'float32'), s.input(1, 'float32'), s.input(2, 'float32')), columns)
    triples.forEach(([x, y, z], i) => {
      const want = exactFma(x, y, z)
      if (!Object.is(got[i], want)) expect.fail(`fma(${x}, ${y}, ${z}) is ${want}, got ${got[i]}`)
    })
  }
  it('rounds once, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(single, single, single), { minLength: 1, maxLength: 100 }), (triples) => {
        check(triples)
      }),
    )
  })
  it('rounds once where the product and the addend are of one size, and where they cancel', () => {
    const near = fc.tuple(single, single, fc.integer({ min: -3, max: 3 }), fc.integer({ min: -60, max: 60 })).map(([x, y, step, shift]) => {
      const product = Math.fround(x * y)
      const z = new Int32Array(new Float32Array([-product]).buffer)
      const moved = Number.isFinite(product) ? new Float32Array(Int32Array.of(z[0]! + step).buffer)[0]! : product
      return [x, y, Math.fround(moved * 2 ** (shift % 30))] as const
    })
    fc.assert(
      fc.property(fc.array(near, { minLength: 1, maxLength: 100 }), (triples) => {
        check(triples)
      }),
    )
  })
  it('rounds ties to even, overflows to infinity, and keeps the signs of zeros', () => {
    const e = 2 ** -23
    check([
      [1 + e, 1 + e, -(1 + 2 * e)],
      [1 + e, 0.5, 0.25 * e],
      [1, 1, 2 ** -24],
      [1 + e, 1, 2 ** -24],
      [2 ** 127, 2, -(2 ** 127)],
      [2 ** 127, 2, 0],
      [3e38, 10, -3e38],
      [2 ** -149, 0.5, 0],
      [-(2 ** -149), 0.5, 0],
      [2 ** -149, 2 ** -149, -(2 ** -149)],
      [2 ** -149, 2 ** -149, 1],
      [-1, 1, 1],
      [-0, 1, -0],
      [0, 1, -0],
      [Infinity, 0, 1],
      [NaN, 1, 1],
      [1, 1, Infinity],
    ])
  })
})

describe('definitions', () => {
  const samples = (dtype: DType): TypedArray => {
    const all = [
      0,
      1,
      -1,
      2,
      3,
      7,
      -8,
      31,
      32,
      33,
      40,
      1 << 20,
      -(1 << 30),
      2 ** 31 - 1,
      -(2 ** 31),
      2 ** 32 - 1,
      0.5,
      -0.25,
      0.9,
      1.5,
      9.25,
      -0,
    ]
    const special = dtypes[dtype].max === Infinity ? [NaN, Infinity, -Infinity] : []
    return dtypes[dtype].from([...all, ...special])
  }
  const pairs = (xs: TypedArray, n: number): readonly TypedArray[] => {
    if (n === 1) return [xs]
    const repeated = [...xs].flatMap((x) => [...xs].map((y) => [x, y, xs[((x + y) % xs.length) | 0] ?? 1] as const))
    return Array.from({ length: n }, (_, k) => {
      const column = xs.slice(0, 0)
      const Make = column.constructor as new (values: readonly number[]) => TypedArray
      return new Make(repeated.map((r) => r[k]!))
    })
  }
  const only = (op: Op): Definitions => lacking((other) => other !== op)

  const exactOps = [...operations.unary, ...operations.binary].filter((op) => properties[op].exact)
  const cases = exactOps.flatMap((op) =>
    (['int32', 'uint32', 'float32'] as const)
      .filter((d) => properties[op].on.includes(d === 'float32' ? 'float' : 'integer'))
      .filter((d) => expansion(apply(op, operandsFor(op, d)), only(op)) !== undefined)
      .map((d) => [op, d] as const),
  )
  it('there are some', () => {
    expect(cases.map(([op, d]) => `${op} ${d}`).sort()).toEqual(
      [
        'clz int32',
        'clz uint32',
        'div int32',
        'div uint32',
        'popcount int32',
        'popcount uint32',
        'shl int32',
        'shl uint32',
        'shr int32',
        'shr uint32',
        'trunc float32',
      ].sort(),
    )
  })
  it.each(cases)('%s of %s is the operation to the bit', (op, dtype) => {
    const xs = operandsFor(op, dtype)
    const inputs = pairs(samples(dtype), xs.length)
    const defined = expand([apply(op, xs)], only(op))[0]!
    expect([...run(defined, inputs)]).toEqual([...run(apply(op, xs), inputs)])
  })

  const inexact = [...operations.unary, ...operations.binary].filter((op) => !properties[op].exact)
  const functions = inexact.flatMap((op) =>
    (['float32', 'float64'] as const)
      .filter((d) => expansion(apply(op, operandsFor(op, d)), only(op)) !== undefined)
      .map((d) => [op, d] as const),
  )
  it.each(functions)('%s of %s is the function, within some units in the last place', (op, dtype) => {
    const xs = operandsFor(op, dtype)
    const inputs = pairs(samples(dtype), xs.length)
    const [got, want] = [run(expand([apply(op, xs)], only(op))[0]!, inputs), run(apply(op, xs), inputs)]
    const epsilon = dtype === 'float32' ? 2 ** -23 : 2 ** -52
    want.forEach((w, i) => {
      const g = got[i]!
      const close = Object.is(g, w) || g === w || Math.abs(g - w) <= 256 * epsilon * Math.max(Math.abs(w), 1e-3)
      if (!close) expect.fail(`${op}(${inputs.map((x) => x[i]).join(', ')}) is ${w}, got ${g}`)
    })
  })

  it('leave what a target computes, and expand what is inside as well', () => {
    const x = s.input(0, 'float32')
    const e = s.add(s.trunc(s.trunc(x)), x)
    expect(expand([e], {})[0]).toEqual(e)
    const lacking = expand([e], only('trunc'))
    expect(nodesOf(lacking).some((n) => n.op === 'trunc')).toBe(false)
    // what is shared stays shared
    expect(nodesOf(lacking).length).toBeLessThan(16)
  })
})

describe('the table', () => {
  it('has a constructor for every operation, with as many operands as its form says', () => {
    for (const op of Object.keys(properties) as Op[]) expect(s[op].length, op).toBe(arityOf(op))
  })
})
