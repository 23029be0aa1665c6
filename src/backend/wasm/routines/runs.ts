/** Loops over runs of consecutive elements, four at a time; the last ones as a smaller group. */
import type { Body, Ex, Local } from '../code.js'
import { i32 } from '../instructions.js'
import { width } from '../loops/lanes.js'

/** Where a run lies: its address and the bytes of an element. */
export interface Track {
  readonly at: Ex<'i32'>
  readonly bytes: number
}

/** Groups up to this many are written out. */
const unrolled = 4

/** `f` on every group of a run of `n` elements along several tracks: pointers, an offset in elements, and how many lanes count. */
export const alongRun = (
  b: Body,
  n: number,
  tracks: readonly Track[],
  f: (pointers: readonly Local<'i32'>[], offset: number, lanes: number) => void,
): void => {
  const pointers = tracks.map((t) => b.let(t.at))
  const whole = Math.floor(n / width)
  if (whole <= unrolled) {
    for (let at = 0; at < n; at += width) f(pointers, at, Math.min(width, n - at))
    return
  }
  b.loop(i32.const(0), i32.const(whole), 1, () => {
    f(pointers, 0, width)
    tracks.forEach((t, k) => {
      b.set(pointers[k]!, i32.add(pointers[k]!, i32.const(width * t.bytes)))
    })
  })
  if (n % width > 0) f(pointers, 0, n % width)
}

/** The quotient and the remainder of a parallel index by a constant, as locals; dividing by 1 costs nothing. */
export const divided = (b: Body, x: Ex<'i32'>, n: number): readonly [Ex<'i32'>, Ex<'i32'>] => {
  if (n === 1) return [x, i32.const(0)]
  const held = b.let(x)
  return [b.let(i32.divu(held, i32.const(n))), b.let(i32.remu(held, i32.const(n)))]
}

/** `x + y * factor`. */
export const plus = (x: Ex<'i32'>, y: Ex<'i32'>, factor: number): Ex<'i32'> =>
  factor === 0 ? x : i32.add(x, factor === 1 ? y : i32.mul(y, i32.const(factor)))
