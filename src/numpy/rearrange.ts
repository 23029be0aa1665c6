/** Elements in another place: reversed, rotated, padded. */
import type { Axis } from '../core/axis.js'
import { normaliseAxes, normaliseAxis } from '../core/axis.js'
import { axes, axis as anAxis, check, either, listOf, number, oneOf, whole } from '../core/check.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { alongAxis, optionsOf, optionsOrNumbers, withNumbers } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor, knownElements } from '../core/tensor.js'
import { concat, pad as padding, reshape, reverse, sliceAxis } from '../prim/structure.js'
import type { TensorLike } from './lift.js'
import { sub } from './arithmetic.js'
import type { Integers } from './known.js'
import { wholeNumbers } from './known.js'
import { as, checkIntegral, lift, toDType } from './lift.js'
import { arange } from './ranges.js'
import { swapaxes } from './shape.js'
import { along, take } from './take.js'

/**
 * Reversed along axes; all by default.
 *
 * @example
 * np.flip(np.array([[1, 2], [3, 4]]), { axis: 1 })   // [[2, 1], [4, 3]]
 */
export const flip = alongAxis('flip', { axis: axes }, (x: TensorLike, { axis }: { readonly axis?: Axis }): Tensor => {
  const t = lift(x, 'flip')
  return reverse(t, normaliseAxes('flip', axis, t))
})

/**
 * Columns reversed: `flip` along axis 1.
 *
 * @example
 * np.fliplr(np.array([[1, 2]]))   // [[2, 1]]
 */
export const fliplr = (x: TensorLike): Tensor => flip(x, { axis: 1 })

/**
 * Rows reversed: `flip` along axis 0.
 *
 * @example
 * np.flipud(np.array([[1], [2]]))   // [[2], [1]]
 */
export const flipud = (x: TensorLike): Tensor => flip(x, { axis: 0 })

const onAxes = optionsOrNumbers<{ readonly axis?: Axis }, 'axis'>({ axis: axes }, 'axis')

/**
 * Shifted along axes, what leaves one end enters at the other; the flattened tensor without `axis`.
 *
 * A shift may be a tensor, a traced one too.
 *
 * @throws ShapeError when shifts and axes differ in number; ValueError for fractions.
 * @example
 * np.roll(np.array([1, 2, 3]), 1)                                          // [3, 1, 2]
 * np.roll(np.array([[1, 2], [3, 4]]), [1, 1], { axis: [0, 1] })            // [[4, 3], [2, 1]]
 */
export const roll = (x: TensorLike, shift: Integers, options: { readonly axis?: Axis } | Axis = {}): Tensor => {
  const { axis } = onAxes('roll', options ?? { axis: null })
  const t = lift(x, 'roll')
  const shifts = isTensor(shift) && knownElements(shift) === null ? traced(shift) : wholeNumbers('roll', 'shift', shift)
  if (axis === undefined || axis === null)
    return reshape(
      shifts.reduce<Tensor>((y, by) => shifted(y, by, 0), reshape(t, [t.size])),
      t.shape,
    )
  const places = (typeof axis === 'number' ? [axis] : axis).map((a) => normaliseAxis('roll', a, t))
  if (shifts.length !== places.length && shifts.length !== 1)
    fail(ShapeError, `roll: ${shifts.length} shifts for ${places.length} axes`, { args: { x: t } })
  return places.reduce((y, a, k) => shifted(y, shifts[shifts.length === 1 ? 0 : k]!, a), t)
}

/** The scalars of a traced shift. */
const traced = (shift: Tensor): readonly Tensor[] => {
  const v = reshape(checkIntegral('roll', shift), [shift.size])
  return range(v.size).map((i) => reshape(sliceAxis(v, 0, i, i + 1), []))
}

const shifted = (t: Tensor, shift: number | Tensor, axis: number): Tensor => {
  const n = t.shape[axis]!
  if (isTensor(shift)) return n === 0 ? t : take(t, sub(arange(n), toDType(shift, 'int32')), { axis, mode: 'wrap' })
  const by = n === 0 ? 0 : ((shift % n) + n) % n
  // A slice of the tensor beside itself: its size does not depend on the shift, so one compiled slice serves all shifts.
  return by === 0 ? t : sliceAxis(concat([t, t], axis), axis, n - by, 2 * n - by)
}

const quarterTurns: Meanings<{ readonly k?: number; readonly axes?: readonly [number, number] }> = { k: whole, axes: listOf(anAxis, 2) }

/**
 * Turned by `k` quarters in the plane of two axes, from the first towards the second.
 *
 * @example
 * np.rot90(np.array([[1, 2], [3, 4]]))   // [[2, 4], [1, 3]]
 */
export const rot90 = withNumbers('rot90', quarterTurns, 'k', (x: TensorLike, { k = 1, axes: plane = [0, 1] }): Tensor => {
  const t = lift(x, 'rot90')
  const [a, b] = [normaliseAxis('rot90', plane[0], t), normaliseAxis('rot90', plane[1], t)]
  if (a === b) fail(ShapeError, `rot90: the two axes are the same, ${a}`, { args: { x: t } })
  switch (((k % 4) + 4) % 4) {
    case 0:
      return t
    case 1:
      return swapaxes(reverse(t, [b]), a, b)
    case 2:
      return reverse(t, [Math.min(a, b), Math.max(a, b)])
    default:
      return reverse(swapaxes(t, a, b), [b])
  }
})

/** How wide to pad: everywhere, before and after on every axis, or per axis; one pair of a list stands for all axes. */
export type PadWidth = number | readonly [number] | readonly [number, number] | readonly (readonly [number, number] | readonly [number])[]

/** What to pad with. */
export interface PadOptions {
  /**
   * `constant`; `edge` repeats the last element; `reflect` mirrors without repeating the edge, `symmetric` with it;
   * `wrap` continues at the other end.
   */
  readonly mode?: 'constant' | 'edge' | 'reflect' | 'symmetric' | 'wrap'
  readonly constantValues?: number
}

const widths = (t: Tensor, width: PadWidth): readonly (readonly [number, number])[] => {
  const flat = typeof width === 'number' ? [width] : width
  const rows = (flat.length <= 2 && flat.every((w) => typeof w === 'number') ? [flat] : flat) as readonly (readonly number[])[]
  const pairs = rows.map((w): readonly [number, number] =>
    Array.isArray(w) && (w.length === 1 || w.length === 2)
      ? [w[0] as number, w[w.length - 1] as number]
      : fail(ValueError, `pad: ${JSON.stringify(w)} is not [before, after]`, {
          fix: 'a number, [before, after], or one such pair per axis',
        }),
  )
  const all = pairs.length === 1 ? t.shape.map(() => pairs[0]!) : pairs
  if (all.length !== t.ndim)
    fail(ShapeError, `pad: ${all.length} widths for ${t.ndim} axes`, { args: { x: t }, fix: 'one [before, after] per axis' })
  if (all.some((w) => w.some((n) => !Number.isInteger(n) || n < 0)))
    fail(ValueError, `pad: widths must be non-negative integers, got ${JSON.stringify(all)}`, { fix: 'lax.pad crops with negative widths' })
  return all
}

/** Which element stands at position `i` of an axis of size `n`, for `i` outside it too. */
const sources: Readonly<Record<'edge' | 'reflect' | 'symmetric' | 'wrap', (i: number, n: number) => number>> = {
  edge: (i, n) => Math.min(n - 1, Math.max(0, i)),
  wrap: (i, n) => ((i % n) + n) % n,
  reflect: (i, n) => {
    if (n === 1) return 0
    const p = 2 * (n - 1)
    const r = ((i % p) + p) % p
    return r < n ? r : p - r
  },
  symmetric: (i, n) => {
    const r = ((i % (2 * n)) + 2 * n) % (2 * n)
    return r < n ? r : 2 * n - 1 - r
  },
}

const paddings = optionsOf<PadOptions>({ mode: oneOf('constant', ...Object.keys(sources)), constantValues: number })
const widthOf = either(whole, listOf(either(whole, listOf(whole))))

/**
 * Extended at both ends of axes.
 *
 * @throws ShapeError for the wrong number of widths, and when an empty axis has nothing to repeat.
 * @example
 * np.pad(np.array([1, 2, 3]), 1)                                  // [0, 1, 2, 3, 0]
 * np.pad(np.array([1, 2, 3]), [2, 0], { mode: 'reflect' })        // [3, 2, 1, 2, 3]
 */
export const pad = (x: TensorLike, padWidth: PadWidth, options: PadOptions = {}): Tensor => {
  const { mode = 'constant', constantValues = 0 } = paddings('pad', options)
  check('pad', 'padWidth', widthOf, padWidth)
  const t = lift(x, 'pad')
  const w = widths(t, padWidth)
  if (mode === 'constant')
    return padding(t, as(constantValues, t.dtype, 'pad'), {
      low: w.map(([lo]) => lo),
      high: w.map(([, hi]) => hi),
      interior: t.shape.map(() => 0),
    })
  const source = sources[mode]
  return w.reduce((y, [lo, hi], k) => {
    const n = t.shape[k]!
    if (lo === 0 && hi === 0) return y
    if (n === 0) fail(ShapeError, `pad: axis ${k} is empty: there is nothing to repeat`, { args: { x: t }, fix: "mode: 'constant'" })
    return along(
      y,
      k,
      range(lo + n + hi).map((i) => source(i - lo, n)),
    )
  }, t)
}
