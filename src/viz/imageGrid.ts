/** Images in rows. */
import { check, count, finite, listOf, positive, positiveWhole, tensor, text } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import { aval } from '../core/aval.js'
import { isBool, isReal } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, peek } from '../core/tensor.js'
import { embedded } from './embed.js'
import { element, frameLine, label, muted, picture } from './markup.js'
import { checkNames } from './numbers.js'

/** Options of `imageGrid`. */
export interface ImageGridOptions {
  readonly title?: string
  /** Images in a row; as many as make the grid about square by default. */
  readonly columns?: number
  /** A line below each image: its class, what was predicted. */
  readonly labels?: readonly string[]
  /** Which images have a red frame, by number: what a classifier got wrong. */
  readonly marked?: readonly number[]
  /** The longer side of an image, in pixels; 64. */
  readonly size?: number
  /** The numbers that are black and white; from 0 to 1 for floats, to 255 for integers. */
  readonly range?: readonly [number, number]
}

const imageGridOf = optionsOf<ImageGridOptions>({
  title: text,
  columns: positiveWhole,
  labels: listOf(text),
  marked: listOf(count),
  size: positive,
  range: listOf(finite, 2),
})

/**
 * A batch of images as an SVG that holds them as PNG: pixels stay sharp squares. What is beyond the range is cut off, NaN is black.
 *
 * shapes: images[n, height, width] or [n, channels, height, width] with 1 channel (gray) to 4 (red, green, blue, opacity)
 *
 * @throws ShapeError for other shapes, and when there is not one label for each image; ValueError unless `columns` is a positive integer.
 * @example
 * viz.imageGrid(random.uniform(random.key(0), [10, 28, 28]), { title: 'noise', columns: 5 })
 */
export const imageGrid = (images: Tensor, options: ImageGridOptions = {}): string => {
  const { title = 'images', labels, marked = [], size = 64, range } = imageGridOf('imageGrid', options)
  check('imageGrid', 'images', tensor, images)
  const shape = images.ndim === 3 ? [images.shape[0]!, 1, images.shape[1]!, images.shape[2]!] : images.shape
  const [n = 0, channels = 0, height = 0, width = 0] = shape
  if (shape.length !== 4 || channels < 1 || channels > 4 || height === 0 || width === 0)
    fail(ShapeError, `imageGrid: images are [n, height, width] or [n, channels, height, width], got [${images.shape.join(',')}]`, {
      args: { images },
    })
  checkNames('imageGrid', 'labels', labels, n)
  const columns = options.columns ?? Math.max(1, Math.ceil(Math.sqrt((n * height) / width)))
  const [low, high] = range ?? [0, isReal(images.dtype) || isBool(images.dtype) ? 1 : 255]
  const scale = size / Math.max(height, width)
  const [w, h] = [width * scale, height * scale]
  const gap = 8
  const [stepX, stepY] = [w + gap, h + gap + (labels === undefined ? 0 : 14)]
  const [left, top] = [16, 40]
  const data = peek(images)
  const each = channels * height * width
  const image = (k: number): string => {
    const [x, y] = [left + (k % columns) * stepX, top + Math.floor(k / columns) * stepY]
    const pixels = Float64Array.from(data.subarray(k * each, (k + 1) * each), (v) => (v - low) / (high - low))
    const box = { x, y, width: w, height: h }
    const wrong = marked.includes(k)
    const room = Math.max(3, Math.floor(stepX / 5.6))
    const text = labels?.[k]
    return (
      embedded(hostTensor(aval([channels, height, width], 'float64'), pixels), box) +
      element('rect', { ...box, ...(wrong ? { fill: 'none', stroke: '#d62728', 'stroke-width': 2 } : frameLine) }) +
      (text === undefined
        ? ''
        : label(x + w / 2, y + h + 12, text.length > room ? `${text.slice(0, room - 1)}…` : text, {
            'text-anchor': 'middle',
            'font-size': 10,
            ...muted,
          }))
    )
  }
  const across = Math.min(columns, Math.max(1, n))
  return picture(
    Math.max(left * 2 + across * stepX - gap, left * 2 + 7 * title.length),
    top + Math.max(1, Math.ceil(n / columns)) * stepY + 8,
    title,
    label(left, 22, title, { 'font-weight': 'bold' }),
    ...(n === 0 ? [label(left, top + 16, 'no images', muted)] : Array.from({ length: n }, (_, k) => image(k))),
  )
}
