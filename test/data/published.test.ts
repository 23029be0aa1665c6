import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { data } from '../../src/index.js'
import { laws } from '../../laws/index.js'

const numbers = (x: Tensor): number[] => [...x.toTypedArray()]
const messageOf = (result: { readonly _tag: string; readonly left?: data.DataFault }): string => result.left?.message ?? 'Right'
const packed = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes))

/** A header and a file of a tar archive, as `tar --format=ustar` writes them. */
const entry = (name: string, bytes: Uint8Array, type = name.endsWith('/') ? '5' : '0'): readonly Uint8Array[] => {
  const header = new Uint8Array(512)
  const put = (text: string, at: number): void => header.set(new TextEncoder().encode(text), at)
  put(name, 0)
  put(bytes.length.toString(8).padStart(11, '0'), 124)
  put('        ', 148)
  put(type, 156)
  put('ustar', 257)
  put(
    header
      .reduce((a, b) => a + b, 0)
      .toString(8)
      .padStart(6, '0') + '\0 ',
    148,
  )
  const body = new Uint8Array(Math.ceil(bytes.length / 512) * 512)
  body.set(bytes)
  return [header, body]
}
const joined = (...entries: readonly (readonly Uint8Array[])[]): Uint8Array =>
  Uint8Array.from([...entries.flat(), new Uint8Array(1024)].flatMap((b) => [...b]))
const tar = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  joined(...Object.entries(files).map(([name, bytes]) => entry(name, bytes)))

describe('untar', () => {
  const files = {
    'a/': new Uint8Array(0),
    'a/x.bin': Uint8Array.of(1, 2, 3),
    'a/y.bin': new Uint8Array(512).fill(7),
    empty: new Uint8Array(0),
  }
  it('gives regular files by name', () => {
    const { 'a/': _, ...regular } = files
    expect(data.untar(tar(files))).toEqual({ _tag: 'Right', right: regular })
  })
  it('reads long names of pax and GNU archives, and follows no links', () => {
    const long = `deep/${'é'.repeat(120)}/x.bin`
    const text = new TextEncoder()
    const record = (key: string, value: string): Uint8Array => {
      const rest = ` ${key}=${value}\n`
      const bytes = text.encode(rest).length
      return text.encode(`${bytes + String(bytes + 3).length}${rest}`)
    }
    const archive = joined(
      entry('PaxHeaders/x', record('path', long), 'x'),
      entry('short', Uint8Array.of(1)),
      entry('././@LongLink', text.encode(`${long}2\0`), 'L'),
      entry('short', Uint8Array.of(2)),
      entry('link', new Uint8Array(0), '2'),
      entry('hard', new Uint8Array(0), '1'),
      entry('plain', Uint8Array.of(3)),
    )
    expect(data.untar(archive)).toEqual({
      _tag: 'Right',
      right: { [long]: Uint8Array.of(1), [`${long}2`]: Uint8Array.of(2), plain: Uint8Array.of(3) },
    })
    expect(messageOf(data.untar(joined(entry('s', Uint8Array.of(1), 'S'))))).toMatch(/s is stored with holes/)
    expect(messageOf(data.untar(joined(entry('p', text.encode('9999 path=x\n'), 'x'))))).toMatch(/a pax header is damaged/)
  })
  it('says what is no archive', () => {
    expect(messageOf(data.untar(new TextEncoder().encode('<html><title>404</title>'.padEnd(1024))))).toMatch(/it is a web page \(404\)/)
  })
  it('finds damage, and never throws', () => {
    const damaged = tar(files)
    damaged[520] = 65
    expect(messageOf(data.untar(damaged))).toBe('tar: byte 512: the checksum of a header is wrong')
    for (const cut of [0, 512, 1024, 1600, 2560])
      expect(messageOf(data.untar(tar(files).slice(0, cut)))).toMatch(/the archive is cut|goes on after the end|it is an empty file/)
    expect(messageOf(data.untar(tar({ big: new Uint8Array(2000) }).slice(0, 1024)))).toMatch(/a file goes on after the end/)
    const whole = tar(files)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, cut) => {
        const bytes = whole.slice(0, cut)
        if (at < cut) bytes[at] = byte
        expect(['Left', 'Right']).toContain(data.untar(bytes)._tag)
      }),
      { numRuns: 500 },
    )
  })
})

/** Records of a CIFAR file: label(s), then colours that tell their channel and place. */
const records = (n: number, labels: number, first = 0): Uint8Array =>
  Uint8Array.from(
    Array.from({ length: n }, (_, i) => [
      ...Array.from({ length: labels }, (__, l) => (labels === 2 && l === 0 ? (first + i) % 20 : first + i)),
      ...Array.from({ length: 3072 }, (__, p) => (first + i + p) & 255),
    ]).flat(),
  )

describe('CIFAR', () => {
  const ten = Object.fromEntries([
    ...[1, 2, 3, 4, 5].map((k) => [`data_batch_${k}.bin`, records(2, 1, 2 * (k - 1))] as const),
    ['test_batch.bin', records(1, 1, 9)],
  ])
  const inFolder = (folder: string, files: Readonly<Record<string, Uint8Array>>) =>
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]))
  it('reads the files of CIFAR-10, unpacked or in their archive', async () => {
    const archive = packed(tar(inFolder('cifar-10-batches-bin', ten)))
    for (const files of [inFolder('d', ten), { 'd/cifar-10-binary.tar.gz': archive }]) {
      const loaded = await data.cifar10({ dir: 'd', capabilities: data.memoryFiles(files) })()
      if (loaded._tag === 'Left') throw new Error(loaded.left.message)
      const { train, test } = loaded.right
      expect([train.length, test.length]).toEqual([10, 1])
      const { x, y } = train.take([9, 0, 4])
      expect([x.shape, x.dtype, y.dtype, numbers(y)]).toEqual([[3, 3, 32, 32], 'float32', 'int32', [9, 0, 4]])
      expect(numbers(x)[0]).toBe(Math.fround(9 / 255))
      expect(numbers(x)[1024]).toBe(Math.fround(((9 + 1024) & 255) / 255))
      laws.dataset(train, { numRuns: 5, seed: 1 })
    }
  })
  it('reads both labels of CIFAR-100, from ADJOINT_DATA too', async () => {
    const archive = packed(tar(inFolder('cifar-100-binary', { 'train.bin': records(30, 2), 'test.bin': records(2, 2) })))
    const world = data.memoryWorld({
      environment: { ADJOINT_DATA: '/mine' },
      files: { '/mine/cifar-100/cifar-100-binary.tar.gz': archive },
    })
    const loaded = await data.cifar100({ capabilities: world })()
    if (loaded._tag === 'Left') throw new Error(loaded.left.message)
    const { y, coarse } = loaded.right.train.take([25, 3])
    expect([numbers(y), numbers(coarse)]).toEqual([
      [25, 3],
      [5, 3],
    ])
  })
  it('says what is missing or damaged', async () => {
    const of = async (files: Readonly<Record<string, Uint8Array>>) =>
      messageOf(await data.cifar10({ dir: 'd', capabilities: data.memoryFiles(files) })())
    expect(await of({})).toMatch(/CIFAR-10: neither data_batch_1.bin nor cifar-10-binary.tar.gz is in d\n {2}try: put data_batch_1.bin, /)
    expect(await of({ ...inFolder('d', ten), 'd/data_batch_3.bin': new Uint8Array(3072) })).toMatch(
      /data_batch_3.bin: 3072 bytes are not a number of records of 3073/,
    )
    expect(await of({ 'd/cifar-10-binary.tar.gz': packed(tar({ x: new Uint8Array(1) })) })).toMatch(
      /the archive has no cifar-10-batches-bin\/data_batch_1.bin/,
    )
  })
  it('names its classes', () => {
    expect([data.cifar10Classes.length, data.cifar100Classes.length, data.fashionMnistClasses.length]).toEqual([10, 100, 10])
    expect([...data.cifar100Classes].sort()).toEqual(data.cifar100Classes)
  })
})

describe('texts and Fashion-MNIST', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  it('come from a directory', async () => {
    const capabilities = data.memoryFiles({
      't/tinyshakespeare.txt': bytes('First Citizen:\n'),
      't/names.txt.gz': packed(bytes('emma\nolivia\r\n')),
    })
    expect(await data.tinyShakespeare({ dir: 't', capabilities })()).toEqual({ _tag: 'Right', right: 'First Citizen:\n' })
    expect(await data.firstNames({ dir: 't', capabilities })()).toEqual({ _tag: 'Right', right: ['emma', 'olivia'] })
    const damaged = data.memoryFiles({ 't/names.txt': Uint8Array.of(0xff) })
    expect(messageOf(await data.firstNames({ dir: 't', capabilities: damaged })())).toBe('names.txt: not UTF-8 text')
    expect(messageOf(await data.tinyShakespeare({ dir: 'u', capabilities })())).toMatch(
      /neither tinyshakespeare.txt.gz nor tinyshakespeare.txt is in u/,
    )
    expect(messageOf(await data.fashionMnist({ dir: 'u', capabilities })())).toMatch(/^Fashion-MNIST: neither train-images-idx3-ubyte.gz/)
  })
  it('without a directory: what is fetched must have its checksum', async () => {
    const page = 'https://raw.githubusercontent.com/karpathy/makemore/master/names.txt'
    const forged = await data.firstNames({ capabilities: data.memoryWorld({ pages: { [page]: bytes('mallory\n') } }) })()
    expect(forged).toMatchObject({ left: { _tag: 'Corrupt' } })
    const offline = await data.mnist({ directory: 'c', capabilities: data.memoryWorld() })()
    expect(offline).toMatchObject({
      left: { _tag: 'Offline', message: expect.stringContaining('at c/mnist/train-images-idx3-ubyte.gz') as string },
    })
  })
  it('what ADJOINT_DATA holds is taken as it is', async () => {
    const world = data.memoryWorld({ environment: { ADJOINT_DATA: '/d' }, files: { '/d/text/names.txt': bytes('ada\n') } })
    expect(await data.firstNames({ capabilities: world })()).toEqual({ _tag: 'Right', right: ['ada'] })
  })
})

describe('decodeImage', () => {
  const sharp = (width: number, height: number, channels: number, bytes: Uint8Array): data.Sharp => {
    const image: data.SharpImage = {
      rotate: () => image,
      toColourspace: () => image,
      removeAlpha: () => image,
      raw: () => image,
      toBuffer: () => Promise.resolve({ data: bytes, info: { width, height, channels } }),
    }
    return () => image
  }
  const decode = (s: data.Sharp, maxPixels = 100) =>
    data.decodeImage(new Uint8Array(1), { decoder: data.sharpDecoder(() => Promise.resolve(s)), maxPixels })()
  it('gives channels before rows, from 0 to 1; alpha is dropped', async () => {
    const rgb = await decode(sharp(2, 1, 3, Uint8Array.of(0, 51, 102, 153, 204, 255)))
    expect(rgb._tag === 'Right' && [rgb.right.shape, numbers(rgb.right)]).toEqual([
      [3, 1, 2],
      [0, 153, 51, 204, 102, 255].map((v) => Math.fround(v / 255)),
    ])
    const rgba = await decode(sharp(1, 1, 4, Uint8Array.of(255, 0, 255, 7)))
    expect(rgba._tag === 'Right' && numbers(rgba.right)).toEqual([1, 0, 1])
  })
  it('says what is wrong', async () => {
    const absent = await data.decodeImage(new Uint8Array(1), {
      decoder: data.sharpDecoder(() => Promise.reject(new Error('Cannot find package'))),
    })()
    expect(absent).toMatchObject({
      left: {
        _tag: 'Unsupported',
        message: expect.stringMatching(/sharp could not be loaded: Cannot find package\n {2}try: npm install sharp/) as string,
      },
    })
    expect(await decode(sharp(20, 20, 3, new Uint8Array(1200)))).toMatchObject({ left: { _tag: 'TooLarge' } })
    expect(await decode(sharp(2, 2, 3, new Uint8Array(11)))).toMatchObject({ left: { _tag: 'Corrupt' } })
    const exceeding: data.Sharp = () => {
      throw new Error('Input image exceeds pixel limit')
    }
    expect(await decode(exceeding)).toMatchObject({ left: { _tag: 'TooLarge' } })
    const broken: data.Sharp = () => {
      throw new Error('unsupported image format')
    }
    expect(await decode(broken)).toMatchObject({ left: { _tag: 'Corrupt', message: 'decodeImage: unsupported image format' } })
  })
})
