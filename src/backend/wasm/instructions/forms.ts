/** The forms that instructions have: operands, and what follows the opcode. */
import type { Ex, Statement, Type } from '../code.js'
import { op, opcode } from '../code.js'

type I = Ex<'i32'>
/** An instruction of one operand. */
export type Un<A extends Type, R extends Type> = (x: Ex<A>) => Ex<R>
/** An instruction of two operands. */
export type Bin<A extends Type, R extends Type> = (x: Ex<A>, y: Ex<A>) => Ex<R>

/** One operand. */
export const un =
  <A extends Type, R extends Type>(type: R, code: number): Un<A, R> =>
  (x) =>
    op(type, code, [x])
/** Two operands. */
export const bin =
  <A extends Type, R extends Type>(type: R, code: number): Bin<A, R> =>
  (x, y) =>
    op(type, code, [x, y])

/** The immediate of an access: the logarithm of its alignment, and an offset. */
export const memarg =
  (align: number, offset: number) =>
  (out: Parameters<Ex['write']>[0]): void => {
    out.u(align)
    out.u(offset)
  }
/** A load at an address and an offset. */
export const load =
  <T extends Type>(type: T, code: number, align: number) =>
  (at: I, offset = 0): Ex<T> =>
    op(type, code, [at], memarg(align, offset))
/** A store at an address and an offset. */
export const store =
  <T extends Type>(code: number, align: number) =>
  (at: I, x: Ex<T>, offset = 0): Statement => ({
    write: (out) => {
      at.write(out)
      x.write(out)
      opcode(out, code)
      memarg(align, offset)(out)
    },
  })
