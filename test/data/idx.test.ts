import * as fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { gunzip } from '../../src/data/gunzip.js'
import { parseIdx } from '../../src/data/idx.js'

const header = (type: number, shape: readonly number[]): number[] => [
  0,
  0,
  type,
  shape.length,
  ...shape.flatMap((n) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]),
]
const left = (bytes: number[]): unknown => {
  const parsed = parseIdx(Uint8Array.from(bytes))
  return parsed._tag === 'Left' ? [parsed.left._tag, parsed.left.message] : 'Right'
}

describe('parseIdx', () => {
  it('reads bytes', () => {
    expect(parseIdx(Uint8Array.from([...header(8, [2, 3]), 0, 1, 2, 250, 254, 255]))).toEqual({
      _tag: 'Right',
      right: { shape: [2, 3], data: Uint8Array.of(0, 1, 2, 250, 254, 255) },
    })
  })

  it('reads big-endian integers and floats', () => {
    expect(parseIdx(Uint8Array.from([...header(0x0b, [2]), 0xff, 0xfe, 1, 0]))).toMatchObject({ right: { data: Int16Array.of(-2, 256) } })
    expect(parseIdx(Uint8Array.from([...header(0x0c, [1]), 0x80, 0, 0, 0]))).toMatchObject({ right: { data: Int32Array.of(-2147483648) } })
    expect(parseIdx(Uint8Array.from([...header(0x0d, [1]), 0x3f, 0xc0, 0, 0]))).toMatchObject({ right: { data: Float32Array.of(1.5) } })
    expect(parseIdx(Uint8Array.from([...header(0x0e, []), 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]))).toMatchObject({
      right: { shape: [], data: Float64Array.of(1.5) },
    })
  })

  it('names what is wrong', () => {
    expect(left([0, 0])).toEqual(['Corrupt', 'IDX: 2 bytes are too few for a header'])
    expect(left([1, 0, 8, 0, 0])).toEqual(['Corrupt', 'IDX: the magic number does not start with two zero bytes'])
    expect(left([0, 0, 7, 0, 0])).toEqual(['Unsupported', 'IDX: unknown element type 0x7'])
    expect(left([0, 0, 8, 2, 0, 0, 0, 1])).toEqual(['Corrupt', 'IDX: 8 bytes are too few for the sizes of 2 axes'])
    expect(left([...header(8, [2, 3]), 1])).toEqual(['Corrupt', 'IDX: sizes [2, 3] need 6 bytes of elements, the file has 1'])
    expect(left([...header(8, [0xffffffff, 0xffffffff, 0xffffffff]), 1])).toMatchObject(['Corrupt', expect.stringContaining('need')])
    expect(left([0, 0, 8, 200, 0])).toEqual(['Corrupt', 'IDX: 200 axes'])
  })

  it('never throws and never reads past the end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }), fc.boolean(), (bytes, magic) => {
        const parsed = parseIdx(Uint8Array.from(magic ? [0, 0, 8, 1, 0, 0, 0, ...bytes] : bytes))
        if (parsed._tag === 'Right') expect(parsed.right.data.length).toBe(parsed.right.shape.reduce((a, b) => a * b, 1))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('gunzip', () => {
  const plain = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251)
  const packed = new Uint8Array(gzipSync(plain))

  it('inflates', async () => {
    expect(await gunzip(packed, 100_000)()).toEqual({ _tag: 'Right', right: plain })
  })
  it('stops at the limit', async () => {
    expect(await gunzip(packed, 99_999)()).toMatchObject({ _tag: 'Left', left: { _tag: 'TooLarge' } })
  })
  it('reports what is not gzip, truncated or damaged', async () => {
    expect(await gunzip(plain, 1e6)()).toMatchObject({ left: { _tag: 'Corrupt' } })
    expect(await gunzip(packed.slice(0, packed.length - 20), 1e6)()).toMatchObject({ left: { _tag: 'Corrupt' } })
    const damaged = packed.slice()
    damaged[damaged.length - 6] = damaged[damaged.length - 6]! ^ 0xff
    expect(await gunzip(damaged, 1e6)()).toMatchObject({ left: { _tag: 'Corrupt' } })
  })
})
