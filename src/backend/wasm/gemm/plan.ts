/** Which kernels a product takes, and how it is cut: by sizes and strides alone, so that results depend on nothing else. */
import type { Lanes } from './lanes.js'
import { directDepth } from './direct.js'
import { axpyColumns, dotColumns, mostRows } from './rows.js'
import { columnsOf, type Tile } from './tile.js'

/** Sizes and strides (in bytes) of one product of a batch. */
export interface Sizes {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly aRow: number
  readonly aDepth: number
  readonly bDepth: number
  readonly bColumn: number
  readonly batch: number
  /** Rows, columns or depths of an operand are found by tables. */
  readonly tables: boolean
}

/** Multiplications that one thread does in the time that waking another takes. */
const fewMultiplications = 2 ** 19
/** The same where the batch feeds the threads. */
const fewOfBatch = 2 ** 21

/** How a product is computed: `exchanged` computes the transpose of the result, b being what is a and a what is b. */
export interface Way {
  readonly kernel: 'direct' | 'axpy' | 'dots' | 'panels'
  readonly exchanged: boolean
}

const rowsWay = (s: Sizes, l: Lanes): Way | null => {
  const exchanged = s.n < s.m
  const [count, depth, column] = exchanged ? [s.m, s.aDepth, s.aRow] : [s.n, s.bDepth, s.bColumn]
  if (column === l.bytes && count >= l.lanes) return { kernel: 'axpy', exchanged }
  return depth === l.bytes ? { kernel: 'dots', exchanged } : null
}

/** Chooses the kernels. */
export const wayFor = (s: Sizes, l: Lanes): Way => {
  const panels: Way = { kernel: 'panels', exchanged: false }
  if (s.tables) return panels
  const few = Math.min(s.m, s.n)
  const work = s.m * s.n * s.k
  const rows = few <= mostRows ? rowsWay(s, l) : null
  if (few <= 4 && rows !== null) return rows
  if (s.k <= directDepth && work <= (s.batch > 3 ? fewOfBatch : fewMultiplications)) return { kernel: 'direct', exchanged: false }
  return rows ?? panels
}

/** Depth of one pass over a block: a panel of b of it stays in the first cache. */
const deepest = 512
/** The depth of a pass: all the same, as near as can be. */
export const sliceOf = (k: number): number => Math.ceil(k / Math.ceil(k / deepest))

/** Blocks of the result, each work for one thread. */
export interface Blocks {
  readonly rows: number
  readonly columns: number
  readonly down: number
  readonly across: number
}

const enough = 32
const worthwhile = 2 ** 19

/** Cuts `m x n` into blocks of whole tiles: about 32 if they are not too small for it. */
export const blocksFor = (m: number, n: number, k: number, batch: number, l: Lanes, tile: Tile): Blocks => {
  const width = columnsOf(tile, l)
  const cut = (size: number, unit: number, parts: number): number => Math.ceil(Math.ceil(size / parts) / unit) * unit
  let down = Math.ceil(m / 128)
  let across = Math.ceil(n / 512)
  for (;;) {
    const rows = cut(m, tile.rows, down)
    const columns = cut(n, width, across)
    const done = down * across * batch >= enough || rows * columns * k < 2 * worthwhile || (rows <= 4 * tile.rows && columns <= 4 * width)
    if (done) return { rows, columns, down: Math.ceil(m / rows), across: Math.ceil(n / columns) }
    if (rows > columns) down *= 2
    else across *= 2
  }
}

/** Columns of b that one index of a kernel takes. */
export const columnsPerIndex = { axpy: axpyColumns, dots: dotColumns } as const
