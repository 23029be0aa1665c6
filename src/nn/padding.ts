/** Padding, strides and dilations of windows as users write them, made explicit for every spatial axis. */
import { fail, ValueError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'

/**
 * What surrounds the input: nothing (`'VALID'`), as much as gives `ceil(size / stride)` windows (`'SAME'`, the odd one
 * behind), a number for every side of every axis, or `[before, after]` for each spatial axis; negative sizes crop.
 */
export type Padding = 'SAME' | 'VALID' | number | readonly (readonly [before: number, after: number])[]

/** One number for every spatial axis, or one for all. */
export type PerAxis = number | readonly number[]

/** `value` for each of `n` axes. @throws ValueError when it has another length */
export const perAxis = (name: string, what: string, value: PerAxis, n: number): readonly number[] => {
  if (typeof value === 'number') return new Array<number>(n).fill(value)
  return value.length === n
    ? value
    : fail(ValueError, `${name}: ${what} has ${value.length} entries for ${n} spatial axes`, { fix: 'one number, or one per spatial axis' })
}

const same = (size: number, window: number, stride: number): readonly [number, number] => {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size)
  return [Math.floor(total / 2), total - Math.floor(total / 2)]
}

/** `[before, after]` for every spatial axis; `sizes` and `windows` are what they are once dilated. */
export const paddings = (
  name: string,
  padding: Padding,
  sizes: Shape,
  windows: Shape,
  strides: readonly number[],
): readonly (readonly [number, number])[] => {
  if (padding === 'VALID') return sizes.map(() => [0, 0])
  if (padding === 'SAME') return sizes.map((n, k) => same(n, windows[k]!, strides[k]!))
  if (typeof padding === 'number') return sizes.map(() => [padding, padding])
  if (typeof padding === 'string')
    return fail(ValueError, `${name}: padding is '${String(padding)}'`, {
      fix: "'SAME', 'VALID', a number, or [before, after] per spatial axis",
    })
  return padding.length === sizes.length
    ? padding
    : fail(ValueError, `${name}: padding has ${padding.length} entries for ${sizes.length} spatial axes`, {
        fix: '[before, after] for each',
      })
}

/** The extent of `n` elements with `dilation - 1` gaps between neighbours. */
export const dilated = (n: number, dilation: number): number => (n === 0 ? 0 : (n - 1) * dilation + 1)
