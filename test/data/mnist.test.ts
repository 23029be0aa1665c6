import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { data } from '../../src/index.js'

const word = (n: number): number[] => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
const images = (n: number, pixel: (i: number) => number): Uint8Array =>
  Uint8Array.from([0, 0, 8, 3, ...word(n), ...word(28), ...word(28), ...Array.from({ length: n * 784 }, (_, i) => pixel(i) & 255)])
const labels = (n: number): Uint8Array => Uint8Array.from([0, 0, 8, 1, ...word(n), ...Array.from({ length: n }, (_, i) => i % 10)])
const packed = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes))

const files: Readonly<Record<string, Uint8Array>> = {
  'm/train-images-idx3-ubyte.gz': packed(images(5, (i) => i)),
  'm/train-labels-idx1-ubyte.gz': packed(labels(5)),
  'm/t10k-images-idx3-ubyte': images(2, () => 255),
  'm/t10k-labels-idx1-ubyte': labels(2),
}
const load = (contents: Readonly<Record<string, Uint8Array>>) => data.mnist({ dir: 'm', capabilities: data.memoryFiles(contents) })()

describe('mnist', () => {
  it('reads packed and unpacked files; pixels become [0, 1] when taken', async () => {
    const loaded = await load(files)
    if (loaded._tag === 'Left') throw new Error(loaded.left.message)
    const { train, test } = loaded.right
    expect([train.length, test.length]).toEqual([5, 2])
    const { x, y } = train.take([4, 1])
    expect([x.shape, x.dtype, y.toArray()]).toEqual([[2, 28, 28], 'float32', [4, 1]])
    expect(x.toTypedArray()[784]).toBe(Math.fround((784 & 255) / 255))
    expect(
      test
        .take([1])
        .x.toTypedArray()
        .every((v) => v === 1),
    ).toBe(true)
    expect(() => train.take([5])).toThrow(/there is no row 5/)
  })

  it('says what is missing and where to put it', async () => {
    const { 'm/t10k-labels-idx1-ubyte': _, ...rest } = files
    expect(await load(rest)).toMatchObject({
      left: {
        _tag: 'NotFound',
        message: expect.stringMatching(
          /neither t10k-labels-idx1-ubyte.gz nor t10k-labels-idx1-ubyte is in m\n {2}try: put train-images/,
        ) as string,
      },
    })
  })

  it('says which file is damaged', async () => {
    const short = files['m/train-images-idx3-ubyte.gz']!.slice(0, 40)
    expect(await load({ ...files, 'm/train-images-idx3-ubyte.gz': short })).toMatchObject({
      left: { _tag: 'Corrupt', message: expect.stringContaining('m/train-images-idx3-ubyte') as string },
    })
    expect(await load({ ...files, 'm/t10k-labels-idx1-ubyte': labels(3) })).toMatchObject({
      left: { _tag: 'Corrupt', message: expect.stringContaining('MNIST: 2 images but 3 labels') as string },
    })
    expect(await load({ ...files, 'm/t10k-labels-idx1-ubyte': images(2, () => 0) })).toMatchObject({
      left: { message: 'MNIST: the labels are not bytes [n]' },
    })
  })

  it('reads from the file system by default', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mnist-'))
    try {
      for (const [path, bytes] of Object.entries(files)) writeFileSync(join(dir, path.slice(2)), bytes)
      expect(await data.mnist({ dir })()).toMatchObject({ _tag: 'Right', right: { train: { length: 5 }, test: { length: 2 } } })
      expect(await data.mnist({ dir: join(dir, 'nowhere') })()).toMatchObject({ left: { _tag: 'NotFound' } })
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})
