/** Image files (PNG, JPEG, WebP, ...) as tensors: decoded by `sharp` on servers and by the browser in browsers. */
import { optionsOf } from '../core/options.js'
import { bytes, callable, check, nonNegative } from '../core/check.js'
import { peer } from '../core/builtin.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { aval } from '../core/aval.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

/** A decoded image: rows from the top, pixels from the left, the bytes of a pixel side by side; red, green, blue come first. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** 3, or 4 with an alpha that is not used. */
  readonly channels: number
  readonly bytes: Uint8Array
}

/** The capability to decode an image file of at most `maxPixels` pixels. */
export type ImageDecoder = (file: Uint8Array, maxPixels: number) => TE.TaskEither<DataFault, Pixels>

/** What of `sharp` is used here. */
export type Sharp = (file: Uint8Array, options: { readonly limitInputPixels: number }) => SharpImage
/** An image of `sharp`. */
export interface SharpImage {
  /** Turned upright as its EXIF data says. */
  readonly rotate: () => SharpImage
  /** Converted, to `srgb` for example. */
  readonly toColourspace: (space: string) => SharpImage
  /** Without transparency. */
  readonly removeAlpha: () => SharpImage
  /** Uncompressed. */
  readonly raw: () => SharpImage
  /** The bytes, and what they are. */
  readonly toBuffer: (options: { readonly resolveWithObject: true }) => Promise<{
    readonly data: Uint8Array
    readonly info: { readonly width: number; readonly height: number; readonly channels: number }
  }>
}

/** The user's to install, on servers only. */
const installed = async (): Promise<Sharp> => ((await peer('sharp')) as { readonly default: Sharp }).default

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Decodes by the package `sharp`, which is not installed with this one: `Unsupported` when it is absent, `Corrupt` for a file it does
 * not understand.
 */
export const sharpDecoder =
  (load: () => Promise<Sharp> = installed): ImageDecoder =>
  (file, maxPixels) =>
    pipe(
      TE.tryCatch(load, (error) =>
        fault(
          'Unsupported',
          `decodeImage: the package sharp could not be loaded: ${reason(error)}`,
          'npm install sharp; or a decoder of your own',
        ),
      ),
      TE.chain((sharp) =>
        TE.tryCatch(
          async () => {
            const upright = sharp(file, { limitInputPixels: maxPixels }).rotate().toColourspace('srgb').removeAlpha()
            const { data, info } = await upright.raw().toBuffer({ resolveWithObject: true })
            return { width: info.width, height: info.height, channels: info.channels, bytes: data }
          },
          (error) => fault(/pixel limit/.test(reason(error)) ? 'TooLarge' : 'Corrupt', `decodeImage: ${reason(error)}`),
        ),
      ),
    )

/** Decodes by `createImageBitmap` and a canvas, in pages and in workers. */
export const canvasDecoder: ImageDecoder = (file, maxPixels) => async () => {
  try {
    const bitmap = await createImageBitmap(new Blob([file.slice()]))
    const { width, height } = bitmap
    try {
      if (width * height > maxPixels) return E.left(tooLarge(width, height, maxPixels))
      const context = new OffscreenCanvas(width, height).getContext('2d')
      if (context === null) return E.left(fault('Unsupported', 'decodeImage: no canvas to draw on', 'a decoder of your own'))
      context.drawImage(bitmap, 0, 0)
      return E.right({ width, height, channels: 4, bytes: new Uint8Array(context.getImageData(0, 0, width, height).data) })
    } finally {
      bitmap.close()
    }
  } catch (error) {
    return E.left(fault('Corrupt', `decodeImage: ${reason(error)}`))
  }
}

const tooLarge = (width: number, height: number, maxPixels: number): DataFault =>
  fault(
    'TooLarge',
    `decodeImage: ${width} x ${height} pixels are more than ${maxPixels}`,
    'a larger maxPixels, if the file is to be trusted',
  )

/** The browser's decoder where there is one, else `sharp`. */
const platformDecoder: ImageDecoder = (file, maxPixels) =>
  (typeof createImageBitmap === 'function' && typeof OffscreenCanvas === 'function' ? canvasDecoder : sharpDecoder())(file, maxPixels)

/** Options of `decodeImage`. */
export interface DecodeOptions {
  /** What decodes: the browser, or `sharp`, by default. */
  readonly decoder?: ImageDecoder
  /** Larger images are `TooLarge`: 2^26 by default. */
  readonly maxPixels?: number
}

const toTensor =
  (maxPixels: number) =>
  ({ width, height, channels, bytes }: Pixels): E.Either<DataFault, Tensor> => {
    if (width * height > maxPixels) return E.left(tooLarge(width, height, maxPixels))
    if (channels < 3 || bytes.length !== width * height * channels)
      return E.left(
        fault('Corrupt', `decodeImage: the decoder gives ${bytes.length} bytes for ${width} x ${height} pixels of ${channels} channels`),
      )
    const size = width * height
    const out = new Float32Array(3 * size)
    for (let c = 0; c < 3; c++) for (let p = 0; p < size; p++) out[c * size + p] = bytes[p * channels + c]! / 255
    return E.right(hostTensor(aval([3, height, width], 'float32'), out))
  }

const decodings = optionsOf<DecodeOptions>({ decoder: callable, maxPixels: nonNegative })

/**
 * The colours of an image file, upright, from 0 to 1: red, green, blue. Transparency is dropped, grey images get three equal colours.
 * `Unsupported` when nothing here can decode (on servers `sharp` must be installed), `Corrupt` when the file is no image.
 *
 * shapes: float32[3,height,width]
 *
 * @example
 * const decoder: data.ImageDecoder = () => TE.right({ width: 1, height: 1, channels: 3, bytes: Uint8Array.of(255, 0, 51) })
 * const image = await data.decodeImage(new Uint8Array(0), { decoder })()
 * E.isRight(image) && image.right.toArray()   // [[[1]], [[0]], [[0.2]]]
 */
export const decodeImage = (file: Uint8Array, options: DecodeOptions = {}): TE.TaskEither<DataFault, Tensor> => {
  const { decoder = platformDecoder, maxPixels = 2 ** 26 } = decodings('decodeImage', options)
  check('decodeImage', 'file', bytes, file)
  return pipe(decoder(file, maxPixels), TE.chainEitherK(toTensor(maxPixels)))
}
