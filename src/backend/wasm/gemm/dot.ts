/** dotGeneral as matrix products, one per element of the batch. */
import { stridesOf } from '../../../core/shape.js'
import type { Equation } from '../../../ir/program.js'
import type { Run } from '../kernel.js'
import type { Machine } from '../machine.js'
import { bytesOf } from '../machine.js'
import { gemms } from './gemm.js'

/** Several axes as one: its size and stride, when they lie in memory like one axis. */
const asOne = (
  shape: readonly number[],
  strides: readonly number[],
  axes: readonly number[],
): { readonly size: number; readonly stride: number } | null => {
  let size = 1
  let stride = 0
  for (let k = axes.length - 1; k >= 0; k--) {
    const n = shape[axes[k]!]!
    if (n === 1) continue
    if (stride !== 0 && strides[axes[k]!] !== stride * size) return null
    if (stride === 0) stride = strides[axes[k]!]!
    size *= n
  }
  return { size, stride }
}

/** Offsets of all points of some axes, in row-major order. */
const offsets = (shape: readonly number[], strides: readonly number[], axes: readonly number[]): number[] =>
  axes.reduce<number[]>((at, a) => at.flatMap((o) => Array.from({ length: shape[a]! }, (_, i) => o + i * strides[a]!)), [0])

/** The code of a dotGeneral of floats; `null` when its axes do not make matrices, or for integers. */
export const dotRun = (e: Equation, { heap, caps }: Machine): Run | null => {
  const { lhsContract, rhsContract, lhsBatch, rhsBatch } = e.params as Readonly<Record<string, readonly number[]>>
  const [x, y] = [e.inputs[0]!.aval, e.inputs[1]!.aval]
  const { dtype } = x
  if (dtype !== 'float32' && dtype !== 'float64') return null
  const [sx, sy] = [stridesOf(x.shape), stridesOf(y.shape)]
  const free = (ndim: number, used: readonly number[]): number[] =>
    Array.from({ length: ndim }, (_, k) => k).filter((k) => !used.includes(k))
  const m = asOne(x.shape, sx, free(x.shape.length, [...lhsContract!, ...lhsBatch!]))
  const n = asOne(y.shape, sy, free(y.shape.length, [...rhsContract!, ...rhsBatch!]))
  const kx = asOne(x.shape, sx, lhsContract!)
  const ky = asOne(y.shape, sy, rhsContract!)
  if (m === null || n === null || kx === null || ky === null) return null
  const bytes = dtype === 'float32' ? 4 : 8
  const atX = offsets(x.shape, sx, lhsBatch!)
  const atY = offsets(y.shape, sy, rhsBatch!)
  const k = kx.size
  const outBytes = bytesOf(e.outputs[0]!.aval)
  const gemm = gemms(heap, caps)[dtype]
  return ([a, b], [c]) => {
    if (k === 0 || x.size === 0 || y.size === 0) {
      heap.view('bool', c!, outBytes).fill(0)
      return
    }
    for (let i = 0; i < atX.length; i++)
      gemm(
        m.size,
        n.size,
        k,
        { address: a! + atX[i]! * bytes, rowStride: m.stride, columnStride: kx.stride },
        { address: b! + atY[i]! * bytes, rowStride: ky.stride, columnStride: n.stride },
        c! + i * m.size * n.size * bytes,
        n.size,
      )
  }
}
