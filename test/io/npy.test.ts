import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { io, np } from '../../src/index.js'
import { bfloat16, float16, toBfloat16, toFloat16 } from '../../src/io/halves.js'
import { parseLiteral } from '../../src/io/pyliteral.js'
import { expectSame, laws } from '../../laws/index.js'
import { left, right } from './either.js'
import { fixtures } from './fixtures.js'
import { anyTensor } from './trees.js'

/** An npy file with this header. */
const file = (header: string, body: readonly number[] = [], major = 1): Uint8Array =>
  Uint8Array.from([
    ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, major, 0],
    ...(major === 1
      ? [header.length & 255, header.length >> 8]
      : [header.length & 255, (header.length >> 8) & 255, (header.length >> 16) & 255, 0]),
    ...Array.from(header, (c) => c.charCodeAt(0)),
    ...body,
  ])
const described = (descr: string, shape: string, body: readonly number[] = [], major = 1): Uint8Array =>
  file(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`, body, major)

describe('npy', () => {
  it('decode . encode = id, in both orders', () => {
    for (const order of ['C', 'F'] as const)
      laws.format({ encode: (x) => io.encodeNpy(x, { order }), decode: (b) => right(io.decodeNpy(b)) }, anyTensor, { numRuns: 300 })
  })

  it('reads what NumPy wrote', () => {
    const read = (name: keyof typeof fixtures) => right(io.decodeNpy(fixtures[name]))
    const expected = {
      bigEndian: np.array([1.5, -2]),
      fortran: np.array(
        [
          [0, 1, 2],
          [3, 4, 5],
        ],
        { dtype: 'int32' },
      ),
      half: np.array([1.5, -0, 65504, Infinity]),
      long: np.array([-5, 2147483647], { dtype: 'int32' }),
      bytes: np.array([[0, 255]], { dtype: 'int32' }),
      truth: np.array([true, false]),
      scalar: np.array(2.5, { dtype: 'float64' }),
      empty: np.zeros([0, 3]),
      version2: np.array([1, 2], { dtype: 'int32' }),
      version3: np.array([1, 2], { dtype: 'int32' }),
    } as const
    for (const [name, x] of Object.entries(expected)) expectSame(name, read(name as keyof typeof expected), x)
  })

  it('writes what NumPy writes, byte for byte', () => {
    expect(io.encodeNpy(np.array(2.5, { dtype: 'float64' }))).toEqual(fixtures.scalar)
    expect(io.encodeNpy(np.array([true, false]))).toEqual(fixtures.truth)
    expect(io.encodeNpy(np.zeros([0, 3]))).toEqual(fixtures.empty)
    expect(
      io.encodeNpy(
        np.array(
          [
            [0, 1, 2],
            [3, 4, 5],
          ],
          { dtype: 'int32' },
        ),
        { order: 'F' },
      ),
    ).toEqual(fixtures.fortran)
  })

  it('keeps the bits of NaN and -0', () => {
    const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x80000000)
    const x = np.array(new Float32Array(bits.buffer))
    const read = right(io.decodeNpy(io.encodeNpy(x))).toTypedArray()
    expect(new Uint32Array(read.buffer)).toEqual(new Uint32Array(x.toTypedArray().buffer))
  })

  it.each([
    ['Corrupt', 'npy: 3 bytes are too few for a header', Uint8Array.of(1, 2, 3)],
    ['Corrupt', 'npy: it does not start with "\u0093NUMPY"', new Uint8Array(64)],
    ['Unsupported', 'npy: version 4.0', file('{}', [], 4)],
    ['Corrupt', 'npy: a header of 65535 bytes in a file of 10', Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 255, 255)],
    ['Corrupt', 'npy: the header is no dictionary', file('[1, 2]')],
    ['Corrupt', 'npy: the header is no dictionary', file("{'descr': __import__('os')}")],
    ['Corrupt', 'npy: the header must have descr, fortran_order (True or False) and shape; it has descr', file("{'descr': '<f4'}")],
    ['Corrupt', 'npy: the shape is [-1]', described("'<f4'", '(-1,)')],
    ['Corrupt', 'npy: the shape is 3', described("'<f4'", '(3)')],
    ['Corrupt', 'npy: shape [2] of f32 needs 8 bytes of elements, the file has 3', described("'<f4'", '(2,)', [0, 0, 0])],
    [
      'Corrupt',
      'npy: shape [999999999999999, 999999999999999] of f32 needs 3.999999999999992e+30 bytes of elements, the file has 1',
      described("'<f4'", '(999999999999999, 999999999999999)', [0]),
    ],
    ['Unsupported', "npy: no tensor has elements of type '<c8'", described("'<c8'", '(1,)')],
    ['Unsupported', "npy: elements are pickled Python objects ('O'), which are never run", described("'|O'", '(1,)')],
    ['Unsupported', 'npy: elements are records (a structured dtype)', described("[('a', '<f4')]", '(1,)')],
    [
      'Unsupported',
      'npy: element 0 is -2147483649, which does not fit in int32',
      described("'<i8'", '(1,)', [255, 255, 255, 127, 255, 255, 255, 255]),
    ],
    ['Unsupported', 'npy: element 0 is 4294967296, which does not fit in uint32', described("'>u8'", '(1,)', [0, 0, 0, 1, 0, 0, 0, 0])],
  ] as const)('%s: %s', (tag, message, bytes) => {
    expect(left(io.decodeNpy(bytes))).toEqual([tag, message])
  })

  it('refuses what is pickled, traced or ordered otherwise', () => {
    expect(left(io.decodeNpy(fixtures.objects))).toEqual([
      'Unsupported',
      "npy: elements are pickled Python objects ('O'), which are never run",
    ])
    expect(() => io.encodeNpy(np.zeros([1]), { order: 'K' as 'C' })).toThrow("encodeNpy: order must be one of 'C', 'F', got the string 'K'")
  })

  it('reads headers of Python 2, and keys in any order', () => {
    const read = io.decodeNpy(file('{"shape": (2L,), "fortran_order": False, "descr": "|u1"}', [7, 255]))
    expect(right(read).toArray()).toEqual([7, 255])
  })

  it('reads strings and long integers of Python 2', () => {
    expect(right(io.decodeNpy(file("{u'descr': u'<i2', 'fortran_order': False, 'shape': (1L,)}", [7, 0]))).toArray()).toEqual([7])
    expect(right(io.decodeNpy(described("'<i2'", `(1,)${' '.repeat(70_000)}`, [7, 0], 2))).toArray()).toEqual([7])
  })

  it('leaves what follows an array alone, and reads several', () => {
    const [a, b] = [io.encodeNpy(np.array([1, 2])), io.encodeNpy(np.array([[true]]))]
    const two = Uint8Array.from([...a, ...b])
    expectSame('the first', right(io.decodeNpy(two)), np.array([1, 2]))
    expectSame('all', right(io.decodeNpys(two)), [np.array([1, 2]), np.array([[true]])])
    expectSame('one', right(io.decodeNpys(a)), [np.array([1, 2])])
    expectSame('and anything', right(io.decodeNpy(Uint8Array.from([...a, 1, 2]))), np.array([1, 2]))
    expect(left(io.decodeNpys(Uint8Array.from([...two, 1, 2])))).toEqual(['Corrupt', 'array 2: npy: 2 bytes are too few for a header'])
    expect(left(io.decodeNpys(new Uint8Array()))).toEqual(['Corrupt', 'npy: 0 bytes are too few for a header: it is an empty file'])
  })

  it('reads bfloat16 when it is told so', () => {
    // numpy.save of an array of ml_dtypes.bfloat16.
    const brain = described("'<V2'", '(2,)', [0xc0, 0x3f, 0, 0xc0])
    expect(left(io.decodeNpy(brain))).toEqual([
      'Unsupported',
      "npy: elements are 2 raw bytes ('<V2'): NumPy has no name for bfloat16, and ml_dtypes stores it so",
    ])
    expectSame('bfloat16', right(io.decodeNpy(brain, { raw: 'bfloat16' })), np.array([1.5, -2]))
  })

  it('says what is in the place of an array', () => {
    const text = (s: string): Uint8Array => new TextEncoder().encode(s)
    expect(left(io.decodeNpy(text('<!DOCTYPE html><title>Not found</title>')))?.[1]).toMatch(/: it is a web page \(Not found\)$/)
    expect(left(io.decodeNpy(text('version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 12\n')))?.[1]).toMatch(
      /: it is a git-LFS pointer to a file of 12 bytes$/,
    )
    expect(left(io.decodeNpy(fixtures.stored))?.[1]).toMatch(/: it is a zip archive$/)
  })

  it('understands literals and nothing else', () => {
    expect(parseLiteral("{'a': (1, 2,), 'b': [True, None], 'c': (3), 'd': (3,), 'e': ()}")).toEqual(
      new Map<string, unknown>([
        ['a', [1, 2]],
        ['b', [true, null]],
        ['c', 3],
        ['d', [3]],
        ['e', []],
      ]),
    )
    for (const bad of [
      '',
      '(1',
      '1 2',
      "{'a' 1}",
      '{1: 2}',
      'f(1)',
      "{'a': 1, 'a': 2}",
      '('.repeat(100),
      '12345678901234567890',
      '1.5',
      '(,)',
      '[1,,2]',
    ])
      expect(parseLiteral(bad), bad).toBeUndefined()
  })
})

describe('floats of 16 bits', () => {
  it('read back what they round to, for every pattern', () => {
    const wrong = Array.from({ length: 65536 }, (_, bits) => bits).filter((bits) => {
      const [half, brain] = [float16(bits), bfloat16(bits)]
      if (Number.isNaN(half) !== (bits & 0x7fff) > 0x7c00 || Number.isNaN(brain) !== (bits & 0x7fff) > 0x7f80) return true
      return (!Number.isNaN(half) && toFloat16(half) !== bits) || (!Number.isNaN(brain) && toBfloat16(brain) !== bits)
    })
    expect(wrong).toEqual([])
    expect(Number.isNaN(float16(toFloat16(NaN))) && Number.isNaN(bfloat16(toBfloat16(NaN)))).toBe(true)
  })
  it('round to the nearest, ties to even', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bfe }), fc.double({ min: 0, max: 1, noNaN: true }), (bits, t) => {
        const [a, b] = [float16(bits), float16(bits + 1)]
        const x = a + t * (b - a)
        const nearest = x - a < b - x ? bits : x - a > b - x ? bits + 1 : bits + (bits & 1)
        expect(toFloat16(x)).toBe(nearest)
        expect(toFloat16(-x)).toBe(nearest | 0x8000)
      }),
      { numRuns: 2000 },
    )
    expect([65519.99, 65520, 2 ** -25, 2 ** -25 * 1.001].map(toFloat16)).toEqual([0x7bff, 0x7c00, 0, 1])
    expect([1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38].map(toBfloat16)).toEqual([0x3f80, 0x3f82, 0x7f80])
  })
})
