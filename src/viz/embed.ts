/** Pixels within a picture. */
import type { Tensor } from '../core/tensor.js'
import { encodePng } from '../io/png.js'
import { element } from './markup.js'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Bytes as base64. */
export const base64 = (bytes: Uint8Array): string => {
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]]
    const all = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    const four = [18, 12, 6, 0].map((k) => letters[(all >> k) & 63]!)
    parts.push(four[0]!, four[1]!, b === undefined ? '=' : four[2]!, c === undefined ? '=' : four[3]!)
  }
  return parts.join('')
}

/** Where in a picture, in pixels. */
export interface FrameBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** An image `[channels, height, width]` as sharp squares. */
export const embedded = (image: Tensor, box: FrameBox): string =>
  element('image', {
    ...box,
    preserveAspectRatio: 'none',
    style: 'image-rendering:pixelated',
    href: `data:image/png;base64,${base64(encodePng(image))}`,
  })
