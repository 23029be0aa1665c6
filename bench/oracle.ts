/** Telling right results from wrong ones. */

/** One right output: all elements, or those at some places. */
export interface Output {
  readonly size: number
  readonly at?: ArrayLike<number>
  readonly values: ArrayLike<number>
}

/** All right outputs. */
export type Expected = readonly Output[]

/** An output of which every element is known. */
export const all = (values: ArrayLike<number>): Output => ({ size: values.length, values })

/** An output of `size` elements of which `count` are computed by `value`, spread over it. */
export const some = (size: number, count: number, value: (at: number) => number): Output => {
  const n = Math.min(size, count)
  const at = Array.from({ length: n }, (_, i) => (n === size ? i : (i * 7919 * Math.floor(size / n) + i) % size))
  return { size, at, values: at.map(value) }
}

const rms = (xs: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < xs.length; i++) sum += xs[i]! ** 2
  return Math.sqrt(sum / Math.max(1, xs.length))
}

const outputError = (got: ArrayLike<number>, { size, at, values }: Output): number => {
  if (got.length !== size) return Infinity
  const scale = rms(values)
  let worst = 0
  for (let i = 0; i < values.length; i++) {
    const want = values[i]!
    const found = got[at === undefined ? i : at[i]!]!
    if (Object.is(found, want)) continue
    const error = Math.abs(found - want) / (Math.abs(want) + scale)
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error)
  }
  return worst
}

/**
 * The largest error of any element, |got - want| / (|want| + the root mean square of the wanted output); infinite when a size or
 * the number of outputs differs, or a number is not one.
 */
export const errorOf = (got: readonly ArrayLike<number>[], want: Expected): number =>
  got.length === want.length ? Math.max(0, ...want.map((w, k) => outputError(got[k]!, w))) : Infinity
