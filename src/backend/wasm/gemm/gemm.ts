/** Matrix products of any size and strides, in batches, swept over by threads. */
import { inLines } from '../places.js'
import type { ModuleBuilder } from '../module.js'
import type { Kernel } from '../kernel.js'
import { directTile, writeDirect } from './direct.js'
import { blockOf } from './fields.js'
import type { Lanes } from './lanes.js'
import type { Products } from './layout.js'
import { packedProduct } from './packed.js'
import { type Kernels, place, type ProductKernel, type SweepSite, sweepOver } from './site.js'
import { writePanels } from './panels.js'
import { axpyPiece, blocksFor, wayFor } from './plan.js'
import { dotColumns, writeAxpys, writeDots } from './rows.js'
import { type Tile, tileFor } from './tile.js'

/** The modules: most programs need one or two. */
const writers = {
  direct: (m: ModuleBuilder, l: Lanes, tile: Tile): void => writeDirect(m, l, tile),
  axpy: (m: ModuleBuilder, l: Lanes, { fma }: Tile): void => writeAxpys(m, l, fma),
  dots: (m: ModuleBuilder, l: Lanes, { fma }: Tile): void => writeDots(m, l, fma),
  panels: (m: ModuleBuilder, l: Lanes, tile: Tile): void => writePanels(m, l, tile, false),
  tables: (m: ModuleBuilder, l: Lanes, tile: Tile): void => writePanels(m, l, tile, true),
} as const

/** The kernels of one module for a type, compiled at first use. */
const kernelsOf = ({ caps, library }: SweepSite, l: Lanes, name: keyof typeof writers): Kernels =>
  library(`products ${name} ${l.dtype}`, (m) => {
    writers[name](m, l, tileFor(caps))
  })

/** Runs one kernel over all of a block. */
const swept = (site: SweepSite, kernel: Kernel, block: Int32Array, total: number, cost: number): ProductKernel => ({
  scratch: inLines(block.byteLength),
  run: (a, b, c, at) => {
    place(site, at, block, { a, b, c })
    sweepOver(site, kernel, at, total, cost)
  },
})

/** Bytes of panels held at a time. */
const panelBytes = 2 ** 27

/** The code of a batch of products of floats. */
export const productFor = (site: SweepSite, l: Lanes, p: Products, mostBytes = panelBytes): ProductKernel => {
  const { caps } = site
  const [m, n, k] = [p.m.size, p.n.size, p.aDepth.size]
  const batch = p.aBatch.length
  const tables = [p.m, p.n, p.aDepth, p.bDepth].some((x) => x.table !== null)
  const [aRow, aDepth, bDepth, bColumn] = [p.m.stride, p.aDepth.stride, p.bDepth.stride, p.n.stride]
  const { kernel, exchanged } = wayFor({ m, n, k, aRow, aDepth, bDepth, bColumn, tables }, l)
  const cBatch = p.aBatch.map((_, i) => i * m * n * l.bytes)
  /** Multiplications per nanosecond. */
  const rate = (caps.wide && caps.fma ? 50 : 25) * (4 / l.bytes)
  const kernels = kernelsOf(site, l, kernel === 'panels' && tables ? 'tables' : kernel)
  if (kernel === 'panels') return packedProduct(site, kernels, l, p, cBatch, rate, mostBytes)

  if (kernel === 'direct') {
    const cut = blocksFor(m, n, k, batch, l, directTile(tileFor(caps)))
    const per = cut.down * cut.across
    const blocks = { per, blockRows: cut.rows, blockColumns: cut.columns, blocksDown: cut.down }
    const block = blockOf(
      { m, n, k, aRow, aDepth, bDepth, bColumn, cRow: n * l.bytes, ...blocks },
      { aBatch: p.aBatch, bBatch: p.bBatch, cBatch },
    )
    return swept(site, kernels('direct'), block, batch * per, (Math.min(m, cut.rows) * Math.min(n, cut.columns) * k) / rate + 30)
  }

  const [rows, columns] = exchanged ? [n, m] : [m, n]
  const piece = kernel === 'axpy' ? axpyPiece(columns, rows, l) : dotColumns
  const per = Math.ceil(columns / piece)
  const sides = exchanged
    ? { m: n, n: m, aRow: bColumn, aDepth: bDepth, bDepth: aDepth, bColumn: aRow, cRow: l.bytes, cColumn: n * l.bytes }
    : { m, n, aRow, aDepth, bDepth, bColumn, cRow: n * l.bytes, cColumn: l.bytes }
  const [aBatch, bBatch] = exchanged ? [p.bBatch, p.aBatch] : [p.aBatch, p.bBatch]
  const cost = (rows * Math.min(columns, piece) * k) / Math.min(rate, 8 * rows) + 30
  const words = { ...sides, k, per, blockColumns: piece }
  const main = blockOf(words, { aBatch, bBatch, cBatch })
  const straight = swept(site, kernels(kernel), main, batch * per, cost)
  const product: ProductKernel = exchanged ? { ...straight, run: (a, b, c, at) => straight.run(b, a, c, at) } : straight
  if (kernel === 'axpy' || sides.aDepth === l.bytes || k === 1) return product

  // Dot products need a's depths next to each other: a copy of its few rows.
  const bytes = rows * k * l.bytes
  const copies = aBatch.map((_, i) => i * bytes)
  const gather = blockOf({ ...words, panelsA: bytes }, { aBatch, bBatch, cBatch })
  const after = swept(
    site,
    kernels('dots'),
    blockOf({ ...words, aRow: k * l.bytes, aDepth: l.bytes }, { aBatch: copies, bBatch, cBatch }),
    batch * per,
    cost,
  )
  const gatherKernel = kernels('gather')
  const args = inLines(batch * bytes)
  return {
    scratch: args + Math.max(inLines(gather.byteLength), after.scratch),
    run: (a, b, c, at) => {
      const [few, many] = exchanged ? [b, a] : [a, b]
      place(site, at + args, gather, { a: few, packedA: at })
      sweepOver(site, gatherKernel, at + args, batch, rows * k)
      after.run(at, many, c, at + args)
    },
  }
}
