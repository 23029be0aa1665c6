/** Reading argument blocks. */
import type { Body, Ex, Local } from '../code.js'
import { i32 } from '../instructions.js'
import { field, type Field } from './fields.js'

type I = Ex<'i32'>

/** What kernels read of the block at `args`. */
export interface Arguments {
  readonly word: (name: Field) => I
  /** The address of a table. */
  readonly table: (name: Field) => I
}

/** The words of a block. */
export const argumentsAt = (args: I): Arguments => ({
  word: (name) => i32.load(args, 4 * field[name]),
  table: (name) => i32.add(args, i32.load(args, 4 * field[name])),
})

/** The digits of an index, the lowest first: each call takes one of the given base; `rest` is what remains. */
export const digits = (b: Body, index: I): { readonly digit: (base: I) => Local<'i32'>; readonly rest: Local<'i32'> } => {
  const rest = b.let(index)
  return {
    rest,
    digit: (base) => {
      const d = b.let(i32.rem(rest, base))
      b.set(rest, i32.div(rest, base))
      return d
    },
  }
}

/** The lesser of two. */
export const least = (b: Body, x: I, y: I): Local<'i32'> => {
  const r = b.let(x)
  b.if(i32.gt(r, y), () => b.set(r, y))
  return r
}
