/** dynamicUpdateSlice: a copy, and the rows of the update over it. */
import { sizeOf, stridesOf } from '../../../core/shape.js'
import type { Ex } from '../code.js'
import { i32, select } from '../instructions.js'
import type { LoopCode } from '../kernel.js'
import { bytesOf } from '../loops/lanes.js'
import { copyPass } from './copy.js'
import type { Writer } from './routine.js'
import { divided, plus } from './runs.js'
import { combine } from './shares.js'

/** x, an update, and an int32 start for every axis, moved so that the update lies inside. */
export const writeUpdateSlice: Writer = (m, prefix, e): LoopCode => {
  const [x, update] = [e.inputs[0]!.aval, e.inputs[1]!.aval]
  const { dtype, shape, size } = x
  if (size === 0) return { passes: [], scratch: 0 }
  const n = shape.length
  const out = 2 + n
  const bytes = bytesOf[dtype]
  const copy = copyPass(m, `${prefix}c`, size * bytes, out)
  if (update.size === 0) return { passes: [copy], scratch: 0 }
  const strides = stridesOf(shape)
  // Rows end where the update is narrower than x.
  let axis = n - 1
  while (axis > 0 && update.shape[axis] === shape[axis]) axis--
  const row = n === 0 ? 1 : sizeOf(update.shape.slice(axis))
  const total = update.size / row
  const name = `${prefix}u`
  m.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    let corner: Ex<'i32'> = i32.load(args, 4 * out)
    shape.forEach((length, k) => {
      const room = length - update.shape[k]!
      if (room === 0) return
      const start = b.let(i32.load(i32.load(args, 4 * (2 + k))))
      b.set(start, select(i32.gt(start, i32.const(room)), i32.const(room), start))
      b.set(start, select(i32.lt(start, i32.const(0)), i32.const(0), start))
      corner = plus(corner, start, strides[k]! * bytes)
    })
    const first = b.let(corner)
    b.loop(begin, end, 1, (index) => {
      let rest: Ex<'i32'> = index
      let to: Ex<'i32'> = first
      for (let k = axis - 1; k >= 0; k--) {
        const [next, at] = divided(b, rest, update.shape[k]!)
        to = plus(to, k === 0 ? rest : at, strides[k]! * bytes)
        rest = next
      }
      const from = plus(i32.load(args, 4), index, row * bytes)
      combine(b, row, { at: to, bytes, dtype }, [{ at: from, bytes, dtype }], (v) => v)
    })
  })
  return { passes: [copy, { name, total, grain: Math.max(1, Math.ceil(65536 / row)), cost: row * 0.2 + 3 }], scratch: 0 }
}
