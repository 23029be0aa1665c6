/** Arithmetic of indices and addresses that kernels share. */
import type { Body, Ex, Local } from './code.js'
import { i32 } from './instructions.js'

type I = Ex<'i32'>

/** Entry `i` of a table of words. */
export const entry = (table: I, i: I): I => i32.load(i32.add(table, i32.shl(i, i32.const(2))))

/** The lesser of two. */
export const least = (b: Body, x: I, y: I): Local<'i32'> => {
  const r = b.let(x)
  b.if(i32.gt(r, y), () => b.set(r, y))
  return r
}

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
