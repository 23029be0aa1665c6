/** Concatenation and its transpose: every operand, or part, is a block of each row of the whole. */
import { dtypes, type TypedArray } from '../../core/dtype.js'
import { sizeOf } from '../../core/shape.js'
import type { HostKernel, HostRoutine, HostSite } from './kernel.js'

/** Elements from which on the engine's copy is faster than a loop. */
const block = 64

/** Copies `inputs`, `widths[k]` elements of each row, side by side into the rows of `out`. */
const copyInto = (out: TypedArray, inputs: readonly TypedArray[], widths: Int32Array, rows: number, row: number): void => {
  let start = 0
  for (let k = 0; k < widths.length; k++) {
    const input = inputs[k]!
    const width = widths[k]!
    if (rows === 1 && width >= block) out.set(input, start)
    else if (width >= block) for (let r = 0; r < rows; r++) out.set(input.subarray(r * width, (r + 1) * width), r * row + start)
    else for (let r = 0, from = 0; r < rows; r++) for (let at = r * row + start, c = 0; c < width; c++) out[at++] = input[from++]!
    start += width
  }
}

/** The kernel of `concat` for any number of operands. */
export const concatKernel = ({ ins, outs, params }: Pick<HostSite, 'ins' | 'outs' | 'params'>): HostKernel => {
  const { shape, dtype, size } = outs[0]!
  const axis = params.axis as number
  const unit = sizeOf(shape.slice(axis + 1))
  const rows = sizeOf(shape.slice(0, axis))
  const widths = Int32Array.from(ins, (a) => a.shape[axis]! * unit)
  const row = shape[axis]! * unit
  const { make } = dtypes[dtype]
  return (inputs) => {
    const out = make(size)
    if (size > 0) copyInto(out, inputs, widths, rows, row)
    return [out]
  }
}

/** Copies blocks of the rows of `input`, `widths[k]` elements of each, into `outs`. */
const copyOut = (outs: readonly TypedArray[], input: TypedArray, widths: Int32Array, rows: number, row: number): void => {
  let start = 0
  for (let k = 0; k < widths.length; k++) {
    const out = outs[k]!
    const width = widths[k]!
    if (width >= block) for (let r = 0; r < rows; r++) out.set(input.subarray(r * row + start, r * row + start + width), r * width)
    else for (let r = 0, to = 0; r < rows; r++) for (let at = r * row + start, c = 0; c < width; c++) out[to++] = input[at++]!
    start += width
  }
}

/** The kernel of `split` for any number of parts. */
export const splitKernel: HostRoutine = ({ ins, outs, params }) => {
  const { shape, dtype, size } = ins[0]!
  const axis = params.axis as number
  const unit = sizeOf(shape.slice(axis + 1))
  const rows = size === 0 ? 0 : sizeOf(shape.slice(0, axis))
  const widths = Int32Array.from(params.sizes as readonly number[], (n) => n * unit)
  const row = shape[axis]! * unit
  const { make } = dtypes[dtype]
  return ([input]) => {
    const results = outs.map((a) => make(a.size))
    copyOut(results, input!, widths, rows, row)
    return results
  }
}
