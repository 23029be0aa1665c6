/** Matrix products in float64: the inner kernel of dotGeneral and conv. */
import type { TypedArray } from '../../core/dtype.js'

/**
 * Rows of one block; it has 4 columns. Its 8 sums and 6 factors are all that 15 usable registers hold. Both operands are packed
 * as float64 in the order in which blocks read them, the edge padded with zeros, so no size is slower than its neighbours.
 */
export const blockRows = 2

/** Room for a left operand of `m` rows and `k` columns, packed. */
export const packedLength = (m: number, k: number): number => Math.ceil(m / blockRows) * blockRows * k

/** `packed[i / 2][k][i % 2] = x[base + rows[i] + columns[k]]`. */
export const packLeft = (packed: Float64Array, x: TypedArray, base: number, rows: Int32Array, columns: Int32Array): void => {
  const m = rows.length
  const depth = columns.length
  for (let i = 0, p = 0; i < m; i += 2) {
    const r0 = base + rows[i]!
    if (i + 1 < m) {
      const r1 = base + rows[i + 1]!
      for (let k = 0; k < depth; k++, p += 2) {
        const c = columns[k]!
        packed[p] = x[r0 + c]!
        packed[p + 1] = x[r1 + c]!
      }
    } else
      for (let k = 0; k < depth; k++, p += 2) {
        packed[p] = x[r0 + columns[k]!]!
        packed[p + 1] = 0
      }
  }
}

/** `panel[k][j] = x[base + rows[k] + columns[from + j]]` for four columns. */
export const packPanel = (panel: Float64Array, x: TypedArray, base: number, rows: Int32Array, columns: Int32Array, from: number): void => {
  const depth = rows.length
  const width = Math.min(4, columns.length - from)
  if (width < 4) panel.fill(0)
  if (width === 4) {
    const c0 = base + columns[from]!
    const c1 = base + columns[from + 1]!
    const c2 = base + columns[from + 2]!
    const c3 = base + columns[from + 3]!
    for (let k = 0, p = 0; k < depth; k++, p += 4) {
      const r = rows[k]!
      panel[p] = x[r + c0]!
      panel[p + 1] = x[r + c1]!
      panel[p + 2] = x[r + c2]!
      panel[p + 3] = x[r + c3]!
    }
  } else
    for (let j = 0; j < width; j++) {
      const c = base + columns[from + j]!
      for (let k = 0; k < depth; k++) panel[k * 4 + j] = x[c + rows[k]!]!
    }
}

/** Sums of one block; read before the next call. */
const sums = new Float64Array(8)

const block = (a: Float64Array, at: number, b: Float64Array, depth: number): void => {
  let s00 = 0
  let s01 = 0
  let s02 = 0
  let s03 = 0
  let s10 = 0
  let s11 = 0
  let s12 = 0
  let s13 = 0
  for (let k = 0, p = at, q = 0; k < depth; k++, p += 2, q += 4) {
    const a0 = a[p]!
    const a1 = a[p + 1]!
    const b0 = b[q]!
    const b1 = b[q + 1]!
    const b2 = b[q + 2]!
    const b3 = b[q + 3]!
    s00 += a0 * b0
    s01 += a0 * b1
    s02 += a0 * b2
    s03 += a0 * b3
    s10 += a1 * b0
    s11 += a1 * b1
    s12 += a1 * b2
    s13 += a1 * b3
  }
  sums[0] = s00
  sums[1] = s01
  sums[2] = s02
  sums[3] = s03
  sums[4] = s10
  sums[5] = s11
  sums[6] = s12
  sums[7] = s13
}

/**
 * `o[base + i * n + j] = sum over k of left[i, k] * right[k, j]` for an `m` by `n` result. `panelAt(panel, j)` packs the right
 * operand's columns `j .. j + 3` into `panel`, `depth` rows of four.
 */
export const multiply = (
  o: TypedArray,
  base: number,
  m: number,
  n: number,
  depth: number,
  left: Float64Array,
  panel: Float64Array,
  panelAt: (panel: Float64Array, j: number) => void,
): void => {
  for (let j = 0; j < n; j += 4) {
    panelAt(panel, j)
    const width = Math.min(4, n - j)
    for (let i = 0; i < m; i += 2) {
      block(left, i * depth, panel, depth)
      const at = base + i * n + j
      for (let c = 0; c < width; c++) o[at + c] = sums[c]!
      if (i + 1 < m) for (let c = 0; c < width; c++) o[at + n + c] = sums[4 + c]!
    }
  }
}
