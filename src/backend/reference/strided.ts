/** Reading elements along strides: the copies behind views and the loads of loop nests. */
import type { TypedArray } from '../../core/dtype.js'

/** A walk over memory: position `p` of the row-major space `sizes` is element `offset + sum(i[k] * strides[k])`. */
export interface StridedWalk {
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
  readonly offset: number
}

/** The same walk with axes of size 1 dropped and axes that continue one another merged; always at least one axis. */
export const coalesce = ({ sizes, strides, offset }: StridedWalk): StridedWalk => {
  const n: number[] = []
  const s: number[] = []
  sizes.forEach((size, k) => {
    if (size === 1) return
    const last = n.length - 1
    if (last >= 0 && s[last] === strides[k]! * size) {
      n[last]! *= size
      s[last] = strides[k]!
    } else {
      n.push(size)
      s.push(strides[k]!)
    }
  })
  return n.length === 0 ? { sizes: [1], strides: [1], offset } : { sizes: n, strides: s, offset }
}

/** The least and greatest element that a walk reads; `[0, -1]` for an empty one. */
export const extent = ({ sizes, strides, offset }: StridedWalk): readonly [number, number] => {
  let low = offset
  let high = offset
  for (let k = 0; k < sizes.length; k++) {
    if (sizes[k] === 0) return [0, -1]
    const span = (sizes[k]! - 1) * strides[k]!
    if (span < 0) low += span
    else high += span
  }
  return [low, high]
}

const readRun = (o: TypedArray, at: number, n: number, a: TypedArray, from: number, stride: number): void => {
  if (stride === 1) for (let j = 0; j < n; j++) o[at + j] = a[from + j]!
  else if (stride === 0) o.fill(a[from]!, at, at + n)
  else for (let j = 0, p = from; j < n; j++, p += stride) o[at + j] = a[p]!
}

/** As `readRun` for walks that may leave the array, where nobody looks at the value. */
const readRunGuarded = (o: TypedArray, at: number, n: number, a: TypedArray, from: number, stride: number): void => {
  for (let j = 0, p = from; j < n; j++, p += stride) o[at + j] = p >= 0 && p < a.length ? a[p]! : 0
}

/** Copies positions `start .. start + n - 1` of the walk over `a` to the front of `o`. */
export type Reader = (o: TypedArray, n: number, a: TypedArray, start: number) => void

/** The reader of a walk over an array of `length` elements; positions outside the array read as 0. */
export const reader = (walk: StridedWalk, length: number): Reader => {
  const { sizes, strides, offset } = coalesce(walk)
  const [low, high] = extent({ sizes, strides, offset })
  const run = low >= 0 && high < length ? readRun : readRunGuarded
  const last = sizes.length - 1
  const inner = sizes[last]!
  const stride = strides[last]!
  if (last === 0)
    return (o, n, a, start) => {
      run(o, 0, n, a, offset + start * stride, stride)
    }
  const index = new Int32Array(last + 1)
  return (o, n, a, start) => {
    let from = offset
    for (let k = last, rest = start; k >= 0; k--) {
      const size = sizes[k]!
      const i = rest % size
      rest = (rest - i) / size
      index[k] = i
      from += i * strides[k]!
    }
    for (let at = 0; at < n;) {
      const count = Math.min(inner - index[last]!, n - at)
      run(o, at, count, a, from, stride)
      at += count
      from += count * stride
      index[last]! += count
      for (let k = last; k > 0 && index[k] === sizes[k]; k--) {
        from += strides[k - 1]! - sizes[k]! * strides[k]!
        index[k] = 0
        index[k - 1]!++
      }
    }
  }
}

const tile = 32

/** `o[i, j] = a[offset + i + j * stride]`, tile by tile so that both sides stay in cache. */
const transpose2d = (o: TypedArray, at: number, rows: number, columns: number, a: TypedArray, from: number, stride: number): void => {
  for (let i0 = 0; i0 < rows; i0 += tile) {
    const i1 = Math.min(i0 + tile, rows)
    for (let j0 = 0; j0 < columns; j0 += tile) {
      const j1 = Math.min(j0 + tile, columns)
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) o[at + i * columns + j] = a[from + i + j * stride]!
    }
  }
}

/** Copies the whole of a walk over `a` into `o`. */
export type Copier = (o: TypedArray, a: TypedArray) => void

/** The copier of a walk over an array of `length` elements. */
export const copier = (walk: StridedWalk, length: number): Copier => {
  const { sizes, strides, offset } = coalesce(walk)
  const total = sizes.reduce((n, k) => n * k, 1)
  const k = sizes.length - 1
  if (k === 0 && strides[0] === 1 && sizes[0]! > 64)
    return (o, a) => {
      o.set(a.subarray(offset, offset + total))
    }
  if (k >= 1 && strides[k - 1] === 1 && strides[k]! > 1 && sizes[k]! > 4 && sizes[k - 1]! > 4) {
    const rows = sizes[k - 1]!
    const columns = sizes[k]!
    const outer = offsets({ sizes: sizes.slice(0, k - 1), strides: strides.slice(0, k - 1), offset })
    return (o, a) => {
      outer.forEach((from, b) => {
        transpose2d(o, b * rows * columns, rows, columns, a, from, strides[k]!)
      })
    }
  }
  const read = reader({ sizes, strides, offset }, length)
  return (o, a) => {
    read(o, total, a, 0)
  }
}

/** The element of every position of a walk, in order. */
export const offsets = ({ sizes, strides, offset }: StridedWalk): Int32Array => {
  let list = Int32Array.of(offset)
  sizes.forEach((size, k) => {
    const next = new Int32Array(list.length * size)
    for (let i = 0, p = 0; i < list.length; i++) for (let j = 0; j < size; j++) next[p++] = list[i]! + j * strides[k]!
    list = next
  })
  return list
}
