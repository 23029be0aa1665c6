import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { io, np } from '../../src/index.js'

/** The pixels of a PNG file by Node's zlib and the standard's filters, checksums verified. */
const decode = (
  png: Uint8Array,
): { readonly width: number; readonly height: number; readonly channels: number; readonly bytes: number[] } => {
  const view = Buffer.from(png)
  expect([...view.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10])
  const parts: Record<string, Buffer> = {}
  for (let at = 8; at < view.length;) {
    const length = view.readUInt32BE(at)
    expect(view.readUInt32BE(at + 8 + length)).toBe(io.crc32(view.subarray(at + 4, at + 8 + length)))
    parts[view.toString('latin1', at + 4, at + 8)] = view.subarray(at + 8, at + 8 + length)
    at += length + 12
  }
  const head = parts['IHDR']!
  const [width, height, channels] = [head.readUInt32BE(0), head.readUInt32BE(4), { 0: 1, 4: 2, 2: 3, 6: 4 }[head[9]!]!]
  expect([head[8], ...head.subarray(10)]).toEqual([8, 0, 0, 0])
  const rows = inflateSync(parts['IDAT']!)
  const stride = width * channels
  expect(rows.length).toBe((stride + 1) * height)
  const bytes = new Array<number>(stride * height)
  const at = (y: number, i: number): number => (y < 0 || i < 0 ? 0 : bytes[y * stride + i]!)
  for (let y = 0; y < height; y++)
    for (let i = 0; i < stride; i++) {
      const [a, b, c] = [at(y, i - channels), at(y - 1, i), i < channels ? 0 : at(y - 1, i - channels)]
      const nearest = [a, b, c].reduce((best, v) => (Math.abs(a + b - c - v) < Math.abs(a + b - c - best) ? v : best), a)
      const predicted = [0, a, b, Math.floor((a + b) / 2), nearest][rows[y * (stride + 1)]!]!
      bytes[y * stride + i] = (rows[y * (stride + 1) + 1 + i]! + predicted) & 255
    }
  return { width, height, channels, bytes }
}

describe('encodePng', () => {
  it('is a PNG file of the pixels: any size, any channels, any bytes, smooth or not', () => {
    const image = fc
      .tuple(fc.constantFrom(1, 2, 3, 4), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.boolean(), fc.nat(1e6))
      .map(([channels, height, width, smooth, seed]) => ({
        shape: [channels, height, width],
        pixels: Array.from({ length: channels * height * width }, (_, i) =>
          smooth ? Math.floor(i / 3) % 256 : Math.imul(i + seed, 2654435761) >>> 24,
        ),
      }))
    fc.assert(
      fc.property(image, ({ shape, pixels }) => {
        const [channels, height, width] = shape as [number, number, number]
        const got = decode(io.encodePng(np.reshape(np.array(pixels, { dtype: 'int32' }), shape)))
        const interleaved = pixels.map((_, i) => pixels[(i % channels) * height * width + Math.floor(i / channels)])
        expect(got).toEqual({ width, height, channels, bytes: interleaved })
      }),
      { numRuns: 60 },
    )
  })
  it('packs what repeats, over windows and long runs', () => {
    const flat = np.zeros([300, 300])
    expect(io.encodePng(flat).length).toBeLessThan(1000)
    expect(new Set(decode(io.encodePng(flat)).bytes)).toEqual(new Set([0]))
    const far = np.reshape(
      np.array(
        Array.from({ length: 200 * 400 }, (_, i) => Math.imul((i % 40000) + 1, 2654435761) >>> 24),
        { dtype: 'int32' },
      ),
      [200, 400],
    )
    expect(decode(io.encodePng(far)).bytes).toEqual([...far.toTypedArray()])
  })
  it('takes floats from 0 to 1 and booleans, cuts off what is beyond, and draws NaN black', () => {
    expect(
      decode(
        io.encodePng(
          np.array([
            [0, 0.5, 1],
            [-3, Infinity, NaN],
          ]),
        ),
      ).bytes,
    ).toEqual([0, 128, 255, 0, 255, 0])
    expect(decode(io.encodePng(np.array([[true, false]]))).bytes).toEqual([255, 0])
    expect(decode(io.encodePng(np.array([[300, -1, 7]], { dtype: 'int32' }))).bytes).toEqual([255, 0, 7])
  })
  it('names the shapes that it takes', () => {
    for (const shape of [[3], [5, 2, 2], [1, 0, 2], [1, 1, 1, 1]])
      expect(() => io.encodePng(np.zeros(shape))).toThrow(/encodePng: an image is \[height, width\] or \[channels, height, width\]/)
  })
})
