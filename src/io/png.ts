/** Tensors as PNG files. */
import { check, tensor } from '../core/check.js'
import { textEncoder } from '../core/text.js'
import { fail, ShapeError } from '../core/errors.js'
import { isReal } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { peek } from '../core/tensor.js'
import { joinBytes } from '../data/joinBytes.js'
import { crc32 } from './crc32.js'
import { packed } from './pack.js'

/** Rows of pixels, their channels side by side. */
interface Raster {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly bytes: Uint8Array
}

/** A pixel's byte: floats from 0 to 1, integers from 0 to 255, cut off beyond; booleans black and white; NaN black. */
const byteOf = (x: Tensor): ((v: number) => number) => {
  const scale = isReal(x.dtype) || x.dtype === 'bool' ? 255 : 1
  return (v) => (Number.isNaN(v) ? 0 : Math.round(Math.min(255, Math.max(0, v * scale))))
}

const rasterOf = (x: Tensor): Raster => {
  const shape = x.ndim === 2 ? [1, ...x.shape] : x.shape
  const [channels = 0, height = 0, width = 0] = shape
  if (shape.length !== 3 || ![1, 2, 3, 4].includes(channels) || height === 0 || width === 0)
    fail(ShapeError, `encodePng: an image is [height, width] or [channels, height, width], none of them 0, got [${x.shape.join(',')}]`, {
      args: { x },
      fix: '1 channel for gray, 2 for gray and opacity, 3 for red, green and blue, 4 with opacity',
    })
  const [data, byte, size] = [peek(x), byteOf(x), height * width]
  const bytes = Uint8Array.from({ length: channels * size }, (_, i) => byte(data[(i % channels) * size + Math.floor(i / channels)]!))
  return { width, height, channels, bytes }
}

/** The neighbour, left, above or beyond the corner, that is nearest to what the three predict; PNG, 9.4. */
const paeth = (a: number, b: number, c: number): number => {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}

/** What is subtracted from a byte, given its neighbours to the left, above, and above to the left. */
const filters: readonly ((a: number, b: number, c: number) => number)[] = [() => 0, (a) => a, (_, b) => b, (a, b) => (a + b) >> 1, paeth]

/** Rows, each after the number of the filter that leaves the smallest differences. */
const filtered = ({ width, height, channels, bytes }: Raster): Uint8Array => {
  const stride = width * channels
  const out = new Uint8Array((stride + 1) * height)
  const row = new Uint8Array(stride)
  for (let y = 0; y < height; y++) {
    let least = Infinity
    filters.forEach((predict, f) => {
      let cost = 0
      for (let i = 0; i < stride; i++) {
        const at = y * stride + i
        const left = i >= channels ? bytes[at - channels]! : 0
        const above = y > 0 ? bytes[at - stride]! : 0
        const corner = i >= channels && y > 0 ? bytes[at - stride - channels]! : 0
        row[i] = bytes[at]! - predict(left, above, corner)
        cost += row[i]! < 128 ? row[i]! : 256 - row[i]!
      }
      if (cost < least) {
        least = cost
        out[y * (stride + 1)] = f
        out.set(row, y * (stride + 1) + 1)
      }
    })
  }
  return out
}

const chunk = (name: string, contents: Uint8Array): Uint8Array => {
  const out = new Uint8Array(contents.length + 12)
  const view = new DataView(out.buffer)
  view.setUint32(0, contents.length)
  out.set(textEncoder().encode(name), 4)
  out.set(contents, 8)
  view.setUint32(contents.length + 8, crc32(out.subarray(4, contents.length + 8)))
  return out
}

const header = ({ width, height, channels }: Raster): Uint8Array => {
  const out = new Uint8Array(13)
  const view = new DataView(out.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  out.set([8, [0, 4, 2, 6][channels - 1]!], 8)
  return out
}

/**
 * An image as a PNG file of 8 bits per channel; the same image gives the same bytes everywhere. Floats go from 0 (black) to 1, integers
 * from 0 to 255; what is beyond is cut off.
 *
 * shapes: [height, width] or [channels, height, width], 1 channel (gray) to 4 (red, green, blue, opacity)
 *
 * @throws ShapeError for other shapes.
 * @see https://www.w3.org/TR/png-3/
 * @example
 * encodePng(np.array([[0, 0.5], [0.5, 1]])).slice(1, 4)   // [80, 78, 71]
 */
export const encodePng = (x: Tensor): Uint8Array => {
  const raster = rasterOf(check('encodePng', 'x', tensor, x))
  return joinBytes([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header(raster)),
    chunk('IDAT', packed(filtered(raster))),
    chunk('IEND', new Uint8Array()),
  ])
}
