/** Large products: packed, then multiplied, in one step but for sizes near the limits of memory. */
import { inLines } from '../places.js'
import { blockOf, type GemmField, fields } from './fields.js'
import type { Lanes } from './lanes.js'
import { type StridedAxis, type Products, tableOf } from './layout.js'
import { panelsPerIndex } from './panels.js'
import { blocksFor, sliceOf } from './plan.js'
import { type Kernels, place, type ProductKernel, type SweepSite, sweepOver } from './site.js'
import { columnsOf, type Tile, tileFor } from './tile.js'

interface Piece {
  readonly at: number
  readonly size: number
}

/** Pieces of `size`, none larger than `most` rounded up to `unit`. */
const pieces = (size: number, most: number, unit: number): readonly Piece[] => {
  const step = Math.max(unit, Math.ceil(most / unit) * unit)
  return Array.from({ length: Math.ceil(size / step) }, (_, i) => ({ at: i * step, size: Math.min(step, size - i * step) }))
}

/** Part of an axis: where it begins, and its table if it has one. */
const part = (x: StridedAxis, { at, size }: Piece): { readonly offset: number; readonly axis: StridedAxis } => ({
  offset: x.table === null ? at * x.stride : 0,
  axis: { size, stride: x.stride, table: x.table === null ? null : x.table.slice(at, at + size) },
})

interface Step {
  readonly block: Int32Array
  readonly atA: number
  readonly atB: number
  readonly atC: number
  readonly bytesA: number
  readonly bytesB: number
  readonly packs: { readonly total: number; readonly cost: number }
  readonly blocks: { readonly total: number; readonly cost: number; readonly per: number }
}

/** The whole of a batch of products. */
interface Whole {
  readonly l: Lanes
  readonly p: Products
  readonly tile: Tile
  readonly cBatch: readonly number[]
  /** Multiplications in a nanosecond. */
  readonly rate: number
}

const up = (x: number, unit: number): number => Math.ceil(x / unit) * unit

/** One pass: pack the depths `d` of rows `r` and columns `s` for the elements `e` of the batch, and multiply them. */
const stepOf = ({ l, p, tile, cBatch, rate }: Whole, d: Piece, r: Piece, s: Piece, e: Piece): Step => {
  const width = columnsOf(tile, l)
  const rowBytes = p.n.size * l.bytes
  const [rows, columns, deep] = [r.size, s.size, d.size]
  const cut = blocksFor(rows, columns, deep, e.size, l, tile)
  const packsA = Math.ceil(rows / (tile.rows * panelsPerIndex))
  const packs = packsA + Math.ceil(columns / (width * panelsPerIndex))
  const panelsA = up(rows, tile.rows) * deep * l.bytes
  const panelsB = up(columns, width) * deep * l.bytes
  const [pm, pn, pa, pb] = [part(p.m, r), part(p.n, s), part(p.aDepth, d), part(p.bDepth, d)]
  const tables: Partial<Record<GemmField, readonly number[]>> = {
    aBatch: p.aBatch.slice(e.at, e.at + e.size),
    bBatch: p.bBatch.slice(e.at, e.at + e.size),
    cBatch: cBatch.slice(e.at, e.at + e.size),
    // Where one side of an operand has a table, the other gets one too.
    ...(p.m.table !== null || p.aDepth.table !== null ? { aRows: tableOf(pm.axis), aDepths: tableOf(pa.axis) } : {}),
    ...(p.n.table !== null || p.bDepth.table !== null ? { bColumns: tableOf(pn.axis), bDepths: tableOf(pb.axis) } : {}),
  }
  const words: Partial<Record<GemmField, number>> = {
    m: rows,
    n: columns,
    k: deep,
    aRow: p.m.stride,
    aDepth: p.aDepth.stride,
    bDepth: p.bDepth.stride,
    bColumn: p.n.stride,
    cRow: rowBytes,
    per: packs,
    packsA,
    panelsA,
    panelsB,
    blockRows: cut.rows,
    blockColumns: cut.columns,
    blocksDown: cut.down,
    slice: sliceOf(p.aDepth.size),
    onto: d.at > 0 ? 1 : 0,
  }
  return {
    block: blockOf(words, tables),
    atA: pm.offset + pa.offset,
    atB: pn.offset + pb.offset,
    atC: r.at * rowBytes + s.at * l.bytes,
    bytesA: panelsA * e.size,
    bytesB: panelsB * e.size,
    packs: { total: packs * e.size, cost: (Math.min(columns, width * panelsPerIndex) * deep * l.bytes) / 10 },
    blocks: {
      total: cut.down * cut.across * e.size,
      per: cut.down * cut.across,
      cost: (Math.min(rows, cut.rows) * Math.min(columns, cut.columns) * deep) / rate,
    },
  }
}

/** The code of a batch of large products; at most about `mostBytes` of panels are held at a time. */
export const packedProduct = (
  site: SweepSite,
  kernels: Kernels,
  l: Lanes,
  p: Products,
  cBatch: readonly number[],
  rate: number,
  mostBytes: number,
): ProductKernel => {
  const [pack, blocks] = [kernels('pack'), kernels('blocks')]
  const tile = tileFor(site.caps)
  const width = columnsOf(tile, l)
  const [m, n, k] = [p.m.size, p.n.size, p.aDepth.size]
  const slice = sliceOf(k)
  const elements = mostBytes / l.bytes
  const depths = pieces(k, Math.floor(elements / (Math.min(m, 4096) + Math.min(n, 4096))), slice)
  const depth = depths[0]!.size
  const downs = pieces(m, Math.floor(elements / depth), tile.rows)
  const acrosses = pieces(n, Math.floor(elements / depth), width)
  const perProduct = (up(downs[0]!.size, tile.rows) + up(acrosses[0]!.size, width)) * depth
  const batches = pieces(p.aBatch.length, Math.max(1, Math.floor(elements / perProduct)), 1)

  const whole: Whole = { l, p, tile, cBatch, rate }
  const steps = depths.flatMap((d) => downs.flatMap((r) => acrosses.flatMap((s) => batches.map((e) => stepOf(whole, d, r, s, e)))))

  const scratchOf = ({ bytesA, bytesB, block }: Step): number => inLines(bytesA) + inLines(bytesB) + inLines(block.byteLength)
  return {
    scratch: Math.max(...steps.map(scratchOf)),
    run: (a, b, c, packedA) => {
      for (const { atA, atB, atC, block, blocks: multiplied, bytesA, bytesB, packs } of steps) {
        const packedB = packedA + inLines(bytesA)
        const args = packedB + inLines(bytesB)
        place(site, args, block, { a: a + atA, b: b + atB, c: c + atC, packedA, packedB })
        sweepOver(site, pack, args, packs.total, packs.cost)
        site.heap.words()[(args >>> 2) + fields.position.per] = multiplied.per
        sweepOver(site, blocks, args, multiplied.total, multiplied.cost)
      }
    },
  }
}
