import { describe, expect, it } from 'vitest'
import { io, np } from '../../src/index.js'
import { streamDeflater } from '../../src/io/deflate.js'
import { writeZip } from '../../src/io/zip.js'
import { expectSame } from '../../laws/index.js'
import fc from 'fast-check'
import { left, right } from './either.js'
import { fixtures } from './fixtures.js'
import { weightTrees } from './trees.js'

const tree = { l0: { w: np.array([[1, 2]]), b: np.zeros([200]) } }
const encoded = async (options: io.EncodeNpzOptions = {}): Promise<Uint8Array> => right(await io.encodeNpz(tree, options)())
const put32 = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const out = bytes.slice()
  new DataView(out.buffer).setUint32(at, value, true)
  return out
}
/** Where the directory starts, as the last record says. */
const directoryOf = (bytes: Uint8Array): number => new DataView(bytes.buffer).getUint32(bytes.length - 6, true)

describe('npz', () => {
  it('decode . encode = id, stored and deflated, with 32 and 64 bits, by zlib and by streams', async () => {
    await fc.assert(
      fc.asyncProperty(weightTrees, fc.boolean(), fc.boolean(), fc.boolean(), async (value, compress, zip64, streams) => {
        const weights = io.toWeights(value)
        if (Object.keys(weights).some((name) => Object.hasOwn(weights, `${name}.npy`))) return
        const deflater = streams ? { deflater: streamDeflater } : {}
        const bytes = right(await io.encodeNpz(value, { compress, zip64, ...deflater })())
        const read = right(await io.decodeNpz(bytes, deflater)())
        expect(Object.keys(read).sort()).toEqual(Object.keys(weights).sort())
        expectSame('weights', read, weights)
        expect(right(await io.encodeNpz(value, { compress, zip64, ...deflater })())).toEqual(bytes)
      }),
      { numRuns: 60 },
    )
  })

  it('reads what NumPy wrote', async () => {
    const expected = { 'l0/W': np.array([[1, 2]]), 'l0/b': np.zeros([200]) }
    expectSame('stored', right(await io.decodeNpz(fixtures.stored)()), expected)
    expectSame('packed', right(await io.decodeNpz(fixtures.packed)()), expected)
  })

  it('makes trees of paths', () => {
    const weights = { 'l0/w': np.ones([1]), 'layers/0': np.ones([2]), 'layers/1': np.ones([3]), 'gap/1': np.ones([4]) }
    const nested = right(io.fromWeights(weights))
    expectSame('nested', nested, { l0: { w: np.ones([1]) }, layers: [np.ones([2]), np.ones([3])], gap: { 1: np.ones([4]) } })
    expectSame('again', io.toWeights(nested), weights)
    expect(left(io.fromWeights({ a: np.ones([1]), 'a/b': np.ones([1]) }))).toEqual([
      'Corrupt',
      "'a/b' is a tensor and has parts, or is there twice",
    ])
    expect(left(io.fromWeights({ 'a/b': np.ones([1]), a: np.ones([1]) }))?.[0]).toBe('Corrupt')
    expect(left(io.fromWeights({ ['a/'.repeat(1000)]: np.ones([1]) }))?.[1]).toMatch(/is a path of 1001 steps/)
    expect(() => io.toWeights({ 'a/b': 1, a: { b: 2 } })).toThrow("toWeights: two leaves are called 'a/b'")
    expect(() => io.toWeights(np.ones([1]))).toThrow('toWeights: params is a leaf alone, which has no name')
  })

  it('cannot be made to pollute prototypes', () => {
    const nested = right(io.fromWeights({ '__proto__/polluted': np.ones([1]) })) as Readonly<Record<string, unknown>>
    expect(Object.getPrototypeOf(nested)).toBe(Object.prototype)
    expect(Object.keys(nested)).toEqual(['__proto__'])
    expect('polluted' in {}).toBe(false)
  })

  it('names what is wrong', async () => {
    const bytes = await encoded()
    const at = directoryOf(bytes)
    const read = async (b: Uint8Array, options: io.DecodeNpzOptions = {}) => left(await io.decodeNpz(b, options)())
    expect(await read(new Uint8Array(5))).toEqual(['Corrupt', 'zip: 5 bytes are too few for an archive'])
    expect(await read(bytes.subarray(0, bytes.length - 1))).toEqual([
      'Corrupt',
      'zip: no directory at the end: not a zip archive, or one cut short',
    ])
    expect(await read(bytes, { limit: 1000 })).toEqual(['TooLarge', 'zip: 1064 bytes unpacked, more than 1000'])
    expect(await read(put32(bytes, at + 16, 1))).toEqual(['Corrupt', 'zip: l0/b.npy: its checksum is wrong'])
    expect(await read(put32(bytes, at + 24, 99))).toEqual(['Corrupt', 'zip: l0/b.npy: 928 bytes cannot hold 99'])
    expect(await read(put32(bytes, at + 42, 500))).toEqual(['Corrupt', 'zip: l0/b.npy: it reaches into what follows it'])
    expect(await read(put32(bytes, bytes.length - 6, at - 1))).toMatchObject(['Corrupt', expect.stringContaining('does not end at')])
    const deflated = await encoded({ compress: true })
    const bomb = put32(deflated, directoryOf(deflated) + 24, 0x7fffffff)
    expect(await read(bomb)).toMatchObject(['Corrupt', expect.stringMatching(/bytes cannot hold 2147483647/)])
    const short = put32(deflated, directoryOf(deflated) + 24, 900)
    expect(await read(short)).toEqual(['TooLarge', 'zip: l0/b.npy: inflate: more than 900 bytes'])
    expect(await read(short, { deflater: streamDeflater })).toEqual(['TooLarge', 'zip: l0/b.npy: inflate: more than 900 bytes'])
    const method = bytes.slice()
    method[at + 10] = 14
    expect(await read(method)).toMatchObject(['Unsupported', expect.stringMatching(/compression method 14/)])
    const secret = bytes.slice()
    secret[at + 8]! |= 1
    expect(await read(secret)).toEqual(['Unsupported', 'zip: l0/b.npy: it is encrypted'])
  })

  it('reads the others where a member can become no tensor, and says which', async () => {
    const x = io.encodeNpy(np.array([1, 2]))
    const archive = right(
      await writeZip([
        { name: 'x.npy', bytes: x },
        { name: 'objects.npy', bytes: fixtures.objects },
        { name: 'folder/', bytes: new Uint8Array() },
        { name: 'notes.txt', bytes: Uint8Array.of(1) },
        { name: 'y', bytes: x },
      ])(),
    )
    const told: string[] = []
    const read = right(
      await io.decodeNpz(archive, { onSkipped: (name, why) => void told.push(`${name}: ${why.message.split('\n')[0]!}`) })(),
    )
    expectSame('the others', read, { x: np.array([1, 2]), y: np.array([1, 2]) })
    expect(told).toEqual([
      "objects: npz: objects.npy: npy: elements are pickled Python objects ('O'), which are never run",
      'folder/: npz: folder/ is a folder',
      'notes.txt: npz: notes.txt is no npy file',
    ])
    expectSame('one', right(await io.decodeNpz(archive, { only: ['y'] })()), { y: np.array([1, 2]) })
    expect(left(await io.decodeNpz(archive, { only: ['x', 'objects'] })())?.[0]).toBe('Unsupported')
    expect(left(await io.decodeNpz(archive, { only: ['z'] })())).toEqual(['NotFound', "npz: there is no array called 'z'"])
    expect(left(await io.decodeNpz(archive, { only: ['x'], limit: 100 })())?.[0]).toBe('TooLarge')
    const none = right(await writeZip([{ name: 'objects.npy', bytes: fixtures.objects }])())
    expect(left(await io.decodeNpz(none)())?.[0]).toBe('Unsupported')
    const damaged = archive.slice()
    damaged[60]! ^= 1
    expect(left(await io.decodeNpz(damaged)())?.[0]).toBe('Corrupt')
  })

  it('takes no name that could not be read back', async () => {
    expect(() => io.encodeNpz({ '\ud800': np.ones([1]) })).toThrow('encodeNpz: "\\ud800" has half of a surrogate pair, which is no text')
    expect(() => io.encodeNpz({ ['x'.repeat(65532)]: np.ones([1]) })).toThrow(/is a name of 65536 bytes; an archive has room for 65535/)
    const names = ['x'.repeat(65531), 'é'.repeat(30_000), '\ud83d\ude00']
    const tree = Object.fromEntries(names.map((name) => [name, np.ones([1])]))
    expectSame('names', right(await io.decodeNpz(right(await io.encodeNpz(tree)()))()), tree)
  })

  it('says what is in the place of an archive', async () => {
    const page = new TextEncoder().encode('<html><head><title>Log in</title></head></html>')
    expect(left(await io.decodeNpz(page)())?.[1]).toMatch(/: it is a web page \(Log in\)$/)
    expect(left(await io.decodeNpz(fixtures.scalar)())?.[1]).toMatch(/: it is an npy file, of one array$/)
  })

  it('computes CRC-32', () => {
    const text = new TextEncoder().encode('123456789')
    expect(io.crc32(text)).toBe(0xcbf43926)
    expect(io.crc32(text.subarray(4), io.crc32(text.subarray(0, 4)))).toBe(0xcbf43926)
    const long = new TextEncoder().encode('The quick brown fox jumps over the lazy dog')
    expect(io.crc32(long)).toBe(0x414fa339)
  })
})
