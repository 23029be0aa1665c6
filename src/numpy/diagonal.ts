/** Diagonals of matrices. */
import { normaliseAxis } from '../core/axis.js'
import { axis, whole } from '../core/check.js'
import { fail, ShapeError } from '../core/errors.js'
import type { Meanings } from '../core/options.js'
import { withNumbers } from '../core/options.js'
import { range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import * as P from '../prim/elementwise.js'
import { broadcast, like, reshape, transpose } from '../prim/structure.js'
import type { TensorLike } from './lift.js'
import { lift } from './lift.js'
import { eye } from './ranges.js'
import { pad } from './rearrange.js'
import { sum } from './reduce.js'
import { along } from './take.js'

/** Two axes brought to the end. */
const planes = (name: string, x: Tensor, axis1: number, axis2: number): Tensor => {
  const [a, b] = [normaliseAxis(name, axis1, x), normaliseAxis(name, axis2, x)]
  if (a === b) fail(ShapeError, `${name}: the two axes are the same, ${a}`, { args: { x } })
  return transpose(x, [...range(x.ndim).filter((k) => k !== a && k !== b), a, b])
}

/** Options of `diagonal` and `trace`. */
export interface Diagonal {
  /** Above the main diagonal; negative below. */
  readonly offset?: number
  readonly axis1?: number
  readonly axis2?: number
}

const diagonals: Meanings<Diagonal> = { offset: whole, axis1: axis, axis2: axis }

/**
 * The diagonal of two axes, as the last axis of the result.
 *
 * @throws ShapeError for fewer than two axes.
 * @example
 * np.diagonal(np.array([[1, 2], [3, 4]]))                     // [1, 4]
 * np.diagonal(np.array([[1, 2], [3, 4]]), { offset: 1 })      // [2]
 */
export const diagonal = withNumbers('diagonal', diagonals, 'offset', (x: TensorLike, { offset = 0, axis1 = 0, axis2 = 1 }): Tensor => {
  const t = lift(x, 'diagonal')
  if (t.ndim < 2)
    fail(ShapeError, `diagonal: needs at least 2 dimensions, got ${t.ndim}`, {
      args: { x: t },
      fix: 'np.diag builds a matrix from a vector',
    })
  const y = planes('diagonal', t, axis1, axis2)
  const [rows, columns] = [y.shape[y.ndim - 2]!, y.shape[y.ndim - 1]!]
  const [r, c] = [Math.max(0, -offset), Math.max(0, offset)]
  const n = Math.max(0, Math.min(rows - r, columns - c))
  const flat = reshape(y, [...y.shape.slice(0, -2), rows * columns])
  return along(
    flat,
    flat.ndim - 1,
    range(n).map((i) => (r + i) * columns + c + i),
  )
})

/**
 * Sum of a diagonal.
 *
 * @example
 * np.trace(np.array([[1, 2], [3, 4]]))   // 5
 */
export const trace = withNumbers('trace', diagonals, 'offset', (x: TensorLike, options): Tensor => {
  const d = diagonal(x, options)
  return sum(d, { axis: -1 })
})

/**
 * The diagonal of a matrix; of a vector, the matrix that has it as diagonal.
 *
 * @throws ShapeError for other numbers of axes.
 * @example
 * np.diag(np.array([1, 2]))               // [[1, 0], [0, 2]]
 * np.diag(np.array([[1, 2], [3, 4]]))     // [1, 4]
 */
export const diag = withNumbers('diag', { k: whole }, 'k', (x: TensorLike, { k = 0 }: { readonly k?: number }): Tensor => {
  const t = lift(x, 'diag')
  if (t.ndim === 2) return diagonal(t, { offset: k })
  if (t.ndim !== 1) fail(ShapeError, `diag: needs a vector or a matrix, got ${t.ndim} dimensions`, { args: { x: t }, fix: 'np.diagonal' })
  const n = t.size + Math.abs(k)
  const [r, c] = [Math.max(0, -k), Math.max(0, k)]
  const rows = broadcast(t, [t.size, t.size], [0])
  const square = P.select(eye(t.size, { dtype: 'bool' }), rows, like(rows, 0))
  return pad(square, [
    [r, n - t.size - r],
    [c, n - t.size - c],
  ])
})
