/** Products of few rows and columns but great depth, as inner products. */
import { range } from '../../../core/shape.js'
import type { Tile } from '../gemm/tile.js'
import type { Lanes } from '../gemm/lanes.js'
import { draftOf } from '../block.js'
import { blockWords, fields } from './fields.js'
import { dotTiles } from './dots.js'
import { fewCycles } from './fewJob.js'
import { blocksOf, chunkTime, commonWords, linesOf, stripCycles, type ConvJob, type Line, type ConvProduct } from './product.js'
import { filled, offsets, repeated } from './offsets.js'

/** Vectors whose products are added up before they join a sum. */
const deepest = 384
/** Depth from which the sums of lanes at the end do not count. */
const shallowest = 256
/** Bytes of weights that are read again for every tile of columns. */
const cached = 768 * 1024

/** Starts of the vectors of all lines: whole ones, and the last ones where lines do not divide. */
const vectorsOf = (
  lines: readonly Line[],
  step: number,
  lanes: number,
): { readonly whole: readonly Line[]; readonly last: readonly Line[] } => ({
  whole: lines.flatMap(({ x, y, length }) =>
    range(Math.floor(length / lanes)).map((k) => ({ x: x + k * lanes * step, y: y + k * lanes, length: lanes })),
  ),
  last: lines.flatMap(({ x, y, length }) =>
    length % lanes === 0 ? [] : [{ x: x + (length - lanes) * step, y: y + length - lanes, length: length % lanes }],
  ),
})

/** The job; `null` when depths do not lie in vectors, or strips are faster. */
export const dotJob = (p: ConvProduct, l: Lanes, tile: Tile): ConvJob | null => {
  const { sizes: s, rows, sources, places, shifts, taps } = p
  const { bytes, lanes } = l
  if (s.channels * taps.length < shallowest) return null
  const { xStep, yStep, lines } = linesOf(shifts, taps)
  const left = lines.length > 0 ? lines[0]!.length % lanes : 0
  if (xStep > 2 || yStep !== 1 || lines.some(({ length }) => length < lanes || length % lanes !== left)) return null
  const { whole, last } = vectorsOf(lines, xStep, lanes)
  const n = s.images * sources.length
  const { rows: high, columns: wide } = rows.length === 1 ? dotTiles[0]! : dotTiles[1]!
  const [rowTiles, columnTiles] = [Math.ceil(rows.length / high), Math.ceil(n / wide)]
  const vectors = whole.length + last.length
  // What is masked is multiplied row by row.
  const cycles = (rowTiles * columnTiles * 5.5 * (whole.length + high * last.length)) / taps.length
  if (cycles > s.images * Math.min(stripCycles(p, l, tile, 8), fewCycles(p, l))) return null
  if (rows.length > 2 && rows.length * s.channels * taps.length * bytes > cached) return null

  const { set, table, done } = draftOf(fields)
  const entriesFor = (starts: readonly Line[], masked: boolean): readonly number[] => {
    if (starts.length === 0) return []
    const { perTable, blocks } = blocksOf(s.channels, starts.length, deepest)
    const depths = table(repeated(offsets(starts.map(({ x }) => x)), perTable, s.pixels), bytes)
    const tapTable = table(repeated(offsets(starts.map(({ y }) => y)), perTable, s.window), bytes)
    return blocks.flatMap(({ channel, from, deep }) => [
      channel * s.pixels * bytes,
      depths + from * 4,
      deep,
      masked ? 1 : 0,
      channel * s.window * bytes,
      tapTable + from * 4,
    ])
  }
  const entries = [...entriesFor(whole, false), ...entriesFor(last, true)]
  const columnSources = filled(repeated(sources, s.images, s.groups * s.channels * s.pixels), wide)
  const columnPlaces = filled(repeated(places, s.images, s.groups * s.filters * s.area), wide)
  const rowWeights = filled(offsets(rows.map((r) => r.weights)), high)
  const rowPlaces = filled(offsets(rows.map((r) => r.place)), high)
  set({
    ...commonWords(p, bytes),
    rowWeights: table(rowWeights, bytes),
    rowPlaces: table(rowPlaces, bytes),
    columnSources: table(columnSources, bytes),
    columnPlaces: table(columnPlaces, bytes),
    mask: table(offsets(range(4).map((k) => (k < 4 - (left * 4) / lanes ? 0 : -1)))),
    blocks: table(offsets(entries)),
    blockCount: entries.length / blockWords,
    columns: n,
    strips: columnTiles,
    rowBlocks: rowTiles,
    sourceStep: xStep,
  })
  const cost = s.channels * vectors * 1.2
  return {
    words: done(),
    packedBytes: 0,
    passes: [
      {
        family: 'dots',
        kernel: `dots${high}`,
        total: s.groups * rowTiles * columnTiles,
        grain: Math.max(1, Math.floor(chunkTime / cost)),
        cost,
      },
    ],
  }
}
