/** Images and labels kept as bytes, made floats when they are asked for. */
import { aval } from '../core/aval.js'
import type { Shape } from '../core/shape.js'
import { sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import type { Dataset } from './dataset.js'
import { checkRows } from './dataset.js'

/** Row `row` of `bytes` starts at `start + row * stride`. */
export interface ByteColumn {
  readonly bytes: Uint8Array
  readonly start: number
  readonly stride: number
}

/** Pixels of rows as float32 from 0 to 1. */
const pixelsOf = ({ bytes, start, stride }: ByteColumn, shape: Shape, rows: ArrayLike<number>): Tensor => {
  const size = sizeOf(shape)
  const x = new Float32Array(rows.length * size)
  for (let i = 0; i < rows.length; i++) {
    const from = start + rows[i]! * stride
    for (let p = 0; p < size; p++) x[i * size + p] = bytes[from + p]! / 255
  }
  return hostTensor(aval([rows.length, ...shape], 'float32'), x)
}

const labelsOf = ({ bytes, start, stride }: ByteColumn, rows: ArrayLike<number>): Tensor =>
  hostTensor(
    aval([rows.length], 'int32'),
    Int32Array.from(rows, (row) => bytes[start + row * stride]!),
  )

/** The data set of `length` images `x` of `shape`, from 0 to 1, and their labels by name. */
export const byteImages = <L extends string>(
  length: number,
  shape: Shape,
  pixels: ByteColumn,
  labels: Readonly<Record<L, ByteColumn>>,
): Dataset<{ readonly x: Tensor } & Readonly<Record<L, Tensor>>> => ({
  length,
  take: (rows) => {
    checkRows(rows, length)
    const entries = Object.entries<ByteColumn>(labels).map(([name, column]) => [name, labelsOf(column, rows)] as const)
    return { x: pixelsOf(pixels, shape, rows), ...(Object.fromEntries(entries) as Record<L, Tensor>) }
  },
})
