/** Products of few rows, straight from the images. */
import { range } from '../../../core/shape.js'
import type { Lanes } from '../gemm/lanes.js'
import { draftOf } from '../block.js'
import { blockWords, fields } from './fields.js'
import { fewTiles, type FewTile } from './few.js'
import { blocksOf, chunkTime, commonWords, linesOf, pace, type ConvJob, type ConvProduct } from './product.js'
import { filled, offsets, repeated } from './offsets.js'

/** Rows for which panels are not worth gathering. */
const most = 8
/** Instructions that a core runs in one cycle, about. */
const perCycle = 6

/** Instructions for one depth of one vector of outputs in all rows. */
const workOf = (rows: number, t: FewTile): number => (Math.ceil(rows / t.rows) * t.work) / t.vectors

const tileFor = (rows: number): FewTile => fewTiles.reduce((best, t) => (workOf(rows, t) < workOf(rows, best) ? t : best))

const isFew = ({ rows }: ConvProduct, { xStep, lines }: ReturnType<typeof linesOf>, l: Lanes): boolean =>
  rows.length <= most && xStep <= 2 && lines.every(({ length }) => length >= l.lanes)

/** Cycles for one depth of an image and a group, about. */
export const fewCycles = (p: ConvProduct, l: Lanes): number => {
  const along = linesOf(p.sources, p.places)
  if (!isFew(p, along, l)) return Infinity
  const vectors = along.lines.reduce((n, { length }) => n + Math.ceil(length / l.lanes), 0)
  return (workOf(p.rows.length, tileFor(p.rows.length)) * vectors) / perCycle
}

/** The job; `null` when outputs do not lie in vectors, or are too many in a column. */
export const fewJob = (p: ConvProduct, l: Lanes): ConvJob | null => {
  const { sizes: s, rows, sources, places, shifts, taps } = p
  const along = linesOf(sources, places)
  if (!isFew(p, along, l)) return null
  const { xStep, yStep, lines } = along
  const { bytes, lanes } = l
  const tile = tileFor(rows.length)
  const starts = lines.flatMap(({ x, y, length }) =>
    range(Math.ceil(length / lanes)).map((k) => {
      const at = Math.min(k * lanes, length - lanes)
      return { source: x + at * xStep, place: y + at * yStep }
    }),
  )
  const columnSources = filled(offsets(starts.map((v) => v.source)), tile.vectors)
  const columnPlaces = filled(offsets(starts.map((v) => v.place)), tile.vectors)
  const rowWeights = filled(offsets(rows.map((r) => r.weights)), tile.rows)
  const { perTable, blocks } = blocksOf(s.channels, taps.length, 4096)
  const { set, table, done } = draftOf(fields)
  const depths = table(repeated(shifts, perTable, s.pixels), bytes)
  const tapTable = table(repeated(taps, perTable, s.window), bytes)
  const entries = blocks.flatMap(({ channel, from, deep }) => [
    channel * s.pixels * bytes,
    depths + from * 4,
    deep,
    0,
    channel * s.window * bytes,
    tapTable + from * 4,
  ])
  const n = columnSources.length
  const cost = (rows.length * s.channels * taps.length * lanes) / (pace / 2)
  const stripColumns = Math.min(n, Math.ceil(chunkTime / cost / tile.vectors) * tile.vectors)
  const strips = Math.ceil(n / stripColumns)
  set({
    ...commonWords(p, bytes),
    rowWeights: table(rowWeights, bytes),
    rowPlaces: table(offsets(rows.map((r) => r.place)), bytes),
    columnSources: table(columnSources, bytes),
    columnPlaces: table(columnPlaces, bytes),
    blocks: table(offsets(entries)),
    blockCount: entries.length / blockWords,
    columns: n,
    stripColumns,
    strips,
    sourceStep: xStep,
    resultStep: yStep,
  })
  const stripCost = Math.min(n, stripColumns) * cost
  return {
    words: done(),
    packedBytes: 0,
    passes: [
      {
        family: 'few',
        kernel: `few${tile.rows}`,
        total: s.images * s.groups * strips,
        grain: Math.max(1, Math.floor(chunkTime / stripCost)),
        cost: stripCost,
      },
    ],
  }
}
