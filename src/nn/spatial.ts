/** Windows over the spatial axes of `[N, C, spatial...]`: sizes, strides, dilation and padding, one number or one per axis. */
import { fail, ShapeError, ValueError } from '../core/errors.js'
import { range } from '../core/shape.js'
import { paddingOf } from '../numpy/lax.js'

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[]

/**
 * `'valid'` pads nothing; `'same'` gives `ceil(size / stride)` outputs, an odd element of padding at the end; a number pads
 * every axis by it on both sides; a list has for each axis a number or `[before, after]`.
 */
export type Padding = 'same' | 'valid' | number | readonly (number | readonly [number, number])[]

/** A number for each of `n` axes, none below `least`. */
export const perAxis = (name: string, option: string, value: PerAxis, n: number, least = 1): readonly number[] => {
  const list = typeof value === 'number' ? range(n).map(() => value) : value
  if (list.length !== n)
    fail(ShapeError, `${name}: ${option} has ${list.length} numbers for ${n} spatial axes`, { fix: `a number, or a list of ${n}` })
  const wrong = list.find((k) => !Number.isInteger(k) || k < least)
  return wrong === undefined ? list : fail(ValueError, `${name}: ${option} must be integers >= ${least}, got ${wrong}`)
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
  if (padding === 'same') return paddingOf('SAME', sizes, window, strides, dilation)
  if (padding === 'valid') return paddingOf('VALID', sizes, window, strides, dilation)
  if (typeof padding === 'number') return sizes.map(() => [padding, padding])
  if (!Array.isArray(padding))
    return fail(ValueError, `${name}: '${String(padding)}' is no kind of padding`, {
      fix: "'same', 'valid', a number, or for each axis a number or [before, after]",
    })
  const pairs = padding as readonly (number | readonly [number, number])[]
  if (pairs.length !== sizes.length)
    fail(ShapeError, `${name}: padding has ${pairs.length} entries for ${sizes.length} spatial axes`, {
      fix: 'for each axis a number or [before, after]',
    })
  return pairs.map((p) => (typeof p === 'number' ? [p, p] : p))
}
