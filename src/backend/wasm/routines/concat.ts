/**
 * Concatenation of many operands, and splitting into parts: block copies driven by a table of widths. No code is written for them,
 * so none grows with the operands.
 */
import { sizeOf } from '../../../core/shape.js'
import type { Aval } from '../../../core/aval.js'
import type { Equation } from '../../../ir/program.js'
import type { Heap } from '../heap.js'
import type { HeapTask } from '../kernel.js'
import { bytesOf } from '../loops/lanes.js'
import type { Machine } from '../machine.js'
import type { Routine } from './routine.js'

/** Operands up to which one loop nest with a branch for each is faster: it is compiled, and its rows are shared between threads. */
const few = 8
/** Bytes from which on the engine's copy is faster than a loop. */
const block = 128

/** Copies a block of every row: `width` elements from `from` on, `fromRow` apart, to `to` on, `toRow` apart; all in elements. */
type Copy = (from: number, fromRow: number, to: number, toRow: number, width: number) => void

const copyRows = ({ all, copy }: Heap, { dtype }: Aval, rows: number): Copy => {
  const bytes = bytesOf[dtype]
  const elements = all(dtype)
  return (from, fromRow, to, toRow, width) => {
    if (width * bytes >= block) for (let r = 0; r < rows; r++) copy((to + r * toRow) * bytes, (from + r * fromRow) * bytes, width * bytes)
    else
      for (let r = 0; r < rows; r++)
        for (let c = 0, a = from + r * fromRow, b = to + r * toRow; c < width; c++) elements[b++] = elements[a++]!
  }
}

const copies = ({ inputs, outputs, params }: Equation, { heap }: Machine, joins: boolean): HeapTask => {
  const whole = (joins ? outputs[0]! : inputs[0]!).aval
  const pieces = (joins ? inputs : outputs).map((a) => a.aval)
  const axis = params.axis as number
  const { shape } = whole
  const unit = sizeOf(shape.slice(axis + 1))
  const rows = whole.size === 0 ? 0 : sizeOf(shape.slice(0, axis))
  const widths = Int32Array.from(pieces, (a) => a.shape[axis]! * unit)
  const row = shape[axis]! * unit
  const bytes = bytesOf[whole.dtype]
  const run: HeapTask['run'] = (ins, outs) => {
    const copy = copyRows(heap, whole, rows)
    let at = (joins ? outs[0]! : ins[0]!) / bytes
    for (let k = 0; k < widths.length; k++) {
      const width = widths[k]!
      if (joins) copy(ins[k]! / bytes, width, at, row, width)
      else copy(at, row, outs[k]! / bytes, width, width)
      at += width
    }
  }
  return { scratch: 0, beyond: 0, run }
}

/** Many operands. */
export const concatRoutine: Routine = {
  takes: ({ inputs }) => inputs.length > few,
  task: (e, machine) => copies(e, machine, true),
}

/** Any number of parts. */
export const splitRoutine: Routine = { takes: () => true, task: (e, machine) => copies(e, machine, false) }
