/** A dotGeneral as a batch of matrix products: where the rows, columns, depths and elements of the batch lie. */
import type { Aval } from '../../../core/aval.js'
import { dtypes } from '../../../core/dtype.js'
import { otherAxes, stridesOf } from '../../../core/shape.js'
import type { Equation } from '../../../ir/program.js'

/** Several axes as one: bytes from one position to the next, or from the first to every one where that is not constant. */
export interface StridedAxis {
  readonly size: number
  readonly stride: number
  readonly table: readonly number[] | null
}

/** Offsets in bytes of all points of some axes, in row-major order. */
const offsets = (sizes: readonly number[], strides: readonly number[]): number[] =>
  sizes.reduce<number[]>((at, n, a) => at.flatMap((o) => Array.from({ length: n }, (_, i) => o + i * strides[a]!)), [0])

const merge = (x: Aval, axes: readonly number[]): StridedAxis => {
  const bytes = dtypes[x.dtype].bytes
  const own = stridesOf(x.shape)
  const solid = axes.filter((a) => x.shape[a] !== 1)
  const sizes = solid.map((a) => x.shape[a]!)
  const strides = solid.map((a) => own[a]! * bytes)
  const size = sizes.reduce((p, n) => p * n, 1)
  const stride = strides.at(-1) ?? bytes
  const even = strides.every((s, i) => i + 1 === strides.length || s === strides[i + 1]! * sizes[i + 1]!)
  return { size, stride, table: even ? null : offsets(sizes, strides) }
}

/** The operands of one product, and where those of all products of the batch begin. */
export interface Products {
  readonly m: StridedAxis
  readonly n: StridedAxis
  readonly aDepth: StridedAxis
  readonly bDepth: StridedAxis
  readonly aBatch: readonly number[]
  readonly bBatch: readonly number[]
}

/** All positions of an axis, as a table. */
export const tableOf = ({ size, stride, table }: StridedAxis): readonly number[] =>
  table ?? Array.from({ length: size }, (_, i) => i * stride)

/** Reads the axes of an equation. */
export const productsOf = (e: Equation): Products => {
  const { lhsContract, rhsContract, lhsBatch, rhsBatch } = e.params as Readonly<Record<string, readonly number[]>>
  const [x, y] = [e.inputs[0]!.aval, e.inputs[1]!.aval]
  // Contracted axes run in step: both sides take them in the order in which they lie in x.
  const order = lhsContract!.map((_, i) => i).sort((i, j) => lhsContract![i]! - lhsContract![j]!)
  return {
    m: merge(x, otherAxes(x.shape.length, [...lhsContract!, ...lhsBatch!])),
    n: merge(y, otherAxes(y.shape.length, [...rhsContract!, ...rhsBatch!])),
    aDepth: merge(
      x,
      order.map((i) => lhsContract![i]!),
    ),
    bDepth: merge(
      y,
      order.map((i) => rhsContract![i]!),
    ),
    aBatch: tableOf(merge(x, lhsBatch!)),
    bBatch: tableOf(merge(y, rhsBatch!)),
  }
}
