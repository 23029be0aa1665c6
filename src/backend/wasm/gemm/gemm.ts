/** Matrix products of any size and strides, in batches, swept over by threads. */
import { moduleBuilder } from '../module.js'
import type { Kernel } from '../kernel.js'
import type { Machine } from '../machine.js'
import { writeDirect } from './direct.js'
import { type Job, jobBytes, writeJob } from './job.js'
import type { Lanes } from './lanes.js'
import { panelsPerIndex, writePanels } from './panels.js'
import { blocksFor, columnsPerIndex, sliceOf, wayFor } from './plan.js'
import { writeAxpys, writeDots } from './rows.js'
import { columnsOf, tileFor } from './tile.js'
import type { Products } from './layout.js'
import { tableOf } from './layout.js'

/** Computes products for operands and a result at addresses. */
export type Product = (a: number, b: number, c: number) => void

/** What sweeping needs of the machine. */
export type Site = Pick<Machine, 'heap' | 'caps' | 'load' | 'sweep'>

type Kernels = (name: string) => Kernel

const made = new WeakMap<Site['heap'], Map<string, Kernels>>()

/** The kernels of a type, compiled at first use. */
const kernelsOf = ({ heap, caps, load }: Site, l: Lanes): Kernels => {
  let all = made.get(heap)
  if (all === undefined) made.set(heap, (all = new Map()))
  let kernels = all.get(l.dtype)
  if (kernels === undefined) {
    const builder = moduleBuilder(caps.shared)
    const tile = tileFor(caps)
    writeDirect(builder, l, tile)
    writePanels(builder, l, tile)
    writeAxpys(builder, l, tile.fma)
    writeDots(builder, l, tile.fma)
    all.set(l.dtype, (kernels = load(builder.finish())))
  }
  return kernels
}

const empty: Job = {
  a: 0,
  b: 0,
  c: 0,
  m: 0,
  n: 0,
  k: 0,
  aRow: 0,
  aDepth: 0,
  bDepth: 0,
  bColumn: 0,
  cRow: 0,
  cColumn: 0,
  aBatch: 0,
  bBatch: 0,
  cBatch: 0,
  per: 1,
  blockRows: 0,
  blockColumns: 0,
  blocksDown: 1,
  slice: 0,
  onto: 0,
  packedA: 0,
  packedB: 0,
  panelsA: 0,
  panelsB: 0,
  packsA: 0,
  aRows: 0,
  aDepths: 0,
  bDepths: 0,
  bColumns: 0,
}

/** Nanoseconds of a chunk: long beside the cost of taking one, short beside the whole. */
const chunk = 8000
const grainOf = (cost: number): number => Math.max(1, Math.floor(chunk / cost))

/** Bytes of panels held at a time. */
const mostBytes = 2 ** 27

/** Tables that stand behind a job for the time of a run: `[name, entries]`. */
type Tables = readonly (readonly [keyof Job, readonly number[]])[]

/** Runs `body` with a job in the heap, and its tables. */
const withJob = ({ heap }: Site, tables: Tables, job: Job, body: (args: number, job: Job) => void): void => {
  const bytes = tables.reduce((n, [, t]) => n + t.length * 4, jobBytes)
  const args = heap.alloc(bytes)
  const memory = heap.words()
  let at = args + jobBytes
  for (const [name, table] of tables) {
    job[name] = at
    for (let i = 0; i < table.length; i++) memory[(at >>> 2) + i] = table[i]!
    at += table.length * 4
  }
  body(args, job)
  heap.free(args, bytes)
}

/** The code of a batch of products of floats. */
export const productFor = (site: Site, l: Lanes, p: Products): Product => {
  const { heap, caps, sweep } = site
  const kernels = kernelsOf(site, l)
  const [m, n, k] = [p.m.size, p.n.size, p.aDepth.size]
  const batch = p.aBatch.length
  const tables = [p.m, p.n, p.aDepth, p.bDepth].some((x) => x.table !== null)
  const [aRow, aDepth, bDepth, bColumn] = [p.m.stride, p.aDepth.stride, p.bDepth.stride, p.n.stride]
  const way = wayFor({ m, n, k, aRow, aDepth, bDepth, bColumn, batch, tables }, l)
  const cBatch = p.aBatch.map((_, i) => i * m * n * l.bytes)
  /** Multiplications per nanosecond. */
  const rate = (caps.wide && caps.fma ? 50 : 25) * (4 / l.bytes)
  const straight: Job = { ...empty, m, n, k, aRow, aDepth, bDepth, bColumn, cRow: n * l.bytes, cColumn: l.bytes }
  const straightTables: Tables = [
    ['aBatch', p.aBatch],
    ['bBatch', p.bBatch],
    ['cBatch', cBatch],
  ]

  if (way.kernel === 'direct') {
    const kernel = kernels('direct')
    const cost = (m * n * k) / rate + 50
    return (a, b, c) => {
      withJob(site, straightTables, { ...straight, a, b, c }, (args, job) => {
        writeJob(heap.words(), args, job)
        sweep(kernel, args, batch, grainOf(cost), cost)
      })
    }
  }

  if (way.kernel !== 'panels') {
    const { exchanged } = way
    const [rows, columns] = exchanged ? [n, m] : [m, n]
    const per = Math.ceil(columns / columnsPerIndex[way.kernel])
    const base: Job = exchanged
      ? { ...straight, m: n, n: m, aRow: bColumn, aDepth: bDepth, bDepth: aDepth, bColumn: aRow, cRow: l.bytes, cColumn: n * l.bytes, per }
      : { ...straight, per }
    const [left, right] = exchanged ? [p.bBatch, p.aBatch] : [p.aBatch, p.bBatch]
    const kernel = kernels(way.kernel)
    const cost = (rows * Math.min(columns, columnsPerIndex[way.kernel]) * k) / Math.min(rate, 8 * rows) + 30
    const total = batch * per
    const copied = way.kernel === 'dots' && base.aDepth !== l.bytes && k > 1
    const copyBytes = rows * k * l.bytes
    const gather = copied ? kernels('gather') : null
    return (a, b, c) => {
      const job = {
        ...base,
        a: exchanged ? b : a,
        b: exchanged ? a : b,
        c,
        panelsA: copyBytes,
        packedA: copied ? heap.alloc(batch * copyBytes) : 0,
      }
      const sides: Tables = [
        ['aBatch', left],
        ['bBatch', right],
        ['cBatch', cBatch],
      ]
      withJob(site, sides, job, (args, full) => {
        const memory = heap.words()
        writeJob(memory, args, full)
        if (gather !== null) {
          sweep(gather, args, batch, grainOf(rows * k), rows * k)
          for (let i = 0; i < batch; i++) memory[(full.aBatch >>> 2) + i] = i * copyBytes
          writeJob(memory, args, { ...full, a: full.packedA, aRow: k * l.bytes, aDepth: l.bytes })
        }
        sweep(kernel, args, total, grainOf(cost), cost)
      })
      if (copied) heap.free(job.packedA, batch * copyBytes)
    }
  }
  return panelProduct(site, l, p, straight, cBatch, rate)
}

/** Pieces of `size`, none larger than `most` rounded up to `unit`. */
const pieces = (size: number, most: number, unit: number): readonly { readonly at: number; readonly size: number }[] => {
  const step = Math.max(unit, Math.ceil(most / unit) * unit)
  return Array.from({ length: Math.ceil(size / step) }, (_, i) => ({ at: i * step, size: Math.min(step, size - i * step) }))
}

const panelProduct = (site: Site, l: Lanes, p: Products, straight: Job, cBatch: readonly number[], rate: number): Product => {
  const { heap, caps, sweep } = site
  const kernels = kernelsOf(site, l)
  const [pack, blocks] = [kernels('pack'), kernels('blocks')]
  const tile = tileFor(caps)
  const width = columnsOf(tile, l)
  const up = (x: number, unit: number): number => Math.ceil(x / unit) * unit
  const sliceMost = sliceOf(straight.k)
  // One step but for sizes near the limits of memory: pieces of the depth, of rows and columns, of the batch.
  const depths = pieces(
    straight.k,
    Math.max(sliceMost, Math.floor(mostBytes / l.bytes / (Math.min(straight.m, 4096) + Math.min(straight.n, 4096)))),
    sliceMost,
  )
  const depth = depths[0]!.size
  const most = Math.floor(mostBytes / l.bytes / depth)
  const downs = pieces(straight.m, most, tile.rows)
  const acrosses = pieces(straight.n, most, width)
  const perProduct = (up(downs[0]!.size, tile.rows) + up(acrosses[0]!.size, width)) * depth * l.bytes
  const batches = pieces(p.aBatch.length, Math.max(1, Math.floor(mostBytes / perProduct)), 1)
  const steps = depths.flatMap((d) => downs.flatMap((r) => acrosses.flatMap((s) => batches.map((e) => stepOf(d, r, s, e)))))

  type Piece = (typeof depths)[number]
  function stepOf(d: Piece, r: Piece, s: Piece, e: Piece) {
    const [m, n, k] = [r.size, s.size, d.size]
    const cut = blocksFor(m, n, k, e.size, l, tile)
    const packsA = Math.ceil(m / (tile.rows * panelsPerIndex))
    const packs = packsA + Math.ceil(n / (width * panelsPerIndex))
    const panelsA = up(m, tile.rows) * k * l.bytes
    const panelsB = up(n, width) * k * l.bytes
    const packCost = (Math.min(n, width * panelsPerIndex) * k * l.bytes) / 10
    const blockCost = (Math.min(m, cut.rows) * Math.min(n, cut.columns) * k) / rate
    const on = (x: Products['m'], piece: Piece): number => (x.table === null ? piece.at * x.stride : 0)
    const part = (x: Products['m'], piece: Piece): readonly number[] => (x.table ?? []).slice(piece.at, piece.at + piece.size)
    const tables: (readonly [keyof Job, readonly number[]])[] = [
      ['aBatch', p.aBatch.slice(e.at, e.at + e.size)],
      ['bBatch', p.bBatch.slice(e.at, e.at + e.size)],
      ['cBatch', cBatch.slice(e.at, e.at + e.size)],
    ]
    // Where one side of an operand has a table, the other gets one too.
    if (p.m.table !== null || p.aDepth.table !== null)
      tables.push(
        ['aRows', p.m.table ? part(p.m, r) : tableOf({ ...p.m, size: m })],
        ['aDepths', p.aDepth.table ? part(p.aDepth, d) : tableOf({ ...p.aDepth, size: k })],
      )
    if (p.n.table !== null || p.bDepth.table !== null)
      tables.push(
        ['bColumns', p.n.table ? part(p.n, s) : tableOf({ ...p.n, size: n })],
        ['bDepths', p.bDepth.table ? part(p.bDepth, d) : tableOf({ ...p.bDepth, size: k })],
      )
    return {
      tables,
      atA: on(p.m, r) + on(p.aDepth, d),
      atB: on(p.n, s) + on(p.bDepth, d),
      atC: (r.at * straight.n + s.at) * l.bytes,
      bytesA: panelsA * e.size,
      bytesB: panelsB * e.size,
      packs: { total: packs * e.size, per: packs, cost: packCost },
      blocks: { total: cut.down * cut.across * e.size, per: cut.down * cut.across, cost: blockCost },
      job: {
        ...straight,
        m,
        n,
        k,
        per: packs,
        packsA,
        panelsA,
        panelsB,
        blockRows: cut.rows,
        blockColumns: cut.columns,
        blocksDown: cut.down,
        slice: sliceMost,
        onto: d.at > 0 ? 1 : 0,
      } satisfies Job,
    }
  }

  return (a, b, c) => {
    for (const step of steps) {
      const packedA = heap.alloc(step.bytesA)
      const packedB = heap.alloc(step.bytesB)
      withJob(site, step.tables, { ...step.job, a: a + step.atA, b: b + step.atB, c: c + step.atC, packedA, packedB }, (args, job) => {
        const memory = heap.words()
        writeJob(memory, args, job)
        sweep(pack, args, step.packs.total, grainOf(step.packs.cost), step.packs.cost)
        job.per = step.blocks.per
        writeJob(memory, args, job)
        sweep(blocks, args, step.blocks.total, grainOf(step.blocks.cost), step.blocks.cost)
      })
      heap.free(packedA, step.bytesA)
      heap.free(packedB, step.bytesB)
    }
  }
}
