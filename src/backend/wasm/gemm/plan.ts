/** Which kernels a product takes, and how it is cut: by sizes and strides alone, so that results depend on nothing else. */
import { directDepth } from './direct.js'
import { type Lanes, single } from './lanes.js'
import { axpyColumns, mostRows } from './rows.js'
import { columnsOf, type Tile } from './tile.js'

/** Sizes and strides (in bytes) of one product of a batch. */
export interface ProductSizes {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly aRow: number
  readonly aDepth: number
  readonly bDepth: number
  readonly bColumn: number
  /** Rows, columns or depths of an operand are found by tables. */
  readonly tables: boolean
}

/** How a product is computed: `exchanged` computes the transpose of the result, b being what is a and a what is b. */
export interface Way {
  readonly kernel: 'direct' | 'axpy' | 'dots' | 'panels'
  readonly exchanged: boolean
}

/** Multiplications that are over before packing has paid. */
const few = 2 ** 18
/** Multiplications from which on streaming a few rows is faster than tiles of them. */
const streamed = 2 ** 16
/** Depths that sums by rows are too short for. */
const shallow = 32

const rowsWay = (s: ProductSizes, l: Lanes): Way | null => {
  const exchanged = s.n < s.m
  const [count, depth, column] = exchanged ? [s.m, s.aDepth, s.aRow] : [s.n, s.bDepth, s.bColumn]
  if (column === l.bytes && count >= l.lanes) return { kernel: 'axpy', exchanged }
  return depth === l.bytes ? { kernel: 'dots', exchanged } : null
}

/** Chooses the kernels. */
export const wayFor = (s: ProductSizes, l: Lanes): Way => {
  const panels: Way = { kernel: 'panels', exchanged: false }
  if (s.tables) return panels
  const least = Math.min(s.m, s.n)
  const work = s.m * s.n * s.k
  const rows = least <= mostRows ? rowsWay(s, l) : null
  if (least <= 4 && rows !== null && s.k > 4) return rows
  const small = work <= few
  // A tall a with a small b: each element of a is read once or twice.
  const tall = s.n <= 24 && s.n * s.k * l.bytes <= 2 ** 17 && s.aDepth === l.bytes
  if (s.k <= directDepth && (s.k <= shallow || (small && least > 4 && (rows === null || work < streamed)) || (tall && rows === null)))
    return { kernel: 'direct', exchanged: false }
  return rows ?? panels
}

/** Depth of one pass over a block: a panel of b of it stays in the first cache. */
const deepest = 512
/** The depth of a pass: all the same, as near as can be. */
export const sliceOf = (k: number): number => Math.ceil(k / Math.ceil(k / deepest))

/** Blocks of the result, each work for one thread. */
export interface ResultBlocks {
  readonly rows: number
  readonly columns: number
  readonly down: number
  readonly across: number
}

const enough = 64
const worthwhile = 2 ** 20

/** Cuts `m x n` into blocks of whole tiles: about 64 if they are not too small for it. */
export const blocksFor = (m: number, n: number, k: number, batch: number, l: Lanes, tile: Tile): ResultBlocks => {
  const width = columnsOf(tile, l)
  const cut = (size: number, unit: number, parts: number): number => Math.ceil(Math.ceil(size / parts) / unit) * unit
  let down = Math.ceil(m / 128)
  let across = Math.ceil(n / 512)
  for (;;) {
    const rows = cut(m, tile.rows, down)
    const columns = cut(n, width, across)
    const done = down * across * batch >= enough || rows * columns * k < worthwhile || (rows <= 4 * tile.rows && columns <= 4 * width)
    if (done) return { rows, columns, down: Math.ceil(m / rows), across: Math.ceil(n / columns) }
    if (rows > columns) down *= 2
    else across *= 2
  }
}

/** Columns of one index of `axpy`: long pieces of rows are read fastest, but two threads have work. */
export const axpyPiece = (n: number, rows: number, l: Lanes): number => {
  const most = (axpyColumns * single.bytes) / l.bytes / (rows > 4 ? 2 : 1)
  return Math.min(most, Math.max(128, Math.ceil(n / 128) * 64))
}
