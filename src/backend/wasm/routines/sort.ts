/**
 * sort: operands sorted together along an axis, stably, by the first keys in turn. Every key becomes one or two words that
 * order as unsigned integers; words are sorted with the positions they came from, the least significant first: short rows
 * by insertion, long ones byte by byte.
 */
import type { DType } from '../../../core/dtype.js'
import { sizeOf } from '../../../core/shape.js'
import type { Body, Ex, Local } from '../code.js'
import { f32, f64, i32, i64, select } from '../instructions.js'
import type { LoopCode } from '../kernel.js'
import { bytesOf } from '../loops/lanes.js'
import { readAt, writeAt } from '../loops/scalars.js'
import type { Writer } from './routine.js'
import { byBytes, byInsertion, pairBytes, tableBytes } from './radix.js'
import { divided, plus } from './runs.js'

/** Rows up to this long are sorted by insertion. */
const short = 48

/** Words of a key. */
const wordsOf = (d: DType): 1 | 2 => (d === 'float64' ? 2 : 1)

/** Flips the sign bit of what is positive and all bits of what is negative: floats then order as unsigned integers do. */
const ordered = (bits: Local<'i32'>): Ex<'i32'> => i32.xor(bits, i32.or(i32.shr(bits, i32.const(31)), i32.const(-2147483648)))

/** Word `k` (0 the least significant) of the element at an address; zeros are equal, NaN is last. */
const word = (b: Body, d: DType, at: Ex<'i32'>, k: number): Ex<'i32'> => {
  switch (d) {
    case 'bool':
      return i32.load8u(at)
    case 'uint32':
      return i32.load(at)
    case 'int32':
      return i32.xor(i32.load(at), i32.const(-2147483648))
    case 'float32': {
      // -0 + 0 is 0
      const x = b.let(f32.add(f32.load(at), f32.const(0)))
      return select(f32.eq(x, x), ordered(b.let(i32.reinterpretF32(x))), i32.const(-1))
    }
    case 'float64': {
      const x = b.let(f64.add(f64.load(at), f64.const(0)))
      const bits = b.let(i64.reinterpretF64(x))
      const high = b.let(i32.wrapI64(i64.shru(bits, i64.extendI32u(i32.const(32)))))
      const low = i32.xor(i32.wrapI64(bits), i32.shr(high, i32.const(31)))
      return select(f64.eq(x, x), k === 0 ? low : ordered(high), i32.const(-1))
    }
  }
}

/** All operands have one shape; the last key is sorted by first, so that earlier keys decide. */
export const writeSort: Writer = (m, prefix, e): LoopCode => {
  const { axis, keys } = e.params as { readonly axis: number; readonly keys: number }
  const operands = e.inputs.map((a) => a.aval)
  const { shape, size } = operands[0]!
  if (size === 0) return { passes: [], scratch: 0 }
  const n = shape[axis]!
  const inner = sizeOf(shape.slice(axis + 1))
  const rows = size / n
  const words = operands
    .slice(0, keys)
    .flatMap((a, operand) => Array.from({ length: wordsOf(a.dtype) }, (_, k) => ({ operand, k: wordsOf(a.dtype) - 1 - k })))
  const isShort = n <= short
  // Two lists of pairs, of which the second is for moving, and the table of counts.
  const rowBytes = isShort ? pairBytes * n : 2 * pairBytes * n + tableBytes
  const count = operands.length
  const name = `${prefix}s`
  m.func(name, ['i32', 'i32', 'i32'], null, (b, args, begin, end) => {
    b.loop(begin, end, 1, (row) => {
      const [high, low] = divided(b, row, inner)
      const first = b.let(plus(low, high, n * inner))
      const list = b.let(plus(i32.load(args, 8 * count), row, rowBytes))
      const spare = b.let(isShort ? list : i32.add(list, i32.const(pairBytes * n)))
      const table = isShort ? list : b.let(i32.add(spare, i32.const(pairBytes * n)))
      const bases = operands.map((a, k) => b.let(plus(i32.load(args, 4 * k), first, bytesOf[a.dtype])))
      ;[...words].reverse().forEach(({ operand, k }, turn) => {
        const { dtype } = operands[operand]!
        const step = inner * bytesOf[dtype]
        const p = b.let(list)
        b.loop(i32.const(0), i32.const(n), 1, (i) => {
          const at = turn === 0 ? i : b.let(i32.load(p, 4))
          b.run(i32.store(p, word(b, dtype, b.let(plus(bases[operand]!, at, step)), k)))
          if (turn === 0) b.run(i32.store(p, i, 4))
          b.set(p, i32.add(p, i32.const(pairBytes)))
        })
        if (isShort) byInsertion(b, list, n)
        else byBytes(b, list, spare, table, n)
      })
      operands.forEach(({ dtype }, k) => {
        const bytes = bytesOf[dtype]
        const to = b.let(plus(i32.load(args, 4 * (count + k)), first, bytes))
        const p = b.let(list)
        b.loop(i32.const(0), i32.const(n), 1, () => {
          b.run(writeAt(dtype, to, readAt(dtype, plus(bases[k]!, i32.load(p, 4), inner * bytes))))
          b.set(to, i32.add(to, i32.const(inner * bytes)))
          b.set(p, i32.add(p, i32.const(pairBytes)))
        })
      })
    })
  })
  const cost = n * (isShort ? 2 + n / 4 : 8 * words.length) + n * count * 2
  return { passes: [{ name, total: rows, grain: Math.max(1, Math.ceil(4096 / n)), cost }], scratch: rows * rowBytes }
}
