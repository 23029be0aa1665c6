/** Elements by their positions along an axis. */
import { aval } from '../core/aval.js'
import { normaliseAxis } from '../core/axis.js'
import { axisOrFlat, number, oneOf } from '../core/check.js'
import type { DType, TypedArray } from '../core/dtype.js'
import { arrayKind, elementOf, isInteger } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import { optionsOrNumbers } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, isTensor } from '../core/tensor.js'
import { gather, takeAlong } from '../prim/gather.js'
import { reshape, transpose } from '../prim/structure.js'
import type { ArrayLike } from './create.js'
import { array } from './create.js'
import type { TensorLike } from './lift.js'
import { lift, spread } from './lift.js'
import type { OutOfRangeOption } from './outside.js'
import { fillOf, modeOf, modes, placesOf } from './outside.js'

/** True unless a number among them is a fraction, which int32 would cut off. */
const isWhole = (x: ArrayLike): boolean =>
  typeof x === 'number'
    ? Number.isInteger(x)
    : ArrayBuffer.isView(x)
      ? !/^Float/.test(arrayKind(x) ?? '') || (x as TypedArray).every(Number.isInteger)
      : !Array.isArray(x) || (x as readonly ArrayLike[]).every(isWhole)

/** A whole number among them that int32 does not hold. */
const beyond = (x: ArrayLike): number | undefined => {
  if (typeof x === 'number') return elementOf(x, 'int32') === undefined ? x : undefined
  if ((ArrayBuffer.isView(x) && arrayKind(x) === 'Int32Array') || !(ArrayBuffer.isView(x) || Array.isArray(x))) return undefined
  for (const p of x as readonly ArrayLike[]) {
    const found = beyond(p)
    if (found !== undefined) return found
  }
  return undefined
}

/** Positions as integers: a tensor of them, or nested arrays. @throws DTypeError, ShapeError for numbers longer than any axis */
export const positions = (name: string, indices: ArrayLike): Tensor => {
  if (!isWhole(indices)) fail(DTypeError, `${name}: indices must be integers, got fractions`, { fix: 'Math.floor or Math.round of them' })
  const far = beyond(indices)
  if (far !== undefined) fail(ShapeError, `${name}: index ${far} is out of range: no axis is as long`)
  const t = isTensor(indices) ? indices : array(indices, { dtype: 'int32' })
  if (!isInteger(t.dtype))
    fail(DTypeError, `${name}: indices must be integers, got ${t.dtype}`, {
      args: { indices: t },
      fix: "np.array([...], { dtype: 'int32' }) or np.arange",
    })
  return t
}

/** The elements of `x` along `axis` at known positions. */
export const along = (x: Tensor, axis: number, indices: readonly number[]): Tensor =>
  gatherAxis(x, hostTensor(aval([indices.length], 'int32'), Int32Array.from(indices)), axis, { inside: true })

/** How to read: all places are inside, or `fill` is read outside. */
export type TakeMode = { readonly inside: true } | { readonly inside: false; readonly fill: number }

/** The mode and the fill of a gather. */
export const gathering = (r: TakeMode): { readonly mode: 'clip' } | { readonly mode: 'fill'; readonly fill: number } =>
  r.inside ? { mode: 'clip' } : { mode: 'fill', fill: r.fill }

/** `[before..., I..., after...]`: the axis replaced by the axes of `indices`. */
const gatherAxis = (x: Tensor, indices: Tensor, axis: number, reading: TakeMode): Tensor => {
  const y = gather(x, reshape(indices, [...indices.shape, 1]), { axes: [axis], batch: 0, ...gathering(reading) })
  const n = indices.ndim
  return transpose(y, [...range(axis).map((k) => n + k), ...range(n), ...range(x.ndim - axis - 1).map((k) => n + axis + k)])
}

/** Options of `take` and `takeAlongAxis`. */
interface Taking extends OutOfRangeOption {
  /** The flattened tensor for `null`. */
  readonly axis?: number | null
}

const taking = optionsOrNumbers<Taking, 'axis'>({ axis: axisOrFlat, mode: oneOf(...modes), fillValue: number }, 'axis')

/** How the elements at `places` of a tensor of `dtype` are read. */
const readingOf = (name: string, dtype: DType, inside: boolean, fillValue: number | undefined): TakeMode =>
  inside ? { inside } : { inside, fill: fillOf(name, dtype, fillValue) }

/**
 * The elements at `indices` along an axis, which is replaced by the axes of `indices`; of the flattened tensor without `axis`.
 * Negative indices count from the end. What is out of range reads NaN (the smallest int32, the largest uint32, `true`), the same
 * eagerly and compiled, unless `mode` says otherwise (see `OutOfRange`); JavaScript's numbers throw.
 *
 * shapes: `x[a..., n, b...] indices[i...] -> [a..., i..., b...]`
 *
 * @throws ShapeError for a number out of range, and with `mode: 'throw'` for any index; TraceError for traced indices then;
 * DTypeError for indices that are not integers.
 * @example
 * np.take(np.array([10, 20, 30]), [2, 0])                                 // [30, 10]
 * np.take(np.array([[1, 2], [3, 4]]), [-1], { axis: 1 })                  // [[2], [4]]
 * np.take(np.array([10, 20]), np.array([5, 1], { dtype: 'int32' }))       // [NaN, 20]
 * np.take(np.array([10, 20]), [5, -5], { mode: 'clip' })                  // [20, 10]
 */
export const take = (x: TensorLike, indices: ArrayLike, options: Taking | number | null = {}): Tensor => {
  const { axis, mode, fillValue } = taking('take', options)
  const l = lift(x, 'take')
  const t = axis === undefined || axis === null ? reshape(l, [l.size]) : l
  const k = normaliseAxis('take', axis ?? 0, t)
  const given = positions('take', indices)
  const { places, inside } = placesOf('take', given, t.shape[k]!, k, modeOf('take', mode, !isTensor(indices)))
  return gatherAxis(t, places, k, readingOf('take', t.dtype, inside, fillValue))
}

/**
 * The elements at `indices` along an axis, its own list for every position of the other axes, which broadcast. What is out of range
 * is as in `take`.
 *
 * @throws ShapeError when shapes do not fit or a number is out of range; with `mode: 'throw'` for any index.
 * @example
 * const x = np.array([[3, 1, 2], [9, 7, 8]])
 * np.takeAlongAxis(x, np.argsort(x), { axis: 1 })   // [[1, 2, 3], [7, 8, 9]]
 */
export const takeAlongAxis = (x: TensorLike, indices: ArrayLike, options: Taking | number | null = {}): Tensor => {
  const { axis = -1, mode, fillValue } = taking('takeAlongAxis', options)
  const l = lift(x, 'takeAlongAxis')
  const t = axis === null ? reshape(l, [l.size]) : l
  const k = normaliseAxis('takeAlongAxis', axis ?? 0, t)
  const given = positions('takeAlongAxis', indices)
  if (given.ndim !== t.ndim)
    fail(ShapeError, `takeAlongAxis: indices have ${given.ndim} axes, x has ${t.ndim}`, { args: { x: t, indices: given } })
  const others = (own: Tensor, its: Tensor): number[] => own.shape.map((n, a) => (a === k || n !== 1 ? n : its.shape[a]!))
  const { places, inside } = placesOf('takeAlongAxis', given, t.shape[k]!, k, modeOf('takeAlongAxis', mode, !isTensor(indices)))
  const values = spread(t, others(t, given), 'takeAlongAxis')
  const reading = gathering(readingOf('takeAlongAxis', t.dtype, inside, fillValue))
  return takeAlong(values, spread(places, others(given, t), 'takeAlongAxis'), k, reading.mode, reading.mode === 'fill' ? reading.fill : 0)
}
