/** Small Programs that are one kernel: their values pass through a fixed place in the heap, without a block of their own. */
import type { Aval } from '../../core/aval.js'
import { dtypes, type DType, type TypedArray } from '../../core/dtype.js'
import type { Executable } from '../../compile/backend.js'
import type { Heap } from './heap.js'
import { bytesOf } from '../../compile/cost.js'
import type { SingleCall } from './program.js'
import { type Buffer, isHeld, type Residents } from '../driver/residents.js'

/** Bytes that all values of such a Program have together, at most. */
const limit = 4096
/** Values begin on vectors, and vectors may be read past their ends. */
const spaced = (a: Aval): number => (bytesOf(a) + 31) & ~15

/** True for values that are passed this way. */
export const isTiny = (avals: readonly Aval[]): boolean => {
  let bytes = avals.length * 4
  for (const a of avals) {
    if (bytesOf(a) > limit) return false // before `spaced`, which counts in 32 bits
    bytes += spaced(a)
  }
  return bytes <= limit
}

const shift = (dtype: DType): number => (dtype === 'float64' ? 3 : dtype === 'bool' ? 0 : 2)

/** The executable of a Program that is `single`. */
export const singleExecutable = (
  { heap, desk, residents }: { readonly heap: Heap; readonly desk: number; readonly residents: Residents<number> },
  { kernel, total, extent, reads, writes, shifts }: SingleCall,
  ins: readonly Aval[],
  outs: readonly Aval[],
): Executable => {
  let next = desk + (((reads.length + writes.length + 1) * 4 + 15) & ~15)
  const place = (a: Aval): number => {
    const at = next
    next += spaced(a)
    return at
  }
  const from = ins.map(place)
  const to = outs.map(place)
  const args = [...reads.map((k, i) => from[k]! + (shifts?.[i] ?? 0)), ...writes.map((k) => to[k]!), extent]
  const inAt = ins.map((a, k) => from[k]! >>> shift(a.dtype))
  const outAt = outs.map((a, k) => to[k]! >>> shift(a.dtype))
  return (inputs) => {
    const words = heap.words()
    for (let i = 0, at = desk >>> 2; i < args.length; i++) words[at++] = args[i]!
    for (let k = 0; k < ins.length; k++) {
      const x = inputs[k] as Buffer<number>
      const source = isHeld(x) ? residents.read(x) : x
      const all = heap.all(ins[k]!.dtype)
      const at = inAt[k]!
      for (let i = 0; i < source.length; i++) all[at + i] = source[i]!
    }
    kernel.call(desk, 0, total)
    const results = new Array<TypedArray>(outs.length)
    for (let k = 0; k < outs.length; k++) {
      const { dtype, size } = outs[k]!
      const result = dtypes[dtype].make(size)
      const all = heap.all(dtype)
      const at = outAt[k]!
      for (let i = 0; i < size; i++) result[i] = all[at + i]!
      results[k] = result
    }
    return results
  }
}

/** Bytes of the fixed place. */
export const deskBytes = limit + 64
