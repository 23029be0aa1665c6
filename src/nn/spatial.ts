/** Windows over the spatial axes of `[N, C, spatial...]`: sizes, strides, dilation and padding, one number or one per axis. */
import { check, count, either, listOf, oneOf, perAxis as forEach, positiveWhole } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import { range } from '../core/shape.js'
import { paddingOf } from '../numpy/lax.js'

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[]

/**
 * `'valid'` pads nothing; `'same'` gives `ceil(size / stride)` outputs, an odd element of padding at the end; a number pads
 * every axis by it on both sides; a list has for each axis a number or `[before, after]`.
 */
export type Padding = 'same' | 'valid' | number | readonly (number | readonly [number, number])[]

/** Windows, strides, dilation: one positive whole number for all axes, or one for each. */
export const steps = forEach(positiveWhole)
/** One whole number from 0 for all axes, or one for each. */
export const extras = forEach(count)
/** What padding may be. */
export const paddings = {
  ...either(oneOf('same', 'valid'), count, listOf(either(count, listOf(count, 2)))),
  says: "'same', 'valid', a whole number from 0, or for each axis one or [before, after]",
  fix: "'same', 'valid', a number, or for each axis a number or [before, after]",
}

/** A number for each of `n` axes, none below `least`. */
export const perAxis = (name: string, option: string, value: PerAxis, n: number, least = 1): readonly number[] => {
  check(name, option, least === 0 ? extras : steps, value)
  const list = typeof value === 'number' ? range(n).map(() => value) : value
  if (list.length !== n)
    fail(ShapeError, `${name}: ${option} has ${list.length} numbers for ${n} spatial axes`, { fix: `a number, or a list of ${n}` })
  return list
}

/** Padding as pairs of numbers. */
export const paddingPairs = (
  name: string,
  padding: Padding,
  sizes: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
): readonly (readonly [number, number])[] => {
  check(name, 'padding', paddings, padding)
  if (padding === 'same') return paddingOf('SAME', sizes, window, strides, dilation)
  if (padding === 'valid') return paddingOf('VALID', sizes, window, strides, dilation)
  if (typeof padding === 'number') return sizes.map(() => [padding, padding])
  const pairs = padding
  if (pairs.length !== sizes.length)
    fail(ShapeError, `${name}: padding has ${pairs.length} entries for ${sizes.length} spatial axes`, {
      fix: 'for each axis a number or [before, after]',
    })
  return pairs.map((p) => (typeof p === 'number' ? [p, p] : p))
}
