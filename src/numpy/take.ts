/** Elements by their positions along an axis. */
import { aval } from '../core/aval.js'
import { normaliseAxis } from '../core/axis.js'
import { axisOrFlat, oneOf } from '../core/check.js'
import type { TypedArray } from '../core/dtype.js'
import { arrayKind, isInteger } from '../core/dtype.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import { optionsOrNumbers } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, isReadable, isTensor, peek } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { gather, takeAlong } from '../prim/gather.js'
import { like, reshape, transpose } from '../prim/structure.js'
import type { ArrayLike } from './create.js'
import { array } from './create.js'
import type { TensorLike } from './lift.js'
import { lift, spread } from './lift.js'

/** True unless a number among them is a fraction, which int32 would cut off. */
const isWhole = (x: ArrayLike): boolean =>
  typeof x === 'number'
    ? Number.isInteger(x)
    : ArrayBuffer.isView(x)
      ? !/^Float/.test(arrayKind(x) ?? '') || (x as TypedArray).every(Number.isInteger)
      : !Array.isArray(x) || (x as readonly ArrayLike[]).every(isWhole)

/** Positions as int32: a tensor of integers, or nested arrays of them. @throws DTypeError */
export const positions = (name: string, indices: ArrayLike): Tensor => {
  if (!isWhole(indices)) fail(DTypeError, `${name}: indices must be integers, got fractions`, { fix: 'Math.floor or Math.round of them' })
  const t = isTensor(indices) ? indices : array(indices, { dtype: 'int32' })
  if (!isInteger(t.dtype))
    fail(DTypeError, `${name}: indices must be integers, got ${t.dtype}`, {
      args: { indices: t },
      fix: "np.array([...], { dtype: 'int32' }) or np.arange",
    })
  return t.dtype === 'int32' ? t : P.cast(t, 'int32')
}

/** What becomes of positions outside: `clip` takes the nearest element, `wrap` starts again at the other end, `fill` reads NaN (0 for integers). */
export type OutOfRange = 'clip' | 'wrap' | 'fill'

/**
 * Positions counted from the end made non-negative. Known ones that are out of range throw unless `mode` says what they mean;
 * unknown ones (under `jit`, `vmap`) are left to `mode`.
 *
 * @throws ShapeError for a known position out of range.
 */
export const fromFront = (name: string, indices: Tensor, n: number, axis: number, mode?: OutOfRange): Tensor => {
  if (isReadable(indices)) {
    const given = peek(indices)
    const out = new Int32Array(given.length)
    let changed = false
    for (let i = 0; i < out.length; i++) {
      const p = given[i]!
      const q = mode === 'wrap' ? ((p % n) + n) % n : p < 0 ? p + n : p
      if (mode === undefined && (q < 0 || q >= n))
        fail(ShapeError, `${name}: index ${p} is out of range for ${n} element${n === 1 ? '' : 's'} (x axis ${axis})`, {
          fix: n === 0 ? 'the axis is empty' : `an index from ${-n} to ${n - 1}`,
        })
      out[i] = q
      changed ||= q !== p
    }
    return changed ? hostTensor(aval(indices.shape, 'int32'), out) : indices
  }
  const size = like(indices, n)
  if (mode === 'wrap') {
    const r = P.rem(indices, size)
    return P.select(P.lt(r, like(r, 0)), P.add(r, size), r)
  }
  return P.select(P.lt(indices, like(indices, 0)), P.add(indices, size), indices)
}

/** The elements of `x` along `axis` at known positions. */
export const along = (x: Tensor, axis: number, indices: readonly number[]): Tensor =>
  gatherAxis(x, hostTensor(aval([indices.length], 'int32'), Int32Array.from(indices)), axis, 'clip')

/** `[before..., I..., after...]`: the axis replaced by the axes of `indices`, which are in range or left to `mode`. */
const gatherAxis = (x: Tensor, indices: Tensor, axis: number, mode: 'clip' | 'fill'): Tensor => {
  const y = gather(x, reshape(indices, [...indices.shape, 1]), { axes: [axis], batch: 0, mode })
  const n = indices.ndim
  return transpose(y, [...range(axis).map((k) => n + k), ...range(n), ...range(x.ndim - axis - 1).map((k) => n + axis + k)])
}

/** Options of `take` and `takeAlongAxis`. */
interface Taking {
  /** The flattened tensor for `null`. */
  readonly axis?: number | null
  readonly mode?: OutOfRange
}

const taking = optionsOrNumbers<Taking, 'axis'>({ axis: axisOrFlat, mode: oneOf('clip', 'wrap', 'fill') }, 'axis')

/**
 * The elements at `indices` along an axis, which is replaced by the axes of `indices`; of the flattened tensor without `axis`.
 *
 * shapes: `x[a..., n, b...] indices[i...] -> [a..., i..., b...]`
 *
 * @throws ShapeError for a known index out of range, unless `mode` is given; DTypeError for indices that are not integers.
 * @example
 * np.take(np.array([10, 20, 30]), [2, 0])                                 // [30, 10]
 * np.take(np.array([[1, 2], [3, 4]]), [-1], { axis: 1 })                  // [[2], [4]]
 */
export const take = (x: TensorLike, indices: ArrayLike, options: Taking | number | null = {}): Tensor => {
  const { axis, mode } = taking('take', options)
  const l = lift(x, 'take')
  const t = axis === undefined || axis === null ? reshape(l, [l.size]) : l
  const k = normaliseAxis('take', axis ?? 0, t)
  const places = fromFront('take', positions('take', indices), t.shape[k]!, k, mode)
  return gatherAxis(t, places, k, mode === 'fill' ? 'fill' : 'clip')
}

/**
 * The elements at `indices` along an axis, its own list for every position of the other axes, which broadcast.
 *
 * @throws ShapeError when shapes do not fit or a known index is out of range.
 * @example
 * const x = np.array([[3, 1, 2], [9, 7, 8]])
 * np.takeAlongAxis(x, np.argsort(x), { axis: 1 })   // [[1, 2, 3], [7, 8, 9]]
 */
export const takeAlongAxis = (x: TensorLike, indices: ArrayLike, options: Taking | number | null = {}): Tensor => {
  const { axis = -1, mode } = taking('takeAlongAxis', options)
  const l = lift(x, 'takeAlongAxis')
  const t = axis === null ? reshape(l, [l.size]) : l
  const k = normaliseAxis('takeAlongAxis', axis ?? 0, t)
  const given = positions('takeAlongAxis', indices)
  if (given.ndim !== t.ndim)
    fail(ShapeError, `takeAlongAxis: indices have ${given.ndim} axes, x has ${t.ndim}`, { args: { x: t, indices: given } })
  const others = (own: Tensor, its: Tensor): number[] => own.shape.map((n, a) => (a === k || n !== 1 ? n : its.shape[a]!))
  const places = spread(fromFront('takeAlongAxis', given, t.shape[k]!, k, mode), others(given, t), 'takeAlongAxis')
  const values = spread(t, others(t, given), 'takeAlongAxis')
  const clipped = mode === 'fill' || t.shape[k] === 0 ? places : P.max(like(places, 0), P.min(places, like(places, t.shape[k]! - 1)))
  return takeAlong(values, clipped, k)
}
