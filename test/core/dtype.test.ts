import { describe, expect, it } from 'vitest'
import {
  dtypes,
  elementOf,
  isBool,
  isDouble,
  isInexact,
  isInteger,
  isReal,
  isUnsigned,
  joins,
  promote,
  type DType,
} from '../../src/core/dtype.js'

describe('elementOf', () => {
  it('is the whole part of what an integer dtype holds, up to both limits, and undefined beyond', () => {
    const limits: readonly (readonly [DType, number, number])[] = [
      ['int32', -(2 ** 31), 2 ** 31 - 1],
      ['uint32', 0, 2 ** 32 - 1],
    ]
    for (const [dtype, low, high] of limits) {
      expect([low, high, 7.9].map((v) => elementOf(v, dtype))).toEqual([low, high, 7])
      expect([low - 1, high + 1, NaN, Infinity, -Infinity].map((v) => elementOf(v, dtype))).toEqual(new Array(5).fill(undefined))
    }
  })

  it('is 0 or 1 of bool, and every number of floats', () => {
    expect([0, -0, 2, NaN].map((v) => elementOf(v, 'bool'))).toEqual([0, 0, 1, 1])
    expect([0.5, 1e300, -Infinity].map((v) => elementOf(v, 'float32'))).toEqual([0.5, 1e300, -Infinity])
  })
})

const all = Object.keys(dtypes) as DType[]

/** What two dtypes of equal weakness become. Rows and columns: bool, uint32, int32, float32, float64. */
const [b, u, i, f, d] = ['bool', 'uint32', 'int32', 'float32', 'float64'] as const
const equals: Readonly<Record<DType, readonly DType[]>> = {
  bool: [b, u, i, f, d],
  uint32: [u, u, i, f, d],
  int32: [i, i, i, f, d],
  float32: [f, f, f, f, d],
  float64: [d, d, d, d, d],
}

/** What a weak dtype beside a strong one becomes; in capitals where the result is weak. Columns are the strong ones. */
const weakly: Readonly<Record<DType, string>> = {
  bool: 'bool uint32 int32 float32 float64',
  uint32: 'UINT32 uint32 int32 float32 float64',
  int32: 'INT32 uint32 int32 float32 float64',
  float32: 'FLOAT32 FLOAT32 FLOAT32 float32 float64',
  float64: 'FLOAT64 FLOAT64 FLOAT64 float32 float64',
}

describe('promote', () => {
  it('knows the dtypes that the tables here are of', () => {
    expect(all).toEqual([b, u, i, f, d])
  })

  it.each(all)('of %s and a dtype as weak or as strong is their join', (x) => {
    for (const weak of [false, true]) {
      expect(all.map((y) => promote({ dtype: x, weak }, { dtype: y, weak }))).toEqual(equals[x].map((dtype) => ({ dtype, weak })))
    }
  })

  it.each(all)('of weak %s and a strong dtype yields, but for a higher category', (x) => {
    const want = weakly[x].split(' ').map((y) => ({ dtype: y.toLowerCase(), weak: y !== y.toLowerCase() }))
    expect(all.map((y) => promote({ dtype: x, weak: true }, { dtype: y, weak: false }))).toEqual(want)
    expect(all.map((y) => promote({ dtype: y, weak: false }, { dtype: x, weak: true }))).toEqual(want)
  })
})

describe('joins', () => {
  it('are those of a lattice: of a dtype with itself, in either order, and of three in any grouping', () => {
    const join = (x: DType, y: DType): DType => joins[x][y]
    expect(all.map((x) => join(x, x))).toEqual(all)
    const pairs = all.flatMap((x) => all.map((y) => [x, y] as const))
    expect(pairs.filter(([x, y]) => join(x, y) !== join(y, x))).toEqual([])
    expect(pairs.flatMap(([x, y]) => all.filter((z) => join(join(x, y), z) !== join(x, join(y, z))))).toEqual([])
  })
})

describe('wide', () => {
  it('is the dtype itself, and of bools int32', () => {
    expect(all.map((x) => dtypes[x].wide)).toEqual([i, u, i, f, d])
  })
})

describe('predicates', () => {
  it('say what the kinds in the table say, of every dtype', () => {
    const all = Object.keys(dtypes) as DType[]
    const having = (has: (d: DType) => boolean): readonly DType[] => all.filter(has)
    const kinds = (...wanted: readonly string[]): readonly DType[] => all.filter((d) => wanted.includes(dtypes[d].kind))
    expect(having(isInexact)).toEqual(kinds('float'))
    expect(having(isReal)).toEqual(kinds('float'))
    expect(having(isInteger)).toEqual(kinds('signed', 'unsigned'))
    expect(having(isUnsigned)).toEqual(kinds('unsigned'))
    expect(having(isBool)).toEqual(kinds('bool'))
    expect(having(isDouble)).toEqual(all.filter((d) => dtypes[d].kind === 'float' && dtypes[d].bytes === 8))
  })
})
