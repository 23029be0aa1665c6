/** Matrix products of any size and strides, blocked for the caches and driven in chunks. */
import { moduleBuilder } from '../module.js'
import type { Heap } from '../heap.js'
import type { Caps } from '../kernel.js'
import { tileColumns, tileRows, writeGemm } from './kernels.js'
import { double, single, type Lanes } from './lanes.js'

/** A matrix in the heap: address and strides in elements. */
export interface Matrix {
  readonly address: number
  readonly rowStride: number
  readonly columnStride: number
}

/** `c = a b`, c row-major of row stride `stride` elements; a is `m x k`, b is `k x n`. */
export type Gemm = (m: number, n: number, k: number, a: Matrix, b: Matrix, c: number, stride: number) => void

/** Blocks: kc x columns of b stay in L1, mc x kc of a in L2, kc x nc of b in L3. */
const mc = 128
const kc = 384
const nc = 2048

type Fn = (...args: number[]) => void

const upTo = (n: number, step: number): number => Math.ceil(n / step) * step

const gemmOf = (heap: Heap, exports: WebAssembly.Exports, l: Lanes): Gemm => {
  const pick = (name: string): Fn => exports[`${name}_${l.dtype}`] as unknown as Fn
  const packA = pick('packA')
  const packB = pick('packB')
  const multiply = pick('multiply')
  const { bytes } = l
  const columns = tileColumns(l)
  return (m, n, k, a, b, c, stride) => {
    const depth = Math.min(k, kc)
    const bytesA = upTo(Math.min(m, mc), tileRows) * depth * bytes
    const bytesB = upTo(Math.min(n, nc), columns) * depth * bytes
    const spareBytes = tileRows * columns * bytes
    const packedA = heap.alloc(bytesA)
    const packedB = heap.alloc(bytesB)
    const spare = heap.alloc(spareBytes)
    for (let j = 0; j < n; j += nc) {
      const cols = Math.min(nc, n - j)
      for (let p = 0; p < k; p += kc) {
        const deep = Math.min(kc, k - p)
        packB(b.address + (j * b.columnStride + p * b.rowStride) * bytes, packedB, cols, deep, b.columnStride * bytes, b.rowStride * bytes)
        for (let i = 0; i < m; i += mc) {
          const rows = Math.min(mc, m - i)
          packA(
            a.address + (i * a.rowStride + p * a.columnStride) * bytes,
            packedA,
            rows,
            deep,
            a.rowStride * bytes,
            a.columnStride * bytes,
          )
          multiply(packedA, packedB, c + (i * stride + j) * bytes, stride * bytes, rows, cols, deep, p > 0 ? 1 : 0, spare)
        }
      }
    }
    heap.free(packedA, bytesA)
    heap.free(packedB, bytesB)
    heap.free(spare, spareBytes)
  }
}

/** The matrix product of each float type. */
export interface Gemms {
  readonly float32: Gemm
  readonly float64: Gemm
}

const made = new WeakMap<Heap, Gemms>()

/** The matrix products over a heap, compiled at first use. */
export const gemms = (heap: Heap, caps: Caps): Gemms => {
  let g = made.get(heap)
  if (g === undefined) {
    const builder = moduleBuilder(caps.shared)
    writeGemm(builder, single)
    writeGemm(builder, double)
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish() as BufferSource), {
      env: { memory: heap.memory, own: 0 },
    })
    made.set(heap, (g = { float32: gemmOf(heap, exports, single), float64: gemmOf(heap, exports, double) }))
  }
  return g
}
