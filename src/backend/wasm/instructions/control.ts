/** Choice, calls, and memory in bulk. */
import type { Callee, Ex, Statement, Type } from '../code.js'
import { op } from '../code.js'

type I = Ex<'i32'>

/** `test ? x : y`, both evaluated. */
export const select = <T extends Type>(test: I, x: Ex<T>, y: Ex<T>): Ex<T> => ({
  type: x.type,
  write: (out) => {
    x.write(out)
    y.write(out)
    test.write(out)
    out.byte(0x1b)
  },
})

/** A call with a result. */
export const call = <T extends Type>(type: T, f: Callee, args: readonly Ex[]): Ex<T> => op(type, 0x10, args, (out) => out.u(f.index))

/** A call without result. */
export const invoke = (f: Callee, args: readonly Ex[]): Statement => ({
  write: (out) => {
    for (const a of args) a.write(out)
    out.byte(0x10)
    out.u(f.index)
  },
})

/** memory.copy(to, from, bytes) and memory.fill(to, byte, bytes). */
export const memory = {
  copy: (to: I, from: I, n: I): Statement => ({
    write: (out) => {
      to.write(out)
      from.write(out)
      n.write(out)
      out.bytes([0xfc, 0x0a, 0x00, 0x00])
    },
  }),
  fill: (to: I, byte: I, n: I): Statement => ({
    write: (out) => {
      to.write(out)
      byte.write(out)
      n.write(out)
      out.bytes([0xfc, 0x0b, 0x00])
    },
  }),
} as const
