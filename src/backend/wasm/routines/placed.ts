/** Slices from and padding at positions that are operands: the code of position 0, on moved addresses. */
import type { LoopKernel } from '../../../compile/kernels.js'
import { sizeOf, stridesOf } from '../../../core/shape.js'
import type { Equation } from '../../../ir/program.js'
import type { Ex } from '../code.js'
import { i32 } from '../instructions.js'
import type { LoopCode } from '../kernel.js'
import { bytesOf } from '../loops/lanes.js'
import { type Routine, type Writer, writtenTask } from './routine.js'
import { divided, plus } from './runs.js'
import { combine } from './shares.js'

/** The slice at the beginning, as loops. */
const sliceLoops = ({ inputs: [x], outputs: [y], params, ...e }: Equation): LoopKernel => {
  const { sizes, step } = params as { readonly sizes: readonly number[]; readonly step: readonly number[] }
  const { dtype, shape } = x!.aval
  return {
    kind: 'loops',
    outer: sizes,
    inner: [],
    inputs: [x!],
    values: [{ op: 'load', input: 0, strides: stridesOf(shape).map((n, k) => n * step[k]!), offset: 0, dtype }],
    outputs: [{ value: 0, perRow: false, variable: y!, strides: stridesOf(sizes) }],
    equations: [{ inputs: [x!], outputs: [y!], params, ...e }],
  }
}

/** `sliceFrom`: positions are added to the address. */
const sliceFromTask: Routine['task'] = (e, { heap }, { loops }) => {
  const { dtype, shape } = e.inputs[0]!.aval
  const strides = stridesOf(shape).map((n) => n * bytesOf[dtype])
  const copy = loops(sliceLoops(e))
  return {
    ...copy,
    run: ([x, positions], outs, at) => {
      const words = heap.words()
      let from = x!
      for (let k = 0; k < strides.length; k++) from += words[(positions! >>> 2) + k]! * strides[k]!
      copy.run([from], outs, at)
    },
  }
}

/** The value everywhere, as loops. */
const fillLoops = (e: Equation): LoopKernel => {
  const y = e.outputs[0]!
  const { dtype, size } = y.aval
  return {
    kind: 'loops',
    outer: [size],
    inner: [],
    inputs: [e.inputs[1]!],
    values: [{ op: 'load', input: 0, strides: [0], offset: 0, dtype }],
    outputs: [{ value: 0, perRow: false, variable: y, strides: [1] }],
    equations: [e],
  }
}

/** The part of the result that x fills, from which on whoever writes a row writes the value between the row before and it, too. */
const dense = 7 / 8
const isDense = ({ inputs: [x], outputs: [y] }: Equation): boolean => x!.aval.size > 0 && x!.aval.size >= y!.aval.size * dense

/**
 * The rows of x, each at its place. In a dense result they bring the value along, up to themselves and behind the last: filling all of it
 * first would write almost everything twice, and fresh memory costs more than anything else here.
 */
const padRows: Writer = (m, name, e): LoopCode => {
  const [x, y] = [e.inputs[0]!.aval, e.outputs[0]!.aval]
  if (x.size === 0) return { passes: [], scratch: 0 }
  const { dtype, shape } = y
  const bytes = bytesOf[dtype]
  const strides = stridesOf(shape)
  // Rows end where x is narrower than the result.
  let axis = shape.length - 1
  while (axis > 0 && x.shape[axis] === shape[axis]) axis--
  const row = sizeOf(x.shape.slice(axis))
  m.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    let corner: Ex<'i32'> = i32.load(args, 4 * 3)
    const positions = b.let(i32.load(args, 4 * 2))
    strides.forEach((n, k) => {
      corner = plus(corner, i32.load(positions, 4 * k), n * bytes)
    })
    const first = b.let(corner)
    const place = (index: Ex<'i32'>): Ex<'i32'> => {
      let rest = index
      let to: Ex<'i32'> = first
      for (let k = axis - 1; k >= 0; k--) {
        const [next, at] = divided(b, rest, x.shape[k]!)
        to = plus(to, k === 0 ? rest : at, strides[k]! * bytes)
        rest = next
      }
      return to
    }
    const fill = (from: Ex<'i32'>, to: Ex<'i32'>): void => {
      b.loop(from, to, bytes, (at) => {
        combine(b, 1, { at, bytes, dtype }, [{ at: i32.load(args, 4), bytes, dtype }], (v) => v)
      })
    }
    const whole = isDense(e)
    const filled = b.let(i32.load(args, 4 * 3))
    if (whole) b.if(begin, () => b.set(filled, i32.add(place(i32.sub(begin, i32.const(1))), i32.const(row * bytes))))
    b.loop(begin, end, 1, (index) => {
      const to = b.let(place(index))
      if (whole) fill(filled, to)
      const from = plus(i32.load(args, 0), index, row * bytes)
      combine(b, row, { at: to, bytes, dtype }, [{ at: from, bytes, dtype }], (v) => v)
      if (whole) b.set(filled, i32.add(to, i32.const(row * bytes)))
    })
    if (whole)
      b.if(i32.eq(end, i32.const(x.size / row)), () => {
        fill(filled, i32.add(i32.load(args, 4 * 3), i32.const(y.size * bytes)))
      })
  })
  return { passes: [{ name, total: x.size / row, grain: Math.max(1, Math.ceil(65536 / row)), cost: row * 0.2 + 3 }], scratch: 0 }
}

/** `padFrom`: the value, and the rows of x over it. */
const padFromTask: Routine['task'] = (e, machine, site) => {
  const fill = site.loops(fillLoops(e))
  const rows = writtenTask(padRows)(e, machine, site)
  const whole = isDense(e)
  return {
    scratch: Math.max(fill.scratch, rows.scratch),
    beyond: 0,
    run: (ins, outs, at) => {
      if (!whole) fill.run([ins[1]!], outs, at)
      rows.run(ins, outs, at)
    },
  }
}

/** Slices. */
export const sliceFromRoutine: Routine = { takes: () => true, task: sliceFromTask }

/** Padding. */
export const padFromRoutine: Routine = { takes: () => true, task: padFromTask }
