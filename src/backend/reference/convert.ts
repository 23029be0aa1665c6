/** Loops that change the dtype: comparisons, casts, bit casts; and the choice between two values. */
import type { DType } from '../../core/dtype.js'
import { isReal } from '../../core/dtype.js'
import type { CompareOp } from '../../kernel/operations.js'
import type { Loop } from './loop.js'

/** Comparisons: 1 where true. With NaN only `ne` holds. */
export const compareLoops: Readonly<Record<CompareOp, Loop>> = {
  eq: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! === b[i]! ? 1 : 0
  },
  ne: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! !== b[i]! ? 1 : 0
  },
  lt: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! < b[i]! ? 1 : 0
  },
  le: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! <= b[i]! ? 1 : 0
  },
  gt: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! > b[i]! ? 1 : 0
  },
  ge: (o, n, a, b) => {
    for (let i = 0; i < n; i++) o[i] = a[i]! >= b[i]! ? 1 : 0
  },
}

/** `o = a ? b : c`. */
export const selectLoop: Loop = (o, n, a, b, c) => {
  for (let i = 0; i < n; i++) o[i] = a[i]! !== 0 ? b[i]! : c[i]!
}

/** `o = a`, the store converting as JavaScript does. */
export const copyLoop: Loop = (o, n, a) => {
  for (let i = 0; i < n; i++) o[i] = a[i]!
}

const toBool: Loop = (o, n, a) => {
  for (let i = 0; i < n; i++) o[i] = a[i]! === 0 ? 0 : 1
}

/** Truncation that saturates at `low` and `high`; the store turns NaN into 0. */
const saturate =
  (low: number, high: number): Loop =>
  (o, n, a) => {
    for (let i = 0; i < n; i++) {
      const x = a[i]!
      o[i] = x >= high ? high : x <= low ? low : x
    }
  }
const toSigned = saturate(-2147483648, 2147483647)
const toUnsigned = saturate(0, 4294967295)

/** Conversion of value from one dtype to another. */
export const castLoop = (from: DType, to: DType): Loop => {
  if (to === 'bool') return toBool
  if (!isReal(from) || isReal(to)) return copyLoop
  return to === 'int32' ? toSigned : toUnsigned
}

/** Same bits, another dtype of the same width. NaN payloads survive: bytes are copied, never read as numbers of the wrong type. */
export const bitcastLoop: Loop = (o, n, a) => {
  const bytes = n * o.BYTES_PER_ELEMENT
  new Uint8Array(o.buffer, o.byteOffset, bytes).set(new Uint8Array(a.buffer, a.byteOffset, bytes))
}
