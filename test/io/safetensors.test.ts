import { describe, expect, it } from 'vitest'
import { io, np } from '../../src/index.js'
import { expectSame, laws } from '../../laws/index.js'
import { float8e4m3, float8e5m2 } from '../../src/io/halves.js'
import { left, right } from './either.js'
import { fixtures } from './fixtures.js'
import { weightTrees } from './trees.js'

const file = (header: unknown, body: readonly number[] = [], length?: number): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const out = new Uint8Array(8 + text.length + body.length)
  new DataView(out.buffer).setUint32(0, length ?? text.length, true)
  out.set(text, 8)
  out.set(body, 8 + text.length)
  return out
}
const one = (dtype: string, shape: readonly unknown[], offsets: readonly unknown[], body: readonly number[]): Uint8Array =>
  file({ x: { dtype, shape, data_offsets: offsets } }, body)

describe('safetensors', () => {
  it('decode . encode = id', () => {
    laws.format(
      { encode: (t: unknown) => io.encodeSafetensors(t), decode: (b) => right(io.decodeSafetensors(b)).tensors },
      weightTrees.map(io.toWeights),
      { numRuns: 200 },
    )
  })

  it('reads what safetensors for Python wrote', () => {
    const { tensors, metadata } = right(io.decodeSafetensors(fixtures.safetensors))
    expect(metadata).toEqual({ by: 'safetensors' })
    expectSame('tensors', tensors, {
      'l0/w': np.array([[1, 2]]),
      n: np.array(7, { dtype: 'int32' }),
      h: np.array([1.5]),
      none: np.zeros([0, 2]),
      m: np.array([true]),
    })
  })

  it('reads every type', () => {
    const read = (dtype: string, bytes: readonly number[]): unknown => {
      const { x } = right(io.decodeSafetensors(one(dtype, [1], [0, bytes.length], bytes))).tensors
      return [x!.dtype, x!.toArray()]
    }
    expect(read('BOOL', [7])).toEqual(['bool', [true]])
    expect(read('I8', [255])).toEqual(['int32', [-1]])
    expect(read('U8', [255])).toEqual(['int32', [255]])
    expect(read('I16', [254, 255])).toEqual(['int32', [-2]])
    expect(read('U16', [254, 255])).toEqual(['int32', [65534]])
    expect(read('I32', [0, 0, 0, 128])).toEqual(['int32', [-(2 ** 31)]])
    expect(read('U32', [0, 0, 0, 128])).toEqual(['uint32', [2 ** 31]])
    expect(read('I64', [255, 255, 255, 255, 255, 255, 255, 255])).toEqual(['int32', [-1]])
    expect(read('U64', [255, 255, 255, 255, 0, 0, 0, 0])).toEqual(['uint32', [2 ** 32 - 1]])
    expect(read('F16', [0, 0x3e])).toEqual(['float32', [1.5]])
    expect(read('BF16', [0xc0, 0x3f])).toEqual(['float32', [1.5]])
    expect(read('F8_E4M3', [0x3c])).toEqual(['float32', [1.5]])
    expect(read('F8_E5M2', [0x3e])).toEqual(['float32', [1.5]])
    expect(read('F32', [0, 0, 0xc0, 0x3f])).toEqual(['float32', [1.5]])
    expect(read('F64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f])).toEqual(['float64', [1.5]])
    // The corners of the 8-bit formats (Micikevicius et al. 2022, table 1).
    expect([0x7e, 0x08, 0x07, 0x01].map(float8e4m3)).toEqual([448, 2 ** -6, 0.875 * 2 ** -6, 2 ** -9])
    expect([0x7b, 0x04, 0x03, 0x01, 0x7c].map(float8e5m2)).toEqual([57344, 2 ** -14, 0.75 * 2 ** -14, 2 ** -16, Infinity])
    expect([float8e4m3(0x7f), float8e5m2(0x7d)]).toEqual([NaN, NaN])
  })

  it('stores floats in 16 bits on request', () => {
    const x = { w: np.array([1.5, 1 / 3]), n: np.array([3], { dtype: 'int32' }) }
    const half = right(io.decodeSafetensors(io.encodeSafetensors(x, { floats: 'float16' }))).tensors
    expect(half.w!.toArray()).toEqual([1.5, 0.333251953125])
    expect(half.n!.dtype).toBe('int32')
    expect(right(io.decodeSafetensors(io.encodeSafetensors(x, { floats: 'bfloat16' }))).tensors.w!.toArray()).toEqual([1.5, 0.333984375])
  })

  it.each([
    ['Corrupt', 'safetensors: 3 bytes are too few for a header', Uint8Array.of(1, 2, 3)],
    ['Corrupt', 'safetensors: a header of 99 bytes in a file of 10', file('{}', [], 99)],
    ['Corrupt', 'safetensors: a header of 4294967295 bytes; the format allows 100000000', file('{}', [], 0xffffffff)],
    ['Corrupt', 'safetensors: the header is no JSON object', file('[]')],
    ['Corrupt', 'safetensors: the header is no JSON object', file('{"x": ')],
    ['Corrupt', 'safetensors: x is not described by an object', file({ x: 3 })],
    ['Corrupt', 'safetensors: __metadata__ is not an object of strings', file({ __metadata__: { a: 1 } })],
    ['Unsupported', 'safetensors: x has elements of type C64', one('C64', [1], [0, 8], new Array<number>(8).fill(0))],
    ['Unsupported', 'safetensors: x has elements of type constructor', one('constructor', [1], [0, 8], [])],
    ['Corrupt', 'safetensors: the shape of x is [-1]', one('F32', [-1], [0, 4], [0, 0, 0, 0])],
    ['Corrupt', 'safetensors: the offsets of x are [0]', one('F32', [1], [0], [0, 0, 0, 0])],
    ['Corrupt', 'safetensors: x, F32[2], needs 8 bytes and has 4', one('F32', [2], [0, 4], [0, 0, 0, 0])],
    ['Corrupt', 'safetensors: x starts at byte 4, what precedes it ends at 0', one('F32', [1], [4, 8], new Array<number>(8).fill(0))],
    ['Corrupt', 'safetensors: tensors take 4 bytes, the file has 5 for them', one('F32', [1], [0, 4], [0, 0, 0, 0, 0])],
    [
      'Unsupported',
      'safetensors: x: element 0 is 4294967296, which does not fit in int32',
      one('I64', [1], [0, 8], [0, 0, 0, 0, 1, 0, 0, 0]),
    ],
  ] as const)('%s: %s', (tag, message, bytes) => {
    expect(left(io.decodeSafetensors(bytes))).toEqual([tag, message])
  })

  it('reads the others where one can become no tensor, and names it', async () => {
    for (const [dtype, length] of [
      ['F8_E8M0', 2],
      ['F4', 1],
      ['F6_E2M3', 3],
      ['C64', 16],
      ['NEW', 5],
    ] as const) {
      const bytes = file(
        { odd: { dtype, shape: [2], data_offsets: [4, 4 + length] }, x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } },
        [0, 0, 0xc0, 0x3f, ...new Array<number>(length).fill(0)],
      )
      const read = right(io.decodeSafetensors(bytes))
      expectSame(dtype, read.tensors, { x: np.array([1.5]) })
      expect(Object.entries(read.skipped).map(([name, f]) => [name, f._tag, f.message.split('\n')[0]])).toEqual([
        ['odd', 'Unsupported', `safetensors: odd has elements of type ${dtype}`],
      ])
      const opened = right(await io.openSafetensors('f', { files: io.memoryFiles({ f: bytes }) })())
      expect(Object.keys(opened.skipped)).toEqual(['odd'])
      expectSame('in ranges', right(await opened.readAll()()), { x: np.array([1.5]) })
      expect(left(await opened.read('odd')())).toEqual(['Unsupported', `f: safetensors: odd has elements of type ${dtype}`])
    }
    const wide = file(
      { i: { dtype: 'I64', shape: [1], data_offsets: [0, 8] }, x: { dtype: 'U8', shape: [1], data_offsets: [8, 9] } },
      [0, 0, 0, 0, 1, 0, 0, 0, 7],
    )
    expect(right(io.decodeSafetensors(wide)).tensors.x!.toArray()).toEqual([7])
    expect(Object.keys(right(io.decodeSafetensors(wide)).skipped)).toEqual(['i'])
  })

  it('finds damage by checksums, unless another tool has kept an old note', async () => {
    const bytes = io.encodeSafetensors({ a: np.ones([4]), b: np.zeros([3]), none: np.zeros([0]) }, { metadata: { by: 'test' } })
    const damaged = bytes.slice()
    damaged[damaged.length - 1]! ^= 1
    expect(left(io.decodeSafetensors(damaged))).toEqual(['Corrupt', 'safetensors: b: its checksum is wrong'])
    expect(right(io.decodeSafetensors(damaged, { verify: false })).metadata).toEqual({ by: 'test' })
    const opened = right(await io.openSafetensors('f', { files: io.memoryFiles({ f: damaged }) })())
    expectSame('a', right(await opened.read('a')()), np.ones([4]))
    expect(left(await opened.read('b')())).toEqual(['Corrupt', 'f: safetensors: b: its checksum is wrong'])
    const plain = io.encodeSafetensors({ a: np.ones([4]) }, { checksums: false })
    expect(new TextDecoder().decode(plain)).not.toContain('adjoint.crc32')
    // A note for another number of tensors is none for these.
    const fewer = file({ __metadata__: { 'adjoint.crc32': '0123456789abcdef' }, x: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } }, [7])
    expect(right(io.decodeSafetensors(fewer)).tensors.x!.toArray()).toEqual([7])
  })

  it('says what is in the place of the file', async () => {
    const pointer = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 4096\n')
    expect(left(io.decodeSafetensors(pointer))?.[1]).toMatch(/: it is a git-LFS pointer to a file of 4096 bytes$/)
    expect(left(await io.openSafetensors('f', { files: io.memoryFiles({ f: pointer }) })())?.[1]).toMatch(/^f: .*: it is a git-LFS pointer/)
    expect(left(io.decodeCheckpoint(pointer))?.[1]).toMatch(/: it is a git-LFS pointer/)
  })

  it('has no place for a tensor called __metadata__', () => {
    expect(() => io.encodeSafetensors({ __metadata__: np.ones([1]) })).toThrow('encodeSafetensors: no tensor can be called __metadata__')
  })
})

describe('files of tensors', () => {
  const model = { a: np.arange(6), b: { c: np.ones([2, 3], { dtype: 'float64' }), d: np.array([true]) } }

  it('are read piece by piece', async () => {
    const inner = io.memoryFiles({ 'm.safetensors': io.encodeSafetensors(model, { metadata: { by: 'test' } }) })
    let most = 0
    const files: io.Files = {
      ...inner,
      readFile: () => expect.fail('the whole file was read'),
      readRange: (path, from, to) => {
        most = Math.max(most, to - from)
        return inner.readRange(path, from, to)
      },
    }
    const file = right(await io.openSafetensors('m.safetensors', { files })())
    expect(Object.keys(file.tensors).sort()).toEqual(['a', 'b/c', 'b/d'])
    expect([file.metadata, file.tensors['b/c']!.shape]).toEqual([{ by: 'test' }, [2, 3]])
    most = 0
    expectSame('a', right(await file.read('a')()), model.a)
    expect(most).toBe(24)
    expectSame('some', right(await file.readAll((name) => name.startsWith('b/'))()), { 'b/c': model.b.c, 'b/d': model.b.d })
    expect(left(await file.read('nothing')())).toEqual(['NotFound', "m.safetensors: there is no tensor called 'nothing'"])
  })

  it('can be many', async () => {
    const files = io.memoryFiles()
    const index = right(await io.saveSharded('dir/m', model, { files, maxShardBytes: 40 })())
    expect(index).toBe('dir/m.safetensors.index.json')
    expect(right(await files.list('dir')()).length).toBe(4)
    const file = right(await io.openSharded(index, { files })())
    expectSame('all', right(await file.readAll()()), io.toWeights(model))
    await files.remove('dir/m-00002-of-00003.safetensors')()
    expect(left(await io.openSharded(index, { files })())).toEqual(['NotFound', 'dir/m-00002-of-00003.safetensors: no such file'])
  })

  it('do not lead out of their folder', async () => {
    for (const name of ['../secret', '/etc/passwd', 'a/b', '..', 'C:\\x', '', 3]) {
      const text = new TextEncoder().encode(JSON.stringify({ weight_map: { x: name } }))
      const read = await io.openSharded('i.json', { files: io.memoryFiles({ 'i.json': text }) })()
      expect(left(read)).toEqual([
        'Corrupt',
        `i.json: safetensors index: 'x' is said to be in ${JSON.stringify(name)}, which is no name of a file beside it`,
      ])
    }
    const read = await io.openSharded('i.json', { files: io.memoryFiles({ 'i.json': new TextEncoder().encode('{') }) })()
    expect(left(read)).toEqual(['Corrupt', 'i.json: safetensors index: it is no JSON'])
  })

  it('are bounded', async () => {
    const files = io.memoryFiles({ 'm.safetensors': io.encodeSafetensors(model) })
    expect(left(await io.loadSafetensors('m.safetensors', { files, maxBytes: 100 })())?.[0]).toBe('TooLarge')
  })
})
