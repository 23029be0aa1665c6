/** Any product as strips: gathered panels of patches, packed weights. */
import { columnsOf, type Tile } from '../gemm/tile.js'
import type { Lanes } from '../gemm/lanes.js'
import { draftOf } from '../block.js'
import { blockWords, fields, products } from './fields.js'
import { kind, kindsOf } from './panels.js'
import { blocksOf, chunkTime, commonWords, pace, type ConvJob, type ConvPass, type ConvProduct } from './product.js'
import { filled, offsets, repeated, type Offsets } from './offsets.js'

/** Elements of depth that are multiplied at once. */
const deepest = 384
/** Bytes of a strip of panels. */
const stripBytes = 256 * 1024
/** Chunks that several threads can share. */
const enough = 8
/** Part of all columns that may be lost at the edges of images before images are taken together. */
const loss = 0.04

const upTo = (n: number, step: number): number => Math.ceil(n / step) * step

/** Nanoseconds of so many sums over a depth. */
const workOf = (sums: number, depth: number): number => (sums * depth) / pace

const share = (xs: Offsets, x: number): number => xs.filter((y) => y === x).length / Math.max(xs.length, 1)

/** True when panels are gathered faster along their depth than along their lines. */
const isByDepth = (kinds: Offsets, depths: Offsets, lanes: number): boolean => {
  const across = share(kinds, kind.dense) + 1.6 * share(kinds, kind.second) + 4 * share(kinds, kind.any)
  const runs = share(kindsOf(depths, lanes), kind.dense)
  return 2 * runs + 5 * (1 - runs) < across
}

/** Columns and rows of a strip, and the work that strips share. */
interface Cut {
  readonly stripColumns: number
  readonly stripRows: number
  /** Results of a strip are brought to their places afterwards. */
  readonly scatter: boolean
  /** Images that are taken together. */
  readonly images: number
  /** Products: one for each group, and for each image that is not taken together with the others. */
  readonly outer: number
}

/** Cuts a product into strips of columns, and of rows where the results of a strip would not fit or there is little to share. */
const cutOf = ({ sizes: s, rows, sources, places, taps }: ConvProduct, { bytes }: Lanes, tile: Tile, width: number, deep: number): Cut => {
  const merged = s.images > 1 && upTo(sources.length, width) > (1 + loss) * sources.length
  const images = merged ? s.images : 1
  const [m, n] = [rows.length, images * sources.length]
  const scatter = merged || m > s.filters || s.area !== places.length
  const most = Math.max(width, Math.floor(stripBytes / (deep * bytes * width)) * width)
  const room = products.to - products.from
  const fitting = scatter ? Math.max(8 * width, Math.floor(room / (upTo(m, tile.rows) * bytes * width)) * width) : most
  const outer = (s.images / images) * s.groups
  const work = workOf(outer * m * n, s.channels * taps.length)
  const wanted = Math.max(1, Math.min(Math.ceil(enough / outer), Math.floor(work / chunkTime)))
  const strips = Math.max(Math.ceil(n / Math.min(most, fitting, 2048)), Math.min(wanted, Math.ceil(n / (4 * width))))
  const stripColumns = upTo(Math.ceil(n / strips), width)
  const high = scatter ? Math.floor(room / (stripColumns * bytes * tile.rows)) * tile.rows : m
  const rowBlocks = Math.max(Math.ceil(m / high), Math.min(Math.ceil(wanted / strips), Math.ceil(m / (32 * tile.rows))))
  return { stripColumns, stripRows: upTo(Math.ceil(m / rowBlocks), tile.rows), scatter, images, outer }
}

/** The two sweeps: weights are packed, panel by panel; then strips are multiplied. */
const passesOf = (panels: number, panelCost: number, chunks: number, work: number): readonly ConvPass[] => [
  { family: 'strips', kernel: 'weights', total: panels, grain: Math.max(1, Math.floor(chunkTime / panelCost)), cost: panelCost },
  {
    family: 'strips',
    kernel: 'strips',
    total: chunks,
    grain: Math.max(1, Math.floor((chunkTime * chunks) / work)),
    cost: work / chunks,
  },
]

/** Any product as strips. */
export const stripJob = (p: ConvProduct, l: Lanes, tile: Tile): ConvJob => {
  const { sizes: s, rows, sources, places, shifts, taps } = p
  const { bytes } = l
  const width = columnsOf(tile, l)
  const depth = s.channels * taps.length
  const { perTable, blocks } = blocksOf(s.channels, taps.length, deepest)
  const { images, outer, scatter, stripColumns, stripRows } = cutOf(p, l, tile, width, Math.max(...blocks.map((b) => b.deep)))
  const columnSources = repeated(sources, images, s.groups * s.channels * s.pixels)
  const [m, n] = [rows.length, columnSources.length]

  const { set, table, done } = draftOf(fields)
  const depths = repeated(shifts, perTable, s.pixels)
  const rowDepths = repeated(taps, perTable, s.window)
  const rowLines = filled(offsets(rows.map((r) => r.weights)), tile.rows)
  const rowKinds = kindsOf(rowLines, l.lanes, tile.rows)
  const lines = filled(columnSources, width)
  const kinds = kindsOf(lines, l.lanes)
  set({ rowWeights: table(rowLines, bytes), rowKinds: table(rowKinds), columnSources: table(lines, bytes), columnKinds: table(kinds) })
  if (scatter) {
    const columnPlaces = repeated(places, images, s.groups * s.filters * s.area)
    set({
      rowPlaces: table(offsets(rows.map((r) => r.place)), bytes),
      columnPlaces: table(columnPlaces, bytes),
      placeKinds: table(kindsOf(columnPlaces, l.lanes)),
    })
  }
  const depthTable = table(depths, bytes)
  const rowDepthTable = table(rowDepths, bytes)
  let before = 0
  const entries = blocks.flatMap(({ channel, from, deep: d }) => {
    const packed = before * tile.rows * bytes
    before += d
    return [channel * s.pixels * bytes, depthTable + from * 4, d, packed, channel * s.window * bytes, rowDepthTable + from * 4]
  })
  const panels = Math.ceil(m / tile.rows)
  const packedPanel = depth * tile.rows * bytes
  set({
    ...commonWords(p, bytes),
    blocks: table(offsets(entries)),
    blockCount: entries.length / blockWords,
    columns: n,
    stripColumns,
    strips: Math.ceil(n / stripColumns),
    stripRows,
    rowBlocks: Math.ceil(m / stripRows),
    packedGroup: panels * packedPanel,
    packedPanel,
    resultRow: s.area * bytes,
    scatter: scatter ? 1 : 0,
    columnsByDepth: isByDepth(kinds, depths, l.lanes) ? 1 : 0,
    rowsByDepth: isByDepth(rowKinds, rowDepths, l.lanes) ? 1 : 0,
  })

  const chunks = outer * Math.ceil(n / stripColumns) * Math.ceil(m / stripRows)
  return {
    words: done(),
    packedBytes: s.groups * panels * packedPanel,
    passes: passesOf(s.groups * panels, (depth * tile.rows) / 2, chunks, workOf(outer * m * n, depth)),
  }
}
