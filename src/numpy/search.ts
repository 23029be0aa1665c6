/** What depends on the elements for its shape: for known tensors only, not under `jit` or `vmap`. */
import { aval } from '../core/aval.js'
import { flag } from '../core/check.js'
import { dtypes } from '../core/dtype.js'
import { fail, ShapeError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import { sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, peek } from '../core/tensor.js'
import { reshape } from '../prim/structure.js'
import type { TensorLike } from './lift.js'
import { lift } from './lift.js'
import type { Tolerance } from './comparison.js'
import { closeness, tolerances, truth } from './comparison.js'
import { index } from './index.js'
import { stack } from './join.js'
import { positionsOf } from './spec.js'

/**
 * Where `x` is true or not 0: the positions of those elements, one vector per axis.
 *
 * @throws TraceError for unknown elements (under `jit`, `vmap`).
 * @example
 * np.nonzero(np.array([[0, 1], [2, 0]]))   // [[0, 1], [1, 0]]
 */
export const nonzero = (x: TensorLike): readonly Tensor[] => {
  const t = truth(x, 'nonzero')
  return t.ndim === 0 ? fail(ShapeError, 'nonzero: a scalar has no positions', { args: { x: t }, fix: 'np.atleast1d(x)' }) : positionsOf(t)
}

/**
 * Where `x` is true or not 0: one row of positions for each such element.
 *
 * @throws TraceError for unknown elements (under `jit`, `vmap`).
 * @example
 * np.argwhere(np.array([[0, 1], [2, 0]]))   // [[0, 1], [1, 0]]
 */
export const argwhere = (x: TensorLike): Tensor => stack(nonzero(x), { axis: 1 })

/**
 * Where the flattened `x` is true or not 0.
 *
 * @throws TraceError for unknown elements (under `jit`, `vmap`).
 * @example
 * np.flatnonzero(np.array([[0, 1], [2, 0]]))   // [1, 2]
 */
export const flatnonzero = (x: TensorLike): Tensor => {
  const t = lift(x, 'flatnonzero')
  return nonzero(reshape(t, [t.size]))[0]!
}

/**
 * The elements of `x` where `condition` is true, in order.
 *
 * @throws TraceError for an unknown condition (under `jit`, `vmap`).
 * @example
 * np.extract(np.array([true, false, true]), np.array([1, 2, 3]))   // [1, 3]
 */
export const extract = (condition: TensorLike, x: TensorLike): Tensor => {
  const [c, t] = [truth(condition, 'extract', 'condition'), lift(x, 'extract')]
  return index(reshape(t, [t.size]), reshape(c, [c.size]))
}

/** Different elements of a tensor, sorted, and how they are found in it. */
export interface Unique {
  readonly values: Tensor
  /** Position of the first of each in the flattened tensor. */
  readonly indices: Tensor
  /** For each element of the tensor, the position of its value. */
  readonly inverse: Tensor
  /** How often each occurs. */
  readonly counts: Tensor
}

const int32 = (xs: readonly number[]): Tensor => hostTensor(aval([xs.length], 'int32'), Int32Array.from(xs))

/**
 * The different elements, sorted, with their first positions, their counts, and the positions that restore the tensor; NaN once.
 *
 * @throws TraceError for unknown elements (under `jit`, `vmap`).
 * @example
 * np.uniqueAll(np.array([3, 1, 3])).counts   // [1, 2]
 */
export const uniqueAll = (x: TensorLike): Unique => {
  const t = lift(x, 'unique')
  const data = peek(t)
  const before = (a: number, b: number): number => (Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b)
  const order = Array.from(data, (_, i) => i).sort((i, j) => before(data[i]!, data[j]!) || i - j)
  const firsts: number[] = []
  const counts: number[] = []
  const inverse = new Int32Array(data.length)
  order.forEach((i, k) => {
    if (k === 0 || before(data[order[k - 1]!]!, data[i]!) !== 0) {
      firsts.push(i)
      counts.push(0)
    }
    counts[counts.length - 1]!++
    inverse[i] = firsts.length - 1
  })
  return {
    values: hostTensor(aval([firsts.length], t.dtype), dtypes[t.dtype].from(firsts.map((i) => data[i]!))),
    indices: int32(firsts),
    inverse: hostTensor(aval(t.shape, 'int32'), inverse),
    counts: int32(counts),
  }
}

/**
 * The different elements, sorted; NaN once.
 *
 * @throws TraceError for unknown elements (under `jit`, `vmap`).
 * @example
 * np.unique(np.array([3, 1, 3]))   // [1, 3]
 */
export const unique = (x: TensorLike): Tensor => uniqueAll(x).values

const equality = optionsOf<{ readonly equalNan?: boolean }>({ equalNan: flag })

/**
 * Whether the shapes are the same and all elements equal, as a JavaScript boolean.
 *
 * @throws TraceError for unknown elements (under `jit`, `vmap`).
 * @example
 * np.arrayEqual(np.array([1, 2]), np.array([1, 2]))   // true
 */
export const arrayEqual = (x: TensorLike, y: TensorLike, options: { readonly equalNan?: boolean } = {}): boolean => {
  const { equalNan = false } = equality('arrayEqual', options)
  const [a, b] = [lift(x, 'arrayEqual'), lift(y, 'arrayEqual')]
  if (!sameShape(a.shape, b.shape)) return false
  const [p, q] = [peek(a), peek(b)]
  for (let i = 0; i < p.length; i++) if (p[i] !== q[i] && !(equalNan && Number.isNaN(p[i]) && Number.isNaN(q[i]))) return false
  return true
}

/**
 * Whether all elements are close, `|x - y| <= atol + rtol * |y|`, as a JavaScript boolean; shapes broadcast.
 *
 * @throws ShapeError when shapes do not broadcast; TraceError for unknown elements (under `jit`, `vmap`).
 * @example
 * np.allclose(np.array([1, 2]), np.array([1, 2.000001]))   // true
 */
export const allclose = (x: TensorLike, y: TensorLike, options: Tolerance = {}): boolean =>
  peek(closeness('allclose', x, y, tolerances('allclose', options))).every((v) => v !== 0)
