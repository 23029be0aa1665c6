/** Reductions of elements read along strides, without an expression to evaluate. */
import type { TypedArray } from '../../core/dtype.js'
import type { Folding } from './combine.js'
import type { StridedWalk } from './strided.js'
import { coalesce } from './strided.js'

/** Calls `visit` with the element of every position of a walk, in order. */
const each = ({ sizes, strides, offset }: StridedWalk, visit: (at: number) => void): void => {
  if (sizes.length === 0) return visit(offset)
  if (sizes.length === 1) {
    for (let i = 0, at = offset; i < sizes[0]!; i++, at += strides[0]!) visit(at)
    return
  }
  const total = sizes.reduce((n, k) => n * k, 1)
  const index = new Array<number>(sizes.length).fill(0)
  let at = offset
  for (let count = 0; count < total; count++) {
    visit(at)
    for (let k = sizes.length - 1; k >= 0; k--) {
      at += strides[k]!
      if (++index[k]! < sizes[k]!) break
      at -= sizes[k]! * strides[k]!
      index[k] = 0
    }
  }
}

const outer = (w: StridedWalk): StridedWalk => ({ sizes: w.sizes.slice(0, -1), strides: w.strides.slice(0, -1), offset: w.offset })

/** Columns accumulated at a time: the accumulators and one row of the input fit in the first-level cache. */
const width = 1024

/**
 * Reduces `a` into `o`: positions of `kept` in order are outputs, positions of `reduced` (relative to them) are combined.
 * Runs along whichever of the two lies closer together in memory.
 */
export const reduceStrided = (kept: StridedWalk, reduced: StridedWalk, folding: Folding): ((o: TypedArray, a: TypedArray) => void) => {
  const out = coalesce(kept)
  const over = coalesce({ ...reduced, offset: 0 })
  const columns = out.sizes[out.sizes.length - 1]!
  const step = out.strides[out.strides.length - 1]!
  const count = over.sizes[over.sizes.length - 1]!
  const stride = over.strides[over.strides.length - 1]!
  const { identity, run, row } = folding
  const rows = outer(over)
  const bands = outer(out)

  if (rows.sizes.length === 0 && bands.sizes.length === 0 && columns === 1)
    return (o, a) => {
      o[0] = run(identity, a, out.offset, count, stride)
    }
  if (columns > 1 && Math.abs(step) < Math.abs(stride)) {
    const acc = new Float64Array(Math.min(width, columns))
    return (o, a) => {
      let to = 0
      each(bands, (base) => {
        for (let j = 0; j < columns; j += width) {
          const n = Math.min(width, columns - j)
          acc.fill(identity, 0, n)
          each(over, (at) => {
            row(acc, a, base + j * step + at, n, step)
          })
          for (let k = 0; k < n; k++) o[to++] = acc[k]!
        }
      })
    }
  }
  if (rows.sizes.length === 0)
    return (o, a) => {
      let to = 0
      each(out, (base) => {
        o[to++] = run(identity, a, base, count, stride)
      })
    }
  return (o, a) => {
    let to = 0
    each(out, (base) => {
      let acc = identity
      each(rows, (at) => {
        acc = run(acc, a, base + at, count, stride)
      })
      o[to++] = acc
    })
  }
}
