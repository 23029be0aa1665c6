/** Tables of offsets, in elements. */

/** Offsets in elements, or other integers of a table. */
export type Offsets = Int32Array

/** Offsets from numbers. */
export const offsets = (xs: readonly number[]): Offsets => Int32Array.from(xs)

/** `count` copies of `xs` one after the other, the `k`-th `k * step` further on. */
export const repeated = (xs: Offsets, count: number, step: number): Offsets => {
  if (count === 1) return xs
  const all = new Int32Array(count * xs.length)
  for (let k = 0, at = 0; k < count; k++) for (let i = 0; i < xs.length; i++) all[at++] = k * step + xs[i]!
  return all
}

/** Offsets, the last repeated until there are a multiple of `width`. */
export const filled = (xs: Offsets, width: number): Offsets => {
  const length = Math.ceil(xs.length / width) * width
  if (length === xs.length) return xs
  const all = new Int32Array(length).fill(xs[xs.length - 1]!)
  all.set(xs)
  return all
}
