/** The products of weights and patches that make a convolution, and the fastest way to each. */
import { range } from '../../../core/shape.js'
import { columnsOf, type Tile } from '../gemm/tile.js'
import type { Lanes } from '../gemm/lanes.js'
import type { ConvField } from './fields.js'
import type { Class } from './geometry.js'
import type { Family } from './module.js'
import type { Offsets } from './offsets.js'

/** Sizes of a convolution; images are those that the patches are taken from. */
export interface ConvSizes {
  readonly images: number
  readonly groups: number
  /** Input channels of a group. */
  readonly channels: number
  /** Output channels of a group. */
  readonly filters: number
  /** Taps of a filter in one channel. */
  readonly window: number
  /** Elements of one channel of an image. */
  readonly pixels: number
  /** Elements of one channel of the result. */
  readonly area: number
}

/** Rows of the weights, all classes of filters one after the other: where each begins, and where its outputs go. */
export interface Row {
  readonly weights: number
  readonly place: number
}

/** One matrix product per image and group: `rows x depth` weights by `depth x outputs` patches. Offsets are in elements. */
export interface ConvProduct {
  readonly sizes: ConvSizes
  readonly rows: readonly Row[]
  /** Where the outputs of one image begin in the image, and where they go. */
  readonly sources: Offsets
  readonly places: Offsets
  /** Where the taps of one channel meet the image, and where their weights are. */
  readonly shifts: Offsets
  readonly taps: Offsets
}

/** One sweep of a kernel over an argument block. */
export interface ConvPass {
  readonly family: Family
  readonly kernel: string
  readonly total: number
  readonly grain: number
  readonly cost: number
}

/** A product ready to run. */
export interface ConvJob {
  readonly words: Int32Array
  /** Bytes of packed weights. */
  readonly packedBytes: number
  readonly passes: readonly ConvPass[]
}

/** The words of a block that every way to a product has. */
export const commonWords = ({ sizes: s, rows }: ConvProduct, bytes: number): Readonly<Partial<Record<ConvField, number>>> => {
  const [sourceGroup, resultGroup] = [s.channels * s.pixels * bytes, s.filters * s.area * bytes]
  return {
    rows: rows.length,
    groups: s.groups,
    sourceImage: s.groups * sourceGroup,
    sourceGroup,
    weightsGroup: s.filters * s.channels * s.window * bytes,
    resultImage: s.groups * resultGroup,
    resultGroup,
  }
}

/** Multiplications and additions in a nanosecond, about. */
export const pace = 25
/** Nanoseconds that one chunk of a sweep should take, about. */
export const chunkTime = 20_000

/** The product that gives some classes of outputs, all of which meet the image alike. */
export const productOf = (classes: readonly Class[], sizes: ConvSizes): ConvProduct => {
  const first = classes[0]!
  return {
    sizes,
    rows: classes.flatMap((c) =>
      range(sizes.filters).map((f) => ({
        weights: f * sizes.channels * sizes.window + c.taps[0]! - first.taps[0]!,
        place: f * sizes.area + c.places[0]! - first.places[0]!,
      })),
    ),
    sources: first.sources,
    places: first.places,
    shifts: first.shifts,
    taps: first.taps,
  }
}

/** Elements that lie at steps of `step` in `x` and `y`, from `x` and `y` on. */
export interface Line {
  readonly x: number
  readonly y: number
  readonly length: number
}

/** Two lists of offsets as lines of equal steps. */
export const linesOf = (xs: Offsets, ys: Offsets): { readonly xStep: number; readonly yStep: number; readonly lines: readonly Line[] } => {
  const xStep = xs.length > 1 ? xs[1]! - xs[0]! : 1
  const yStep = ys.length > 1 ? ys[1]! - ys[0]! : 1
  const lines: Line[] = []
  let from = 0
  for (let k = 1; k <= xs.length; k++)
    if (k === xs.length || xs[k]! - xs[k - 1]! !== xStep || ys[k]! - ys[k - 1]! !== yStep) {
      lines.push({ x: xs[from]!, y: ys[from]!, length: k - from })
      from = k
    }
  return { xStep, yStep, lines }
}

/** Depths in blocks: several channels where windows are small, parts of one where they are large. */
export interface DepthBlocks {
  /** Channels that one table of depths is for. */
  readonly perTable: number
  readonly blocks: readonly { readonly channel: number; readonly from: number; readonly deep: number }[]
}

/** Blocks of at most `deepest` of the depths of `channels` windows. */
export const blocksOf = (channels: number, window: number, deepest: number): DepthBlocks => {
  if (window > deepest) {
    const part = Math.ceil(window / Math.ceil(window / deepest) / 4) * 4
    const starts = range(Math.ceil(window / part)).map((k) => k * part)
    return {
      perTable: 1,
      blocks: range(channels).flatMap((channel) => starts.map((from) => ({ channel, from, deep: Math.min(part, window - from) }))),
    }
  }
  const most = Math.min(channels, Math.floor(deepest / window))
  const perTable = Math.ceil(channels / Math.ceil(channels / most))
  return {
    perTable,
    blocks: range(Math.ceil(channels / perTable)).map((k) => ({
      channel: k * perTable,
      from: 0,
      deep: Math.min(perTable, channels - k * perTable) * window,
    })),
  }
}

/** Cycles that strips take for one depth of an image and a group, about: gathering a panel and multiplying it with all rows. */
export const stripCycles = (p: ConvProduct, l: Lanes, tile: Tile, gather: number): number =>
  Math.ceil(p.sources.length / columnsOf(tile, l)) * (gather + tile.vectors * 2 * Math.ceil(p.rows.length / tile.rows))
